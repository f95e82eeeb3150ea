"""Whose processor time a verdict of the grading backend takes: an honest figure where a machine does other things too.

All of them share the cores, so what goes elsewhere than into grading is what a verdict through HTTP costs more.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import psutil

from grader.engine.processor import seconds_of_tree

GRADING: Final = "judges and boxes"
Seconds = dict[str, float]


@contextmanager
def served(service: int, folder: Path, verdicts: int, into: Seconds) -> Iterator[None]:
    """Milliseconds per verdict by process, of what a backend in `folder` did within the block."""
    before = _of_backend(service, folder)
    yield
    into.update(_per_verdict(before, _of_backend(service, folder), verdicts))


@contextmanager
def direct(verdicts: int, into: Seconds) -> Iterator[None]:
    """The same, of an engine in this process."""
    before = _of_engine()
    yield
    into.update(_per_verdict(before, _of_engine(), verdicts))


def _per_verdict(before: Mapping[str, float], after: Mapping[str, float], verdicts: int) -> Seconds:
    return {name: 1000 * (after[name] - before[name]) / verdicts for name in after}


def _of_engine() -> Seconds:
    own = time.process_time()
    return {"worker": own, GRADING: seconds_of_tree(psutil.Process().pid) - _alone(psutil.Process())}


def _of_backend(service: int, folder: Path) -> Seconds:
    api = psutil.Process(service)
    workers = [one for one in api.children() if "worker" in one.cmdline()]
    return {
        "api and courier": _alone(api),
        "worker": sum(map(_alone, workers)),
        GRADING: sum(seconds_of_tree(one.pid) - _alone(one) for one in workers),
        "PostgreSQL": seconds_of_tree(_postmaster(folder)),
        "client": time.process_time(),
    }


def _alone(process: psutil.Process) -> float:
    """A process without what it started; what it started and waited for belongs to the others."""
    times = process.cpu_times()
    return float(times.user + times.system)


def _postmaster(folder: Path) -> int:
    return int((folder / "postgresql" / "postmaster.pid").read_text("utf-8").split()[0])
