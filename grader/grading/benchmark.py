"""Measuring what a verdict costs, side by side with what a person would use instead, in one run.

For each exercise: a cold `python -m pytest` of the same suite on the same file; a one-off `viva grade`; a warm engine,
on one lane and on as many as there are cores; and the floor, the same cases called directly in one warm process. The
ways take turns, so that a machine that grows slower meanwhile is slow for all of them. Ratios are what can be compared
between machines; the times are this machine's.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from grader.errors import JudgeError
from grader.grading.grade import Judging, Options, grade
from grader.grading.intake import Rejection, read_submission
from grader.model.exercise import Exercise
from grader.model.submission import Submission
from grader.model.verdict import Status

_VIVA = (sys.executable, "-P", "-m", "grader")
_FLOOR = "from grader.judge.floor import main; main()"
_PYTEST = ("-P", "-m", "pytest", "-q", "-p", "no:cacheprovider", "--no-header")


class Measured(Judging, Protocol):
    """An engine that can be asked what it takes."""

    def start(self, exercise: Exercise) -> None:
        """Begin to start what an exercise needs."""

    def standing_bytes(self) -> int:
        """Memory of all parents."""

    def in_flight_bytes(self) -> int:
        """Memory that verdicts in flight share with nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rounds:
    """How often each way is measured."""

    cold: int = 5
    warm: int = 30
    throughput: int = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What was measured for one exercise; times in milliseconds, throughput in verdicts per minute, memory in bytes."""

    exercise: str
    cases: int
    pytest_ms: float
    one_off_ms: float
    first_ms: float
    warm_p50_ms: float
    warm_p95_ms: float
    floor_ms: float
    pytest_per_minute: float
    one_lane_per_minute: float
    all_lanes_per_minute: float
    parents_bytes: int
    verdict_bytes: int

    @property
    def over_floor_ms(self) -> float:
        """What a warm verdict costs beyond its cases, in milliseconds."""
        return self.warm_p50_ms - self.floor_ms

    @property
    def over_floor_per_8_ms(self) -> float:
        """The same for a suite of eight such cases."""
        return 8 * self.over_floor_ms / self.cases

    @property
    def ratios(self) -> dict[str, float]:
        """What can be compared between machines."""
        return {
            "pytest_over_warm": self.pytest_ms / self.warm_p50_ms,
            "pytest_over_floor": self.pytest_ms / self.floor_ms,
            "pytest_over_one_off": self.pytest_ms / self.one_off_ms,
            "warm_over_floor": self.warm_p50_ms / self.floor_ms,
            "throughput_over_pytest": self.all_lanes_per_minute / self.pytest_per_minute,
            "all_lanes_over_one": self.all_lanes_per_minute / self.one_lane_per_minute,
        }

    def to_data(self) -> dict[str, Any]:
        """Plain data for JSON."""
        own = {name: round(value, 3) if isinstance(value, float) else value for name, value in asdict(self).items()}
        ratios = {name: round(value, 3) for name, value in self.ratios.items()}
        over = {
            "over_floor_ms": round(self.over_floor_ms, 3),
            "over_floor_per_8_ms": round(self.over_floor_per_8_ms, 3),
        }
        return {**own, **over, "ratios": ratios}


def measure(exercise: Exercise, engine: Measured, rounds: Rounds, tell: Callable[[str], None]) -> Figures:
    """Measure one exercise on its own reference solution; `tell` hears what is being done.

    Raises JudgeError when a run that should have succeeded did not: its time would mean nothing.
    """
    read = read_submission(exercise.solution, exercise)
    if isinstance(read, Rejection):
        raise JudgeError(f"the reference solution of {exercise.id} is not admitted: {read.message.en}")
    run = _Run(exercise, read, engine)
    tell("warming up")
    first_ms = _ms(run.verdict)
    floor = floor_ms(exercise, rounds.warm)
    cold: list[float] = []
    one_off: list[float] = []
    warm: list[float] = []
    for number in range(rounds.cold):
        tell(f"round {number + 1} of {rounds.cold}")
        cold.append(_ms(run.cold_pytest))
        one_off.append(_ms(run.one_off))
        warm += [_ms(run.verdict) for _ in range(max(1, rounds.warm // rounds.cold))]
    tell("throughput")
    lanes = os.cpu_count() or 1
    return Figures(
        exercise=exercise.id,
        cases=run.cases,
        pytest_ms=statistics.median(cold),
        one_off_ms=statistics.median(one_off),
        first_ms=first_ms,
        warm_p50_ms=statistics.median(warm),
        warm_p95_ms=_percentile(warm, 0.95),
        floor_ms=statistics.median(floor),
        pytest_per_minute=_per_minute(run.cold_pytest, lanes, 2 * lanes),
        one_lane_per_minute=_per_minute(run.verdict, 1, rounds.throughput),
        all_lanes_per_minute=_per_minute(run.verdict, lanes, 2 * rounds.throughput),
        parents_bytes=engine.standing_bytes(),
        verdict_bytes=run.memory_in_flight(),
    )


def floor_ms(exercise: Exercise, rounds: int) -> list[float]:
    """Times of all cases on the reference in one warm process, without box or wire, in milliseconds."""
    order = {
        "environment": exercise.environment,
        "suites": [str(path) for path in (exercise.public_suite, exercise.hidden_suite)],
        "solution": str(exercise.solution),
        "rounds": rounds,
    }
    done = subprocess.run(
        [sys.executable, "-c", _FLOOR], input=json.dumps(order), capture_output=True, text=True, check=True
    )
    times: list[float] = json.loads(done.stdout)
    return times


def help_ms(rounds: int) -> float:
    """Median time of `viva --help` in milliseconds."""
    command = [*_VIVA, "--help"]
    return statistics.median(_ms(lambda: _quietly(command)) for _ in range(rounds))


class _Run:
    """The same file and the same suite, graded in different ways."""

    def __init__(self, exercise: Exercise, submission: Submission, engine: Measured) -> None:
        self._exercise = exercise
        self._submission = submission
        self._engine = engine
        self.cases = 0

    def verdict(self) -> None:
        """One verdict of the warm engine."""
        verdict = grade(self._exercise, self._submission, self._engine, Options())
        if verdict.status is not Status.ACCEPTED:
            raise JudgeError(f"{self._exercise.id}: {verdict.status} {verdict.message}")
        self.cases = len(verdict.cases)

    def cold_pytest(self) -> None:
        """What a person would run by hand, and most graders run inside."""
        suites = [str(path) for path in (self._exercise.public_suite, self._exercise.hidden_suite)]
        _quietly([sys.executable, *_PYTEST, *suites, "--viva-candidate", str(self._exercise.solution)])

    def one_off(self) -> None:
        """`viva grade` of one file, with nothing running before."""
        root = str(self._exercise.public_dir.parent.parent)
        command = [*_VIVA, "grade", self._exercise.id, str(self._exercise.solution)]
        _quietly([*command, "--json", "--pack", root], VIVA_ENGINE="own")

    def memory_in_flight(self) -> int:
        """The most memory that one verdict had to itself, as far as looking every few milliseconds can tell."""
        most, over = 0, threading.Event()

        def look() -> None:
            nonlocal most
            while not over.wait(0.005):
                most = max(most, self._engine.in_flight_bytes())

        watcher = threading.Thread(target=look)
        watcher.start()
        try:
            for _ in range(3):
                self.verdict()
        finally:
            over.set()
            watcher.join()
        return most


def _quietly(command: Sequence[str], **environment: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, **environment})
    if done.returncode != 0:
        raise JudgeError(f"{' '.join(map(str, command))} ended with {done.returncode}: {done.stderr.strip()[-300:]}")


def _ms(what: Callable[[], None]) -> float:
    started = time.perf_counter()
    what()
    return 1000 * (time.perf_counter() - started)


def _per_minute(what: Callable[[], None], lanes: int, times: int) -> float:
    started = time.perf_counter()
    with ThreadPoolExecutor(max_workers=lanes) as pool:
        for future in [pool.submit(what) for _ in range(times)]:
            future.result()
    return 60 * times / (time.perf_counter() - started)


def _percentile(values: Sequence[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, round(share * (len(values) - 1)))]
