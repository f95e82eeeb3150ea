"""Hidden suite of f1_auc. Expected AUCs of small cases come from counting pairs, not from the reference."""

import numpy as np
import pytest

from grader.judge import assert_close, assert_each_raises, assert_leaves_no_state, assert_refuses, assert_unchanged

AVERAGES = ("macro", "weighted", "micro")
LABELS = (np.int64, np.int32, np.uint8)


def both_classes(rng, n):
    """n labels in {0, 1}, 40 % ones."""
    return rng.permutation(np.arange(n) % 5 // 3)


def labelled(rng, n, labels):
    """(y_true, y_pred) with n items of either: 60 % of the predictions are right, and then some."""
    y_true = rng.choice(labels, n)
    return y_true, np.where(rng.random(n) < 0.6, y_true, rng.choice(labels, n))


def check_f1(candidate, reference, y_true, y_pred, averages=AVERAGES):
    for average in averages:
        expected = reference.f1_score(y_true, y_pred, average)
        assert_close(candidate.f1_score(y_true, y_pred, average), expected)


def check_auc(candidate, y_true, y_score):
    positive, negative = y_score[y_true == 1][:, None], y_score[y_true == 0]
    share = np.mean((positive > negative) + 0.5 * (positive == negative))
    assert_close(candidate.roc_auc(y_true, y_score), float(share))


@pytest.mark.task("binary")
def test_binary_f1(candidate, reference, rng):
    """Binary F1 is that of label 1, frequent or rare, and the default; 0.0 where nothing is positive or no label hits.

    无论正例多还是少，二分类 F1 都是标签 1 的 F1，也是默认方式；没有正例或无一命中时为 0.0。
    """
    for share in (1, 0.2):
        y_true, y_pred = labelled(rng, 200, [0, 1])
        y_true[rng.random(200) > share] = 0
        y_true[:4], y_pred[:4] = [1, 1, 1, 0], [1, 1, 0, 1]
        expected = reference.f1_score(y_true, y_pred)
        assert_close(candidate.f1_score(y_true, y_pred), expected)
        assert_close(candidate.f1_score(y_true, y_pred, average="binary"), expected)
    zeros, some = np.zeros(12, np.int64), rng.permutation([1] * 5 + [0] * 7)
    for y_true, y_pred in ((zeros, zeros), (some, zeros), (zeros, some), (some, 1 - some), (zeros[:1], zeros[:1])):
        assert_close(candidate.f1_score(y_true, y_pred), 0.0)
    assert_close(candidate.f1_score(np.eye(1, 200, dtype=np.int64)[0], np.ones(200, np.int64)), 2 / 201)


@pytest.mark.task("averages")
def test_average_values(candidate, reference, rng):
    """The averages over classes of uneven size are right, over many labels, two, one, and of one item.

    各类别大小不一时，各种平均都正确：标签有多个、两个、一个，或只有一条样本。
    """
    for n, labels in ((120, [0, 1, 2, 3, 3, 3, 3, 3]), (120, [0, 1, 1]), (7, [4]), (1, [1, 5])):
        check_f1(candidate, reference, *labelled(rng, n, labels))


@pytest.mark.task("averages")
def test_union_of_labels(candidate, reference, rng):
    """Labels that are only true, only predicted or never hit belong to the averages; 0.0 where nothing hits.

    只真实出现过、只被预测出来或从未命中的标签都计入平均；无一命中时为 0.0。
    """
    y_true, y_pred = labelled(rng, 80, [-7, 0, 12, 40])
    y_true[:4], y_pred[:4] = -9, 0
    y_true[4:7], y_pred[4:7] = 12, 41
    y_true[7:12], y_pred[7:12] = [77, 77, 0, 0, 0], [0, 0, 77, 77, 77]
    order = rng.permutation(80)
    check_f1(candidate, reference, y_true[order], y_pred[order])
    check_f1(candidate, reference, y_true, y_true + 100)


@pytest.mark.task("contract")
def test_labels_of_every_dtype(candidate, reference, rng):
    """Labels are int64, int32 or uint8, for AUC too; labels are told apart to the ends of its range.

    标签的 dtype 为 int64、int32 或 uint8，AUC 的标签也是；直到取值范围的两端，不同的值都是不同的标签。
    """
    for dtype in LABELS:
        ends = np.iinfo(dtype)
        labels = [ends.min, ends.min + 1, 7, 7 + (1 << ends.bits // 2), ends.max - 1, ends.max]
        check_f1(candidate, reference, *labelled(rng, 200, np.array(labels, dtype)))
        y_true, y_pred = labelled(rng, 900, np.array([0, 1], dtype))  # of either class, and of hits, more than 255
        check_f1(candidate, reference, y_true, y_pred, ["binary"])
        check_auc(candidate, y_true, y_pred + rng.random(900))


@pytest.mark.task("contract")
def test_bad_arguments(candidate, rng):
    """Another average, lengths that differ and AUC of one class raise ValueError; sound arguments do not.

    `average` 取其他值、两个数组长度不同、只有一个类别却求 AUC 时，都抛出 `ValueError`；正确的参数不会。
    """
    y_true, y_pred = both_classes(rng, 12), both_classes(rng, 12)
    lengths = [(y_true, y_pred[:1]), (y_true[:1], y_pred), (y_true, y_pred[:-1]), (y_true[:-1], y_pred)]
    results = []  # compared last: a refusal is told from another by its words, which count where nothing was compared
    for average, other in {"macro": "Macro", "weighted": "m", "micro": "", "binary": "samples"}.items():
        sound = {"y_true": y_true, "y_pred": y_true, "average": average}
        bad = {("y_true", "y_pred"): lengths, "average": [other, average + " "]}
        results.append(assert_refuses(candidate.f1_score, sound, bad))
    one_class = [(np.full(n, label), rng.normal(size=n)) for label in (0, 1) for n in (1, 2, 8)]
    assert_each_raises(ValueError, candidate.roc_auc, one_class)
    results.append(candidate.roc_auc(np.array([1, 0]), np.array([0.75, 0.25])))
    assert_close(results, [1.0] * 5)


@pytest.mark.task("contract")
def test_results_and_surroundings(candidate, rng):
    """Results are floats of 64 bits and no arrays; inputs, numpy's settings and global random states stay as they were.

    结果是 64 位浮点数而不是数组；输入、numpy 的设置和全局随机状态都保持原样。
    """
    y_true, y_pred = both_classes(rng, 30), both_classes(rng, 30)
    y_score, zeros = y_true + 0.4 * rng.random(30), np.zeros(3, np.int64)
    calls = [(candidate.f1_score, y_true, y_pred, average) for average in ("binary", *AVERAGES)]
    ends = (candidate.f1_score, zeros, zeros), (candidate.f1_score, y_true, y_true, "micro")
    for call, *arguments in (*calls, *ends, (candidate.roc_auc, y_true, y_score)):
        result = assert_leaves_no_state(call, *arguments)
        numbers = not isinstance(result, np.ndarray) and np.asarray(result).dtype not in (np.float32, np.float16)
        assert numbers, "a result is an array, or has less than 64 bits\n结果是数组，或不足 64 位"
        assert isinstance(result, float), "a result is no float, such as the integer 0\n结果不是浮点数，例如是整数 0"
        assert_unchanged(*arguments)
    assert_close(result, 1.0)


@pytest.mark.task("auc")
def test_auc_of_distinct_scores(candidate, rng):
    """AUC of distinct scores is the share of ordered pairs: 1 if perfect, 0 if reversed, below one half if bad.

    分数互不相同时，AUC 是次序正确的样本对所占的比例：完美排序为 1，完全颠倒为 0，差的排序低于二分之一。
    """
    y_true, noise = both_classes(rng, 90), rng.permutation(90) / 90
    other = rng.permutation(noise)
    for y_score in (noise, other, noise + y_true, -noise - y_true, noise - 0.305 * y_true, noise - 50, 1000 * noise):
        check_auc(candidate, y_true, y_score)


@pytest.mark.task("auc")
def test_scores_of_any_size_and_dtype(candidate, reference, rng):
    """Scores may be as large or as small as float64 goes, and come in half or single precision.

    分数可以大到或小到 float64 的极限，也可以是半精度或单精度。
    """
    sizes = [1.7e308, 1e308, 1e300, 7.0, 1.0, 1e-300, 5e-324, 0.0]
    y_true = both_classes(rng, 300)
    signs = np.where(rng.random(300) < 0.3, -1, 2 * y_true - 1)
    check_auc(candidate, y_true, signs * rng.choice(sizes, 300))
    # All finite numbers of half precision but -0.0, the order of which a sum or rank of half or single precision loses.
    halves = np.arange(2**16, dtype=np.uint16).view(np.float16)
    halves = halves[np.isfinite(halves) & ~((halves == 0) & np.signbit(halves))]
    for dtype in (np.float16, np.float32):
        y_true, y_score = both_classes(rng, 20_000), rng.permutation(halves)[:20_000].astype(dtype)
        expected = reference.roc_auc(y_true, y_score.astype(np.float64))
        assert_close(candidate.roc_auc(y_true, y_score), expected)


@pytest.mark.task("ties")
def test_tied_scores(candidate, rng):
    """Tied scores count half, be they few, many or all, and no order of the items changes a result.

    并列的分数按二分之一计，无论少数、多数还是全部并列；样本怎样排列都不改变结果。
    """
    for levels in (1, 2, 3, 7):
        y_true = np.sort(both_classes(rng, 120))
        y_score = (rng.integers(0, levels, 120) + (levels > 1) * y_true) / 4 - 0.5
        for order in (slice(None), slice(None, None, -1), rng.permutation(120)):
            check_auc(candidate, y_true[order], y_score[order])


@pytest.mark.task("ties")
def test_close_is_not_tied(candidate, rng):
    """Scores that differ in the last digit are ordered, not tied.

    只在最后一位上不同的分数有高低之分，不算并列。
    """
    y_true = both_classes(rng, 60)
    steps = y_true + rng.integers(0, 2, 60)
    for size in (1.0, -3e-12, 1e300):
        check_auc(candidate, y_true, size + steps * np.spacing(size))


@pytest.mark.task("speed")
def test_three_hundred_thousand_items(candidate, rng):
    """300,000 items, a third of them tied at one score, are ranked within the time limit.

    在时限内为 300,000 条样本排好次序，其中三分之一分数相同。
    """
    # On one core a pass over the negatives per positive takes 4 s or more, sorting in plain Python half a second.
    # More than 100,000 distinct scores rule out a pass per threshold as well, the large group pairs within a group,
    # and the order from high to low insertion into a list that is kept sorted.
    ranks = rng.integers(0, 160_000, 300_000)
    ranks[::3] = 80_000
    ranks = np.sort(ranks)[::-1]
    y_true = (rng.random(300_000) < np.where(ranks > 80_000, 0.4, 0.2)).astype(np.int64)
    # Small whole numbers can be counted instead of sorted, which is quicker than asking the reference.
    negatives, positives = np.bincount(2 * ranks + y_true, minlength=320_000).reshape(-1, 2).T
    wins = positives @ (np.cumsum(negatives) - negatives / 2)
    assert_close(candidate.roc_auc(y_true, ranks / 4), float(wins / negatives.sum() / positives.sum()))
