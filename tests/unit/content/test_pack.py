"""Packs: what is found, what is refused, and what the digest covers."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from grader.content.pack import Pack, builtin_pack_root, find_entry, find_exercise, load_exercise, suite_digest
from grader.errors import ContentError, UsageError

Rewrite = Callable[[Path, Callable[[dict[str, Any]], object]], None]
GRADED = [
    "exercises/mean/exercise.yaml",
    "exercises/mean/stub.py",
    "exercises/mean/test_public.py",
    "exercises/mean/driver.py",
    "reference/mean/solution.py",
    "reference/mean/test_hidden.py",
    "reference/mean/mutants.yaml",
    "reference/mean/mutants/another_algorithm.py",
]
NOT_GRADED = [
    "exercises/mean/statement.en.md",
    "exercises/mean/__pycache__/stub.cpython-311.pyc",
    "reference/mean/notes.md",
    "reference/mean/alternatives/other.py",
    "reference/mean/__pycache__/leftover.py",
    "reference/mean/mutants/__pycache__/leftover.py",
    "reference/other/solution.py",
    "bank/architecture/sample.yaml",
]


def append(root: Path, name: str) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as stream:
        stream.write("\n# changed\n")


def test_exercise_has_both_halves(pack_root: Path) -> None:
    """An exercise knows its two folders, its mutants and its digest."""
    exercise = load_exercise(pack_root, "mean")
    assert exercise.stub.is_file()
    assert exercise.hidden_suite.is_file()
    assert [mutant.id for mutant in exercise.mutants] == ["off_by_one"]
    assert exercise.suite_digest == suite_digest(pack_root, "mean")


@pytest.mark.parametrize(
    "slug",
    ["../mean", "mean/../mean", "/etc", "Mean", "mean.", "", "mean\n", "-m", "_m", "9m", "a" * 33, "mean\x00", "均值"],
)
def test_slug_cannot_lead_elsewhere(pack_root: Path, slug: str) -> None:
    """Only snake_case of 32 characters becomes part of a path."""
    with pytest.raises(UsageError, match="is not a slug"):
        load_exercise(pack_root, slug)


@pytest.mark.parametrize(
    "name",
    [
        "exercises/mean/exercise.yaml",
        "exercises/mean/stub.py",
        "exercises/mean/test_public.py",
        "exercises/mean/statement.en.md",
        "exercises/mean/statement.zh.md",
        "reference/mean/solution.py",
        "reference/mean/test_hidden.py",
    ],
)
def test_missing_file_is_named(pack_root: Path, name: str) -> None:
    """An exercise that lacks a file is refused with the file's path."""
    (pack_root / name).unlink()
    with pytest.raises(ContentError) as caught:
        load_exercise(pack_root, "mean")
    assert caught.value.path == pack_root / name


@pytest.mark.parametrize("name", GRADED)
def test_digest_covers_what_a_verdict_depends_on(pack_root: Path, name: str) -> None:
    """A change of any graded file, or a new one, changes the digest."""
    before = suite_digest(pack_root, "mean")
    append(pack_root, name)
    assert suite_digest(pack_root, "mean") != before


@pytest.mark.parametrize("name", NOT_GRADED)
def test_digest_covers_nothing_else(pack_root: Path, name: str) -> None:
    """Prose, caches and other exercises leave the digest as it was."""
    before = suite_digest(pack_root, "mean")
    append(pack_root, name)
    assert suite_digest(pack_root, "mean") == before


def test_digest_knows_where_files_end(pack_root: Path) -> None:
    """Bytes that move from the end of one file to the start of the next change the digest."""
    first, second = (pack_root / "reference" / "mean" / name for name in ("solution.py", "test_hidden.py"))
    first.write_bytes(b"ab")
    second.write_bytes(b"c")
    before = suite_digest(pack_root, "mean")
    first.write_bytes(b"a")
    second.write_bytes(b"bc")
    assert suite_digest(pack_root, "mean") != before


def test_digest_is_the_same_wherever_the_pack_lies(pack_root: Path) -> None:
    """A pack that was moved keeps its digests."""
    before = suite_digest(pack_root, "mean")
    assert suite_digest(pack_root.rename(pack_root.with_name("moved")), "mean") == before


def test_folder_that_is_no_pack_is_refused(tmp_path: Path) -> None:
    """A folder with neither bank/ nor exercises/ is a mistake in the command."""
    with pytest.raises(UsageError, match="is not a pack"):
        Pack(tmp_path)


def test_pack_lists_what_it_has(pack_root: Path) -> None:
    """Slugs and ids are known without reading the files."""
    (pack_root / "exercises" / "mean" / "exercise.yaml").write_text("broken: [")
    pack = Pack(pack_root)
    assert pack.slugs == ("mean",)
    assert list(pack.entry_paths) == ["sample"]


def test_pack_without_a_bank_has_no_entries(tmp_path: Path) -> None:
    """A pack may hold exercises only."""
    (tmp_path / "exercises").mkdir()
    assert list(Pack(tmp_path).entries()) == []


def test_exercise_is_read_once(pack_root: Path) -> None:
    """Asking twice gives the same value."""
    pack = Pack(pack_root)
    assert pack.exercise("mean") is pack.exercise("mean")


def test_all_entries_and_exercises_can_be_walked(pack_root: Path) -> None:
    """A pack gives everything that it holds."""
    pack = Pack(pack_root)
    assert [exercise.id for exercise in pack.exercises()] == ["mean"]
    assert [entry.id for entry in pack.entries()] == ["sample"]


def test_exercise_is_found_in_the_first_pack_that_has_it(pack_root: Path, tmp_path: Path) -> None:
    """Several packs are searched in their order."""
    (tmp_path / "empty" / "exercises").mkdir(parents=True)
    packs = [Pack(tmp_path / "empty"), Pack(pack_root)]
    assert find_exercise(packs, "mean").public_dir == pack_root / "exercises" / "mean"


@pytest.mark.parametrize(
    ("name", "words"), [("maen", "did you mean `mean`?"), ("xyzzy", "viva list"), ("../mean", "there is no exercise")]
)
def test_unknown_slug_suggests_the_nearest(pack_root: Path, name: str, words: str) -> None:
    """A slug that no pack has is answered with the nearest, or with how to list them."""
    with pytest.raises(UsageError) as caught:
        find_exercise([Pack(pack_root)], name)
    assert words in str(caught.value)


def test_unknown_entry_suggests_the_nearest(pack_root: Path) -> None:
    """An id that no pack has is answered with the nearest."""
    with pytest.raises(UsageError, match="did you mean `sample`"):
        find_entry([Pack(pack_root)], "smaple")


def test_entry_is_found(pack_root: Path) -> None:
    """An entry is found by its id."""
    assert find_entry([Pack(pack_root)], "sample").kind == "open"


def test_two_entries_cannot_share_an_id(pack_root: Path) -> None:
    """The same file name in two areas is refused with both paths."""
    copy = pack_root / "bank" / "evaluation" / "sample.yaml"
    copy.parent.mkdir()
    copy.write_text("")
    with pytest.raises(ContentError, match=r"architecture.sample\.yaml"):
        _ = Pack(pack_root).entry_paths


def test_checked_content_comes_back(pack_root: Path) -> None:
    """Content whose topics are in the syllabus passes."""
    pack = Pack(pack_root)
    assert pack.check_exercise("mean") is pack.exercise("mean")
    assert pack.check_entry("sample") is pack.entry("sample")


def test_unknown_topic_of_an_exercise_is_refused(pack_root: Path, rewrite: Rewrite) -> None:
    """A topic that the syllabus lacks is reported in the manifest, with the nearest."""
    path = pack_root / "exercises" / "mean" / "exercise.yaml"
    rewrite(path, lambda value: value.update(topics=["eval.regresion"]))
    with pytest.raises(ContentError) as caught:
        Pack(pack_root).check_exercise("mean")
    assert (caught.value.path, caught.value.field) == (path, "topics.0")
    assert caught.value.fix == "did you mean `eval.regression`?"


def test_entry_lies_in_the_folder_of_its_first_topic(pack_root: Path) -> None:
    """An entry in another area's folder is told where to go."""
    path = pack_root / "bank" / "architecture" / "sample.yaml"
    (pack_root / "bank" / "evaluation").mkdir()
    path.rename(pack_root / "bank" / "evaluation" / "sample.yaml")
    with pytest.raises(ContentError, match="move it to bank/architecture/"):
        Pack(pack_root).check_entry("sample")


def test_exercise_of_an_entry_must_exist(pack_root: Path, rewrite: Rewrite) -> None:
    """A link to an exercise that is not there is reported with the nearest slug."""
    path = pack_root / "bank" / "architecture" / "sample.yaml"
    rewrite(path, lambda value: value.update(kind="code", exercise="maen"))
    with pytest.raises(ContentError, match="did you mean `mean`"):
        Pack(pack_root).check_entry("sample")


def test_mutant_of_an_entry_must_exist(pack_root: Path, rewrite: Rewrite) -> None:
    """A repair task of a mutant that the exercise lacks is reported with what it has."""
    path = pack_root / "bank" / "architecture" / "sample.yaml"
    rewrite(path, lambda value: value.update(kind="bug", exercise="mean", mutant="no_such_mistake"))
    with pytest.raises(ContentError) as caught:
        Pack(pack_root).check_entry("sample")
    assert (caught.value.path, caught.value.field) == (path, "mutant")
    assert caught.value.problem == "`mean` has no mutant `no_such_mistake`"


def test_pack_without_a_syllabus_uses_the_built_in_one(pack_root: Path) -> None:
    """A team's own pack need not repeat the syllabus."""
    (pack_root / "bank" / "syllabus.yaml").unlink()
    assert len(Pack(pack_root).syllabus.topics) == 80


def test_checkout_is_the_built_in_pack() -> None:
    """In a checkout, the built-in pack is the repository root."""
    assert (builtin_pack_root() / "grader" / "content" / "pack.py").is_file()


def test_loading_imports_no_heavy_library(pack_root: Path) -> None:
    """Content is read without numpy, torch, scikit-learn or pytest."""
    script = (
        "import sys; from pathlib import Path; from grader.content.pack import Pack; import grader.content.schema;"
        f"pack = Pack(Path({str(pack_root)!r})); pack.check_exercise('mean'); pack.check_entry('sample');"
        "print([name for name in ('numpy', 'torch', 'sklearn', 'scipy', 'pytest') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_an_exercise_of_a_relative_pack_has_absolute_paths(pack_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pack named as people name folders gives paths that a process in another folder can open."""
    monkeypatch.chdir(pack_root.parent)
    exercise = Pack(Path(pack_root.name)).exercise("mean")
    assert exercise.solution.is_absolute()
    assert exercise.solution.is_file()
