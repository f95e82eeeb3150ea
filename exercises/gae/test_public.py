"""Public cases of gae: small ones, worked out by hand."""

import numpy as np
import pytest

from grader.judge import assert_close

NEVER = np.array([False, False, False])
LAST = np.array([False, False, True])


@pytest.mark.task("recursion")
def test_one_episode_by_hand(candidate):
    """An episode that terminates: deltas of -1, 1 and 0 are discounted by gamma times lam.

    一个终止的回合：三步的 δ 为 -1、1、0，按 gamma 乘 lam 折扣累加。
    """
    rewards, values, after = np.array([1.0, 2.0, 4.0]), np.array([3.0, 2.0, 4.0]), np.array([2.0, 2.0, 7.0])
    advantages, returns = candidate.gae(rewards, values, after, LAST, NEVER, 0.5, 0.8)
    assert_close(advantages, np.array([-0.6, 1.0, 0.0]))
    assert_close(returns, np.array([2.4, 3.0, 4.0]))


@pytest.mark.task("boundaries")
def test_cut_off_by_hand(candidate):
    """A step that is cut off keeps the value of the state it led to, and nothing of the next episode.

    被截断的步保留所到达状态的价值，不受下一个回合影响。
    """
    rewards, values, after = np.array([1.0, 1.0, 9.0]), np.array([0.0, 0.0, 0.0]), np.array([0.0, 4.0, 2.0])
    cut = np.array([False, True, False])
    advantages, returns = candidate.gae(rewards, values, after, NEVER, cut, 0.5, 1.0)
    assert_close(advantages, np.array([2.5, 3.0, 10.0]))
    assert_close(returns, np.array([2.5, 3.0, 10.0]))


@pytest.mark.task("contract")
def test_gamma_above_one(candidate):
    """A gamma above 1 raises ValueError; 1 itself does not.

    `gamma` 大于 1 时抛出 `ValueError`，等于 1 时不会。
    """
    ones = np.ones(3)
    assert_close(candidate.gae(ones, ones, ones, LAST, NEVER, 1.0, 1.0)[0], np.array([2.0, 1.0, 0.0]))
    with pytest.raises(ValueError):
        candidate.gae(ones, ones, ones, LAST, NEVER, 1.01, 1.0)
