"""Source without the words that explain it: comments and docstrings go, layout and program stay."""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

Documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
_BODIES = ("body", "orelse", "finalbody")


@lru_cache(maxsize=128)  # more than one exercise has mutants: each is shown in several places and languages
def bare(source: str, contract: str) -> str:
    """`source` without comments and bare strings, but with the docstrings that `contract` has for the same names.

    Both are modules that parse. A documented function of `contract` that has no docstring in `source` gets it too.
    """
    text = _Numbered(source)
    documents = _documents(contract)
    strings = [*_strings(text, documents), *_missing(text, documents)]
    comments = (one for one in _comments(text) if not any(span.start <= one.start < span.end for span in strings))
    for span in sorted([*strings, *comments], reverse=True):
        source = source[: span.start] + span.new + source[span.end :]
    return source.lstrip("\n")


@dataclass(frozen=True, slots=True, order=True)
class _Span:
    """Characters that are to be replaced."""

    start: int
    end: int
    new: str


@dataclass(frozen=True, slots=True)
class _Document:
    """A docstring as it is written, and the column that its lines are indented to."""

    literal: str
    column: int

    def at(self, column: int) -> str:
        """The literal in a body at another indentation."""
        first, *rest = self.literal.split("\n")
        moved = (" " * column + line[min(self.column, len(line) - len(line.lstrip(" "))) :] for line in rest)
        return "\n".join([first, *(line if line.strip() else "" for line in moved)])


class _Numbered:
    """A source whose places are found by the lines and columns of `tokenize` and `ast`."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.tree = ast.parse(source)
        self.lines = source.split("\n")
        self._starts = [0, *accumulate(len(line) + 1 for line in self.lines)]

    def at(self, line: int, column: int) -> int:
        """The offset of a column in characters; lines count from 1."""
        return self._starts[line - 1] + column

    def span(self, node: ast.stmt, new: str) -> _Span:
        """The place of a statement alone."""
        return _Span(self._edge(node.lineno, node.col_offset), self._edge(*_end(node)), new)

    def whole_lines(self, node: ast.stmt) -> _Span:
        """The lines of a statement and a blank one after them, to be taken away."""
        last = node.end_lineno or node.lineno
        last += last < len(self.lines) and not self.lines[last].strip()
        return _Span(self.at(node.lineno, 0), min(self.at(last + 1, 0), len(self.source)), "")

    def stands_alone(self, node: ast.stmt) -> bool:
        """Whether nothing but a comment shares the lines of a statement."""
        place = self.span(node, "")
        before = self.source[self.at(node.lineno, 0) : place.start]
        after = self.source[place.end :].partition("\n")[0].strip()
        return not before.strip() and (not after or after.startswith("#"))

    def _edge(self, line: int, in_bytes: int) -> int:
        column = len(self.lines[line - 1].encode()[:in_bytes].decode())
        return self.at(line, column)


def _end(node: ast.stmt) -> tuple[int, int]:
    return node.end_lineno or node.lineno, node.end_col_offset or 0


def _comments(text: _Numbered) -> Iterator[_Span]:
    for token in tokenize.generate_tokens(io.StringIO(text.source).readline):
        if token.type != tokenize.COMMENT:
            continue
        line, column = token.start
        before = text.lines[line - 1][:column]
        end = text.at(line, len(text.lines[line - 1]))
        if before.strip():
            yield _Span(text.at(line, len(before.rstrip())), end, "")
        else:
            yield _Span(text.at(line, 0), min(end + 1, len(text.source)), "")


def _strings(text: _Numbered, documents: Mapping[str, _Document]) -> Iterator[_Span]:
    """Every statement that is only a string: replaced by the contract's where there is one, else taken away."""
    for name, node in _named(text.tree):
        for body in _bodies(node):
            does_more = not all(map(_is_string, body))
            for place, statement in enumerate(body):
                if not _is_string(statement):
                    continue
                is_document = place == 0 and isinstance(node, Documented) and body is node.body
                if is_document and name in documents:
                    yield text.span(statement, documents[name].at(statement.col_offset))
                elif does_more and text.stands_alone(statement):
                    yield text.whole_lines(statement)
                else:
                    yield text.span(statement, "pass")


def _missing(text: _Numbered, documents: Mapping[str, _Document]) -> Iterator[_Span]:
    """Docstrings of the contract for what has none."""
    for name, node in _named(text.tree):
        if not isinstance(node, Documented) or name not in documents or not node.body or _is_string(node.body[0]):
            continue
        first = node.body[0]
        line = min(_first_line(first), first.lineno)
        if not isinstance(node, ast.Module) and line <= node.lineno:
            continue  # a body on the line of its `def`
        column = first.col_offset
        gap = "\n\n" if isinstance(node, ast.Module) else "\n"
        start = text.at(line, 0)
        yield _Span(start, start, " " * column + documents[name].at(column) + gap)


def _first_line(node: ast.stmt) -> int:
    """Where a statement begins, its decorators included."""
    decorators: Sequence[ast.expr] = getattr(node, "decorator_list", ())
    return min((one.lineno for one in decorators), default=node.lineno)


def _documents(contract: str) -> dict[str, _Document]:
    """The docstrings of a module by qualified name; its own is the empty one."""
    found: dict[str, _Document] = {}
    for name, node in _named(ast.parse(contract)):
        if isinstance(node, Documented) and node.body and _is_string(node.body[0]):
            literal = ast.get_source_segment(contract, node.body[0]) or ""
            found[name] = _Document(literal, node.body[0].col_offset)
    return found


def _named(tree: ast.Module) -> Iterator[tuple[str, ast.AST]]:
    """Every node with statements in it; classes and functions under their qualified names, others under `?`."""
    waiting: list[tuple[str, ast.AST]] = [("", tree)]
    while waiting:
        name, node = waiting.pop()
        yield (name if isinstance(node, Documented) else "?"), node
        for child in filter(_holds_statements, ast.iter_child_nodes(node)):
            own = child.name if isinstance(child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) else ""
            waiting.append((".".join(filter(None, (name, own))), child))


def _holds_statements(node: ast.AST) -> bool:
    """An expression never does, and most nodes of a tree are in expressions."""
    return isinstance(node, ast.stmt | ast.ExceptHandler | ast.match_case)


def _bodies(node: ast.AST) -> Iterator[list[ast.stmt]]:
    for field in _BODIES:
        body = getattr(node, field, None)
        if isinstance(body, list):
            yield body


def _is_string(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
