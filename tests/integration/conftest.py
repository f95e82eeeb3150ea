"""Real engines, real boxes: an exercise built for probing, and a look at what is left in the process table."""

from __future__ import annotations

import ctypes
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from grader.content.pack import load_exercise
from grader.engine.engine import Engine
from grader.grading.grade import Options, grade
from grader.model.exercise import Exercise
from grader.model.submission import Submission
from grader.model.verdict import Verdict
from grader.wiring import open_engine

collect_ignore = ["pack"]  # suites of exercises, which judges run

_MANIFEST = """
schema: 1
id: {slug}
version: 1
status: draft
title: {{en: A probe, zh: 探针}}
topics: [eval.classification]
level: mid
difficulty: 3
minutes: 5
entry_points: [probe]
environment: {environment}
allow_packages: [{packages}]
devices: [cpu]
limits: {{{limits}}}
tasks:
  - {{id: first, title: {{en: First, zh: 第一}}, points: 1}}
  - {{id: second, title: {{en: Second, zh: 第二}}, points: 1}}
"""
SUITE = '''
import pytest

@pytest.mark.task("first")
def test_first(candidate):
    """The probe says that it is done."""
    assert candidate.probe() == "done"

@pytest.mark.task("second")
def test_second(candidate):
    """A second case is not harmed by what the first one did."""
    assert candidate.other() == "fine"
'''
OTHER = "\n\ndef other():\n    return 'fine'\n"
RIGHT = "def probe():\n    return 'done'\n" + OTHER
_EMPTY_SUITE = "# the hidden suite has all cases\n"


def write_exercise(
    root: Path,
    slug: str = "probe",
    *,
    environment: str = "numpy",
    packages: str | None = None,
    limits: str = "",
    hidden: str = SUITE,
    public: str = _EMPTY_SUITE,
    solution: str = RIGHT,
) -> Exercise:
    """Write a small pack below `root` and read its one exercise."""
    if packages is None:
        packages = {"numpy": "numpy", "torch": "numpy, torch"}[environment]
    manifest = _MANIFEST.format(slug=slug, environment=environment, packages=packages, limits=limits)
    public_dir, private_dir = root / "exercises" / slug, root / "reference" / slug
    for path, text in (
        (public_dir / "exercise.yaml", manifest),
        (public_dir / "statement.en.md", "A probe.\n"),
        (public_dir / "statement.zh.md", "探针。\n"),
        (public_dir / "stub.py", "def probe():\n    raise NotImplementedError\n"),
        (public_dir / "test_public.py", public),
        (private_dir / "solution.py", solution),
        (private_dir / "test_hidden.py", hidden),
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return load_exercise(root, slug)


def graded(engine: Engine, exercise: Exercise, source: str, seed: int = 4) -> Verdict:
    """The verdict on `source`, whatever the static look would say of it."""
    return grade(exercise, Submission(name="probe.py", source=source), engine, Options(seed=seed, diagnose=False))


def descendants(root: int) -> dict[int, str]:
    """Pid and command line of every process below `root` that still runs; zombies do not."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                state, parent = (entry / "stat").read_text().rpartition(")")[2].split()[:2]
            except OSError:
                continue
            if state not in "ZX":
                parents[int(entry.name)] = int(parent)
    found: dict[int, str] = {}
    todo = [root]
    while todo:
        above = todo.pop()
        for pid in [pid for pid, parent in parents.items() if parent == above]:
            todo.append(pid)
            found[pid] = _command_line(pid)
    return found


def _command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


def wait_until(condition: Callable[[], object], within_s: float) -> bool:
    """Whether `condition` came true in time."""
    ends = time.monotonic() + within_s
    while not condition():
        if time.monotonic() > ends:
            return False
        time.sleep(0.01)
    return True


@pytest.fixture(scope="session", autouse=True)
def adopted_orphans() -> None:
    """Orphans become children of this process, where `descendants` finds them, and not of the machine's init."""
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER


def role(pid: int) -> str:
    """What a process of ours calls itself."""
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""


def children(pid: int) -> list[int]:
    """Process ids of the children, oldest first."""
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except OSError:
        return []
    return [int(child) for child in text.split()]


def branches(engine: Engine) -> list[int]:
    """The branches of the guest parents."""
    return [branch for parent in engine._guests.values() for branch in children(guest_parent(parent.pid))]


def boxes(engine: Engine, *, spare: bool) -> list[int]:
    """Process 1 of each box that has a judge, or of each that waits for one."""
    inits = [init for branch in branches(engine) for init in children(branch)]
    return [init for init in inits if any(role(guest) == "viva-spare" for guest in children(init)) == spare]


def judges(engine: Engine, *, spare: bool) -> list[int]:
    """The judges that are at work, or those that wait for it."""
    found = [judge for parent in judge_parents(engine) for judge in children(parent)]
    return [judge for judge in found if (role(judge) == "viva-spare") == spare]


def standing(engine: Engine) -> set[int]:
    """What stays of an engine between verdicts: its parents (bubblewrap puts two of its own around one) and spares."""
    found = {*judge_parents(engine), *judges(engine, spare=True), *branches(engine)}
    for init in boxes(engine, spare=True):
        found.update([init, *children(init)])
    for outermost in [parent.pid for parent in engine._guests.values()]:
        chain, inner = [outermost, *descendants(outermost)], guest_parent(outermost)
        found.update(chain[: chain.index(inner) + 1] if inner in chain else chain[:1])
    return found


def judge_parents(engine: Engine) -> list[int]:
    """Process ids of the judge parents."""
    return [parent._process.pid for parent in engine._judges.values()]


def guest_parent(outermost: int) -> int:
    """The warm interpreter itself, inside what bubblewrap puts around it."""
    lines = {outermost: _command_line(outermost), **descendants(outermost)}
    return next((pid for pid, line in lines.items() if not line.startswith("bwrap ")), outermost)


@pytest.fixture
def nothing_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """After the test, no process runs that did not run before, but for the parents of engines that live on."""
    before = set(descendants(os.getpid()))
    yield
    left: dict[int, str] = {}
    engines = [request.getfixturevalue(name) for name in ("engine", "harmed") if name in request.fixturenames]

    def gone() -> bool:
        expected = before.union(*map(standing, engines))
        left.clear()
        left.update({pid: line for pid, line in descendants(os.getpid()).items() if pid not in expected})
        return not left

    assert wait_until(gone, 15), left


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    """One strict engine for all tests that do not harm it."""
    with open_engine("strict", warm=False) as engine:
        yield engine


def pytest_configure(config: pytest.Config) -> None:
    """Marks of this folder."""
    config.addinivalue_line("markers", "slow: takes more than ten seconds")
