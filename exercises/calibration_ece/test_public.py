"""Public cases of calibration_ece: small ones, worked out by hand."""

import numpy as np
import pytest

from grader.judge import assert_close


@pytest.mark.task("error")
def test_two_bins_by_hand(candidate):
    """Three rows of confidence 0.55, one of them right, and one of 0.9 that is right, in five bins.

    五个箱：三行置信度为 0.55，其中一行正确；一行置信度为 0.9，预测正确。
    """
    probs = np.array([[0.55, 0.45], [0.45, 0.55], [0.55, 0.45], [0.1, 0.9]])
    ece = candidate.expected_calibration_error(probs, np.array([0, 0, 1, 1]), 5)
    assert_close(ece, 3 / 4 * (0.55 - 1 / 3) + 1 / 4 * (1 - 0.9))


@pytest.mark.task("bins")
def test_on_the_edge(candidate):
    """With two bins a confidence of 0.5 is in the lower one.

    只有两个箱时，置信度 0.5 属于较低的箱。
    """
    probs = np.array([[0.5, 0.25, 0.25], [0.75, 0.25, 0.0]])
    ece = candidate.expected_calibration_error(probs, np.array([0, 1]), 2)
    assert_close(ece, 1 / 2 * 0.5 + 1 / 2 * 0.75)


@pytest.mark.task("bins")
def test_confidence_of_one(candidate):
    """Two rows that are certain, one of them wrong: a gap of one half, and fourteen empty bins.

    两行都有十足把握，其中一行错了：差值为二分之一，另外十四个箱为空。
    """
    ece = candidate.expected_calibration_error(np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([1, 1]))
    assert_close(ece, 0.5)


@pytest.mark.task("contract")
def test_label_too_high(candidate):
    """A label of C - 1 is accepted, a label of C raises ValueError.

    标签为 C - 1 可以，为 C 时抛出 `ValueError`。
    """
    probs = np.array([[0.2, 0.8]])
    assert_close(candidate.expected_calibration_error(probs, np.array([1]), 3), 0.2)
    with pytest.raises(ValueError):
        candidate.expected_calibration_error(probs, np.array([2]), 3)
