"""A parsed module: its text, its tree, and what operators ask about a node."""

from __future__ import annotations

import ast
import io
from collections.abc import Iterator
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple


class Role(NamedTuple):
    """Where a node stands: in which node, in which field of it, and at which place if the field is a list."""

    parent: ast.AST
    field: str
    place: int | None


class Module:
    """Read once, shown to every operator; raises SyntaxError where `source` is no Python."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.tree = ast.parse(source)
        self._lines = list(io.StringIO(source, newline=""))
        self._starts = list(accumulate(map(len, self._lines), initial=0))
        self._roles = dict(_roles(self.tree))

    def owns(self, node: ast.AST) -> bool:
        """Whether `node` is an expression or statement of this module, and not one that an operator made."""
        return node in self._roles

    def role(self, node: ast.AST) -> Role:
        """Where `node` stands."""
        return self._roles[node]

    def stands_as(self, node: ast.AST, parent: type[ast.AST], field: str) -> bool:
        """Whether `node` is the `field` of a `parent`, or stands in a list that is."""
        role = self._roles[node]
        return isinstance(role.parent, parent) and role.field == field

    def ancestors(self, node: ast.AST) -> Iterator[ast.AST]:
        """From the node around `node` to the module."""
        while node in self._roles:
            node = self._roles[node].parent
            yield node

    def span(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        """Characters from and to which `node` stands; decorators are no part of a definition."""
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return self.offset(node.lineno, node.col_offset), self.offset(node.end_lineno, node.end_col_offset)

    def text(self, node: ast.expr | ast.stmt) -> str:
        """`node` as it was written."""
        start, end = self.span(node)
        return self.source[start:end]

    def offset(self, line: int, column: int) -> int:
        """The character at `line` (from 1) and `column` (UTF-8 bytes from 0), as a place in the source."""
        text = self._lines[line - 1]
        return self._starts[line - 1] + (column if text.isascii() else len(text.encode()[:column].decode()))

    @cached_property
    def imported(self) -> frozenset[str]:
        """Names that an import binds."""
        found = (node for node in ast.walk(self.tree) if isinstance(node, ast.Import | ast.ImportFrom))
        return frozenset((alias.asname or alias.name.partition(".")[0]) for node in found for alias in node.names)

    @cached_property
    def counters(self) -> frozenset[str]:
        """Names that count the rounds of a loop: what runs over a `range`, and first in an `enumerate`."""
        loops = (node for node in ast.walk(self.tree) if isinstance(node, ast.For | ast.comprehension))
        return frozenset(name for loop in loops for name in _counter(loop))

    @cached_property
    def compared_strings(self) -> tuple[str, ...]:
        """The strings with which something is compared, sorted: names of modes and the like."""
        pairs = (node for node in ast.walk(self.tree) if isinstance(node, ast.Compare))
        sides = (side for pair in pairs for side in (pair.left, *pair.comparators))
        return tuple(sorted({text for side in sides for text in _strings(side)}))


def _roles(tree: ast.Module) -> Iterator[tuple[ast.AST, Role]]:
    for parent in ast.walk(tree):
        for field, value in ast.iter_fields(parent):
            for index, child in enumerate(value if isinstance(value, list) else [value]):
                # Contexts and operators are shared by all nodes that have the same, so they stand nowhere.
                if isinstance(child, ast.AST) and not isinstance(
                    child, ast.expr_context | ast.operator | ast.unaryop | ast.boolop | ast.cmpop
                ):
                    yield child, Role(parent, field, index if isinstance(value, list) else None)


def _counter(loop: ast.For | ast.comprehension) -> Iterator[str]:
    match loop.iter, loop.target:
        case ast.Call(func=ast.Name(id="range")), ast.Name(id=name):
            yield name
        case ast.Call(func=ast.Name(id="enumerate")), ast.Tuple(elts=[ast.Name(id=name), *_]):
            yield name


def _strings(side: ast.expr) -> Iterator[str]:
    match side:
        case ast.Constant(value=str() as text):
            yield text
        case ast.Tuple(elts=items) | ast.List(elts=items) | ast.Set(elts=items):
            for item in items:
                yield from _strings(item)
