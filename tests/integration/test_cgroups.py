"""Boxes in control groups of their own, where these are delegated to this process; elsewhere all this is skipped.

`scripts/try_cgroups` runs these tests in a small virtual machine. Limits of time are wide, because it is slow.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.box import delegation
from grader.box.delegation import NotDelegated, make_subtree
from grader.engine.engine import Engine
from grader.guest import cgroup
from grader.guest.confinement import LAYERS, BoxLimits
from grader.model.exercise import Exercise
from grader.model.verdict import Status
from tests.integration.conftest import OTHER, RIGHT, graded, wait_until, write_exercise

_ROOT = Path(__file__).resolve().parents[2]
_MEMORY_MB, _PROCESSES = 96, 8
_LIMITS = f"wall_s: 300, case_wall_s: 100, cpu_s: 100, memory_mb: {_MEMORY_MB}, processes: {_PROCESSES}"
# Above what the group allows, and with each part of it below every other limit.
_TAKE_MEMORY_AS_FILES = """
import time
block = bytearray(b"x") * (64 << 20)
for folder in ("/tmp", "/dev/shm"):
    with open(f"{folder}/big", "wb") as big:
        for _ in range(60): big.write(bytes(1 << 20))
time.sleep(30)
"""
_GRADE = """
import json, sys
from pathlib import Path
from grader.content.pack import load_exercise
from grader.grading.grade import Options, grade
from grader.model.submission import Submission
from grader.wiring import open_engine

exercise = load_exercise(Path(sys.argv[1]), "probe")
with open_engine("strict", warm=False) as engine:
    verdict = grade(exercise, Submission(name="probe.py", source=sys.argv[2]), engine, Options(seed=1, diagnose=False))
print(json.dumps([verdict.status, verdict.isolation.layers]))
"""


def _group() -> Path:
    """The group below which boxes get theirs; where there is none, the test is skipped with the reason."""
    try:
        make_subtree().close()
    except NotDelegated as error:
        pytest.skip(str(error))
    return delegation._prepared(Path("/proc"))


@pytest.fixture(scope="session")
def group() -> Path:
    """The group that was delegated."""
    return _group()


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Exercise:
    """96 MB and 8 processes."""
    return write_exercise(tmp_path_factory.mktemp("small"), limits=_LIMITS)


@pytest.fixture
def scope(group: Path) -> Iterator[Path]:
    """A group below the one that was delegated, as a service manager makes one for a command."""
    folder = group / f"scope-{os.getpid()}"
    folder.mkdir()
    yield folder
    assert wait_until(lambda: _removed(folder), 10)


def _removed(folder: Path) -> bool:
    try:
        for below in [path for path in folder.iterdir() if path.is_dir()]:
            below.rmdir()
        folder.rmdir()
    except OSError:
        return False
    return True


def _source(body: str) -> str:
    lines = "".join(f"    {line}\n" for line in body.strip().splitlines())
    return f"def probe():\n{lines}    return 'done'\n{OTHER}"


def _subtrees(group: Path) -> set[Path]:
    return set(group.glob("viva-guests-*"))


def _boxes(group: Path, engine: Engine) -> list[Path]:
    """The groups of boxes of an engine."""
    own = [parent._cgroups._folder for parent in engine._guests.values() if parent._cgroups is not None]
    return [box for subtree in own for box in subtree.glob("box-*")]


def _started(folder: Path, wrapped: str, exercise: Exercise, source: str) -> subprocess.Popen[str]:
    """A process that grades, started by a shell in the group `folder`; `wrapped` is how the shell starts it."""
    script = f'echo 0 > "$1/cgroup.procs"; shift; {wrapped}'
    command = ["sh", "-c", script, "sh", str(folder), *_grading(exercise, source)]
    return subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.PIPE, text=True)


def _grading(exercise: Exercise, source: str) -> list[str]:
    return [sys.executable, "-c", _GRADE, str(exercise.public_dir.parents[1]), source]


def test_the_verdict_names_the_layer(group: Path, engine: Engine, small: Exercise) -> None:
    """Beside all others."""
    verdict = graded(engine, small, RIGHT)
    assert verdict.status is Status.ACCEPTED, verdict.cases
    assert list(verdict.isolation.layers) == [*LAYERS, cgroup.LAYER]


def test_memory_that_only_the_group_counts_is_memory_limit(group: Path, engine: Engine, small: Exercise) -> None:
    """Files in memory that nobody has mapped; the next case has a box of its own."""
    verdict = graded(engine, small, _source(_TAKE_MEMORY_AS_FILES))
    assert [case.status for case in verdict.cases] == [Status.MEMORY_LIMIT, Status.ACCEPTED], verdict.cases


def test_a_box_has_its_limits_and_is_in_its_group(group: Path, engine: Engine, small: Exercise) -> None:
    """The kernel says what was set, and which processes it is set for."""
    seen: list[dict[str, str]] = []

    def look() -> bool:
        for box in _boxes(group, engine):
            try:
                said = {name: (box / name).read_text().strip() for name in ("memory.max", "pids.max", "pids.current")}
            except OSError:
                continue
            if int(said["pids.current"]) == 3:  # init, the guest and its child; a spare has no child
                seen.append(said)
        return bool(seen)

    looker = threading.Thread(target=wait_until, args=(look, 60))
    graded(engine, small, RIGHT)
    looker.start()
    forking = "import os, time\npid = os.fork()\nif pid == 0:\n    time.sleep(3)\n    os._exit(0)\nos.waitpid(pid, 0)"
    verdict = graded(engine, small, _source(forking))
    looker.join()
    assert verdict.status is Status.ACCEPTED, verdict.cases
    limits = BoxLimits(cpu_s=100, memory_mb=_MEMORY_MB, processes=_PROCESSES, output_kb=64)
    assert seen[0]["memory.max"] == str(cgroup.allowed_bytes(limits))
    assert seen[0]["pids.max"] == str(_PROCESSES + 1)


def test_all_processes_that_were_promised_can_be_had(group: Path, engine: Engine, small: Exercise) -> None:
    """The limit of the group does not come before the one that holds everywhere."""
    body = "import os\nfor _ in range(COUNT):\n    if os.fork() == 0:\n        os.read(hold, 1)\n        os._exit(0)"
    forking = f"import os\nhold, release = os.pipe()\n{body.replace('COUNT', str(_PROCESSES - 1))}"
    verdict = graded(engine, small, _source(forking))
    assert verdict.status is Status.ACCEPTED, verdict.cases


def test_only_spares_keep_groups_after_a_verdict(group: Path, engine: Engine, small: Exercise) -> None:
    """Whether the box ended by itself, was ended for its memory, or was let go of."""
    for source in (RIGHT, _source("import os; os._exit(3)"), _source(_TAKE_MEMORY_AS_FILES)):
        graded(engine, small, source)
        assert wait_until(lambda: len(_boxes(group, engine)) == 1, 10), _boxes(group, engine)


def test_an_engine_that_is_closed_leaves_no_group(group: Path, small: Exercise) -> None:
    """Neither of its parents nor of their boxes."""
    before = _subtrees(group)
    with Engine(strict=True) as engine:
        graded(engine, small, RIGHT)
        assert _subtrees(group) - before
    assert _subtrees(group) == before


def test_what_a_killed_engine_left_is_removed_by_the_next(group: Path, small: Exercise) -> None:
    """Its processes end by themselves, and its groups stay behind, empty."""
    before = _subtrees(group)
    sleeping = _grading(small, _source("import time; time.sleep(90)"))
    with subprocess.Popen(sleeping, cwd=_ROOT, stdout=subprocess.DEVNULL) as script:

        def at_work() -> bool:
            return any(len(list(subtree.glob("box-*"))) == 2 for subtree in _subtrees(group) - before)

        assert wait_until(at_work, 60)
        script.kill()
    left = _subtrees(group) - before
    assert left

    def swept() -> bool:
        make_subtree().close()
        return not left & _subtrees(group)

    assert wait_until(swept, 20)


def test_alone_in_its_group_an_engine_makes_way(scope: Path, small: Exercise) -> None:
    """As where a service manager starts it: it moves to a leaf, and boxes get groups."""
    with _started(scope, 'exec "$@"', small, RIGHT) as script:
        said = script.communicate(timeout=120)[0]
    assert said.strip().startswith('["accepted"')
    assert f'"{cgroup.LAYER}"' in said
    assert (scope / delegation.ENGINE_LEAF).is_dir()
    assert not _subtrees(scope)


def test_beside_a_stranger_an_engine_does_without(scope: Path, small: Exercise) -> None:
    """The shell that started it is not its own, so nobody is moved; it grades as it does where there are no groups."""
    with _started(scope, '"$@"; exit $?', small, RIGHT) as script:
        said = script.communicate(timeout=120)[0]
    assert said.strip().startswith('["accepted"')
    assert f'"{cgroup.LAYER}"' not in said
    assert not (scope / delegation.ENGINE_LEAF).exists()


def test_an_engine_in_the_leaf_uses_the_group_above(scope: Path, small: Exercise) -> None:
    """Where a person starts several commands from one shell."""
    (scope / delegation.ENGINE_LEAF).mkdir()
    with _started(scope / delegation.ENGINE_LEAF, '"$@"; exit $?', small, RIGHT) as script:
        said = script.communicate(timeout=120)[0]
    assert said.strip().startswith('["accepted"')
    assert f'"{cgroup.LAYER}"' in said
