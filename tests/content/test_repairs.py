"""Repair tasks of the shipped exercises: what a person is given does not give the mistake away."""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path

import pytest

from grader.cli.workspace import lay_out_repair, repair_folder
from grader.content.pack import Pack, builtin_pack_root
from grader.content.planted import planted_source, repairs_of
from grader.content.yaml_source import read_prose
from grader.model.repair import Repair
from grader.model.text import Lang, Text
from grader.report.editor_text import for_editor
from grader.sessions.bundle import candidate_files
from grader.sessions.debugging import made_entry
from grader.sessions.freeze import Making, freeze_session
from grader.sessions.one_language import in_language
from grader.sessions.wishes import Wishes

PACK = Pack(builtin_pack_root())
REPAIRS = [repair for exercise in PACK.exercises() for repair in repairs_of(exercise)]
BY_EXERCISE = {slug: [one for one in REPAIRS if one.exercise.id == slug] for slug in PACK.slugs}
LONG = 4  # words: a shorter comment is a shape


@lru_cache(maxsize=128)
def comments(source: str) -> list[str]:
    """The comments of a module without their signs."""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return [token.string.lstrip("# ") for token in tokens if token.type == tokenize.COMMENT]


@cache
def public_words(folder: Path) -> str:
    """All that is public of an exercise, as it is and as an editor shows it."""
    texts = [read_prose(path) for path in folder.glob("*.*")]
    return "".join([*texts, *map(for_editor, texts)])


def secrets(repair: Repair) -> list[str]:
    """What nobody may read who looks for the mistake: its names, and what the reference says beyond the statement."""
    mutant = repair.mutant
    explained = [*comments(read_prose(repair.exercise.solution)), *comments(mutant.source)]
    names = [mutant.id, mutant.title.en, mutant.title.zh, mutant.advice.en, mutant.advice.zh]
    public = public_words(repair.exercise.public_dir)
    return [*names, *(text for text in explained if len(text.split()) >= LONG and text not in public)]


def betrayed(repair: Repair, files: Mapping[str, str]) -> list[tuple[str, str]]:
    """(file, secret) for each secret that is in one of the files, or in its name."""
    known, texts = secrets(repair), {name: f"{name}\n{text}" for name, text in files.items()}
    return [(name, secret) for name, text in texts.items() for secret in known if secret in text]


def written(folder: Path) -> dict[str, str]:
    """The files of a workspace by their paths from the folder above it."""
    return {
        str(path.relative_to(folder.parent)): path.read_text(encoding="utf-8")
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def without_strings(source: str) -> str:
    """A module as a tree, without docstrings."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            node.body = [one for one in node.body if not _is_text(one)]
    return ast.dump(tree)


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def test_there_are_repair_tasks() -> None:
    """Each exercise makes five at least, so the cases below say something."""
    assert all(len(repairs_of(exercise)) >= 5 for exercise in PACK.exercises())


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("slug", BY_EXERCISE)
def test_a_workspace_gives_nothing_away(slug: str, lang: Lang, tmp_path: Path) -> None:
    """No file of a workspace, nor its folder, holds the mutant's names or an explanation of the reference's."""
    for repair in BY_EXERCISE[slug]:
        folder = tmp_path / repair_folder(repair)
        lay_out_repair(repair, folder, lang, seed=3)
        assert betrayed(repair, written(folder)) == [], repair.mutant.id


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("slug", BY_EXERCISE)
def test_a_bundle_gives_nothing_away(slug: str, lang: Lang) -> None:
    """No file of a candidate's bundle does, either: neither those of the task nor those of the bundle."""
    repairs = BY_EXERCISE[slug]
    wishes = Wishes(role="tester", level="mid", minutes=60, opening=3, closing=5)
    making = Making(title=Text.same("Tester"), seed=3, form=1, forms=1, created="2026-11-29T10:00:00+00:00")
    session = freeze_session(wishes, [made_entry(one) for one in repairs], making, PACK.syllabus, PACK.exercise)
    files = {name: data.decode() for name, data in candidate_files(session, lang, live=False).items()}
    for number, repair in enumerate(repairs, 1):
        own = f"{number}-code/"
        assert files[f"{own}solution.py"] == in_language(planted_source(repair), lang), repair.mutant.id
        shown = {name: text for name, text in files.items() if "-code/" not in name or name.startswith(own)}
        assert betrayed(repair, shown) == [], repair.mutant.id


@pytest.mark.parametrize("slug", BY_EXERCISE)
def test_the_planted_code_is_the_mutant(slug: str) -> None:
    """The program is the mutant's, without a comment; what the stub documents is documented as there."""
    for repair in BY_EXERCISE[slug]:
        source = planted_source(repair)
        assert without_strings(source) == without_strings(repair.mutant.source), repair.mutant.id
        assert comments(source) == [], repair.mutant.id
        assert _documents(source) >= _documents(read_prose(repair.exercise.stub)), repair.mutant.id


def _documents(source: str) -> set[tuple[str, str]]:
    """(name, docstring) of all that has one."""
    tree = ast.parse(source)
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef | ast.FunctionDef)]
    return {(node.name, text) for node in nodes if (text := ast.get_docstring(node))}


def test_repair_entries_show_no_name_of_their_mistake() -> None:
    """What a bug entry asks holds neither the title nor the advice of the mutant that it plants."""
    for entry in PACK.entries():
        mutant = getattr(entry, "mutant", None)
        if mutant is not None:
            (found,) = (one for one in REPAIRS if (one.exercise.id, one.mutant.id) == (entry.exercise, mutant))  # type: ignore[attr-defined]
            asked = "\n".join((entry.title.en, entry.title.zh, entry.prompt.en, entry.prompt.zh))
            assert not [secret for secret in secrets(found) if secret in asked]
