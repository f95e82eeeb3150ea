"""A Markdown text for a plain editor: formulas as text, lines of a width that a window has.

What it writes is Markdown still. Code stays as it is; so do tables, but for their formulas.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from grader.markup.formula_text import formula_text
from grader.markup.latex import LatexError
from grader.report.layout import wrap

WIDTH: Final = 96  # cells
_INDENT: Final = "    "
_ITEM: Final = re.compile(r"(\s*)(?:[-*+]|\d+[.)])\s+")
_FORMULA: Final = re.compile(r"(`+).*?\1|\$\$(.+?)\$\$|\$(?!\s)((?:[^$\\`]|\\.)+?)(?<!\s)\$(?!\d)|\\\$", re.DOTALL)
_CHINESE: Final = re.compile(r"[\u3000-\u9fff\uff00-\uffef]")


def for_editor(markdown: str, width: int = WIDTH) -> str:
    """`markdown` in lines of at most `width` cells, but for code and tables, with formulas as text."""
    return "\n".join(_lines(markdown.split("\n"), width))


def _lines(source: list[str], width: int) -> Iterator[str]:
    lines = iter(source)
    paragraph: list[str] = []
    for line in lines:
        if line.lstrip().startswith("$$"):
            yield from _flowed(paragraph, width)
            yield from _displayed(line, lines, width)
        elif line.lstrip().startswith("```"):
            yield from _flowed(paragraph, width)
            yield from _fenced(line, lines)
        elif not line.strip() or line.lstrip().startswith(("|", "#", ">")):
            yield from _flowed(paragraph, width)
            yield _with_text(line)
        else:
            if _ITEM.match(line):
                yield from _flowed(paragraph, width)
            paragraph.append(line)
    yield from _flowed(paragraph, width)


def _fenced(first: str, lines: Iterator[str]) -> Iterator[str]:
    """A block of code, up to its end."""
    yield first
    for line in lines:
        yield line
        if line.strip() == first.strip()[:3]:
            return


def _displayed(first: str, lines: Iterator[str], width: int) -> Iterator[str]:
    """A displayed formula as an indented block, whatever stands behind its end in a line of its own."""
    whole = first.strip()
    while not re.search(r"\$\$.*\$\$", whole, re.DOTALL):
        whole += "\n" + next(lines, "$$")
    formula, _, rest = whole[2:].partition("$$")
    for number, line in enumerate(wrap(_as_text(formula.strip()), width - 2 * len(_INDENT))):
        yield _INDENT * (2 if number else 1) + line
    if rest.strip():
        yield _with_text(rest.strip())


def _flowed(paragraph: list[str], width: int) -> Iterator[str]:
    """The lines of a paragraph or an item of a list, filled anew; empties it."""
    if paragraph:
        found = _ITEM.match(paragraph[0])
        lead = found[0] if found else re.match(r"\s*", paragraph[0])[0]  # type: ignore[index]
        text = _joined([paragraph[0][len(lead) :], *map(str.strip, paragraph[1:])])
        for number, line in enumerate(_filled(_with_text(text), width - len(lead))):
            yield (" " * len(lead) if number else lead) + line
        paragraph.clear()


def _filled(text: str, width: int) -> list[str]:
    """Lines of which none but the first begins as an item of a list does: such a beginning goes to the line before."""
    lines: list[str] = []
    for line in wrap(text, width):
        while lines and (found := _ITEM.match(line)):
            lines[-1] += f" {found[0].strip()}"
            line = line[found.end() :]
        lines.append(line)
    return lines


def _joined(lines: list[str]) -> str:
    """Lines as one: between two Chinese characters no blank is wanted."""
    whole = lines[0]
    for line in lines[1:]:
        solid = _CHINESE.fullmatch(whole[-1:]) and _CHINESE.fullmatch(line[:1])
        whole += line if solid else " " + line
    return whole


def _with_text(line: str) -> str:
    """`line` with its formulas as text, in which nothing is a mark of Markdown's."""

    def shown(found: re.Match[str]) -> str:
        source = found[2] or found[3]
        if source is None:
            return found[0]
        return re.sub(r"([*_|`]|<(?=[a-zA-Z/!]))", r"\\\1", " ".join(_as_text(source).split()))

    return _FORMULA.sub(shown, line)


def _as_text(source: str) -> str:
    try:
        return formula_text(source)
    except LatexError:
        return source
