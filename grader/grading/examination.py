"""The look at a source: whether it is Python, defines what it must, and uses nothing that is forbidden.

This is what runs apart (see `examiner`), so it imports little, takes a source and what to ask of it, and gives a small
tuple of plain values. The text is only parsed, never compiled: nested `finally` blocks, legal and a few hundred bytes
long, make the compiler's work double with every level. A CPython parser since 3.11 bounds its own nesting (200
brackets, 100 indents, a fixed stack of rules that fits in 1 MiB), so that a bomb ends in an exception; all that follows
is linear, or counted against a budget.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from grader.grading.budget import TooComplexError
from grader.grading.policy import find_forbidden
from grader.grading.scope import bound_names

Finding = Literal["nothing", "syntax", "empty", "too_deep", "too_complex", "missing_entry_point", "forbidden"]
FINDINGS: frozenset[str] = frozenset(Finding.__args__)  # type: ignore[attr-defined]

# Deeper than code that people write (about 25), and shallow enough for a recursive walk in Python.
MAX_DEPTH = 200
MAX_TEXT = 200
# Names whose use may define others while the module runs, so that nothing can be said about what is missing.
_DYNAMIC = frozenset(
    {"exec", "eval", "globals", "locals", "vars", "setattr", "__dict__", "modules", "__builtins__", "__getattr__", "*"}
)

_ANY = "*"


class Question(NamedTuple):
    """A source, and what its exercise asks of it."""

    source: str
    entry_points: tuple[str, ...]
    forbid: tuple[str, ...]
    native: bool


class Answer(NamedTuple):
    """What was found first; `line` and `column` count from 1.

    `text` is the parser's complaint or the forbidden name, at most MAX_TEXT characters; `missing` are places in the
    question's `entry_points`.
    """

    found: Finding
    line: int = 1
    column: int = 1
    text: str = ""
    missing: tuple[int, ...] = ()


def examine(question: Question) -> Answer:
    """The answer to a question; never raises for what a source is like, short of using up memory."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an invalid escape, say: the candidate's business
            return _look_at(ast.parse(question.source, filename="<submission>"), question)
    except SyntaxError as error:
        line, column = error.lineno or 1, max(1, error.offset or 1)
        return Answer(found="syntax", line=line, column=column, text=error.msg[:MAX_TEXT])
    except TooComplexError:
        return Answer(found="too_complex")
    except (ValueError, MemoryError, RecursionError, OverflowError):
        return Answer(found="too_deep")


def _look_at(tree: ast.Module, question: Question) -> Answer:
    if not tree.body:
        return Answer(found="empty")
    if _is_too_deep(tree):
        return Answer(found="too_deep")
    missing = _missing(tree, question.entry_points)
    if missing:
        return Answer(found="missing_entry_point", missing=missing)
    finding = next(iter(find_forbidden(tree, question.forbid, native=question.native)), None)
    if finding is None:
        return Answer(found="nothing")
    return Answer(found="forbidden", line=finding.line, column=finding.column, text=finding.name[:MAX_TEXT])


def _is_too_deep(tree: ast.Module) -> bool:
    level: list[ast.AST] = [tree]
    for _ in range(MAX_DEPTH):
        level = [child for node in level for child in ast.iter_child_nodes(node)]
        if not level:
            return False
    return True


def _missing(tree: ast.Module, entry_points: Sequence[str]) -> tuple[int, ...]:
    """The places of those that the module certainly does not hold once it has run."""
    bound = bound_names(tree.body)
    missing = tuple(place for place, name in enumerate(entry_points) if name not in bound)
    if not missing:
        return ()
    elsewhere: set[str] = set()
    for node in ast.walk(tree):
        elsewhere.update(_bound_from_afar(node))
    return () if _ANY in elsewhere else tuple(place for place in missing if entry_points[place] not in elsewhere)


def _bound_from_afar(node: ast.AST) -> Iterable[str]:
    """Names of the module that a node may bind from within another scope; _ANY where nobody can tell which."""
    match node:
        case ast.Global(names=names):
            return names
        case ast.Name(id=name) | ast.Attribute(attr=name) | ast.alias(name=name) | ast.FunctionDef(name=name) if (
            name in _DYNAMIC
        ):
            return (_ANY,)
        case ast.Attribute(attr=name, ctx=ast.Store()):
            return (name,)
    return ()
