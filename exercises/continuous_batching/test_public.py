"""Public cases of continuous_batching: small ones, worked out by hand."""

import pytest

from grader.judge import assert_close, assert_each_raises


@pytest.mark.task("tokens")
def test_a_prompt_in_pieces_by_hand(candidate):
    """A prompt of seven tokens takes three iterations of three; then it decodes one token at a time.

    每次迭代三个 token 时，七个 token 的 prompt 要三次迭代；之后每次解码一个 token。
    """
    scheduler = candidate.Scheduler(3, 4, 4)
    assert_close(scheduler.step([], [(5, 7)]), ([(5, 0, 3)], []))
    assert_close(scheduler.step([], [(2, 4)]), ([(5, 3, 3)], []))
    assert_close(scheduler.step([], []), ([(5, 6, 1), (2, 0, 2)], []))
    assert_close(scheduler.step([], []), ([(5, 7, 1), (2, 2, 2)], []))
    assert_close(scheduler.step([5], []), ([(2, 4, 1)], []))
    assert_close([scheduler.waiting, scheduler.free_blocks], [[], 2])


@pytest.mark.task("admission")
def test_nobody_overtakes_by_hand(candidate):
    """A request that does not fit holds up those behind it, although they would fit.

    放不下的请求会挡住后面的请求，哪怕后面的放得下。
    """
    scheduler = candidate.Scheduler(16, 4, 2)
    assert_close(scheduler.step([], [(1, 4), (2, 6), (3, 1)]), ([(1, 0, 4)], []))
    assert_close([scheduler.waiting, scheduler.free_blocks], [[2, 3], 2])
    assert_close(scheduler.step([1], [(4, 2)]), ([(2, 0, 6), (3, 0, 1)], []))
    assert_close([scheduler.waiting, scheduler.free_blocks], [[4], 0])


@pytest.mark.task("preemption")
def test_the_last_to_arrive_gives_way_by_hand(candidate):
    """When two requests outgrow the cache, the younger is pre-empted, and later computes all its tokens again.

    两个请求超出缓存时，后到的被抢占，之后重新计算它的全部 token。
    """
    scheduler = candidate.Scheduler(8, 2, 2)
    assert_close(scheduler.step([], [(9, 1), (4, 2)]), ([(9, 0, 1), (4, 0, 2)], []))
    assert_close(scheduler.step([], []), ([(9, 1, 1)], [4]))
    assert_close([scheduler.waiting, scheduler.free_blocks], [[4], 1])
    assert_each_raises(ValueError, scheduler.step, [([4], []), ([], [(4, 1)])])
    assert_close(scheduler.step([9], []), ([(4, 0, 3)], []))
