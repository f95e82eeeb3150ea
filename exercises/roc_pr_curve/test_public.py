"""Public cases of roc_pr_curve: small ones, worked out by hand."""

import numpy as np
import pytest

from grader.judge import assert_close

INF = float("inf")


@pytest.mark.task("roc")
def test_roc_by_hand(candidate):
    """Four different scores: each step goes up for a one and to the right for a zero.

    四个不同的分数：遇到 1 向上走一步，遇到 0 向右走一步。
    """
    thresholds, fpr, recall = candidate.roc_pr_curve(np.array([1, 0, 1, 0]), np.array([2.0, 5.0, -1.0, -3.0]))[:3]
    assert_close(thresholds, np.array([INF, 5.0, 2.0, -1.0, -3.0]))
    assert_close(fpr, np.array([0.0, 0.5, 0.5, 0.5, 1.0]))
    assert_close(recall, np.array([0.0, 0.0, 0.5, 1.0, 1.0]))


@pytest.mark.task("pr")
def test_pr_by_hand(candidate):
    """The same items: precision starts at 1, falls to 0 and rises again; AP sums rectangles.

    同样的样本：精确率从 1 开始，降到 0，又升上来；AP 是矩形面积之和。
    """
    curves = candidate.roc_pr_curve(np.array([1, 0, 1, 0]), np.array([2.0, 5.0, -1.0, -3.0]))
    assert_close(curves[3], np.array([1.0, 0.0, 1 / 2, 2 / 3, 1 / 2]))
    assert_close(curves[4], 0.5 * 1 / 2 + 0.5 * 2 / 3)


@pytest.mark.task("ties")
def test_one_score_for_all(candidate):
    """Items that all have one score make a single step, however they are ordered.

    所有样本分数相同时只有一步，与排列顺序无关。
    """
    for labels in ([1, 0, 0, 0], [0, 0, 0, 1]):
        _, fpr, recall, precision, ap = candidate.roc_pr_curve(np.array(labels), np.full(4, 0.5))
        assert_close(fpr, np.array([0.0, 1.0]))
        assert_close(recall, np.array([0.0, 1.0]))
        assert_close(precision, np.array([1.0, 0.25]))
        assert_close(ap, 0.25)


@pytest.mark.task("contract")
def test_one_class(candidate):
    """Labels without a zero raise ValueError; with one they do not.

    标签中没有 0 时抛出 `ValueError`，有 0 时不会。
    """
    assert_close(candidate.roc_pr_curve(np.array([1, 0]), np.array([0.7, 0.2]))[2], np.array([0.0, 1.0, 1.0]))
    with pytest.raises(ValueError):
        candidate.roc_pr_curve(np.array([1, 1]), np.array([0.7, 0.2]))
