"""Public cases of nms: small ones, worked out by hand."""

import numpy as np
import pytest

from grader.judge import assert_close

# in a row, each 3 wide and 2 high, a step of 1 apart: neighbors have an IoU of 4 / 8, the ends of 2 / 10
ROW = np.array([[0.0, 0.0, 3.0, 2.0], [1.0, 0.0, 4.0, 2.0], [2.0, 0.0, 5.0, 2.0]])
ONE_CLASS = np.array([7, 7, 7])


def indices(*numbers):
    """Those indices as the statement wants them."""
    return np.array(numbers, dtype=np.int64)


@pytest.mark.task("suppression")
def test_row_by_hand(candidate):
    """The middle box suppresses both ends, or the first one suppresses the middle, or none suppresses any.

    中间的框抑制两端，或者第一个框抑制中间的框，或者互不抑制。
    """
    assert_close(candidate.nms(ROW, np.array([0.8, 0.9, 0.7]), ONE_CLASS, 0.4), indices(1))
    assert_close(candidate.nms(ROW, np.array([0.9, 0.8, 0.7]), ONE_CLASS, 0.4), indices(0, 2))
    assert_close(candidate.nms(ROW, np.array([0.9, 0.8, 0.7]), ONE_CLASS, 0.5), indices(0, 1, 2))


@pytest.mark.task("classes")
def test_other_class(candidate):
    """A box of another class neither suppresses nor is suppressed.

    其他类别的框既不抑制别的框，也不被抑制。
    """
    labels = np.array([7, 0, 7])
    assert_close(candidate.nms(ROW, np.array([0.8, 0.9, 0.7]), labels, 0.1), indices(1, 0))


@pytest.mark.task("order")
def test_falling_scores(candidate):
    """The result falls in score, and of equal scores the lower index comes first.

    结果按得分从高到低；得分相同时下标小的在先。
    """
    assert_close(candidate.nms(ROW, np.array([0.5, 0.5, 0.9]), ONE_CLASS, 1), indices(2, 0, 1))


@pytest.mark.task("corners")
def test_no_boxes(candidate):
    """Without boxes the result is empty.

    没有框时结果为空。
    """
    none = np.zeros(0)
    assert_close(candidate.nms(np.zeros((0, 4)), none, none.astype(np.int64), 0.5), indices())
    assert_close(candidate.nms(ROW[:1], np.array([0.5]), ONE_CLASS[:1], 0.5), indices(0))


@pytest.mark.task("arguments")
def test_threshold_in_percent(candidate):
    """A threshold of 50 is refused, and so is a box whose corners are out of order.

    阈值为 50 时拒绝，框的两角次序不对时也拒绝。
    """
    scores = np.array([0.9, 0.8, 0.7])
    assert_close(candidate.nms(ROW, scores, ONE_CLASS, 0), indices(0))
    for boxes, threshold in ((ROW, 50), (ROW[:, [2, 1, 0, 3]], 0.5)):
        with pytest.raises(ValueError):
            candidate.nms(boxes, scores, ONE_CLASS, threshold)
