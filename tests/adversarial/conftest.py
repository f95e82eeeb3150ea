"""One strict engine for each family of exercises and session, and a look at what is left behind."""

from __future__ import annotations

import dataclasses
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest

from grader.engine.engine import Engine
from grader.grading.grade import Options, grade
from grader.model.exercise import Exercise
from grader.model.submission import Submission
from grader.model.verdict import Verdict
from grader.wiring import open_engine, open_exercise

from .table import LIMITS

# The quickest right solution of each family
HONEST = {"numpy": "smote", "torch": "early_stopping", "ranks": "ddp_step"}
SETTLES_WITHIN_S = 3.0
SEED = 4


@cache
def exercise_with(slug: str, limits: str | None, *, native: bool = False, network: bool = False) -> Exercise:
    """A shipped exercise, with limits of the table; other limits are another suite to the engine.

    With `native` code and `network` allowed, the box alone has to hold.
    """
    exercise = open_exercise(slug)
    kept = exercise.limits if limits is None else LIMITS[limits]
    return dataclasses.replace(
        exercise,
        limits=dataclasses.replace(kept, network=kept.network or exercise.limits.network or network),
        native=native,
        suite_digest=f"{exercise.suite_digest}-{limits}-{native}-{network}",
    )


class Bench:
    """Grades submissions on one engine, and watches this machine meanwhile."""

    def __init__(self, engine: Engine, family: str, scratch: Path) -> None:
        self.engine = engine
        self._honest = HONEST[family]
        self._scratch = scratch
        self._started: set[str] = set()

    def grade(self, exercise: Exercise, submission: Submission, seed: int | None = SEED) -> Verdict:
        """The verdict; AssertionError when anything is left behind."""
        self._start(exercise)
        with self.nothing_left():
            return grade(exercise, submission, self.engine, Options(seed=seed, diagnose=False))

    def grade_honest(self) -> Verdict:
        """The verdict of a right solution."""
        exercise = open_exercise(self._honest)
        source = exercise.solution.read_text(encoding="utf-8")
        return self.grade(exercise, Submission(name="reference", source=source))

    def _start(self, exercise: Exercise) -> None:
        """Parents that are started on first use are not left behind; so start them before anybody looks."""
        if exercise.suite_digest not in self._started:
            self._started.add(exercise.suite_digest)
            ends = Submission(name="ends", source="raise SystemExit")
            grade(exercise, ends, self.engine, Options(seed=SEED, diagnose=False))
            self.settle()

    def settle(self) -> None:
        """Wait until nothing comes or goes any more: a box is taken down while its verdict is on its way."""
        ends = time.monotonic() + SETTLES_WITHIN_S
        before, since = self._look(), time.monotonic()
        while time.monotonic() < min(ends, since + 0.3):
            if (after := self._look()) != before:
                before, since = after, time.monotonic()

    @contextmanager
    def nothing_left(self) -> Iterator[None]:
        """Afterwards there are the same processes, mounts, files and descriptors as before."""
        before = self._look()
        yield
        ends = time.monotonic() + SETTLES_WITHIN_S
        while (after := self._look()) != before and time.monotonic() < ends:
            time.sleep(0.01)
        for what, had in before.items():
            assert after[what] == had, f"{what}: {sorted(after[what] - had)} came, {sorted(had - after[what])} went"

    def _look(self) -> dict[str, frozenset[str]]:
        table = processes()
        for pid in spares(table):
            del table[pid]
        below = descendants(os.getpid(), table)
        identities = {table[pid].uid for pid in below} - {os.getuid()}
        return {
            "processes": frozenset(map(str, below)),
            "processes of the box's user": frozenset(str(p.pid) for p in table.values() if p.uid in identities),
            "mounts": frozenset(Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines()),
            # What a judge's own libraries cache lies in the judge's own folder, which goes with the judge's parent.
            "files in the temporary folder": frozenset(str(path) for path in self._scratch.iterdir()),
            "files of the box's user": frozenset(_owned_by(identities)),
            "descriptors": frozenset(_descriptors()),
        }


@dataclasses.dataclass(frozen=True, slots=True)
class Process:
    """One line of the process table."""

    pid: int
    parent: int
    uid: int
    name: str


def processes() -> dict[int, Process]:
    """All living processes of this machine; one that has ended and waits to be reaped holds nothing any more."""
    found = {}
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            try:
                uid = entry.stat().st_uid
                head, _, rest = Path(entry.path, "stat").read_text(errors="replace").rpartition(")")
                state, parent = rest.split()[:2]
            except OSError:
                continue
            if state != "Z":
                found[int(entry.name)] = Process(int(entry.name), int(parent), uid, head.partition("(")[2])
    return found


def spares(table: dict[int, Process]) -> set[int]:
    """The box that waits below each branch, and the judge below each judge parent: one each, which come and go.

    A guest can take any name, but a second box that calls itself a spare would be one too many, and is not among these.
    """
    found: set[int] = set()
    for parent in table.values():
        waiting = [process for process in table.values() if process.parent == parent.pid and _waits(process, table)]
        if parent.name in ("viva-branch", "viva-judges") and waiting:
            newest = max(process.pid for process in waiting)
            found |= {newest, *descendants(newest, table)}
    return found


def _waits(process: Process, table: dict[int, Process]) -> bool:
    below = [table[pid].name for pid in descendants(process.pid, table)]
    return process.name == "viva-spare" or (process.name == "viva-init" and below == ["viva-spare"])


def descendants(pid: int, table: dict[int, Process]) -> set[int]:
    """Every process below `pid`."""
    below: set[int] = set()
    waiting = [pid]
    while waiting:
        parent = waiting.pop()
        children = [process.pid for process in table.values() if process.parent == parent]
        below.update(children)
        waiting += children
    return below


def _owned_by(identities: set[int]) -> Iterator[str]:
    for folder in (Path("/tmp"), Path("/dev/shm"), Path("/var/tmp")):
        for path in folder.iterdir() if folder.is_dir() else ():
            try:
                if path.lstat().st_uid in identities:
                    yield str(path)
            except OSError:
                continue


def _descriptors() -> Iterator[str]:
    for path in list(Path("/proc/self/fd").iterdir()):
        try:
            target = str(path.readlink())
        except OSError:  # the listing's own is closed by now
            continue
        yield f"{path.name} {target}"


@pytest.fixture(scope="session")
def scratch() -> Iterator[Path]:
    """A temporary folder that nobody else uses, for this process and all that it starts."""
    folder = Path(tempfile.mkdtemp(prefix="viva-adversarial-"))
    kept, tempfile.tempdir = tempfile.tempdir, str(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(folder))
        yield folder
    tempfile.tempdir = kept
    shutil.rmtree(folder)


def _bench(family: str, scratch: Path, *, warm: bool = False) -> Iterator[Bench]:
    with open_engine("strict", warm=warm) as engine:
        yield Bench(engine, family, scratch)


@pytest.fixture(scope="session")
def numpy_bench(scratch: Path) -> Iterator[Bench]:
    """The bench of the numpy exercises."""
    yield from _bench("numpy", scratch)


@pytest.fixture(scope="session")
def torch_bench(scratch: Path) -> Iterator[Bench]:
    """The bench of the torch exercises."""
    yield from _bench("torch", scratch)


@pytest.fixture(scope="session")
def ranks_bench(scratch: Path) -> Iterator[Bench]:
    """The bench of exercises on several ranks; warm, or each rank of each group would pay for first uses by itself."""
    yield from _bench("ranks", scratch, warm=True)
