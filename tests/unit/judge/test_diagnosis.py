"""How mutants are set beside a submission: in two rounds, of which the second is rarely needed."""

from __future__ import annotations

import time
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import pytest

from grader.judge import diagnosis
from grader.judge.diagnosis import matching_mutants
from grader.judge.job import Job
from grader.judge.run import CaseRecord
from grader.model.exercise import Limits
from grader.model.text import Text
from grader.model.verdict import Outcome, Status

SAYS = {"N": "NotImplementedError: write me"}


def record(number: int, status: Status, message: str = "") -> CaseRecord:
    """How one case of the only task ended."""
    outcome = Outcome(
        id=f"hidden::test_{number}", task="t", visibility="hidden", title=Text.same("x"), status=status,
        duration_ms=1.0, message=Text.same(message),
    )  # fmt: skip
    return CaseRecord(outcome=outcome)


def records(words: str) -> list[CaseRecord]:
    """A case per letter: `.` passes, `N` is still to be written, any other is an error that says so."""
    return [
        record(number, Status.ACCEPTED if letter == "." else Status.RUNTIME_ERROR, SAYS.get(letter, letter))
        for number, letter in enumerate(words)
    ]


class Bench:
    """Mutants that end as their source says, a letter for each case; counts the cases that were run, and the forks."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.ran: list[str] = []
        self.warmed = 0
        self.forks = 0
        self.deadly: set[str] = set()  # mutants that end the process they run in
        monkeypatch.setattr(diagnosis, "run_locally", self._run)
        monkeypatch.setattr(diagnosis, "_in_fork", self._here)
        monkeypatch.setattr(diagnosis, "warm_once", self._warm)

    def _run(self, _: object, provider: Any, __: float, order: Any) -> Any:
        for index in order:
            self.ran.append(provider._candidate)
            if provider._candidate in self.deadly:
                raise MemoryError
            yield records(provider._candidate)[index]

    def _here(self, work: Any, _: float) -> bytes:
        said: list[bytes] = []
        self.forks += 1
        with suppress(MemoryError):
            work(said.append)
        return b"".join(said)

    def _warm(self) -> bool:
        self.warmed += 1
        return True

    def names(self, submission: str, *mutants: str, network: bool = False) -> list[str]:
        """The sources of the mutants that are named."""
        spec: Any = SimpleNamespace(
            limits=Limits(network=network),
            tolerance_on=lambda _: {},
            mutants_on=lambda _: [(source, source, "t") for source in mutants],
        )
        suite: Any = SimpleNamespace(items=[])
        found = matching_mutants(suite, spec, Job(source="", seed=1), records(submission), time.monotonic() + 60)
        return [name for name, _ in found]


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Bench:
    """No process is forked and nothing is graded."""
    return Bench(monkeypatch)


def test_a_mutant_that_differs_is_given_up_at_once_where_another_is_alike(bench: Bench) -> None:
    """Its other cases cost time that a diagnosis does not have; the one that is alike is run to the end."""
    assert bench.names("aabb..", "axxx..", "xbbb..", "aabb..", "bbbb..") == ["aabb.."]
    assert {source: bench.ran.count(source) for source in bench.ran} == {
        "axxx..": 1 + 2, "xbbb..": 1, "aabb..": 1 + 6, "bbbb..": 1,
    }  # fmt: skip
    assert bench.forks == 3, "one for the first case of all of them, one for each of the two that agree there"


def test_mutants_that_agree_nowhere_have_no_fork_of_their_own(bench: Bench) -> None:
    """A fork costs more than a case."""
    assert bench.names("aabb..", *(f"{letter}xx{letter}.." for letter in "cdefgh")) == []
    assert bench.forks == 2, "one for each round"


def test_a_mutant_that_ends_its_process_takes_none_with_it(bench: Bench) -> None:
    """Those after it are run in processes of their own."""
    bench.deadly.add("axxx..")
    assert bench.names("aabb..", "xbbb..", "axxx..", "aabb..", "bbbb..") == ["aabb.."]


def test_what_is_still_to_be_written_is_no_mistake(bench: Bench) -> None:
    """A stub is set beside nothing; the part that is written is set beside mutants all the same."""
    unwritten = record(0, Status.RUNTIME_ERROR, "NotImplementedError: write me")
    assert not unwritten.tells
    assert bench.names("NNNN", "aabb") == []
    assert not bench.ran
    assert bench.names("aaNN", "xa..", "aaaa") == ["aaaa"]


def test_where_none_is_alike_all_are_run_to_the_end(bench: Bench) -> None:
    """The two that explain it together agree in no case that the other does."""
    assert bench.names("aabb..", "aa....", "..bb..", "xxxx..") == ["aa....", "..bb.."]


def test_an_alike_mutant_is_found_behind_any_number_of_others(bench: Bench) -> None:
    """The order in which they are written decides nothing."""
    others = [f"{letter}abb.." for letter in "cdefgh"]
    assert bench.names("aabb..", *others, "aabb..") == bench.names("aabb..", "aabb..", *others) == ["aabb.."]


@pytest.mark.parametrize(("submission", "network", "times"), [("aa", True, 1), ("aa", False, 0), ("..", True, 0)])
def test_first_uses_are_paid_once_for_all_ranks_of_all_mutants(
    bench: Bench, submission: str, *, network: bool, times: int
) -> None:
    """In the judge, before it forks; not where nothing failed, nor where an exercise has no ranks."""
    bench.names(submission, "ab", "ba", network=network)
    assert bench.warmed == times
