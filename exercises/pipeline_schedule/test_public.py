"""Public cases of pipeline_schedule: small ones, worked out by hand."""

import pytest

from grader.judge import assert_close, assert_each_raises

TWO_STAGES = [
    [("F", 0), ("F", 1), ("B", 0), ("F", 2), ("B", 1), ("B", 2)],
    [("F", 0), ("B", 0), ("F", 1), ("B", 1), ("F", 2), ("B", 2)],
]


@pytest.mark.task("orders")
def test_orders_by_hand(candidate):
    """Two stages and three microbatches, in both kinds.

    两个 stage、三个 microbatch，两种调度。
    """
    gpipe = [("F", 0), ("F", 1), ("F", 2), ("B", 0), ("B", 1), ("B", 2)]
    assert_close(candidate.pipeline_order("gpipe", 2, 3), [gpipe, gpipe])
    assert_close(candidate.pipeline_order("1f1b", 2, 3), TWO_STAGES)


@pytest.mark.task("timetable")
def test_timetable_by_hand(candidate):
    """Forwards of 1 and 2, backwards of 2 and 3, transfers of 1.

    前向时长为 1 和 2，反向为 2 和 3，传输为 1。
    """
    result = candidate.simulate(TWO_STAGES, [1, 2], [2, 3], 1)
    assert_close(result["starts"], [[0, 1, 8, 10, 13, 18], [2, 4, 7, 9, 12, 14]])
    assert_close(result["makespan"], 20)


@pytest.mark.task("figures")
def test_figures_by_hand(candidate):
    """Of 2 * 12 units of time 18 are busy; stage 0 holds two microbatches at most, stage 1 one.

    总共 2 * 12 个时间单位中有 18 个在忙；stage 0 最多持有两个 microbatch，stage 1 最多一个。
    """
    result = candidate.simulate(TWO_STAGES, [1, 1], [2, 2])
    assert_close([result["bubble"], result["peaks"]], [0.25, [2, 1]])


@pytest.mark.task("contract")
def test_waiting_by_hand(candidate):
    """A backward before its own forward, and two stages that wait for each other, can never be done; sound orders can.

    反向排在自己的前向之前，或者两个 stage 互相等待，都永远做不完；正常的顺序可以。
    """
    assert_close(candidate.simulate([[("F", 0), ("B", 0)]], [3], [4])["starts"], [[0, 3]])
    one = [("F", 0), ("B", 0), ("F", 1), ("B", 1)]
    two = [("F", 0), ("F", 1), ("B", 0), ("B", 1)]
    never = [[[[("B", 0), ("F", 0)]], [1], [1]], [[one, two], [1, 1], [1, 1]]]
    assert_each_raises(ValueError, candidate.simulate, never)
