"""Calling a verdict off."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from grader.engine.cancellation import Cancellation, Cancelled
from grader.engine.engine import Engine
from grader.judge.job import Job
from grader.model.verdict import Status
from tests.integration.conftest import OTHER, RIGHT, boxes, graded, judges, wait_until, write_exercise

pytestmark = pytest.mark.usefixtures("nothing_left")

_SLEEPS = f"import time\ndef probe():\n    time.sleep(60)\n{OTHER}"


def test_a_verdict_that_is_called_off_ends_at_once(engine: Engine, tmp_path: Path) -> None:
    """Judge and box are gone long before the limit, and the engine takes the next submission."""
    exercise = write_exercise(tmp_path, limits="wall_s: 60, case_wall_s: 60, cpu_s: 20")
    assert graded(engine, exercise, RIGHT).status is Status.ACCEPTED
    cancellation = Cancellation()
    with ThreadPoolExecutor() as pool:
        future = pool.submit(engine.judge, exercise, Job(source=_SLEEPS, seed=1), cancellation)
        assert wait_until(lambda: boxes(engine, spare=False), 30)
        started = time.monotonic()
        cancellation.cancel()
        with pytest.raises(Cancelled):
            future.result()
    assert time.monotonic() - started < 30
    assert wait_until(lambda: not (boxes(engine, spare=False) or judges(engine, spare=False)), 10)
    assert graded(engine, exercise, RIGHT).status is Status.ACCEPTED


def test_what_was_called_off_before_is_not_begun(engine: Engine, tmp_path: Path) -> None:
    """No judge is asked."""
    exercise = write_exercise(tmp_path)
    cancellation = Cancellation()
    cancellation.cancel()
    with pytest.raises(Cancelled):
        engine.judge(exercise, Job(source=RIGHT, seed=1), cancellation)


def test_calling_off_after_the_verdict_does_nothing(engine: Engine, tmp_path: Path) -> None:
    """The verdict stands."""
    exercise = write_exercise(tmp_path)
    cancellation = Cancellation()
    judged = engine.judge(exercise, Job(source=RIGHT, seed=1), cancellation)
    cancellation.cancel()
    assert len(judged.cases) == judged.expected_cases
