"""Public source of an exercise for a bundle: in one language, and naming the statement as the bundle calls it.

Docstrings say things in English and, in paragraphs of their own, in Chinese; sentences of asserts do in lines. Only the
words go: what is left keeps its layout, and it is the same program.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from typing import Final

from grader.model.text import Lang

STATEMENT: Final = "STATEMENT.md"
_CHINESE: Final = re.compile(r"[\u3000-\u9fff\uff00-\uffef]")
_STATEMENTS: Final = re.compile(r"statement\.en\.md(?: \(English\))? and statement\.zh\.md(?: \(Chinese\))?")
_QUOTES: Final = re.compile(r"""([A-Za-z]*)(\"{3}|'{3}|"|')(.*)\2""", re.DOTALL)
_GAP: Final = re.compile(r"\n[ \t]*\n")


def in_language(source: str, lang: Lang) -> str:
    """`source` without what it says in the other language, where it says it in both; as it is if it does not parse."""
    text = _STATEMENTS.sub(STATEMENT, source)
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return text
    data = text.encode()
    starts = [0]
    for line in data.split(b"\n"):
        starts.append(starts[-1] + len(line) + 1)
    for node in sorted(_said(tree), key=lambda node: (node.lineno, node.col_offset), reverse=True):
        begin = starts[node.lineno - 1] + node.col_offset
        end = starts[(node.end_lineno or 0) - 1] + (node.end_col_offset or 0)
        data = data[:begin] + _shortened(data[begin:end].decode(), lang).encode() + data[end:]
    return data.decode()


def _said(tree: ast.Module) -> Iterator[ast.expr]:
    """The docstrings, and the sentences of asserts."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assert) and node.msg is not None:
            yield node.msg
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)) and node.body:
            first = node.body[0]
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and type(first.value.value) is str:
                yield first.value


def _shortened(literal: str, lang: Lang) -> str:
    """A literal as it is written, without its other language."""
    match = _QUOTES.fullmatch(literal)
    if match is None or match[2] in match[3]:  # two literals side by side
        return literal
    prefix, quote, body = match.groups()
    if len(quote) == 1 or "\n" not in body:
        kept = _kept(body.split("\\n"), lang)
        return literal if kept is None else prefix + quote + "\\n".join(kept) + quote
    kept = _kept(_GAP.split(body), lang)
    if kept is None:
        return literal
    joined = "\n\n".join([kept[0].lstrip(), *kept[1:]])
    return prefix + quote + (joined if "\n" in joined.strip() else joined.strip()) + quote


def _kept(parts: Iterable[str], lang: Lang) -> list[str] | None:
    """The parts in one language; None where not both are spoken."""
    listed = list(parts)
    chinese = [bool(_CHINESE.search(part)) for part in listed]
    if all(chinese) or not any(chinese):
        return None
    return [part for part, is_chinese in zip(listed, chinese, strict=True) if is_chinese is (lang == "zh")]
