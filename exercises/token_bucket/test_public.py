"""Public cases of token_bucket: small ones, worked out by hand."""

import pytest

from grader.judge import assert_close


@pytest.mark.task("spending")
def test_a_burst_by_hand(candidate):
    """Three tokens at once, then one in four ticks; keys do not share.

    一次用掉三个，之后每四个 tick 一个；各个 key 互不共用。
    """
    limiter = candidate.RateLimiter(3, 1, 4)
    calls = [
        ("a", 10, 2),
        ("a", 10, 2),
        ("a", 10, 1),
        ("a", 13, 1),
        ("b", 13, 3),
        ("a", 14, 1),
        ("a", 99, 4),
        ("a", 99, 3),
    ]
    expected = [True, False, True, False, True, True, False, True]
    assert_close([limiter.try_acquire(*call) for call in calls], expected)


@pytest.mark.task("time")
def test_many_short_steps(candidate):
    """Asked once a tick, a bucket that gains a tenth of a token per tick grants every tenth call.

    每个 tick 流入十分之一个令牌，每个 tick 都来要一次，则每十次成功一次。
    """
    limiter = candidate.RateLimiter(1, 1, 10)
    granted = [now for now in range(41) if limiter.try_acquire("a", now)]
    assert_close(granted, [0, 10, 20, 30, 40])


@pytest.mark.task("waiting")
def test_waiting_by_hand(candidate):
    """Two tokens in three ticks: one takes 2 ticks, two take 3; a reservation makes all others wait.

    三个 tick 流入两个令牌：等一个要 2 个 tick，等两个要 3 个；预约会让后来者都等待。
    """
    limiter = candidate.RateLimiter(4, 2, 3)
    assert_close([limiter.reserve("a", 7, 4), limiter.wait_time("a", 7), limiter.wait_time("a", 7, 2)], [0, 2, 3])
    assert_close([limiter.reserve("a", 7, 3), limiter.wait_time("a", 7), limiter.wait_time("a", 7, 5)], [5, 6, None])


@pytest.mark.task("memory")
def test_held_by_hand(candidate):
    """A bucket is held once tokens are taken, and may be dropped when it is full again.

    取走令牌之后才保留桶；重新装满后可以丢弃。
    """
    limiter = candidate.RateLimiter(2, 1, 5)
    assert_close([limiter.try_acquire("a", 0, 3), limiter.wait_time("a", 0), limiter.held()], [False, 0, 0])
    assert_close(
        [limiter.try_acquire("a", 0, 2), limiter.held(), limiter.drop_full(9), limiter.held()], [True, 1, 0, 1]
    )
    assert_close([limiter.drop_full(10), limiter.held()], [1, 0])


@pytest.mark.task("contract")
def test_no_cost(candidate):
    """A cost of 0 raises ValueError; without one, the cost is 1.

    `cost` 为 0 时抛出 `ValueError`；不给则为 1。
    """
    limiter = candidate.RateLimiter(1, 1, 1)
    with pytest.raises(ValueError):
        limiter.try_acquire("a", 0, 0)
    assert_close([limiter.try_acquire("a", 0), limiter.try_acquire("a", 0)], [True, False])
