"""Which exercise and which files the words of a command mean."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.cli.target import find_target
from grader.errors import UsageError
from grader.practice.workspace import STATE, remembered


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace of f1_auc, below the folder that one stands in."""
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / STATE).write_text(remembered("f1_auc"), encoding="utf-8")
    (folder / "solution.py").write_text("", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return folder


def test_inside_a_workspace_nothing_need_be_named(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its exercise, and its solution."""
    monkeypatch.chdir(workspace)
    target = find_target(())
    assert (target.exercise.id, target.file.resolve()) == ("f1_auc", workspace / "solution.py")


@pytest.mark.parametrize("name", ["f1_auc", "f1-auc", "F1_AUC", "f1-auc-code"])
def test_an_exercise_goes_by_several_names(workspace: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """The slug, the same with dashes, and the id of the entry that asks it."""
    monkeypatch.chdir(workspace)
    target = find_target((name,))
    assert (target.exercise.id, target.file.resolve()) == ("f1_auc", workspace / "solution.py")


@pytest.mark.parametrize("words", [("mine/solution.py",), ("mine",)])
def test_a_path_into_a_workspace_says_what_it_is_for(workspace: Path, words: tuple[str, ...]) -> None:
    """The file, or its folder."""
    target = find_target(words)
    assert (target.exercise.id, target.file) == ("f1_auc", Path("mine/solution.py"))


def test_a_file_beside_its_exercise(workspace: Path) -> None:
    """As it always was: what is named is graded, wherever it lies."""
    target = find_target(("smote", "mine/solution.py", "other.py"))
    assert (target.exercise.id, target.files) == ("smote", (Path("mine/solution.py"), Path("other.py")))


def test_another_exercise_within_a_workspace_is_not_graded_on_its_file(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`viva grade smote` in a folder for f1_auc takes the file that is there; that was asked for by name."""
    monkeypatch.chdir(workspace.parent)
    assert find_target(("smote",)).files == ()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((), "this folder is no workspace; name an exercise"),
        (("loose.py",), "which exercise is loose.py for? Name it first: `viva grade f1_auc loose.py`"),
        (("f1_aux",), "there is no exercise 'f1_aux'; did you mean `f1_auc`?"),
    ],
)
def test_what_cannot_be_told_is_asked_for(workspace: Path, words: tuple[str, ...], says: str) -> None:
    """One sentence that says what to write."""
    Path("loose.py").write_text("", encoding="utf-8")
    with pytest.raises(UsageError, match=r"^") as caught:
        find_target(words)
    assert str(caught.value).startswith(says)


def test_no_file_to_work_with(workspace: Path) -> None:
    """Where a file is needed and none is there, how to begin is said."""
    with pytest.raises(UsageError, match="begin with `viva start smote`"):
        _ = find_target(("smote",)).file
