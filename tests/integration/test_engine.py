"""One engine, many verdicts: at the same time, after each other, from suites that are broken, with little on disk."""

from __future__ import annotations

import gc
import itertools
import os
import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from grader.content.pack import load_exercise
from grader.engine.engine import Engine
from grader.model.exercise import Exercise
from grader.model.verdict import Status
from grader.wiring import open_engine, open_exercise
from tests.integration.conftest import (
    OTHER,
    RIGHT,
    SUITE,
    boxes,
    branches,
    descendants,
    graded,
    guest_parent,
    judge_parents,
    judges,
    wait_until,
    write_exercise,
)

pytestmark = pytest.mark.usefixtures("nothing_left")


@pytest.fixture(scope="session")
def probe(tmp_path_factory: pytest.TempPathFactory) -> Exercise:
    """The probe for numpy."""
    return write_exercise(tmp_path_factory.mktemp("probe"))


@pytest.fixture(scope="session")
def probe_torch(tmp_path_factory: pytest.TempPathFactory) -> Exercise:
    """The probe for torch."""
    return write_exercise(tmp_path_factory.mktemp("probe_torch"), environment="torch")


def test_threads_share_an_engine(engine: Engine, probe: Exercise, probe_torch: Exercise) -> None:
    """Four threads grade forty mixed submissions of four exercises, and every verdict is the right one."""
    f1_auc, laplace = open_exercise("f1_auc"), open_exercise("laplace_mechanism")
    wrong = RIGHT.replace("'done'", "'nearly'")
    ends = f"import os\ndef probe(): os._exit(0)\n{OTHER}"
    work = [
        (f1_auc, f1_auc.solution.read_text(), Status.ACCEPTED),
        (probe, RIGHT, Status.ACCEPTED),
        (probe, wrong, Status.WRONG_ANSWER),
        (probe_torch, RIGHT, Status.ACCEPTED),
        (probe_torch, ends, Status.RUNTIME_ERROR),
        (laplace, laplace.stub.read_text(), Status.RUNTIME_ERROR),
        (probe, f"def probe(): return bytearray(1 << 40)\n{OTHER}", Status.MEMORY_LIMIT),
        (probe_torch, f"def probe(): return {'x' * 400_000!r}\n{OTHER}", Status.WRONG_ANSWER),
        (probe, f"def probe():\n    while True: print('x' * 9999)\n{OTHER}", Status.OUTPUT_LIMIT),
        (probe_torch, wrong, Status.WRONG_ANSWER),
    ] * 4
    with ThreadPoolExecutor(max_workers=4) as pool:
        verdicts = list(pool.map(lambda task: graded(engine, task[0], task[1]), work))
    assert [verdict.status for verdict in verdicts] == [expected for _, _, expected in work]


def test_verdicts_leave_nothing_open_in_any_process(engine: Engine, probe: Exercise) -> None:
    """From the 10th to the 60th verdict, the engine and its parents open no descriptor and hardly take memory."""
    ends = f"import os\ndef probe(): os._exit(0)\n{OTHER}"

    def measure() -> tuple[list[int], float]:
        guest_parents = [guest_parent(parent.pid) for parent in engine._guests.values()]
        parents = [*judge_parents(engine), *guest_parents, *branches(engine)]
        assert wait_until(lambda: not (boxes(engine, spare=False) or judges(engine, spare=False)), 5)
        gc.collect()
        counts = [len(list(Path(f"/proc/{pid}/fd").iterdir())) for pid in (os.getpid(), *parents)]
        return counts, sum(_private_mib(pid) for pid in (os.getpid(), *parents))

    def run(verdicts: int) -> None:
        for number in range(verdicts):
            assert graded(engine, probe, ends if number % 5 == 0 else RIGHT).status in (
                Status.ACCEPTED,
                Status.RUNTIME_ERROR,
            )

    run(10)
    open_before, memory_before = measure()
    run(50)
    open_after, memory_after = measure()
    assert open_after == open_before
    assert memory_after < memory_before + 4


def _private_mib(pid: int) -> float:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private")) / 1024


_BROKEN = {
    "a suite that does not parse": ({"hidden": "def test_first(candidate:\n"}, "does not load"),
    "a suite that raises": ({"hidden": "raise RuntimeError('a slip of its author')"}, "a slip of its author"),
    "a suite without a case": ({"hidden": "# nothing yet\n"}, "holds no case"),
    "a reference that raises": (
        {"solution": "raise RuntimeError('the reference is broken')"},
        "the reference is broken",
    ),
    "a reference that raises when it is called": (
        {
            "hidden": SUITE + "\n@pytest.mark.task('second')\ndef test_asks(reference):\n    reference.probe()\n",
            "solution": "def probe(): raise IndexError('off by one')",
        },
        "the suite fails on the reference too: IndexError: off by one",
    ),
    "a reference that ends the process": ({"solution": "raise SystemExit(0)"}, "SystemExit"),
    "a suite that skips": (
        {"hidden": SUITE + "\n@pytest.mark.task('second')\ndef test_skips(candidate):\n    pytest.skip('not today')\n"},
        "",
    ),
    "a suite that is skipped as a whole": ({"hidden": "import pytest\npytest.skip('no', allow_module_level=True)"}, ""),
    "a suite that ends its judge": (
        {"hidden": SUITE + "\n@pytest.mark.task('second')\ndef test_dies(candidate):\n    import os; os._exit(0)\n"},
        "a judge ended",
    ),
    "a suite that stops the run": (
        {"hidden": SUITE + "\n@pytest.mark.task('second')\ndef test_exits(candidate):\n    pytest.exit('enough')\n"},
        "",
    ),
    "a fixture that does not exist": (
        {"hidden": SUITE + "\n@pytest.mark.task('second')\ndef test_asks(candidate, unknown):\n    pass\n"},
        "",
    ),
}


@pytest.mark.parametrize(("files", "says"), _BROKEN.values(), ids=_BROKEN)
def test_a_broken_exercise_is_our_failure(files: dict[str, str], says: str, engine: Engine, tmp_path: Path) -> None:
    """The candidate is charged with nothing, and the message says what is wrong, without a traceback."""
    verdict = graded(engine, write_exercise(tmp_path, **files), RIGHT)
    words = verdict.message or "".join(case.message.en for case in verdict.cases if case.status is Status.JUDGE_ERROR)
    assert verdict.status is Status.JUDGE_ERROR, verdict
    assert verdict.score == 0
    assert words
    assert says in words
    assert "Traceback" not in words


_LOOK = """
import sys
def probe():
    found = []
    for name in ("torch", "sklearn", "scipy", "pytest", "grader.judge", "pip", "yaml"):
        try:
            __import__(name)
            found.append(name)
        except ImportError:
            pass
    return found
def other():
    return sorted(name for name in sys.modules if name.partition(".")[0] in ("torch", "sklearn", "scipy"))
"""
_LOOKING = '''
import sys
import pytest

@pytest.mark.task("first")
def test_first(candidate):
    """Only what the exercise allows can be imported in the box."""
    assert candidate.probe() == [], f"found {candidate.probe()}"

@pytest.mark.task("second")
def test_second(candidate):
    """Neither side has loaded torch."""
    assert candidate.other() == [], f"found {candidate.other()}"
    assert not [name for name in sys.modules if name.partition(".")[0] in ("torch", "sklearn")], "in the judge"
'''


def test_numpy_exercises_have_no_torch_on_either_side(engine: Engine, tmp_path: Path) -> None:
    """In the box torch and sklearn are not on disk; the judge could have them and does not load them."""
    verdict = graded(engine, write_exercise(tmp_path, hidden=_LOOKING, solution=_LOOK), _LOOK)
    assert verdict.status is Status.ACCEPTED, verdict


def test_parents_of_numpy_exercises_have_no_torch_mapped() -> None:
    """Not one file of torch is mapped into any process that grades a numpy exercise, the engine among them."""
    with open_engine("strict", warm=True) as own:
        exercise = open_exercise("f1_auc")
        assert graded(own, exercise, exercise.solution.read_text()).status is Status.ACCEPTED
        maps = [Path(f"/proc/{pid}/maps").read_text() for pid in descendants(os.getpid()) if _below(own, pid)]
    assert len(maps) >= 2
    assert not any("torch" in text for text in maps)


def _below(engine: Engine, pid: int) -> bool:
    return pid in judge_parents(engine) or pid in [guest_parent(parent.pid) for parent in engine._guests.values()]


def test_a_changed_suite_is_not_graded_by_the_old_one(engine: Engine, tmp_path: Path) -> None:
    """A file that changed gives the exercise a new digest, and with it a new judge parent."""
    before = write_exercise(tmp_path)
    assert graded(engine, before, RIGHT).status is Status.ACCEPTED
    after = write_exercise(tmp_path, hidden=SUITE.replace('"done"', '"finished"'))
    assert graded(engine, after, RIGHT).status is Status.WRONG_ANSWER


def test_two_copies_of_an_exercise_do_not_stand_in_for_each_other(engine: Engine, tmp_path: Path) -> None:
    """Some files are read for each box, so a copy that is deleted must not be what the other one is judged by."""
    copies = []
    for name in ("one", "other"):
        write_exercise(tmp_path / name)
        (tmp_path / name / "exercises" / "probe" / "driver.py").write_text("import solution\n")
        copies.append(load_exercise(tmp_path / name, "probe"))
    assert copies[0].suite_digest == copies[1].suite_digest
    assert graded(engine, copies[0], RIGHT).status is Status.ACCEPTED
    shutil.rmtree(tmp_path / "one")
    assert graded(engine, copies[1], RIGHT).status is Status.ACCEPTED


_LIMITED = """
import resource
def probe():
    cpu, data = (resource.getrlimit(kind)[0] for kind in (resource.RLIMIT_CPU, resource.RLIMIT_DATA))
    return [cpu - 2, data >> 20]
def other():
    return "fine"
"""
_LIMITS_TOLD = '''
import pytest

@pytest.mark.task("first")
def test_first(candidate):
    """Says what limits the box has."""
    assert False, f"limits {candidate.probe()}"

@pytest.mark.task("second")
def test_second(candidate):
    """Nothing more."""
    assert candidate.other() == "fine"
'''


def test_a_box_that_waits_is_not_given_to_an_exercise_with_other_limits(engine: Engine, tmp_path: Path) -> None:
    """Two exercises that forbid the same share a branch, and the box that it keeps ahead; each gets its own limits."""
    exercises = [
        write_exercise(tmp_path / str(cpu), hidden=_LIMITS_TOLD, limits=f"cpu_s: {cpu}, memory_mb: {memory}")
        for cpu, memory in ((7, 128), (9, 384))
    ]
    said = [graded(engine, exercise, _LIMITED).cases[0].message.en for exercise in exercises * 3]
    told = [re.search(r"limits \[(\d+), (\d+)\]", message) for message in said]
    cpu, data = ([int(match[number]) if match else 0 for match in told] for number in (1, 2))
    assert cpu == [7, 9] * 3
    assert [after - before for before, after in itertools.pairwise(data)] == [256, -256, 256, -256, 256]


def test_many_exercises_keep_few_parents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The least recently used parents are ended when there are too many."""
    monkeypatch.setattr("grader.engine.engine.MAX_PARENTS", 3)
    with open_engine("strict", warm=False) as own:
        for number in range(5):
            exercise = write_exercise(tmp_path / str(number), hidden=SUITE + f"\n# suite {number}\n")
            own.start(exercise)
        assert graded(own, exercise, RIGHT).status is Status.ACCEPTED
        assert len(own._judges) == 3
        assert len(own._guests) == 1
