"""What the names of a source mean while it is being read, scope by scope.

A meaning is a set of possibilities: dotted library names (`torch.nn.functional`) and constant strings. Everything
else, such as a parameter, a call's result or whatever the candidate wrote, has the empty meaning. Names follow Python's
scopes. A comprehension or class body runs where it stands, so it sees what its scope holds at that moment. A function
body runs later, so it sees what a name held when the function was made, and everything that it was given afterwards.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Literal, NamedTuple

from grader.grading.budget import Budget

# Hostile source could make a set double, or a string grow, with every line; honest code comes nowhere near these.
MAX_POSSIBILITIES = 16
MAX_LENGTH = 200

ScopeKind = Literal["module", "class", "function", "comprehension"]


class Possibility(NamedTuple):
    """A dotted library name, or a constant string."""

    text: str
    is_string: bool


Meaning = frozenset[Possibility]
NOTHING: Meaning = frozenset()


def library(*names: str) -> Meaning:
    """The meaning of one of these dotted names."""
    return frozenset(Possibility(name, is_string=False) for name in names if len(name) <= MAX_LENGTH)


def library_names(meaning: Meaning) -> list[str]:
    """The dotted names among the possibilities, in order."""
    return sorted(item.text for item in meaning if not item.is_string)


def one_of(meanings: Sequence[Meaning], budget: Budget) -> Meaning:
    """What is meant if it is one of `meanings`, nobody knows which; raises TooComplexError."""
    budget.spend(len(meanings) + sum(map(len, meanings)))
    return frozenset(sorted(NOTHING.union(*meanings))[:MAX_POSSIBILITIES])


class Scope:
    """The names of one module, class, function or comprehension while it is being read.

    `layers` holds what the names mean now: the last layer belongs to the innermost branch being read, the first to
    the scope itself. The history keeps what each name has meant, with the time, for functions that run later.
    Scopes within each other have one budget, and one memory of what expressions stand for until a name is bound.
    """

    def __init__(self, kind: ScopeKind, outer: Scope | None = None) -> None:
        self.kind = kind
        self.outer = outer
        self.budget: Budget = outer.budget if outer else Budget()
        self.resolved: dict[tuple[ast.expr, Scope], Meaning] = outer.resolved if outer else {}
        self.made_at: int | None = outer.clock if outer and kind == "function" else None
        self.clock: int = 0
        self.layers: list[dict[str, Meaning]] = [{}]
        self._history: dict[str, dict[Meaning, int]] = {}
        self._owners: dict[str, Scope] = {}

    def bind(self, name: str, meaning: Meaning = NOTHING) -> None:
        """Let `name` mean `meaning` from here on."""
        self.budget.spend(2 + len(meaning))
        self.resolved.clear()
        self.layers[-1][name] = meaning
        for scope in {self, self._owners.get(name, self)}:
            scope._record(name, meaning)

    def share(self, name: str, *, is_global: bool) -> None:
        """Honour a `global` or `nonlocal` statement: binding `name` here also binds it in the scope that owns it."""
        self.resolved.clear()
        owner = self
        while owner.outer and (is_global or owner is self or name not in owner._history):
            owner = owner.outer
            self.budget.spend(1)
        self._owners[name] = owner
        self.layers[0].pop(name, None)

    def own(self, names: Iterable[str]) -> None:
        """A function's local names hide outer ones in all of its body, even before they are bound."""
        self.layers[0].update(dict.fromkeys(names, NOTHING))

    def merge(self, branches: Sequence[Mapping[str, Meaning]]) -> None:
        """Go on after alternative branches, only one of which has run: a name may mean what any of them made it."""
        outcomes: dict[str, list[Meaning]] = {}
        for branch in branches:
            for name, meaning in branch.items():
                outcomes.setdefault(name, []).append(meaning)
        for name, meanings in outcomes.items():
            before = [self.look_up(name)] if len(meanings) < len(branches) else []
            self.bind(name, one_of(meanings + before, self.budget))

    @contextmanager
    def branch(self) -> Iterator[dict[str, Meaning]]:
        """What is bound meanwhile holds only within, and is what the branch gives in the end."""
        self.layers.append({})
        yield self.layers[-1]
        self.layers.pop()
        self.resolved.clear()

    def look_up(self, name: str) -> Meaning:
        """What `name` means at this moment; a name bound nowhere is a built-in one."""
        self.budget.spend(1 + len(self.layers) // 8)
        for layer in reversed(self.layers):
            if name in layer:
                return layer[name]
        return self.outer._seen_from_inside(name, self.made_at) if self.outer else library(f"builtins.{name}")

    def _seen_from_inside(self, name: str, since: int | None) -> Meaning:
        """What `name` means to an inner scope: now, or at any time from `since` on."""
        self.budget.spend(1)
        if since is None:
            return self.look_up(name)
        if name not in self._history:
            return self.outer._seen_from_inside(name, self.made_at) if self.outer else library(f"builtins.{name}")
        found: set[Possibility] = set()
        for meaning, last in reversed(self._history[name].items()):
            self.budget.spend(1 + len(meaning))
            found |= meaning
            if last <= since or len(found) > MAX_POSSIBILITIES:
                break
        return one_of([frozenset(found)], self.budget)

    def _record(self, name: str, meaning: Meaning) -> None:
        self.clock += 1
        history = self._history.setdefault(name, {})
        history.pop(meaning, None)  # put back at the end, so that the history stays ordered by time
        history[meaning] = self.clock


# What belongs to an inner scope, and so binds nothing outside.
_INNER_FIELD: dict[type[ast.AST], str] = {
    ast.FunctionDef: "body",
    ast.AsyncFunctionDef: "body",
    ast.ClassDef: "body",
    ast.Lambda: "body",
    ast.comprehension: "target",
}


def bound_names(body: Iterable[ast.AST]) -> set[str]:
    """The names that these statements bind in their own scope; `*` stands for those of a star import."""
    names: set[str] = set()
    waiting = list(body)
    while waiting:
        node = waiting.pop()
        names |= _bound_by(node)
        inner = _INNER_FIELD.get(type(node))
        for field, value in ast.iter_fields(node):
            if field != inner:
                children = value if isinstance(value, list) else [value]
                waiting.extend(child for child in children if isinstance(child, ast.AST))
    return names


def _bound_by(node: ast.AST) -> set[str]:
    match node:
        case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
            return {name}
        case ast.alias(name=name, asname=asname):
            return {asname or name.partition(".")[0]}
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return {name}
        case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
            return {name}
        case ast.MatchMapping(rest=str(name)):
            return {name}
    return set()
