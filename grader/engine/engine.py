"""One door to judges and boxes: give it an exercise and a job, get the outcomes.

Theory of operation. Two kinds of parents are kept: a judge parent per exercise version (keyed by the suite's digest, so a
changed file gets a new one) and a guest parent per environment and package list. Both are started side by side and stay
until the engine is closed or they are the least recently used of too many. A verdict forks one judge and one box from
them. A parent that died is replaced; the verdict in flight is tried once more, then the failure is reported as ours.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Protocol, Self, TypeVar

from grader.box.parent import GuestParent, ParentSpec
from grader.engine.judges import JudgeParent, results_of
from grader.errors import JudgeError
from grader.judge.job import Job, SuiteSpec
from grader.model.exercise import Exercise

MAX_PARENTS = 8
ATTEMPTS = 2
_SILENCE_S = 90.0  # the judge's own alarm rings earlier


class _Parent(Protocol):
    def alive(self) -> bool: ...

    def close(self) -> None: ...


_K = TypeVar("_K")
_P = TypeVar("_P", bound=_Parent)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What a judge said of one submission, as plain data: outcomes in the suite's order, and the closing account."""

    cases: tuple[dict[str, Any], ...]
    expected_cases: int
    account: dict[str, Any]
    versions: dict[str, str]


class Engine:
    """Warm parents behind `judge`; safe to use from several threads."""

    def __init__(self, *, strict: bool = True, warm: bool = False) -> None:
        self._strict = strict
        self._warm = warm
        self._lock = threading.Lock()
        self._judges: OrderedDict[str, JudgeParent] = OrderedDict()
        self._guests: OrderedDict[ParentSpec, GuestParent] = OrderedDict()
        self._busy: dict[int, int] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def start(self, exercise: Exercise) -> None:
        """Begin to start both parents for an exercise, without waiting."""
        self._parents(exercise)

    def judge(self, exercise: Exercise, job: Job) -> Judged:
        """Run one submission. Raises BoxError when the box cannot be built, JudgeError when a judge failed twice."""
        for attempt in range(ATTEMPTS):
            with self._in_use(exercise) as (judges, guests):
                try:
                    return self._judge_once(judges, guests, job)
                except JudgeError:
                    if attempt + 1 == ATTEMPTS:
                        raise
        raise AssertionError("unreachable")

    def close(self) -> None:
        """End every parent, and with them every judge and box."""
        with self._lock:
            parents: list[_Parent] = [*self._judges.values(), *self._guests.values()]
            self._judges.clear()
            self._guests.clear()
        for parent in parents:
            parent.close()

    def _judge_once(self, judges: JudgeParent, guests: GuestParent, job: Job) -> Judged:
        with self._lock:
            results = judges.submit(job, guests.client())
        with results:
            *cases, account = results_of(results, _SILENCE_S)
        outcomes = tuple(message["outcome"] for message in cases)
        return Judged(
            cases=outcomes, expected_cases=len(judges.cases), account=account, versions=guests.versions
        )

    @contextmanager
    def _in_use(self, exercise: Exercise) -> Iterator[tuple[JudgeParent, GuestParent]]:
        """Both parents of an exercise, kept from being retired while they are used."""
        pair = self._parents(exercise, claim=True)
        try:
            yield pair
        finally:
            with self._lock:
                for parent in pair:
                    self._busy[id(parent)] -= 1

    def _parents(self, exercise: Exercise, *, claim: bool = False) -> tuple[JudgeParent, GuestParent]:
        spec = ParentSpec(
            environment=exercise.environment,
            packages=exercise.allow_packages,
            strict=self._strict,
            warm=self._warm,
        )
        with self._lock:
            guests = self._current(self._guests, spec, lambda: GuestParent(spec))
            judges = self._current(
                self._judges,
                exercise.suite_digest,
                lambda: JudgeParent(SuiteSpec.of(exercise), warm=self._warm),
            )
            if claim:
                for parent in (judges, guests):
                    self._busy[id(parent)] = self._busy.get(id(parent), 0) + 1
        return judges, guests

    def _current(self, parents: OrderedDict[_K, _P], key: _K, make: Callable[[], _P]) -> _P:
        """The living parent for `key`, made if need be; the least recently used idle one over the limit is ended."""
        parent = parents.get(key)
        if parent is not None and not parent.alive():
            parents.pop(key).close()
            parent = None
        if parent is None:
            parent = parents[key] = make()
        parents.move_to_end(key)
        idle = [k for k, p in parents.items() if not self._busy.get(id(p)) and p is not parent]
        for old in idle[: max(0, len(parents) - MAX_PARENTS)]:
            parents.pop(old).close()
        return parent
