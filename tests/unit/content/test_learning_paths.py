"""Learning paths: what the reader refuses, and what the check of a bank holds against a path."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from grader.content.bank_check import check_bank
from grader.content.learning_path import read_path
from grader.content.pack import Pack, builtin_pack_root
from grader.errors import ContentError
from tests.unit.content.conftest import as_yaml

Edit = Callable[[dict[str, Any]], object]
PATH: dict[str, Any] = {
    "schema": 1,
    "id": "first-steps",
    "status": "active",
    "title": {"en": "First steps", "zh": "入门"},
    "summary": {"en": "For beginners.", "zh": "写给初学者。"},
    "steps": [
        {"entry": "sample", "why": {"en": "Begin here.", "zh": "从这里开始。"}},
        {"exercise": "mean", "why": {"en": "Now write it.", "zh": "接着动手写。"}},
    ],
}


@pytest.fixture
def written(pack_root: Path) -> Callable[..., Path]:
    """Writes the path into the pack, after an edit; a `code` entry asks its exercise."""
    sample = json.loads((pack_root / "bank/architecture/sample.yaml").read_text(encoding="utf-8"))
    code = {**sample, "id": "mean-code", "kind": "code", "exercise": "mean", "topics": ["eval.regression"]}
    (pack_root / "bank/evaluation").mkdir()
    (pack_root / "bank/evaluation/mean-code.yaml").write_text(as_yaml(code), encoding="utf-8")

    def write(edit: Edit = lambda _: None, name: str = "first-steps") -> Path:
        value = copy.deepcopy(PATH)
        edit(value)
        path = pack_root / "bank" / "paths" / f"{name}.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(as_yaml(value), encoding="utf-8")
        return path

    return write


def line_of(path: Path, text: str) -> int:
    """The number of the only line that holds `text`."""
    (number,) = [n for n, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1) if text in line]
    return number


def about_paths(root: Path) -> list[str]:
    """What the check of the bank holds against paths."""
    return [problem for problem in check_bank(Pack(root)).problems if "/bank/paths/" in problem]


def test_a_path_keeps_its_order(written: Callable[..., Path]) -> None:
    """Steps are read as they stand, each with what it names."""
    _, path = read_path(written())
    assert [(step.kind, step.name, step.why.en) for step in path.steps] == [
        ("entry", "sample", "Begin here."),
        ("exercise", "mean", "Now write it."),
    ]
    assert (path.id, path.title.zh, path.status) == ("first-steps", "入门", "active")


REFUSED: dict[str, tuple[Edit, str, str]] = {
    "no steps": (lambda p: p.update(steps=[]), "steps", "write at least 1 of them"),
    "nothing named": (lambda p: p["steps"][1].pop("exercise"), "steps.1", "write `entry: ID` or `exercise: SLUG`"),
    "two named": (lambda p: p["steps"][1].update(entry="sample"), "steps.1.exercise", "keep one of the two"),
    "twice": (lambda p: p["steps"].append(p["steps"][0]), "steps.2.entry", "remove one"),
    "no reason": (lambda p: p["steps"][0].pop("why"), "steps.0.why", "write `why: …`"),
    "one language": (lambda p: p["steps"][1]["why"].pop("zh"), "steps.1.why.zh", "an active one has both languages"),
    "id of no file": (lambda p: p.update(id="other"), "id", "make them the same"),
    "snake case": (lambda p: p["steps"][0].update(entry="the_entry"), "steps.0.entry", "write kebab-case"),
    "misspelt": (lambda p: p["steps"][0].update(entri="x"), "steps.0.entri", "did you mean `entry`?"),
}


@pytest.mark.parametrize(("edit", "field", "fix"), REFUSED.values(), ids=REFUSED)
def test_mistake_is_named_with_its_place(written: Callable[..., Path], edit: Edit, field: str, fix: str) -> None:
    """What the format forbids is refused with the field, the line and what to write."""
    with pytest.raises(ContentError) as caught:
        read_path(written(edit))
    assert caught.value.field == field
    assert caught.value.problem.startswith("line ")
    assert fix in caught.value.fix


def test_the_line_is_that_of_the_field(written: Callable[..., Path]) -> None:
    """The number in a message is that of the line where the step names something."""
    path = written(lambda p: p["steps"][0].update(entry="the_entry"))
    with pytest.raises(ContentError, match=rf"line {line_of(path, 'the_entry')}: "):
        read_path(path)


def test_a_draft_may_lack_a_language(written: Callable[..., Path]) -> None:
    """Only an active path needs both languages."""
    _, path = read_path(written(lambda p: (p.update(status="draft"), p["title"].pop("zh"))))
    assert path.title.zh == ""


def test_a_path_is_no_entry(written: Callable[..., Path], pack_root: Path) -> None:
    """The folder of paths is no area: what lies in it is not read as an entry."""
    written()
    pack = Pack(pack_root)
    assert set(pack.entry_paths) == {"sample", "mean-code"}
    assert set(pack.path_files) == {"first-steps"}
    assert pack.learning_path("first-steps").steps[1].name == "mean"


def test_a_sound_path_has_no_problems(written: Callable[..., Path], pack_root: Path) -> None:
    """Nothing is held against a path whose steps can all be asked."""
    written()
    assert about_paths(pack_root) == []


CHECKED: dict[str, tuple[Edit, str, str]] = {
    "unknown entry": (lambda p: p["steps"][0].update(entry="sampel"), "steps.0.entry", "did you mean `sample`?"),
    "nothing near": (lambda p: p["steps"][0].update(entry="zzz"), "steps.0.entry", "write it first"),
    "unknown exercise": (lambda p: p["steps"][1].update(exercise="maen"), "steps.1.exercise", "did you mean `mean`?"),
    "asked twice": (lambda p: p["steps"][0].update(entry="mean-code"), "steps.1.exercise", "keep one of the two steps"),
    "chinese in english": (lambda p: p["summary"].update(en="For 初学者."), "summary.en", "translate it"),
    "english in chinese": (
        lambda p: p["steps"][0]["why"].update(zh="Begin with this one here."),
        "steps.0.why.zh",
        "write it in Chinese",
    ),
    "format": (lambda p: p.update(steps=[]), "steps", "write at least 1 of them"),
}


@pytest.mark.parametrize(("edit", "field", "fix"), CHECKED.values(), ids=CHECKED)
def test_check_finds_each_mistake(
    written: Callable[..., Path], pack_root: Path, edit: Edit, field: str, fix: str
) -> None:
    """`viva check` names file, field, line and what to write, once."""
    path = written(edit)
    (problem,) = about_paths(pack_root)
    assert problem.startswith(f"{path}: {field}: line ")
    assert fix in problem


def test_check_wants_steps_that_are_asked(written: Callable[..., Path], pack_root: Path) -> None:
    """An active path names no draft and no exercise without an active `code` entry; a draft of a path may."""
    for name in ("architecture/sample", "evaluation/mean-code"):
        file = pack_root / "bank" / f"{name}.yaml"
        file.write_text(file.read_text(encoding="utf-8").replace('"active"', '"draft"'), encoding="utf-8")
    written()
    first, second = about_paths(pack_root)
    assert "steps.0.entry" in first
    assert "has the status draft" in first
    assert "steps.1.exercise" in second
    assert "no active `code` entry asks `mean`" in second
    written(lambda p: p.update(status="draft"))
    assert about_paths(pack_root) == []


def test_check_goes_on_after_a_broken_path(written: Callable[..., Path], pack_root: Path) -> None:
    """One broken path does not hide what is wrong with the next."""
    written(lambda p: p.update(id="a-path", steps=[]), "a-path")
    written(lambda p: p["steps"][0].update(entry="sampel"))
    assert len(about_paths(pack_root)) == 2


SHIPPED = sorted((builtin_pack_root() / "bank" / "paths").glob("*.yaml"))


@pytest.mark.parametrize("file", SHIPPED, ids=lambda path: path.stem)
def test_shipped_path_is_a_path(file: Path) -> None:
    """A path that comes with viva has 8 steps or more, an exercise among them, and says which schema it keeps."""
    _, path = read_path(file)
    assert len(path.steps) >= 8
    assert any(step.kind == "exercise" for step in path.steps)
    assert file.read_text(encoding="utf-8").startswith("# yaml-language-server: $schema=schema.json\n")


def test_paths_are_shipped() -> None:
    """There are some."""
    assert {"metrics-you-can-defend", "training-that-does-not-break"} <= {path.stem for path in SHIPPED}
