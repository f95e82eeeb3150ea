"""What an expression stands for, as far as that can be told without running it."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from itertools import chain

from grader.grading.budget import Budget
from grader.grading.scope import MAX_LENGTH, NOTHING, Meaning, Possibility, Scope, library, library_names, one_of


def resolve(node: ast.expr, scope: Scope) -> Meaning:
    """What the expression may stand for at this moment in `scope`; raises TooComplexError."""
    known = scope.resolved.get((node, scope))
    if known is None:
        scope.budget.spend(1)
        known = scope.resolved[node, scope] = _resolve(node, scope)
    return known


def _resolve(node: ast.expr, scope: Scope) -> Meaning:
    match node:
        case ast.Name(id=name):
            return scope.look_up(name)
        case ast.Attribute(value=owner, attr=name):
            return _members(resolve(owner, scope), [name], scope.budget)
        case ast.Constant() | ast.BinOp() | ast.JoinedStr() | ast.FormattedValue():
            return _resolve_string(node, scope)
        case ast.NamedExpr(value=value):
            return resolve(value, scope)
        case ast.IfExp(body=first, orelse=second):
            return one_of([resolve(first, scope), resolve(second, scope)], scope.budget)
        case ast.BoolOp(values=values):
            return one_of([resolve(value, scope) for value in values], scope.budget)
        case ast.Call():
            return _resolve_call(node, scope)
        case ast.Subscript():
            return _resolve_item(node, scope)
    return NOTHING


def _constant(text: str | None) -> Meaning:
    return NOTHING if text is None or len(text) > MAX_LENGTH else frozenset({Possibility(text, is_string=True)})


def _strings(meaning: Meaning) -> list[str]:
    return sorted(item.text for item in meaning if item.is_string)


def _members(meaning: Meaning, names: Sequence[str], budget: Budget) -> Meaning:
    budget.spend(len(meaning) * len(names))
    return one_of([library(f"{owner}.{name}") for owner in library_names(meaning) for name in names], budget)


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
    """The parts as one string, if each of them is one certain string and it is not too long."""
    text = ""
    for place, part in enumerate(parts):
        strings = _strings(resolve(part, scope))
        if len(strings) != 1:
            return None
        text += separator + strings[0] if place else strings[0]
        if len(text) > MAX_LENGTH:
            return None
    return text


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
    values = [*call.args, *(keyword.value for keyword in call.keywords)]
    owner, name, default, *_ = [*(resolve(value, scope) for value in values[:_MAX_ARGUMENTS]), *_PADDING]
    return one_of([meaning_of(scope.budget, owner, name, default) for meaning_of in known], scope.budget)


def _resolve_item(item: ast.Subscript, scope: Scope) -> Meaning:
    """`sys.modules["a.b"]` and `a.b.__dict__["c"]`."""
    owners, keys = library_names(resolve(item.value, scope)), _strings(resolve(item.slice, scope))
    modules = library(*keys) if "sys.modules" in owners else NOTHING
    holders = library(*(name.removesuffix(".__dict__") for name in owners if name.endswith(".__dict__")))
    return one_of([modules, _members(holders, keys, scope.budget)], scope.budget)


def _attribute(budget: Budget, owner: Meaning, name: Meaning, default: Meaning) -> Meaning:
    return one_of([_members(owner, _strings(name), budget), default], budget)


def _namespace(budget: Budget, owner: Meaning, *_: Meaning) -> Meaning:
    return _members(owner, ["__dict__"], budget)


def _module(budget: Budget, name: Meaning, package: Meaning, _: Meaning) -> Meaning:
    names, packages = _strings(name), _strings(package) or [""]
    budget.spend(len(names) * len(packages))
    return library(*(_absolute(name, package) for name in names for package in packages))


def _absolute(name: str, package: str) -> str:
    """As the import system makes a relative name absolute; one that leads nowhere would fail in the guest, too."""
    dots = len(name) - len(name.lstrip("."))
    parents = package.split(".")
    if not dots or not package or dots > len(parents):
        return name
    base = ".".join(parents[: len(parents) - dots + 1])
    return f"{base}.{name[dots:]}" if name[dots:] else base


def _top_or_module(budget: Budget, name: Meaning, *_: Meaning) -> Meaning:
    """`__import__("a.b")` gives `a`, or `a.b` when it has a `fromlist`."""
    budget.spend(len(name))
    return library(*chain.from_iterable((text, text.partition(".")[0]) for text in _strings(name)))


def _located(budget: Budget, name: Meaning, *_: Meaning) -> Meaning:
    budget.spend(len(name))
    return library(*(text.replace(":", ".") for text in _strings(name)))


_MAX_ARGUMENTS = 3  # no call below looks at more
_PADDING = (NOTHING,) * _MAX_ARGUMENTS
_CALLS: dict[str, Callable[[Budget, Meaning, Meaning, Meaning], Meaning]] = {
    "builtins.getattr": _attribute,
    "builtins.vars": _namespace,
    "builtins.__import__": _top_or_module,
    "importlib.__import__": _top_or_module,
    "importlib.import_module": _module,
    "pkgutil.resolve_name": _located,
}
