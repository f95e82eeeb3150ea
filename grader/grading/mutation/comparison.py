"""Operators of comparison: the boundary, the direction, one of several conditions."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from grader.grading.mutation.module import Module

_BOUNDARIES: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
}
_OPPOSITES: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.GtE,
    ast.LtE: ast.Gt,
    ast.Gt: ast.LtE,
    ast.GtE: ast.Lt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}


def boundary_moved(node: ast.expr, module: Module) -> Iterator[ast.expr]:
    """`a < b` becomes `a <= b`."""
    yield from _with_another(node, _BOUNDARIES)


def comparison_negated(node: ast.expr, module: Module) -> Iterator[ast.expr]:
    """`a < b` becomes `a >= b`."""
    yield from _with_another(node, _OPPOSITES)


def bound_unchecked(node: ast.expr, module: Module) -> Iterator[ast.expr]:
    """`0 < a <= 1` becomes `0 < a`, or `a <= 1`."""
    if isinstance(node, ast.Compare) and len(node.ops) > 1:
        yield ast.Compare(node.left, node.ops[:-1], node.comparators[:-1])
        yield ast.Compare(node.comparators[0], node.ops[1:], node.comparators[1:])


def member_dropped(node: ast.expr, module: Module) -> Iterator[ast.expr]:
    """`a in (x, y)` becomes `a in (x,)`."""
    match node:
        case ast.Compare(ops=[ast.In() | ast.NotIn()], comparators=[ast.Tuple() | ast.List() | ast.Set() as members]):
            for index in range(len(members.elts) if len(members.elts) > 1 else 0):
                yield ast.Compare(node.left, node.ops, [_without(members, index)])


def _with_another(node: ast.expr, table: dict[type[ast.cmpop], type[ast.cmpop]]) -> Iterator[ast.expr]:
    if not isinstance(node, ast.Compare):
        return
    for index, op in enumerate(node.ops):
        if type(op) in table:
            yield ast.Compare(
                node.left, [*node.ops[:index], table[type(op)](), *node.ops[index + 1 :]], node.comparators
            )


def _without(members: ast.Tuple | ast.List | ast.Set, index: int) -> ast.expr:
    left = [*members.elts[:index], *members.elts[index + 1 :]]
    return ast.Set(left) if isinstance(members, ast.Set) else type(members)(left, ast.Load())


EXPRESSIONS = (boundary_moved, comparison_negated, bound_unchecked, member_dropped)
