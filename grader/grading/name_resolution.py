"""What an expression stands for, as far as that can be told without running it.

A meaning is a set of possibilities: dotted library names (`torch.nn.functional`) and constant strings. Everything
else, such as a parameter, a call's result or whatever the candidate wrote, has the empty meaning. Names follow Python's
scopes. A comprehension or class body runs where it stands, so it sees what its scope holds at that moment. A function
body runs later, so it sees what a name held when the function was made, and everything that it was given afterwards.
"""

from __future__ import annotations

import ast
import importlib.util
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from typing import Literal, NamedTuple

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


def _constant(text: str | None) -> Meaning:
    return NOTHING if text is None or len(text) > MAX_LENGTH else frozenset({Possibility(text, is_string=True)})


def _strings(meaning: Meaning) -> list[str]:
    return sorted(item.text for item in meaning if item.is_string)


def _union(meanings: Iterable[Meaning]) -> Meaning:
    return frozenset(sorted(NOTHING.union(*meanings))[:MAX_POSSIBILITIES])


def _members(meaning: Meaning, names: Iterable[str]) -> Meaning:
    return _union(library(f"{owner}.{name}") for owner in library_names(meaning) for name in names)


class Scope:
    """The names of one module, class, function or comprehension while it is being read.

    `layers` holds what the names mean now: the last layer belongs to the innermost branch being read, the first to
    the scope itself. The history keeps what each name has meant, with the time, for functions that run later.
    """

    def __init__(self, kind: ScopeKind, outer: Scope | None = None) -> None:
        self.kind = kind
        self.outer = outer
        self.made_at: int | None = outer.clock if outer and kind == "function" else None
        self.clock: int = 0
        self.layers: list[dict[str, Meaning]] = [{}]
        self._history: dict[str, dict[Meaning, int]] = {}
        self._owners: dict[str, Scope] = {}

    def bind(self, name: str, meaning: Meaning = NOTHING) -> None:
        """Let `name` mean `meaning` from here on."""
        self.layers[-1][name] = meaning
        for scope in {self, self._owners.get(name, self)}:
            scope._record(name, meaning)

    def share(self, name: str, *, is_global: bool) -> None:
        """Honour a `global` or `nonlocal` statement: binding `name` here also binds it in the scope that owns it."""
        owner = self
        while owner.outer and (is_global or owner is self or name not in owner._history):
            owner = owner.outer
        self._owners[name] = owner
        self.layers[0].pop(name, None)

    def own(self, names: Iterable[str]) -> None:
        """A function's local names hide outer ones in all of its body, even before they are bound."""
        self.layers[0].update(dict.fromkeys(names, NOTHING))

    def merge(self, branches: Sequence[Mapping[str, Meaning]]) -> None:
        """Go on after alternative branches, only one of which has run: a name may mean what any of them made it."""
        for name in dict.fromkeys(chain.from_iterable(branches)):
            before = self.look_up(name)
            self.bind(name, _union(branch.get(name, before) for branch in branches))

    def look_up(self, name: str) -> Meaning:
        """What `name` means at this moment; a name bound nowhere is a built-in one."""
        for layer in reversed(self.layers):
            if name in layer:
                return layer[name]
        return self.outer._seen_from_inside(name, self.made_at) if self.outer else library(f"builtins.{name}")

    def _seen_from_inside(self, name: str, since: int | None) -> Meaning:
        """What `name` means to an inner scope: now, or at any time from `since` on."""
        if since is None:
            return self.look_up(name)
        if name not in self._history:
            return self.outer._seen_from_inside(name, self.made_at) if self.outer else library(f"builtins.{name}")
        found: set[Possibility] = set()
        for meaning, last in reversed(self._history[name].items()):
            found |= meaning
            if last <= since or len(found) > MAX_POSSIBILITIES:
                break
        return _union([frozenset(found)])

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


def resolve(node: ast.expr, scope: Scope) -> Meaning:
    """What the expression may stand for at this moment in `scope`."""
    match node:
        case ast.Name(id=name):
            return scope.look_up(name)
        case ast.Attribute(value=owner, attr=name):
            return _members(resolve(owner, scope), [name])
        case ast.Constant() | ast.BinOp() | ast.JoinedStr() | ast.FormattedValue():
            return _resolve_string(node, scope)
        case ast.NamedExpr(value=value):
            return resolve(value, scope)
        case ast.IfExp(body=first, orelse=second):
            return _union([resolve(first, scope), resolve(second, scope)])
        case ast.BoolOp(values=values):
            return _union(resolve(value, scope) for value in values)
        case ast.Call():
            return _resolve_call(node, scope)
        case ast.Subscript():
            return _resolve_item(node, scope)
    return NOTHING


def _resolve_string(node: ast.expr, scope: Scope) -> Meaning:
    """A literal, a sum or an f-string."""
    match node:
        case ast.Constant(value=str(text)):
            return _constant(text)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _constant(_joined([left, right], scope))
        case ast.JoinedStr(values=values):
            return _constant(_joined(values, scope))
        case ast.FormattedValue(value=value, conversion=-1, format_spec=None):
            return resolve(value, scope)
    return NOTHING


def _joined(parts: Sequence[ast.expr], scope: Scope, separator: str = "") -> str | None:
    """The parts as one string, if each of them is one certain string."""
    strings = [_strings(resolve(part, scope)) for part in parts]
    return separator.join(string[0] for string in strings) if all(len(string) == 1 for string in strings) else None


def _resolve_call(call: ast.Call, scope: Scope) -> Meaning:
    """The calls that turn a constant string into a string, an attribute or a module."""
    match call:
        case ast.Call(
            func=ast.Attribute(value=ast.Constant(value=str(separator)), attr="join"),
            args=[ast.List(elts=parts) | ast.Tuple(elts=parts)],
        ):
            return _constant(_joined(parts, scope, separator))
    known = [_CALLS[name] for name in library_names(resolve(call.func, scope)) if name in _CALLS]
    if not known:
        return NOTHING
    arguments = [resolve(value, scope) for value in [*call.args, *(keyword.value for keyword in call.keywords)]]
    return _union(meaning_of(*arguments, NOTHING, NOTHING) for meaning_of in known)


def _resolve_item(item: ast.Subscript, scope: Scope) -> Meaning:
    """`sys.modules["a.b"]` and `a.b.__dict__["c"]`."""
    owners, keys = library_names(resolve(item.value, scope)), _strings(resolve(item.slice, scope))
    modules = library(*keys) if "sys.modules" in owners else NOTHING
    holders = library(*(name.removesuffix(".__dict__") for name in owners if name.endswith(".__dict__")))
    return _union([modules, _members(holders, keys)])


def _attribute(owner: Meaning, name: Meaning, default: Meaning = NOTHING, *_: Meaning) -> Meaning:
    return _union([_members(owner, _strings(name)), default])


def _namespace(owner: Meaning, *_: Meaning) -> Meaning:
    return _members(owner, ["__dict__"])


def _module(name: Meaning, package: Meaning = NOTHING, *_: Meaning) -> Meaning:
    return library(*(_absolute(n, p) for n in _strings(name) for p in _strings(package) or [""]))


def _absolute(name: str, package: str) -> str:
    try:
        return importlib.util.resolve_name(name, package)
    except ImportError:  # a relative name that leads out of its package would fail in the guest, too
        return name


def _top_or_module(name: Meaning, *_: Meaning) -> Meaning:
    """`__import__("a.b")` gives `a`, or `a.b` when it has a `fromlist`."""
    return library(*chain.from_iterable((text, text.partition(".")[0]) for text in _strings(name)))


def _located(name: Meaning, *_: Meaning) -> Meaning:
    return library(*(text.replace(":", ".") for text in _strings(name)))


_CALLS: dict[str, Callable[..., Meaning]] = {
    "builtins.getattr": _attribute,
    "builtins.vars": _namespace,
    "builtins.__import__": _top_or_module,
    "importlib.__import__": _top_or_module,
    "importlib.import_module": _module,
    "pkgutil.resolve_name": _located,
}
