"""Hidden suite of f1_auc. Expected AUCs of small cases come from counting pairs, not from the reference."""

import numpy as np
import pytest

from grader.judge import assert_close, assert_unchanged

AVERAGES = ("macro", "weighted", "micro")


def count_pairs(y_true, y_score):
    """The share of (positive, negative) pairs that are in order; equal scores count half."""
    positive, negative = y_score[y_true == 1][:, None], y_score[y_true == 0][None, :]
    return float(np.mean((positive > negative) + 0.5 * (positive == negative)))


def both_classes(rng, n):
    """n labels in {0, 1}, about 40 % ones, with at least two of each class."""
    y_true = (rng.random(n) < 0.4).astype(np.int64)
    y_true[rng.permutation(n)[:4]] = [0, 0, 1, 1]
    return y_true


def labelled(rng, n, labels):
    """(y_true, y_pred): every label is true at least once, and about 60 % of the predictions are right."""
    y_true = np.concatenate([labels, rng.choice(labels, n - len(labels))])
    rng.shuffle(y_true)
    return y_true, np.where(rng.random(n) < 0.6, y_true, rng.choice(labels, n))


@pytest.mark.task("binary")
def test_binary_values(candidate, reference, rng):
    """Binary F1 is that of label 1, on balanced and on rare positives.

    无论正负均衡还是正例稀少，二分类 F1 都是标签 1 的 F1。
    """
    for rate in (0.5, 0.1):
        y_true = (rng.random(200) < rate).astype(np.int64)
        y_true[:5] = [1, 1, 1, 0, 0]
        y_pred = np.where(rng.random(200) < 0.8, y_true, 1 - y_true)
        y_pred[:5] = [1, 1, 0, 1, 0]
        expected = reference.f1_score(y_true, y_pred)
        assert_close(candidate.f1_score(y_true, y_pred), expected)
        assert_close(candidate.f1_score(y_true, y_pred, "binary"), expected)


@pytest.mark.task("binary")
def test_binary_zero_division(candidate, rng):
    """Binary F1 is 0.0 where nothing is positive, nothing is predicted positive, or no prediction hits.

    没有正例、没有样本被预测为正，或预测无一命中时，二分类 F1 为 0.0。
    """
    zeros, some = np.zeros(12, dtype=np.int64), rng.permutation([1] * 5 + [0] * 7)
    for y_true, y_pred in ((zeros, zeros), (some, zeros), (zeros, some), (some, 1 - some)):
        assert_close(candidate.f1_score(y_true, y_pred), 0.0)
    assert_close(candidate.f1_score(some, some), 1.0)


@pytest.mark.task("averages")
@pytest.mark.parametrize("average", AVERAGES)
def test_average_values(candidate, reference, rng, average):
    """The average over uneven classes is right.

    各类别大小不一时，平均结果正确。
    """
    y_true, y_pred = labelled(rng, 120, np.array([0, 1, 2, 3, 3, 3, 3, 3]))
    expected = reference.f1_score(y_true, y_pred, average)
    assert_close(candidate.f1_score(y_true, y_pred, average), expected)


@pytest.mark.task("averages")
@pytest.mark.parametrize("average", AVERAGES)
def test_union_of_labels(candidate, reference, rng, average):
    """Labels that are only true or only predicted belong to the average, and labels may be negative or huge.

    只真实出现过或只被预测出来的标签都计入平均；标签可以为负，也可以极大。
    """
    shared = np.array([-7, 0, 12, 10**12])
    y_true, y_pred = labelled(rng, 60, shared)
    y_true[:4], y_pred[:4] = -(10**9), 0
    y_true[4:7], y_pred[4:7] = 12, 41
    expected = reference.f1_score(y_true, y_pred, average)
    assert_close(candidate.f1_score(y_true, y_pred, average), expected)


@pytest.mark.task("averages")
def test_no_prediction_hits(candidate, rng):
    """Every average is 0.0 when no prediction is right, and 1.0 when all are.

    没有一个预测正确时，各种平均都是 0.0；全部正确时都是 1.0。
    """
    y_true = rng.integers(0, 4, 30)
    for average in AVERAGES:
        assert_close(candidate.f1_score(y_true, y_true + 10, average), 0.0)
        assert_close(candidate.f1_score(y_true, y_true, average), 1.0)


@pytest.mark.task("contract")
def test_bad_arguments_of_f1(candidate, rng):
    """Another average, and lengths that differ, raise ValueError; sound arguments do not.

    `average` 取其他值、两个数组长度不同时，都抛出 `ValueError`；正确的参数不会。
    """
    y_true, y_pred = labelled(rng, 20, np.array([0, 1]))
    for average in ("binary", *AVERAGES):
        assert_close(candidate.f1_score(y_true, y_true, average), 1.0)
    for average in ("samples", "harmonic", ""):
        with pytest.raises(ValueError):
            candidate.f1_score(y_true, y_pred, average)
    for shorter in (19, 1):
        for average in ("binary", "macro"):
            with pytest.raises(ValueError):
                candidate.f1_score(y_true, y_pred[:shorter], average)
            with pytest.raises(ValueError):
                candidate.f1_score(y_true[:shorter], y_pred, average)


@pytest.mark.task("contract")
def test_one_class_has_no_auc(candidate, rng):
    """AUC of only positives or only negatives raises ValueError; one item of each class is enough.

    只有正例或只有负例时，求 AUC 会抛出 `ValueError`；每类有一条样本就够了。
    """
    y_score = rng.normal(size=8)
    for y_true in (np.zeros(8, dtype=np.int64), np.ones(8, dtype=np.int64)):
        with pytest.raises(ValueError):
            candidate.roc_auc(y_true, y_score)
    assert_close(candidate.roc_auc(np.array([1, 0]), np.array([0.75, 0.25])), 1.0)


@pytest.mark.task("contract")
def test_inputs_stay_as_they_were(candidate, rng):
    """Neither function changes its inputs.

    两个函数都不改动输入。
    """
    y_true, y_pred = both_classes(rng, 30), both_classes(rng, 30)
    y_score = y_true + 0.4 * rng.random(30)
    for average in ("binary", *AVERAGES):
        candidate.f1_score(y_true, y_pred, average)
    assert_close(candidate.roc_auc(y_true, y_score), 1.0)
    assert_unchanged(y_true, y_pred, y_score)


@pytest.mark.task("auc")
def test_auc_of_distinct_scores(candidate, rng):
    """AUC of distinct scores is the share of ordered pairs, whatever the scores' sign and size.

    分数互不相同时，AUC 是次序正确的样本对所占的比例，与分数的符号和大小无关。
    """
    y_true = both_classes(rng, 90)
    y_score = rng.permutation(90) + 0.75 * y_true * rng.random()
    for scores in (y_score, -1e-300 * (91 - y_score), 1e306 * (y_score - 45), y_score - 1000.0):
        expected = count_pairs(y_true, scores)
        assert_close(candidate.roc_auc(y_true, scores), expected)


@pytest.mark.task("auc")
def test_auc_below_one_half(candidate, rng):
    """A perfect ranking has AUC 1, its reverse 0, and a bad ranking stays below one half.

    完美排序的 AUC 为 1，完全颠倒时为 0，差的排序低于二分之一。
    """
    y_true = rng.permutation([1] * 12 + [0] * 20)
    y_score = y_true + 0.5 * rng.random(32)
    assert_close(candidate.roc_auc(y_true, y_score), 1.0)
    assert_close(candidate.roc_auc(y_true, -y_score), 0.0)
    bad = np.where(rng.random(32) < 0.2, rng.random(32), -y_score)
    expected = count_pairs(y_true, bad)
    assert_close(candidate.roc_auc(y_true, bad), expected)


@pytest.mark.task("ties")
def test_auc_with_many_ties(candidate, rng):
    """Tied scores count half, also with only a few distinct scores.

    并列的分数按二分之一计，只有少数几种分数时也是如此。
    """
    for levels in (2, 3, 7):
        y_true = both_classes(rng, 300)
        y_score = (rng.integers(0, levels, 300) + y_true) * 0.3 - 0.5
        expected = count_pairs(y_true, y_score)
        assert_close(candidate.roc_auc(y_true, y_score), expected)


@pytest.mark.task("ties")
def test_order_of_tied_items(candidate, rng):
    """With one score for all the AUC is one half, and no order of the items changes a result.

    所有分数都相同时，AUC 为二分之一；样本怎样排列都不改变结果。
    """
    y_true = np.array([1] * 9 + [0] * 6)
    y_score = np.array([0.5, 0.5, 1, 2, 2, 2, 3, 3, 3, 0.5, 1, 1, 2, 2, 3])
    for order in (np.arange(15), np.arange(15)[::-1], rng.permutation(15)):
        assert_close(candidate.roc_auc(y_true[order], np.full(15, 0.7)), 0.5)
        assert_close(candidate.roc_auc(y_true[order], y_score[order]), count_pairs(y_true, y_score))


@pytest.mark.task("ties")
def test_close_is_not_tied(candidate, rng):
    """Scores that differ in the last digit are ordered, not tied.

    只在最后一位上不同的分数有高低之分，不算并列。
    """
    y_true = rng.permutation([0, 1] * 10)
    y_score = 1.0 + y_true * np.finfo(np.float64).eps
    assert_close(candidate.roc_auc(y_true, y_score), 1.0)


@pytest.mark.task("speed")
def test_three_hundred_thousand_items(candidate, rng):
    """300,000 items with many ties are ranked within the time limit.

    在时限内为含有许多并列的 300,000 条样本排好次序。
    """
    # On one core a pass over the negatives per positive takes 4 s or more, sorting in plain Python half a second.
    # Some 130,000 distinct scores rule out a pass per threshold as well, and 2**25 + k does not fit into a float32.
    y_true = both_classes(rng, 300_000)
    ranks = rng.integers(0, 150_000, 300_000) + 10_000 * y_true
    # Small whole numbers can be counted instead of sorted, which is ten times as quick as asking the reference.
    negatives, positives = (np.bincount(ranks[y_true == label], minlength=160_000) for label in (0, 1))
    wins = positives @ (np.cumsum(negatives) - negatives / 2)
    assert_close(candidate.roc_auc(y_true, 2.0**25 + ranks), float(wins / negatives.sum() / positives.sum()))
