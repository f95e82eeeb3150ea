"""Public cases of gradient_boosting: small ones, worked out by hand."""

import numpy as np
import pytest

from grader.judge import assert_close

X = np.array([[1.0], [2.0], [4.0], [5.0]])


@pytest.mark.task("squared")
def test_two_rounds_by_hand(candidate):
    """Two rounds without a penalty: half of the way to the side's mean, and half of what is left.

    不带正则项的两轮：先走到该边均值的一半，再走剩下的一半。
    """
    y = np.array([0.0, 0.0, 8.0, 8.0])
    model = candidate.GradientBoosting("squared", 2, learning_rate=0.5, reg_lambda=0.0).fit(X, y)
    assert_close(model.predict(X), np.array([1.0, 1.0, 7.0, 7.0]))


@pytest.mark.task("logistic")
def test_one_newton_step(candidate):
    """Three ones and a zero: the start is log 3, and the row of label 0 takes a step of -0.75 / (0.1875 + 1).

    三个 1、一个 0：起点为 log 3，标签为 0 的那行更新量为 -0.75 / (0.1875 + 1)。
    """
    model = candidate.GradientBoosting("logistic", 1, learning_rate=1.0).fit(X, np.array([0, 1, 1, 1]))
    left, right = np.log(3) - 0.75 / 1.1875, np.log(3) + 0.75 / 1.5625
    assert_close(model.raw_score(X), np.array([left, right, right, right]))
    assert_close(model.predict(X[:1]), 1 / (1 + np.exp([-left])))


@pytest.mark.task("splits")
def test_threshold_in_the_middle(candidate):
    """The threshold is the middle of 2 and 4, and a row on it goes left.

    阈值是 2 与 4 的中点，落在阈值上的行去左边。
    """
    model = candidate.GradientBoosting("squared", 1, 1.0, 0.0).fit(X, np.array([0, 0, 8, 8]))
    assert_close(model.predict(np.array([[3.0], [3.01]])), np.array([0.0, 8.0]))


@pytest.mark.task("contract")
def test_bad_options(candidate):
    """An unknown loss and a negative penalty raise ValueError.

    损失未知，或 `reg_lambda` 为负时，抛出 `ValueError`。
    """
    assert_close(candidate.GradientBoosting("squared", 0).fit(X, X[:, 0]).predict(X[:1]), np.array([3.0]))
    for options in (("hinge", 3), ("squared", 3, 0.1, -1.0)):
        with pytest.raises(ValueError):
            candidate.GradientBoosting(*options)
