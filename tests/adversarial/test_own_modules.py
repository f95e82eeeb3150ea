"""A hand-in of several files gains nothing that one file would not: folders, what is read of them, and how it ends."""

from __future__ import annotations

import os
import py_compile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from grader.grading.intake import Rejection, admit_file, find_submissions, read_submission
from grader.grading.own_modules import MAX_MODULES
from grader.model.submission import Submission
from grader.model.verdict import Status

from .conftest import Bench, exercise_with

F1 = "def f1_score(y_true, y_pred, average='binary'): return 0.5\n"
BOTH = F1 + "def roc_auc(y_true, y_score): return 0.5\n"
USING = f"import mine\n{BOTH}"
Make = Callable[[Path], object]


def _link(target: str) -> Make:
    return lambda path: path.symlink_to(target)


def _compiled(path: Path) -> None:
    source = path.with_name("away.txt")
    source.write_text("x = 1\n")
    py_compile.compile(str(source), cfile=str(path))


def laid_out(folder: Path, files: Mapping[str, str | bytes | Make]) -> Path:
    """A folder with such files; the path of its solution."""
    for name, what in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if callable(what):
            what(path)
        else:
            path.write_bytes(what if isinstance(what, bytes) else what.encode())
    return folder / "solution.py"


def handed_in(solution: Path) -> Submission | Rejection:
    """What becomes of a folder for one person, among others."""
    exercise = exercise_with("f1_auc", None)
    found = find_submissions([solution.parents[1]], exercise)
    assert found.submissions == (solution,)
    return read_submission(solution, exercise, found.modules.get(solution, ()))


REFUSED: dict[str, tuple[Mapping[str, str | bytes | Make], str]] = {
    "a forbidden import": ({"mine.py": "import sklearn\n"}, "forbidden"),
    "a forbidden import two modules away": ({"mine.py": "import far\n", "far.py": "import sklearn\n"}, "forbidden"),
    "a forbidden import deep in a package": (
        {"mine/__init__.py": "", "mine/deep/er.py": "from sklearn import metrics\n"},
        "forbidden",
    ),
    "a forbidden import in a package without __init__": ({"mine/a.py": "import sklearn\n"}, "forbidden"),
    "native code": ({"mine.py": "import ctypes\n"}, "forbidden"),
    "a link to a file": ({"mine.py": _link("/etc/passwd")}, "symlink"),
    "a link to a neighbor's file": ({"mine.py": _link("../bob/solution.py")}, "symlink"),
    "a link to itself": ({"mine.py": _link("mine.py")}, "symlink"),
    "a link to a folder": ({"mine": _link("/usr/lib")}, "symlink"),
    "a link within a package": ({"mine/__init__.py": "", "mine/etc": _link("/etc")}, "symlink"),
    "a link to an endless device": ({"mine.py": _link("/dev/zero")}, "symlink"),
    "a pipe that nobody writes to": ({"mine.py": os.mkfifo}, "not_a_file"),
    "a folder called like a file": ({"mine.py/x.py": ""}, "not_a_file"),
    "a null byte": ({"mine.py": "x = '\0'\n"}, "null_byte"),
    "bytes that are no text": ({"mine.py": b"\xff\xfe\xfd" * 100}, "encoding"),
    "a syntax error": ({"mine.py": "def\n"}, "syntax"),
    "a chain of attributes": ({"mine.py": "x = a" + ".b" * 5000 + "\n"}, "too_complex"),
    "a cookie that hides": ({"mine.py": "# -*- coding: rot13 -*-\nimport sklearn\n"}, "forbidden"),
    "too much in one": ({"mine.py": "# padding\n" * 10_000}, "too_large_together"),
    "too much together": (
        {"mine/__init__.py": "", **{f"mine/m{n}.py": "# padding\n" * 800 for n in range(10)}},
        "too_large_together",
    ),
    "a sparse terabyte": (
        {"mine.py": lambda path: os.truncate(os.open(path, os.O_CREAT | os.O_WRONLY), 1 << 40)},
        "too_large_together",
    ),
    "too many": ({f"mine/m{n}.py": "" for n in range(MAX_MODULES + 1)}, "too_many_modules"),
    "folders without end": ({f"mine/{'d/' * 300}n{n}/a{n}.py": "" for n in range(40)}, "too_many_modules"),
}


@pytest.mark.parametrize(("files", "reason"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_wrong_with_a_module_is_wrong_with_all(
    files: Mapping[str, str | bytes | Make], reason: str, tmp_path: Path
) -> None:
    """The whole is rejected with a reason, and nothing is followed, waited for or run."""
    outcome = handed_in(laid_out(tmp_path / "ann", {"solution.py": USING, **files}))
    assert isinstance(outcome, Rejection)
    assert (outcome.reason, outcome.name) == (reason, str(tmp_path / "ann" / "solution.py"))


IN_MEMORY = {
    name: ({path: what.encode() if isinstance(what, str) else what for path, what in files.items()}, reason)
    for name, (files, reason) in REFUSED.items()
    if all(isinstance(what, str | bytes) for what in files.values()) and "mine.py/x.py" not in files
}


@pytest.mark.parametrize(("files", "reason"), IN_MEMORY.values(), ids=IN_MEMORY.keys())
def test_what_comes_back_from_an_interview_is_held_to_the_same(files: Mapping[str, bytes], reason: str) -> None:
    """There the files are read from an archive, and never lie on a disk."""
    outcome = admit_file("solution.py", USING.encode(), exercise_with("f1_auc", None), files)
    assert isinstance(outcome, Rejection)
    assert (outcome.reason, outcome.name) == (reason, "solution.py")


def test_in_memory_a_module_shadows_no_library_either() -> None:
    """Nor is anything handed in that cannot be imported by its path, or that is not imported."""
    names = [name for name in LIBRARIES.split() if name not in ("scipy", "pytest_")]  # forbidden, and no library
    source = "".join(f"import {name}\n" for name in names) + BOTH
    beside = {**{f"{name}.py": b"x" for name in names}, "../up.py": b"x", "a b.py": b"x", "idle.py": b"x"}
    outcome = admit_file("solution.py", f"import up, idle_\n{source}".encode(), exercise_with("f1_auc", None), beside)
    assert isinstance(outcome, Submission)
    assert outcome.modules == ()


LIBRARIES = "numpy json os conftest sitecustomize usercustomize grader driver reference builtins scipy pytest_"


@pytest.mark.parametrize("name", LIBRARIES.split())
def test_a_module_shadows_no_library(name: str, tmp_path: Path, numpy_bench: Bench) -> None:
    """What has such a name is not handed in: the import means the library, or nothing."""
    source = f"import {name}\nimport numpy, json\n{BOTH}"
    boast = "raise SystemExit('mine was run')\n"
    solution = laid_out(tmp_path / "ann", {"solution.py": source, f"{name}.py": boast, "json.py": boast})
    outcome = handed_in(solution)
    assert isinstance(outcome, Submission) or (name, outcome.reason) == ("scipy", "forbidden")
    if isinstance(outcome, Submission):
        assert [file for file, _ in outcome.modules] == (["pytest_.py"] if name == "pytest_" else [])


def test_in_the_box_a_library_goes_before(numpy_bench: Bench) -> None:
    """Even where the intake had let it pass."""
    source = f"import numpy, json\nassert numpy.ndarray and json.loads\n{BOTH}"
    boast = "raise SystemExit('mine was run')\n"
    submission = Submission(name="x", source=source, modules=(("numpy.py", boast), ("json.py", boast)))
    verdict = numpy_bench.grade(exercise_with("f1_auc", None), submission)
    assert verdict.status is Status.WRONG_ANSWER


NOT_THERE: dict[str, tuple[str, Mapping[str, str | bytes | Make]]] = {
    "outside, by a path": ("import sys\nsys.path.insert(0, '/work')\nimport secret_of_bob\n", {}),
    "above": ("from .. import bob\n", {"../bob.py": BOTH}),
    "a neighbor's": ("import bob.solution\n", {"../bob/solution.py": BOTH}),
    "compiled": ("import mine\n", {"mine.pyc": _compiled}),
    "native": ("import mine\n", {"mine.so": b"\x7fELF", "mine.cpython-311-x86_64-linux-gnu.so": b"\x7fELF"}),
    "in a zip": ("import sys\nsys.path.insert(0, 'mine.zip')\nimport mine\n", {"mine.zip": b"PK\x03\x04"}),
    "by a .pth": ("import mine\n", {"mine.pth": "import os\n"}),
    "data": ("open('answers.txt').read()\n", {"answers.txt": "0.5"}),
}


@pytest.mark.parametrize(("source", "files"), NOT_THERE.values(), ids=NOT_THERE.keys())
def test_nothing_else_comes_along(
    source: str, files: Mapping[str, str | bytes | Make], tmp_path: Path, numpy_bench: Bench
) -> None:
    """Of what lies in the folder or outside, only Python source that is imported is there in the box."""
    solution = laid_out(tmp_path / "all" / "ann", {"solution.py": source + BOTH, **files})
    exercise = exercise_with("f1_auc", None)
    found = find_submissions([solution.parent], exercise)
    outcome = read_submission(solution, exercise, found.modules.get(solution, ()))
    assert isinstance(outcome, Submission)
    assert outcome.modules == ()
    numpy_bench.settle()
    verdict = numpy_bench.grade(exercise, outcome)
    assert (verdict.status, verdict.score) == (Status.RUNTIME_ERROR, 0.0)


HOSTILE = {
    "takes a forbidden module by a computed name": ("__import__('stati' + 'stics')", Status.RUNTIME_ERROR),
    "takes it with importlib": ("import importlib; importlib.import_module('stati' + 'stics')", Status.RUNTIME_ERROR),
    "ends the process": ("import os; os._exit(0)", Status.RUNTIME_ERROR),
    "imports itself for ever": ("import mine; mine.x", Status.RUNTIME_ERROR),
    "puts a module in the solution's place": (
        "import sys, types; m = types.ModuleType('solution'); m.f1_score = m.roc_auc = lambda *a: True\n"
        "sys.modules['solution'] = m",
        Status.WRONG_ANSWER,
    ),
    "writes where it may not": ("open('/solution.py', 'w')", Status.RUNTIME_ERROR),
}


@pytest.mark.parametrize(("code", "status"), HOSTILE.values(), ids=HOSTILE.keys())
def test_a_module_is_in_the_same_box(code: str, status: Status, numpy_bench: Bench) -> None:
    """Past the static look, a module may do what the solution may, and no more."""
    exercise = replace(
        exercise_with("f1_auc", None), forbid=("statistics",), suite_digest="of an exercise that forbids it"
    )
    submission = Submission(name="x", source=USING, modules=(("mine.py", code + "\n"),))
    verdict = numpy_bench.grade(exercise, submission)
    assert (verdict.status, verdict.score) == (status, 0.0)


def test_nobody_takes_a_neighbors_work_along(tmp_path: Path) -> None:
    """In a folder of several people's files an import makes no module of a solution, nor does `.viva.json`."""
    laid_out(
        tmp_path,
        {
            "solution.py": "from bob import *\nfrom cy.solution import roc_auc\n" + F1,
            "bob.py": BOTH,
            "cy/solution.py": BOTH,
        },
    )
    for is_workspace in (False, True):
        found = find_submissions([tmp_path], exercise_with("f1_auc", None), lambda _, answer=is_workspace: answer)
        assert found.modules == {}
        named = {*found.submissions, *(left.path for left in found.others)}
        assert named == {tmp_path / "solution.py", tmp_path / "bob.py", tmp_path / "cy"}


def test_the_digest_is_over_all_of_it() -> None:
    """One byte, one name or one module more is another submission; none is the digest of the source alone."""
    plain = Submission(name="x", source="a")
    others = [
        replace(plain, modules=modules)
        for modules in ((("m.py", "b"),), (("m.py", "c"),), (("n.py", "b"),), (("m.py", "b"), ("n.py", "")))
    ]
    assert len({one.digest for one in (plain, *others)}) == 5
    swapped = replace(plain, modules=(("n.py", ""), ("m.py", "b")))
    assert swapped.digest == others[-1].digest


def test_an_honest_folder_is_graded_as_one_file(tmp_path: Path, numpy_bench: Bench) -> None:
    """The reference in three files: a module, and a package with imports of its own."""
    exercise = exercise_with("f1_auc", None)
    source = exercise.solution.read_text(encoding="utf-8")
    solution = laid_out(
        tmp_path / "ann",
        {
            "solution.py": "from nets import f1_score\nimport auc as area\nroc_auc = area.roc_auc\n",
            "auc.py": "from nets.deep.er import roc_auc\n",
            "nets/__init__.py": "from .deep import er\nfrom .deep.er import f1_score\n",
            "nets/deep/er.py": source,
            "nets/data.csv": "1,2",
        },
    )
    outcome = handed_in(solution)
    assert isinstance(outcome, Submission)
    assert [file for file, _ in outcome.modules] == ["auc.py", "nets/__init__.py", "nets/deep/er.py"]
    assert numpy_bench.grade(exercise, outcome).status is Status.ACCEPTED
