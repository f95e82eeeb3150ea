"""kill -9 anywhere: the verdict in flight is made once more and is right; others are untouched, and so is the next."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import psutil
import pytest

from grader.engine.engine import Engine
from grader.engine.order import Order
from grader.model.exercise import Exercise
from grader.model.verdict import Status, Verdict
from grader.wiring import open_engine
from tests.integration.conftest import (
    OTHER,
    boxes,
    branches,
    children,
    descendants,
    graded,
    guest_parent,
    judge_parents,
    judges,
    role,
    wait_until,
    write_exercise,
)

pytestmark = pytest.mark.usefixtures("nothing_left")

# The first case waits for most of a second, so that there is a verdict in flight to be disturbed.
_SLOW = f"import time\ndef probe():\n    time.sleep(0.6)\n    return 'done'\n{OTHER}"


def _guest_parents(engine: Engine) -> list[int]:
    return [guest_parent(parent.pid) for parent in engine._guests.values()]


def _judges(engine: Engine) -> list[int]:
    return judges(engine, spare=False)


def _inits(engine: Engine) -> list[int]:
    return boxes(engine, spare=False)


def _guests(engine: Engine) -> list[int]:
    return [guest for init in _inits(engine) for guest in children(init)]


def _outermost(engine: Engine) -> list[int]:
    return [parent.pid for parent in engine._guests.values()]


def _first_in_namespace(engine: Engine) -> list[int]:
    return [pid for outer in _outermost(engine) for pid in children(outer)]


_TARGETS: dict[str, Callable[[Engine], list[int]]] = {
    "a guest": _guests,
    "the init of a box": _inits,
    "a judge": _judges,
    "the judge parent": judge_parents,
    "a branch of the guest parent": branches,
    "the guest parent": _guest_parents,
    "the program around the guest parent": _outermost,
    "the first process around the guest parent": _first_in_namespace,
}
_targets = pytest.mark.parametrize("find", _TARGETS.values(), ids=_TARGETS)


@pytest.fixture(scope="session")
def slow(tmp_path_factory: pytest.TempPathFactory) -> Exercise:
    """An exercise whose verdicts can be caught in flight."""
    return write_exercise(tmp_path_factory.mktemp("faults"), limits="wall_s: 20, case_wall_s: 10, cpu_s: 10")


@pytest.fixture(scope="module")
def harmed(slow: Exercise) -> Iterator[Engine]:
    """An engine that these tests do harm to."""
    with open_engine("strict", warm=False) as engine:
        assert graded(engine, slow, _SLOW).status is Status.ACCEPTED
        yield engine


def _kill(pids: list[int]) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _in_flight(pool: ThreadPoolExecutor, engine: Engine, exercise: Exercise) -> Future[Verdict]:
    future = pool.submit(graded, engine, exercise, _SLOW)
    assert wait_until(lambda: future.done() or _guests(engine), 30)
    return future


@_targets
def test_one_death_is_not_seen_in_the_verdict(
    find: Callable[[Engine], list[int]], harmed: Engine, slow: Exercise
) -> None:
    """Killed once while a guest is at work, the verdict is made again, and is right."""
    with ThreadPoolExecutor() as pool:
        future = _in_flight(pool, harmed, slow)
        _kill(find(harmed))
        verdict = future.result()
    assert verdict.status is Status.ACCEPTED, (verdict.message, verdict.cases)


@_targets
def test_deaths_without_end_are_ours_to_answer_for(
    find: Callable[[Engine], list[int]], harmed: Engine, slow: Exercise
) -> None:
    """Killed on both attempts, it is `judge_error`; only SIGKILL of a guest, which candidates can send, is theirs."""
    with ThreadPoolExecutor() as pool:
        future = _in_flight(pool, harmed, slow)
        while not future.done():
            _kill(find(harmed))
            time.sleep(0.01)
        verdict = future.result()
    if find is _guests and verdict.status is not Status.JUDGE_ERROR:
        assert verdict.status is Status.RUNTIME_ERROR
        assert "SIGKILL" in verdict.cases[0].message.en
    else:
        assert verdict.status is Status.JUDGE_ERROR, verdict
        assert verdict.score == 0


def test_after_every_death_the_next_verdict_is_right(harmed: Engine, slow: Exercise) -> None:
    """Parents that died have been replaced."""
    verdict = graded(harmed, slow, _SLOW)
    assert verdict.status is Status.ACCEPTED, verdict


@pytest.mark.parametrize("find", [_guests, _inits, _judges], ids=["a guest", "the init of a box", "a judge"])
def test_other_verdicts_in_flight_are_untouched(
    find: Callable[[Engine], list[int]], harmed: Engine, slow: Exercise
) -> None:
    """Killing one of two boxes or judges delays one verdict and does not touch the other one."""
    assert wait_until(lambda: not (_judges(harmed) or _guests(harmed)), 10)  # of the verdict before
    with ThreadPoolExecutor() as pool:
        futures = [pool.submit(graded, harmed, slow, _SLOW.replace("0.6", "2.0")) for _ in range(2)]
        found: list[int] = []

        def both_at_work() -> bool:
            guests = _guests(harmed)  # those of a box that is still being built are not called so yet
            found[:] = find(harmed)
            return len(found) == 2 == len(guests) and all(role(guest) == "viva-guest" for guest in guests)

        assert wait_until(both_at_work, 30)
        victim, spared = found
        os.kill(victim, signal.SIGKILL)
        # Asked for by its number: the kernel's list of children may miss one while another ends.
        assert not wait_until(lambda: not psutil.pid_exists(spared), 0.1)
        verdicts = [future.result() for future in futures]
    assert [verdict.status for verdict in verdicts] == [Status.ACCEPTED] * 2, verdicts


def test_deaths_at_random_moments_never_charge_the_candidate(harmed: Engine, slow: Exercise) -> None:
    """Whatever is killed and whenever, right submissions in flight and the next one are accepted."""
    dice = random.Random(11)
    quick = f"import time\ndef probe():\n    time.sleep(0.05)\n    return 'done'\n{OTHER}"
    for find in [*_TARGETS.values()] * 2:
        with ThreadPoolExecutor() as pool:
            futures = [pool.submit(graded, harmed, slow, quick) for _ in range(2)]
            time.sleep(dice.uniform(0, 0.3))
            _kill(find(harmed)[:1])
            verdicts = [future.result() for future in futures]
        verdicts.append(graded(harmed, slow, quick))  # a death that came late is this one's; each may meet only one
        told = [(verdict.status, verdict.message, [case.message.en for case in verdict.cases]) for verdict in verdicts]
        assert [verdict.status for verdict in verdicts] == [Status.ACCEPTED] * 3, (find, told)


@pytest.mark.parametrize("find", [_guest_parents, _first_in_namespace, judge_parents, _outermost])
def test_a_parent_that_is_gone_does_not_answer(
    find: Callable[[Engine], list[int]], harmed: Engine, slow: Exercise
) -> None:
    """However soon it is asked; one that lives answers."""
    assert graded(harmed, slow, _SLOW).status is Status.ACCEPTED
    parents = harmed._parents(Order.of(slow))
    assert [parent.answers() for parent in parents] == [True, True]
    _kill(find(harmed))
    hit = parents[0] if find is judge_parents else parents[1]
    assert wait_until(lambda: not hit.answers(), 5)
    assert not hit.answers()


def test_a_branch_that_has_died_costs_no_attempt(
    harmed: Engine, slow: Exercise, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The guest parent notices, and hands the next client to a new one."""
    assert graded(harmed, slow, _SLOW).status is Status.ACCEPTED
    monkeypatch.setattr("grader.engine.engine.ATTEMPTS", 1)
    (branch,) = branches(harmed)
    _kill([branch])
    assert wait_until(lambda: branch not in branches(harmed), 5)
    verdict = graded(harmed, slow, _SLOW)
    assert verdict.status is Status.ACCEPTED, (verdict.message, verdict.cases)


def test_a_closed_engine_says_so(slow: Exercise) -> None:
    """After `close` no verdict starts parents again behind the caller's back."""
    engine = open_engine("strict", warm=False)
    engine.close()
    verdict = graded(engine, slow, _SLOW)
    assert verdict.status is Status.JUDGE_ERROR
    assert "closed" in verdict.message


def test_closing_ends_what_is_in_flight(slow: Exercise) -> None:
    """`close` from another thread ends judges and boxes at once; their verdicts are `judge_error`."""
    engine = open_engine("strict", warm=False)
    with ThreadPoolExecutor() as pool:
        endless = pool.submit(graded, engine, slow, "import time\ndef probe():\n    time.sleep(60)\n")
        assert wait_until(lambda: _guests(engine), 30)
        started = time.monotonic()
        engine.close()
        assert endless.result().status is Status.JUDGE_ERROR
    assert time.monotonic() - started < 5


def test_closing_does_not_wait_for_a_start(slow: Exercise) -> None:
    """An engine that is still starting its parents can be closed, and leaves nothing behind."""
    engine = open_engine("strict", warm=False)
    with ThreadPoolExecutor() as pool:
        started = pool.submit(graded, engine, slow, _SLOW)
        assert wait_until(lambda: descendants(os.getpid()) and engine._judges, 10)
        engine.close()
        assert started.result().status is Status.JUDGE_ERROR


def test_parents_survive_the_thread_that_first_asked_for_them(slow: Exercise) -> None:
    """A pool of threads that is shut down after a batch does not take the warm parents with it."""
    with open_engine("strict", warm=False) as engine:
        for _ in range(2):
            with ThreadPoolExecutor(max_workers=1) as pool:
                assert pool.submit(graded, engine, slow, _SLOW).result().status is Status.ACCEPTED
            parents = _outermost(engine)
            assert not wait_until(lambda: any(not parent.alive() for parent in engine._guests.values()), 0.3)
        assert parents == _outermost(engine)
