"""Public cases of logistic_regression: small ones, worked out by hand."""

import math

import numpy as np
import pytest

from grader.judge import assert_close


@pytest.mark.task("fit")
def test_two_rows_by_hand(candidate):
    """Two mirrored rows whose labels get 3/4 each, since 1/4 + 1/4 is l2 times log 3.

    两行互为镜像，各自标签的概率都是 3/4，因为 1/4 + 1/4 等于 l2 乘 log 3。
    """
    X, y = np.array([[-1.0], [1.0]]), np.array([0, 1])
    coefficients, intercept = candidate.logistic_regression(X, y, 0.5 / math.log(3))
    assert_close(coefficients, np.array([math.log(3)]))
    assert_close(intercept, 0.0)


@pytest.mark.task("fit")
def test_odds_by_hand(candidate):
    """A feature that tells nothing gets 0, and the intercept is the log of the odds.

    没有信息的特征系数为 0，截距为对数几率。
    """
    coefficients, intercept = candidate.logistic_regression(np.zeros((4, 1)), np.array([0, 1, 1, 1]))
    assert_close(coefficients, np.array([0.0]))
    assert_close(intercept, math.log(3))


@pytest.mark.task("weights")
def test_weighted_odds_by_hand(candidate):
    """A weight of 6 on the only 0 turns odds of three to one into three to six.

    唯一的 0 权重为 6，几率从三比一变成三比六。
    """
    weights = np.array([6.0, 1.0, 1.0, 1.0])
    result = candidate.logistic_regression(np.zeros((4, 1)), np.array([0, 1, 1, 1]), 1.0, weights)
    assert_close(result[1], -math.log(2))


@pytest.mark.task("contract")
def test_no_penalty(candidate):
    """An l2 of 0 raises ValueError; an int of 1 does not.

    `l2` 为 0 时抛出 `ValueError`，整数 1 则不会。
    """
    X, y = np.array([[0.0], [0.0], [0.0]]), np.array([0, 1, 1])
    assert_close(candidate.logistic_regression(X, y, 1)[1], math.log(2))
    with pytest.raises(ValueError):
        candidate.logistic_regression(X, y, 0)
