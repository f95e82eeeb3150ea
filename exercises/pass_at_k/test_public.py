"""Public cases of pass_at_k: small ones, worked out by hand."""

import numpy as np
import pytest

from grader.judge import assert_close


@pytest.mark.task("estimate")
def test_two_of_five_by_hand(candidate):
    """Of 10 pairs among 5 samples, 3 hold no success when 2 of the 5 passed.

    5 个样本中有 2 个通过：10 种两两组合里，有 3 种没有通过的样本。
    """
    n, c = np.array([5, 5, 5]), np.array([2, 0, 5])
    assert_close(candidate.pass_at_k(n, c, 2), np.array([0.7, 0.0, 1.0]))
    assert_close(candidate.pass_at_k(n, c, 1), np.array([0.4, 0.0, 1.0]))


@pytest.mark.task("scale")
def test_two_thousand_samples(candidate):
    """One success among 2,000 samples is in half of all halves.

    2,000 个样本里只有一个通过：随机取一半，取中它的概率是二分之一。
    """
    assert_close(candidate.pass_at_k(np.array([2000]), np.array([1]), 1000), np.array([0.5]))


@pytest.mark.task("contract")
def test_too_few_samples(candidate):
    """A problem with fewer than k samples raises ValueError; one with exactly k does not.

    某题的样本少于 k 个时抛出 `ValueError`，恰有 k 个时不会。
    """
    assert_close(candidate.pass_at_k(np.array([3, 4]), np.array([0, 1]), 3), np.array([0.0, 0.75]))
    with pytest.raises(ValueError):
        candidate.pass_at_k(np.array([3, 4]), np.array([0, 1]), 4)
