"""Hidden cases of roc_pr_curve: labels and scores are drawn anew for every verdict."""

import numpy as np
import pytest

from grader.judge import assert_close, assert_refuses, assert_unchanged, distinct_sizes

NAN, INF = float("nan"), float("inf")
TINY, EDGE = 5e-324, 1.7e308


def draw_labels(rng, n, share=0.4):
    """Labels with both classes, more zeros than ones."""
    labels = (np.arange(n) < max(2, round(share * n))).astype(np.int64)
    return rng.permutation(labels)


def draw_distinct(rng, n):
    """Labels, and different scores of either sign that tell a little about them; the highest belongs to a zero."""
    labels = draw_labels(rng, n)
    scores = rng.normal(labels * 0.7, 1.0)
    scores[rng.choice(np.flatnonzero(labels == 0))] = 5 + rng.random()
    return labels, scores


def draw_tied(rng, n, levels=4):
    """Labels and scores of few levels; each level holds both labels."""
    labels = draw_labels(rng, n, 0.4)
    scores = rng.integers(0, levels, n)
    for label in (0, 1):
        scores[rng.permutation(np.flatnonzero(labels == label))[:levels]] = np.arange(levels)
    return labels, np.sort(rng.normal(size=levels))[scores]


@pytest.mark.task("roc")
def test_thresholds(candidate, reference, rng):
    """Thresholds are infinity and then the different scores from the highest to the lowest.

    阈值是无穷大，随后是从高到低的各个不同分数。
    """
    for n in distinct_sizes(rng, 2, 12, 30):
        items = draw_distinct(rng, n)
        assert_close(candidate.roc_pr_curve(*items)[0], reference.roc_pr_curve(*items)[0])


@pytest.mark.task("roc")
def test_roc(candidate, reference, rng):
    """Both rates are shares of their own class, from (0, 0) to (1, 1).

    两个比率各以自己的类别为分母，从 (0, 0) 走到 (1, 1)。
    """
    for n in (*distinct_sizes(rng, 2, 12, 30), 1000):
        items = draw_distinct(rng, n)
        assert_close(candidate.roc_pr_curve(*items)[1:3], reference.roc_pr_curve(*items)[1:3])


@pytest.mark.task("pr")
def test_precision(candidate, reference, rng):
    """Precision is 1 where nothing is predicted, 0 where only a zero is, and falls and rises as it will.

    没有预测为正时精确率为 1，只预测出一个 0 时为 0，此后有升有降。
    """
    for n in distinct_sizes(rng, 2, 12, 30):
        items = draw_distinct(rng, n)
        assert_close(candidate.roc_pr_curve(*items)[3], reference.roc_pr_curve(*items)[3])


@pytest.mark.task("pr")
def test_average_precision(candidate, reference, rng):
    """Average precision sums rectangles of the width that recall grew by.

    平均精确率把宽度等于召回率增量的矩形相加。
    """
    for n in (*distinct_sizes(rng, 2, 12, 30), 1000):
        items = draw_distinct(rng, n)
        assert_close(candidate.roc_pr_curve(*items)[4], reference.roc_pr_curve(*items)[4])


@pytest.mark.task("roc")
def test_every_point(candidate, reference, rng):
    """No point is left out where the curve goes straight on, nor after recall has reached 1.

    曲线走直线处和召回率到 1 之后的点都不省略。
    """
    ones, zeros = (int(size) for size in distinct_sizes(rng, 2, 4, 9))
    for counts in ((ones, zeros), (1, zeros), (ones, 1)):
        ranks = np.repeat([1, 0], counts)  # all ones above all zeros, and then the other way round
        order = rng.permutation(len(ranks))
        for labels in (ranks[order], 1 - ranks[order]):
            items = labels, -order.astype(float)
            assert_close(candidate.roc_pr_curve(*items)[:4], reference.roc_pr_curve(*items)[:4])


@pytest.mark.task("ties")
def test_ties(candidate, reference, rng):
    """Items with equal scores make one step, also at the highest and at the lowest score.

    分数相等的样本合为一步，最高分和最低分处也一样。
    """
    labels, scores = draw_tied(rng, int(rng.integers(25, 40)))
    expected = reference.roc_pr_curve(labels, scores)
    for order in (rng.permutation(len(labels)), np.argsort(labels, kind="stable"), np.argsort(-labels, kind="stable")):
        assert_close(candidate.roc_pr_curve(labels[order], scores[order]), expected)


@pytest.mark.task("ties")
def test_one_score(candidate, reference, rng):
    """One score for all items gives two points.

    所有样本分数相同时只有两个点。
    """
    labels = draw_labels(rng, int(rng.integers(5, 12)))
    for score in (0.0, float(rng.normal()), -EDGE):
        items = labels, np.full(len(labels), score)
        assert_close(candidate.roc_pr_curve(*items), reference.roc_pr_curve(*items))


@pytest.mark.task("ties")
def test_almost_equal(candidate, reference, rng):
    """Scores that differ in the last bit are different, at any size; -0.0 and 0.0 are equal.

    只在最后一位上不同的分数是不同的分数，大小不限；-0.0 与 0.0 相等。
    """
    near, far = (np.nextafter(x, INF) for x in (0.3, 1e6))
    scores = np.array([0.3, near, 0.3, 1e6, far, TINY, -TINY, 0.0, -0.0, 0.0, -0.0, EDGE, -EDGE, EDGE, 2 * TINY])
    for _ in range(2):
        order = rng.permutation(len(scores))
        items = draw_labels(rng, len(scores), 0.5), scores[order]
        assert_close(candidate.roc_pr_curve(*items), reference.roc_pr_curve(*items))
    items = draw_labels(rng, 8, 0.5), rng.permutation(np.repeat([EDGE, -EDGE], 4))  # their difference is infinite
    assert_close(candidate.roc_pr_curve(*items), reference.roc_pr_curve(*items))


@pytest.mark.task("contract")
def test_single_precision(candidate, reference, rng):
    """float32 scores, with and without ties, give float64 arrays.

    `float32` 的分数，无论有无并列，都得到 `float64` 数组。
    """
    for labels, scores in (draw_distinct(rng, int(rng.integers(12, 30))), draw_tied(rng, 25)):
        items = labels, scores.astype(np.float32)
        assert_close(candidate.roc_pr_curve(*items), reference.roc_pr_curve(*items))


@pytest.mark.task("contract")
def test_kinds_of_results(candidate, reference, rng):
    """The result is a tuple, and the average precision a float and no array.

    结果是元组，平均精确率是浮点数而不是数组。
    """
    items = draw_distinct(rng, int(rng.integers(12, 30)))
    result = candidate.roc_pr_curve(*items)
    assert_close(result, reference.roc_pr_curve(*items))
    assert type(result) is tuple, "the result is no tuple\n结果不是元组"
    assert isinstance(result[4], float), "the average precision is no float\n平均精确率不是浮点数"


@pytest.mark.task("contract")
def test_bad_values(candidate, reference, rng):
    """Labels other than 0 and 1, and scores that are not finite, raise ValueError, alone and together.

    标签不是 0 或 1、分数不是有限值时抛出 `ValueError`，单独出现或同时出现都一样。
    """
    labels, scores = draw_distinct(rng, int(rng.integers(12, 20)))

    def with_one(array, value, index):
        changed = array.copy()
        changed[index] = value
        return changed

    places = rng.permutation(np.flatnonzero(labels == 0))
    bad_labels = [with_one(labels, value, place) for value, place in zip((2, -1, 3), places, strict=False)]
    bad_labels.append(2 * labels - 1)
    bad_scores = [with_one(scores, value, int(rng.integers(len(scores)))) for value in (NAN, INF, -INF)]
    sound = {"labels": labels, "scores": scores}
    result = assert_refuses(candidate.roc_pr_curve, sound, {"labels": bad_labels, "scores": bad_scores})
    assert_close(result, reference.roc_pr_curve(labels, scores))


@pytest.mark.task("contract")
def test_one_class_only(candidate, reference, rng):
    """Labels that are all 0, all 1 or none at all raise ValueError.

    标签全为 0、全为 1 或一个也没有时抛出 `ValueError`。
    """
    labels, scores = draw_distinct(rng, int(rng.integers(12, 20)))
    bad = [(np.full(n, label), scores[:n]) for n, label in ((len(scores), 0), (len(scores), 1), (1, 0), (1, 1), (0, 1))]
    sound = {"labels": labels, "scores": scores}
    result = assert_refuses(candidate.roc_pr_curve, sound, {("labels", "scores"): bad})
    assert_close(result, reference.roc_pr_curve(labels, scores))


@pytest.mark.task("contract")
def test_bad_shapes(candidate, reference, rng):
    """Shapes that differ, and any number of axes but one, raise ValueError.

    形状不同，或者不是一维时，抛出 `ValueError`。
    """
    labels, scores = draw_distinct(rng, int(rng.integers(12, 20)))
    pairs = [(labels[:-1], scores), (labels, scores[:-1]), (labels, scores[:1]), (labels[:, None], scores)]
    pairs += [(labels, scores[None]), (labels[:, None], scores[:, None]), (labels[None], scores[None])]
    pairs += [(np.array(1), np.array(0.5)), (labels[:-1], np.append(scores[1:], NAN)), (labels[:1], scores)]
    sound = {"labels": labels, "scores": scores}
    result = assert_refuses(candidate.roc_pr_curve, sound, {("labels", "scores"): pairs})
    assert_close(result, reference.roc_pr_curve(labels, scores))


@pytest.mark.task("contract")
def test_arguments_stay(candidate, reference, rng):
    """Labels and scores are as they were, after a result that is right.

    在结果正确的前提下，标签和分数保持原样。
    """
    zeros = draw_labels(rng, 8, 0.5), rng.permutation([0.0, -0.0, -0.0, 0.0, -0.0, 1.0, -1.0, -0.0])
    for labels, scores in (draw_distinct(rng, int(rng.integers(12, 30))), draw_tied(rng, 25), zeros):
        assert_close(candidate.roc_pr_curve(labels, scores), reference.roc_pr_curve(labels, scores))
        assert_unchanged(labels, scores)
