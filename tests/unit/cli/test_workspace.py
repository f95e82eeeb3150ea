"""What a new workspace holds, in the language that it was made in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from grader import wiring
from grader.cli.hint import reset
from grader.cli.workspace import lay_out, lay_out_repair
from grader.content.planted import find_repair
from grader.model.text import Lang

SLUGS = ("adamw", "f1_auc", "multi_head_attention", "bm25")


@pytest.fixture(params=get_args(Lang))
def lang(request: pytest.FixtureRequest) -> Iterator[Lang]:
    """Each language in turn."""
    return request.param


@pytest.mark.parametrize("slug", SLUGS)
def test_every_file_names_the_statement_that_is_there(slug: str, lang: Lang, tmp_path: Path) -> None:
    """The pack has one statement for each language, a workspace has one alone."""
    lay_out(wiring.open_exercise(slug, ()), tmp_path, lang)
    told = {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()}
    assert "STATEMENT.md" in told
    assert [name for name, text in told.items() if "statement.en.md" in text or "statement.zh.md" in text] == []


def test_the_code_speaks_one_language(tmp_path: Path) -> None:
    """Docstrings of the public cases, as those of a bundle."""
    exercise = wiring.open_exercise("f1_auc", ())
    for lang in get_args(Lang):
        lay_out(exercise, tmp_path / lang, lang)
    told = {lang: (tmp_path / lang / "test_public.py").read_text(encoding="utf-8") for lang in get_args(Lang)}
    assert "三个真阳性" in told["zh"]
    assert "Three true positives" not in told["zh"]
    assert "Three true positives" in told["en"]
    assert "三个真阳性" not in told["en"]


def test_a_repair_task_names_it_too(lang: Lang, tmp_path: Path) -> None:
    """Its docstrings are those of the stub."""
    exercise = wiring.open_exercise("adamw", ())
    file = lay_out_repair(find_repair(exercise, next(iter(exercise.mutants)).id), tmp_path, lang, None)
    assert "statement.en.md" not in file.read_text(encoding="utf-8")


def test_what_was_made_in_another_language_is_untouched(
    lang: Lang, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder does not say in which language it was made; `viva reset` leaves either as it is."""
    monkeypatch.chdir(tmp_path)
    file = lay_out(wiring.open_exercise("adamw", ()), tmp_path, lang)
    before = file.read_bytes()
    assert reset((), (), "en") == 0
    assert "is as it was at the start already" in capsys.readouterr().out
    assert (file.read_bytes(), [*tmp_path.glob("solution.*.py")]) == (before, [])
