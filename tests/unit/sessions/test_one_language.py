"""Public source in one language: words go, the program stays."""

from __future__ import annotations

import ast

import pytest

from grader.content.pack import Pack
from grader.model.text import Lang
from grader.sessions.one_language import in_language

SOURCE = '''"""Stub: the contract is in statement.en.md (English) and statement.zh.md (Chinese)."""


def test_it(candidate):
    """It works.

    它能用。
    """
    word = "两\\n种 two"
    assert candidate, f"{word} is missing\\n缺少 {word}"
    assert word, "both 两个 in one line"


def test_long():
    """One line, and
    another one.

    For the reader.

    一行，
    又一行。
    """
'''


def test_english() -> None:
    """Chinese paragraphs of docstrings and lines of asserts go; data that is Chinese stays."""
    text = in_language(SOURCE, "en")
    assert '"""Stub: the contract is in STATEMENT.md."""' in text
    assert '"""It works."""' in text
    assert '''"""One line, and
    another one.

    For the reader."""''' in text.replace('reader.\n    """', 'reader."""')
    assert '"两\\n种 two"' in text
    assert 'f"{word} is missing"' in text
    assert '"both 两个 in one line"' in text


def test_chinese() -> None:
    """The same in Chinese; what is said in English alone stays."""
    text = in_language(SOURCE, "zh")
    assert '"""Stub: the contract is in STATEMENT.md."""' in text
    assert '"""它能用。"""' in text
    assert 'f"缺少 {word}"' in text
    assert '"""一行，\n    又一行。\n    """' in text


@pytest.mark.parametrize("text", ["def (", "\0", "x = " + "(" * 5000])
def test_what_is_no_module(text: str) -> None:
    """A session of a stranger's may hold anything; it is left as it is."""
    assert in_language(text, "en") == text


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_programs_stay(pack: Pack, lang: Lang) -> None:
    """Every public file of the pack is the same program as before, but for its docstrings and asserts' sentences."""
    for exercise in pack.exercises():
        for path in sorted(exercise.public_dir.glob("*.py")):
            source = path.read_text(encoding="utf-8")
            assert _bare(in_language(source, lang)) == _bare(source), path


def _bare(source: str) -> str:
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Assert):
            node.msg = None
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return ast.dump(tree)
