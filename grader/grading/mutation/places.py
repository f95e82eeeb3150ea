"""Where a mutation can stand.

Left alone are docstrings, annotations, imports, decorators' arguments, patterns of `match`, f-strings, `assert`, what
is raised (its type and text; the condition that leads there is not), dunder assignments such as `__all__`, and what
runs only as a script or for a type checker.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

Place = ast.expr | ast.stmt

_CLOSED = (ast.Import, ast.ImportFrom, ast.Raise, ast.Assert, ast.JoinedStr, ast.Global, ast.Nonlocal)


def places(tree: ast.Module) -> Iterator[Place]:
    """Every expression and statement that may be mutated, outer ones first."""
    for statement in _without_docstring(tree.body):
        yield from _within(statement)


def _within(node: ast.AST) -> Iterator[Place]:
    if isinstance(node, _CLOSED) or _is_dunder_assignment(node) or _is_never_run(node):
        return
    if isinstance(node, ast.expr | ast.stmt):
        yield node
    for child in _open_children(node):
        yield from _within(child)


def _open_children(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            yield from _defaults(node.args)
            yield from _without_docstring(node.body)
        case ast.ClassDef():
            yield from _without_docstring(node.body)
        case ast.Lambda():
            yield from _defaults(node.args)
            yield node.body
        case ast.AnnAssign():
            yield from (part for part in (node.target, node.value) if part is not None)
        case ast.match_case():
            yield from (part for part in (node.guard, *node.body) if part is not None)
        case _:
            yield from ast.iter_child_nodes(node)


def _defaults(arguments: ast.arguments) -> Iterator[ast.expr]:
    yield from arguments.defaults
    yield from (default for default in arguments.kw_defaults if default is not None)


def _without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    return body[1:] if body and is_text(body[0]) else body


def is_text(statement: ast.stmt) -> bool:
    """Whether `statement` is nothing but a constant: a docstring, a comment made of a string, or `...`."""
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _is_dunder_assignment(node: ast.AST) -> bool:
    match node:
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            return name.startswith("__") and name.endswith("__")
    return False


def _is_never_run(node: ast.AST) -> bool:
    match node:
        case ast.If(test=ast.Compare(left=ast.Name(id="__name__"))):
            return True
        case ast.If(test=ast.Name(id="TYPE_CHECKING") | ast.Attribute(attr="TYPE_CHECKING")):
            return True
    return False
