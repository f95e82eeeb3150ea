"""Skeletons of exercises, and the list of what is left to write of them."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from grader.content.bank_check import check_bank
from grader.content.new_exercise import NewExercise, entry_id, write_skeleton
from grader.content.pack import Pack
from grader.content.promises import read_promises
from grader.content.unfinished import first_of, is_draft, marks_left, read_draft
from grader.errors import UsageError
from tests.acceptance.conftest import ROOT

ORDERS = [
    NewExercise(slug="rms_norm", environment=environment, level=level, topic="eval.regression")
    for environment, level in (("numpy", "junior"), ("torch", "staff"))
]
WRITTEN = "written"


def names_in(root: Path) -> set[str]:
    return {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}


def finish(path: Path) -> None:
    """Write something in place of every mark of a file."""
    text = path.read_text(encoding="utf-8").replace("TODO", WRITTEN)
    path.write_text(text.replace("[todo.topic]", "[eval.regression]"), encoding="utf-8")


@pytest.fixture
def root(pack_root: Path) -> Path:
    """A pack with a syllabus, into which the skeleton `rms_norm` was written."""
    write_skeleton(ORDERS[0], pack_root)
    return pack_root


@pytest.mark.parametrize("order", ORDERS, ids=lambda order: order.environment)
def test_a_skeleton_keeps_its_formats(pack_root: Path, order: NewExercise) -> None:
    """Manifest, mutants, promises and the entry load, and say what was asked for."""
    write_skeleton(order, pack_root)
    pack = Pack(pack_root)
    exercise = pack.check_exercise("rms_norm")
    assert (exercise.status, exercise.environment, exercise.level) == ("draft", order.environment, order.level)
    assert [promise.id for promise in read_promises(exercise)] == ["x_stays"]
    assert exercise.mutants == ()
    assert pack.check_entry("rms-norm-code").status == "draft"
    assert not [problem for problem in check_bank(pack).problems if "rms-norm-code" in problem]


@pytest.mark.parametrize("order", ORDERS, ids=lambda order: order.environment)
def test_the_suites_of_a_skeleton_run(tmp_path: Path, order: NewExercise) -> None:
    """The solution and the alternative pass them, and every case fails on the stub."""
    root = tmp_path / "new"
    write_skeleton(order, root)
    public, private = root / "exercises/rms_norm", root / "reference/rms_norm"
    files = [private / "solution.py", private / "alternatives/another_way.py", public / "stub.py"]
    ended = [pytest_on(file, public / "test_public.py", private / "test_hidden.py") for file in files]
    assert ["3 passed" in one for one in ended] == [True, True, False], ended
    assert "3 failed" in ended[2]


def pytest_on(candidate: Path, *suites: Path) -> str:
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "--import-mode=importlib",
        *map(str, suites),
    ]
    done = subprocess.run(
        [*command, "--viva-candidate", str(candidate)], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    return done.stdout.strip().splitlines()[-1]


@pytest.mark.parametrize("order", ORDERS, ids=lambda order: order.environment)
def test_the_code_of_a_skeleton_is_laid_out(tmp_path: Path, order: NewExercise) -> None:
    """Ruff has nothing to change or to say."""
    written = [str(path) for path in write_skeleton(order, tmp_path / "new") if path.suffix == ".py"]
    known = ["--config", "lint.isort.known-first-party = ['grader']", "--config", "line-length = 120"]
    for command in (["format", "--diff", "--line-length", "120"], ["check", "--select", "E,F,I,W,B", *known]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--isolated", *written], capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_every_case_of_a_skeleton_has_a_title_in_both_languages(root: Path) -> None:
    """As every shipped one has."""
    for suite in (root / "exercises/rms_norm/test_public.py", root / "reference/rms_norm/test_hidden.py"):
        tree = ast.parse(suite.read_text(encoding="utf-8"))
        cases = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]
        assert cases
        assert all(re.search("[\u4e00-\u9fff]", ast.get_docstring(case) or "") for case in cases)


def test_an_empty_place_becomes_a_pack(tmp_path: Path) -> None:
    """A folder that is not there yet, with topics of the built-in syllabus, and schemas for editors."""
    root = tmp_path / "some/where"
    written = write_skeleton(NewExercise(slug="rms_norm", topic="train.loop"), root)
    assert {path.relative_to(root).as_posix() for path in written} == names_in(root)
    assert {"bank/schema.json", "exercises/schema.json", "reference/promises.schema.json"} <= names_in(root)
    assert Pack(root).check_exercise("rms_norm").topics == ("train.loop",)


def test_the_syllabus_knows_the_topic_of_a_slug(pack_root: Path) -> None:
    """Where it has the slug below one, nobody need name it."""
    syllabus = pack_root / "bank/syllabus.yaml"
    syllabus.write_text(syllabus.read_text(encoding="utf-8").replace('"mean"', '"rms_norm"'), encoding="utf-8")
    write_skeleton(NewExercise(slug="rms_norm"), pack_root)
    assert Pack(pack_root).check_exercise("rms_norm").topics == ("eval.regression",)
    assert (pack_root / "bank/evaluation/rms-norm-code.yaml").is_file()


def test_without_a_topic_there_is_no_entry(pack_root: Path) -> None:
    """The topic is one more thing to write, and not an error as long as it is."""
    written = write_skeleton(NewExercise(slug="rms_norm"), pack_root)
    assert not [path for path in written if path.suffix == ".yaml" and "bank" in path.parts]
    draft = read_draft(Pack(pack_root), "rms_norm")
    assert [line for line in draft.left if "exercise.yaml:7: write ids of topics" in line]
    assert draft.broken == ()


def test_an_entry_that_is_there_is_kept(pack_root: Path) -> None:
    """In whatever area it lies."""
    entry = pack_root / "bank/architecture/rms-norm-code.yaml"
    entry.write_text("kept", encoding="utf-8")
    written = write_skeleton(ORDERS[0], pack_root)
    assert entry.read_text(encoding="utf-8") == "kept"
    assert not [path for path in written if path.name == "rms-norm-code.yaml"]


@pytest.mark.parametrize("half", ["exercises", "reference"])
def test_nothing_is_replaced(pack_root: Path, half: str) -> None:
    """One half of an exercise is enough, and then the other is not written either."""
    (pack_root / half / "rms_norm").mkdir()
    before = names_in(pack_root)
    with pytest.raises(UsageError, match=f"{half}/rms_norm is already there; choose another slug"):
        write_skeleton(ORDERS[0], pack_root)
    assert names_in(pack_root) == before


@pytest.mark.parametrize(
    ("order", "says"),
    [
        (NewExercise(slug="RMSNorm"), "is not a slug"),
        (NewExercise(slug="../mean"), "is not a slug"),
        (NewExercise(slug="lambda"), "cannot name a function"),
        (NewExercise(slug="rms__norm"), "cannot name a function"),
        (NewExercise(slug="rms_norm", topic="eval.regresion"), "did you mean `eval.regression`"),
    ],
)
def test_what_cannot_be_written_is_refused(pack_root: Path, order: NewExercise, says: str) -> None:
    """Before anything is written."""
    before = names_in(pack_root)
    with pytest.raises(UsageError, match=re.escape(says)):
        write_skeleton(order, pack_root)
    assert names_in(pack_root) == before


def test_a_folder_of_other_things_is_no_pack(tmp_path: Path) -> None:
    """A name that was mistyped does not fill somebody's folder."""
    (tmp_path / "photo.jpg").touch()
    with pytest.raises(UsageError, match="is not a pack"):
        write_skeleton(ORDERS[0], tmp_path)
    assert names_in(tmp_path) == {"photo.jpg"}


def test_marks_come_in_the_order_of_work(root: Path) -> None:
    """Statements, manifest, stub, solutions, suites, mutants, promises, notes, entry; lines in their order."""
    places = [line.split(":")[:2] for line in read_draft(Pack(root), "rms_norm").left]
    assert list(dict.fromkeys(Path(path).name for path, _ in places)) == [
        "statement.en.md", "statement.zh.md", "exercise.yaml", "stub.py", "solution.py", "another_way.py",
        "test_public.py", "test_hidden.py", "mutants.yaml", "promises.yaml", "notes.md", "rms-norm-code.yaml",
    ]  # fmt: skip
    assert all("TODO" in Path(path).read_text(encoding="utf-8").split("\n")[int(line) - 1] for path, line in places)


def test_every_mark_of_a_skeleton_is_listed(root: Path) -> None:
    """One for each line that has one, with what to write there."""
    files = [path for path in root.rglob("*rms*norm*/**/*") if path.is_file()]
    files.append(root / f"bank/evaluation/{entry_id('rms_norm')}.yaml")
    marked = sum("TODO" in line for path in files for line in path.read_text(encoding="utf-8").split("\n"))
    left = read_draft(Pack(root), "rms_norm").left
    assert len(left) == marked > 30
    assert all(re.fullmatch(r".+?:\d+: [^\s:#\"'`}].{5,}", line) for line in left)
    assert not [line for line in left if "TODO" in line or line.endswith(": write it")]


def test_a_bare_mark_is_to_be_written(root: Path) -> None:
    """As in the drafts that come of a spreadsheet."""
    notes = root / "reference/rms_norm/notes.md"
    notes.write_text("TODO\n", encoding="utf-8")
    assert f"{notes}:1: write it" in read_draft(Pack(root), "rms_norm").left


def test_the_last_thing_to_write_is_the_status(root: Path) -> None:
    """A draft without marks is told how to be proved, and then is none."""
    manifest = root / "exercises/rms_norm/exercise.yaml"
    for path in (*root.rglob("*.md"), *root.rglob("*.py"), *root.rglob("*.yaml")):
        finish(path)
    draft = read_draft(Pack(root), "rms_norm")
    assert draft.left == (f"{manifest}:5: write `status: active`, and check again",)
    text = manifest.read_text(encoding="utf-8")
    assert text.split("\n")[4] == "status: draft"
    manifest.write_text(text.replace("status: draft", "status: active"), encoding="utf-8")
    assert (is_draft(Pack(root), "rms_norm"), marks_left(Pack(root), "rms_norm")) == (False, ())


def test_what_breaks_a_format_is_told_beside_what_is_left(root: Path) -> None:
    """A promise that a statement no longer makes."""
    statement = root / "exercises/rms_norm/statement.en.md"
    statement.write_text(statement.read_text(encoding="utf-8").replace("`x` stays as it is.", ""), encoding="utf-8")
    draft = read_draft(Pack(root), "rms_norm")
    assert ["`x_stays`: statement.en.md does not say this" in line for line in draft.broken] == [True]
    assert len(draft.left) > 30


def test_a_manifest_that_cannot_be_read_is_no_draft(root: Path) -> None:
    """What is wrong with it is told by the check of its format."""
    (root / "exercises/rms_norm/exercise.yaml").write_text("status: draft\n", encoding="utf-8")
    assert not is_draft(Pack(root), "rms_norm")


@pytest.mark.parametrize(("count", "shown"), [(0, 0), (1, 1), (5, 5), (6, 6), (41, 6)])
def test_only_the_first_few_are_shown(count: int, shown: int) -> None:
    """And how many there are beside them."""
    lines = first_of([str(place) for place in range(count)])
    assert len(lines) == shown
    assert lines[5:] == ((f"and {count - 5} more",) if count > 5 else ())
