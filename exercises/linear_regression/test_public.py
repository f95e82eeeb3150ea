"""Public cases of linear_regression: small ones, worked out by hand."""

import numpy as np
import pytest

from grader.judge import assert_close

X = np.array([[0.0], [1.0], [2.0]])
Y = np.array([1.0, 3.0, 5.0])


@pytest.mark.task("fit")
def test_a_line_by_hand(candidate):
    """Three points: the slope is 3 / 2, and the line passes through their mean.

    三个点：斜率为 3 / 2，直线经过它们的均值。
    """
    coefficients, intercept = candidate.linear_regression(X, np.array([1.0, 3.0, 4.0]))
    assert_close(coefficients, np.array([1.5]))
    assert_close(intercept, 7 / 6)


@pytest.mark.task("penalty")
def test_ridge_by_hand(candidate):
    """A ridge of 2 halves this slope, and the line still passes through the mean.

    `ridge` 为 2 时斜率减半，直线仍然经过均值。
    """
    coefficients, intercept = candidate.linear_regression(X, Y, 2.0)
    assert_close(coefficients, np.array([1.0]))
    assert_close(intercept, 2.0)


@pytest.mark.task("rank")
def test_the_same_column_twice(candidate):
    """Two equal columns share the slope; a constant one gets 0.

    两列相同则平分斜率；常数列的系数为 0。
    """
    coefficients, intercept = candidate.linear_regression(np.hstack([X, X, X * 0 + 4]), Y)
    assert_close(coefficients, np.array([1.0, 1.0, 0.0]))
    assert_close(intercept, 1.0)


@pytest.mark.task("contract")
def test_negative_ridge(candidate):
    """A negative ridge raises ValueError.

    `ridge` 为负数时抛出 `ValueError`。
    """
    assert_close(candidate.linear_regression(X, Y, 0)[0], np.array([2.0]))
    with pytest.raises(ValueError):
        candidate.linear_regression(X, Y, -1.0)
