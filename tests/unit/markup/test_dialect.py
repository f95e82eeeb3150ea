"""The dialect of Markdown: where formulas, code and line ends begin and end."""

from __future__ import annotations

import pytest

from grader.markup.dialect import Fence, fences, formulas, words

FORMULAS = {
    "a $x$ and $y_1$": ("x", "y_1"),
    "$$\na\n- b\n$$": ("a\n- b",),
    "one $$x = 1$$ line": ("x = 1",),
    "it costs $5 and $6": (),
    r"it costs \$5, or \$6": (),
    "`$x$` and ``$y$``": (),
    "```\n$x$\n```": (),
    "$ x$ and $x $": (),
    "- $a$\n\n> $b$": ("a", "b"),
    "| $a$ | b |\n|---|---|\n| $c$ | d |": ("a", "c"),
    "$$\nnever closed": (),
    r"$\$5$": (r"\$5",),
}


@pytest.mark.parametrize(("markdown", "found"), FORMULAS.items(), ids=list(FORMULAS))
def test_formulas_are_found(markdown: str, found: tuple[str, ...]) -> None:
    """Formulas are what stands between dollars, and nothing in code."""
    assert formulas(markdown) == found


def test_fences_keep_language_and_code() -> None:
    """Each block of code comes with the name of its language."""
    assert fences("```python\nx = 1\n```\n\n    y\n") == (
        Fence(language="python", code="x = 1\n"),
        Fence(language="", code="y\n"),
    )


def test_words_leave_code_and_formulas_out() -> None:
    """Prose is what is left when code, formulas and marks are gone."""
    assert words("# A *b*\n\nc `d` $e$ f\n\n```\ng\n```\n").split() == ["A", "b", "c", "f"]


@pytest.mark.parametrize(
    ("lines", "joined"),
    [
        ("中文\n换行\nand\nEnglish", "中文换行 and English"),
        ("共 3\n（个）", "共 3（个）"),
        ("得到：\n14 个", "得到：14 个"),
        ("one,\ntwo", "one, two"),
    ],
)
def test_chinese_lines_join_without_a_blank(lines: str, joined: str) -> None:
    """A line end between Chinese characters, or beside a wide mark, is nothing; between others it is a blank."""
    assert words(lines) == joined
