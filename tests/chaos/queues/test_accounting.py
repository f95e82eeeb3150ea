"""The accounts of the comparison of queues: what is lost, stuck or doubled is found, and nothing else is."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.chaos.queues.accounting import Account, Execution, Work, account, rate
from tests.chaos.queues.fleet import ROOT


def settle(
    *works: Work,
    executions: tuple[Execution, ...] = (),
    queued: frozenset[int] = frozenset(),
    acknowledged: frozenset[int] = frozenset(),
    deaths: dict[str, float] | None = None,
) -> Account:
    return account(works, executions, queued=queued, acknowledged=acknowledged, deaths=deaths or {})


def work(number: int = 1, *, is_done: bool = True, offered: int = 1) -> Work:
    return Work(number=number, is_done=is_done, offered=offered, created=0.0)


def execution(
    attempt: int = 1, worker: str = "a", begun: float = 1.0, *, ended: float | None = 2.0, kept: bool = True
) -> Execution:
    return Execution(work=1, attempt=attempt, worker=worker, begun=begun, ended=ended, kept=kept)


def test_what_was_done_once_is_in_order() -> None:
    found = settle(work(), executions=(execution(),), acknowledged=frozenset({1}))
    assert (found.works, found.done) == (1, 1)
    assert not found.lost
    assert not found.stuck
    assert not found.doubled
    assert (found.repeated, found.idle_offers, found.dropped, found.cut_off) == (0, 0, 0, 0)


def test_open_work_without_a_job_is_lost() -> None:
    found = settle(work(is_done=False), executions=(execution(ended=None, kept=False),))
    assert (found.lost, found.stuck) == ([1], [])


def test_open_work_with_a_job_is_stuck() -> None:
    found = settle(work(is_done=False, offered=0), queued=frozenset({1}))
    assert (found.lost, found.stuck) == ([], [1])


def test_what_was_confirmed_and_has_no_row_is_lost() -> None:
    assert settle(work(), executions=(execution(),), acknowledged=frozenset({1, 2})).lost == [2]


def test_a_job_without_a_row_makes_no_work_stuck() -> None:
    assert settle(work(), executions=(execution(),), queued=frozenset({7})).stuck == []


def test_two_ends_are_one_doubled_work_and_one_dropped_result() -> None:
    late = execution(1, ended=9.0, kept=False)
    found = settle(work(offered=2), executions=(late, execution(2, "b", 5.0, ended=6.0)))
    assert (found.doubled, found.dropped, found.repeated) == ([1], 1, 1)


def test_what_a_death_cut_off_and_another_ended_is_not_doubled() -> None:
    cut = execution(1, "a", 1.0, ended=None, kept=False)
    found = settle(work(offered=2), executions=(cut, execution(2, "b", 9.5, ended=10.0)), deaths={"a": 3.0})
    assert (found.doubled, found.cut_off, found.again_s) == ([], 1, [6.5])


def test_what_ended_before_the_death_of_its_worker_was_not_cut_off() -> None:
    assert settle(work(), executions=(execution(),), deaths={"a": 3.0}).cut_off == 0


def test_an_offer_of_done_work_is_counted_apart() -> None:
    found = settle(work(offered=3), executions=(execution(),))
    assert (found.idle_offers, found.doubled) == (2, [])


def test_the_rate_counts_neither_start_nor_tail() -> None:
    """Ten a second, with a start and an end that took ages."""
    ends = [-500.0, *(place / 10 for place in range(98)), 900.0]
    assert rate(ends) == pytest.approx(600)


def test_there_is_no_rate_of_one() -> None:
    assert rate([1.0]) == 0.0


def test_without_the_library_it_ends_with_one_sentence() -> None:
    """Whatever is installed here: the finder says that these two are not."""
    program = (
        "import importlib.util, runpy, sys\n"
        "find = importlib.util.find_spec\n"
        "absent = ('pgqueuer', 'asyncpg')\n"
        "importlib.util.find_spec = lambda name, *rest: None if name in absent else find(name, *rest)\n"
        "sys.argv = ['queues']\n"
        "runpy.run_module('tests.chaos.queues', run_name='__main__')\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, timeout=120, check=False
    )
    assert ended.returncode == 2
    assert ended.stderr == "pgqueuer and asyncpg not installed; `pip install pgqueuer asyncpg` brings it\n"
