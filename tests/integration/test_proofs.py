"""Provers: trusted solutions in forks of a judge parent, whatever those do to themselves or to their process."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.content.pack import load_exercise
from grader.engine.engine import Engine
from grader.engine.order import Order
from grader.grading.proofs import Claims, proven
from grader.judge.job import Proof
from grader.model.exercise import Exercise
from tests.integration.conftest import OTHER, RIGHT, graded, write_exercise

_LEAVES_NOTHING = pytest.mark.usefixtures("nothing_left")

_LIMITS = "wall_s: 2, case_wall_s: 0.5, cpu_s: 4, memory_mb: 256, processes: 8, output_kb: 64"
_WRONG = "def probe():\n    return 'nearly'\n" + OTHER
_SOLUTIONS = {
    "right": RIGHT,
    "wrong": _WRONG,
    "raises": "def probe():\n    raise KeyError('no')\n" + OTHER,
    "does not load": "1 / 0\n",
    "ends": "import os\n\ndef probe():\n    os._exit(3)\n" + OTHER,
    "hangs": "def probe():\n    while True: pass\n" + OTHER,
    "hangs in C": "def probe():\n    return sum(range(10**15))\n" + OTHER,
    "changes the world": "import numpy as np\n\ndef probe():\n    np.array = None\n    return 'done'\n" + OTHER,
    "right again": RIGHT + "\n",
}


@pytest.fixture
def exercise(tmp_path: Path) -> Exercise:
    """The probe, which waits for no case longer than a second."""
    return write_exercise(tmp_path, limits=_LIMITS)


def _statuses(engine: Engine, exercise: Exercise, *, lanes: int) -> Iterator[tuple[str, str, list[str]]]:
    proof = Proof(seed=5, solutions=tuple(_SOLUTIONS.items()), lanes=lanes)
    for one in engine.prove(exercise, proof).solutions:
        yield one["name"], one["ended"], [outcome["status"] for outcome in one["outcomes"]]


@_LEAVES_NOTHING
@pytest.mark.parametrize("lanes", [1, 3])
def test_each_solution_is_told_as_it_is(engine: Engine, exercise: Exercise, lanes: int) -> None:
    """One that hangs, ends its process or spoils it takes no other with it."""
    found = {name: (ended, statuses) for name, ended, statuses in _statuses(engine, exercise, lanes=lanes)}
    assert list(found) == list(_SOLUTIONS) or lanes > 1
    assert found["right"] == found["right again"] == found["changes the world"] == ("", ["accepted", "accepted"])
    assert found["wrong"] == ("", ["wrong_answer", "accepted"])
    assert found["raises"] == ("", ["runtime_error", "accepted"])
    assert found["does not load"] == ("", ["runtime_error", "runtime_error"])
    assert found["hangs"] == ("", ["time_limit", "accepted"])
    assert (found["ends"], found["hangs in C"]) == (("it ended its own process", []), ("it ran out of time", []))


@_LEAVES_NOTHING
def test_only_the_first_failure_is_looked_for(engine: Engine, exercise: Exercise) -> None:
    """A mutant that is dead needs no second case."""
    solutions = (("does not load", "1 / 0\n"), ("right", RIGHT))
    dead, alive = engine.prove(exercise, Proof(seed=5, solutions=solutions, first_failure=True)).solutions
    assert [outcome["status"] for outcome in dead["outcomes"]] == ["runtime_error"]
    assert [outcome["status"] for outcome in alive["outcomes"]] == ["accepted", "accepted"]


@_LEAVES_NOTHING
def test_the_judge_parent_goes_on(engine: Engine, exercise: Exercise) -> None:
    """A proof and a verdict come from the same parent, in either order."""
    assert graded(engine, exercise, RIGHT).status.value == "accepted"
    pids = {parent.pid for parent in engine.standing()}
    list(_statuses(engine, exercise, lanes=2))
    assert graded(engine, exercise, _WRONG).status.value == "wrong_answer"
    assert {parent.pid for parent in engine.standing()} == pids


@_LEAVES_NOTHING
def test_a_prover_ends_with_its_engine(exercise: Exercise) -> None:
    """Nobody waits for the rest of a proof that nobody reads."""
    with Engine(strict=False) as engine:
        parents, _ = engine._parents(Order.of(exercise))
        stream = parents.prove(Proof(seed=1, solutions=(("hangs in C", _SOLUTIONS["hangs in C"]),) * 50))
        started = time.monotonic()
    stream.close()
    assert time.monotonic() - started < 30


_MUTANTS = """
schema: 1
mutants:
  - id: nearly
    task: first
    breaks: done
    title: {en: nearly done, zh: 差一点}
    advice: {en: Finish., zh: 做完。}
    edits: [{old: "'done'", new: "'nearly'"}]
  - id: harmless
    task: first
    title: {en: another text, zh: 另一句}
    advice: {en: None., zh: 无。}
    edits: [{old: "return 'done'", new: "return 'do' + 'ne'"}]
  - id: both
    task: first
    breaks: done
    title: {en: nothing right, zh: 全错}
    advice: {en: Begin anew., zh: 重来。}
    edits: [{old: "'done'", new: "1"}, {old: "'fine'", new: "2"}]
"""
_PROMISES = """
schema: 1
promises:
  - {id: done, says: {en: A probe., zh: 探针。}, cases: [test_first, test_missing]}
  - {id: unbroken, says: {en: probe, zh: 探针}, cases: [test_first]}
"""


def test_what_mutants_and_promises_prove(engine: Engine, tmp_path: Path) -> None:
    """A mutant that no case catches, one that breaks more than its promise, and what promises lack are named."""
    exercise = write_exercise(tmp_path, limits=_LIMITS)
    private = tmp_path / "reference" / "probe"
    (private / "mutants.yaml").write_text(_MUTANTS, encoding="utf-8")
    (private / "promises.yaml").write_text(_PROMISES, encoding="utf-8")
    exercise = load_exercise(tmp_path, "probe")
    against = {finding.claim: finding.against for finding in proven(exercise, engine, Claims(seeds=[1, 2]))}
    assert against["accepted: solution.py"] == ()
    assert against["caught and named: nearly"] == ()
    escaped = [f"seed {seed}: task 'first' let it pass" for seed in (1, 2)]
    assert list(against["caught and named: harmless"]) == escaped
    assert against["every promise has its cases, and a mutant that breaks it alone"] == (
        "test_second holds the statement to no promise; name it in promises.yaml, or write the sentence that it grades",
        "`done`: there is no case test_missing",
        "`done`: mutant both also fails test_second (seed 1)",
        "`done`: mutant both also fails test_second (seed 2)",
        "`unbroken`: no mutant says that it breaks this; write one, with `breaks: unbroken`",
    )
