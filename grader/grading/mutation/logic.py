"""Operators of logic: and for or, a forgotten condition, a branch that is always or never taken."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from grader.grading.mutation.module import Module


def and_or_swapped(node: ast.expr, module: Module) -> Iterator[ast.expr]:
    """`a and b` becomes `a or b`."""
    if isinstance(node, ast.BoolOp):
        yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)


def condition_dropped(node: ast.expr, module: Module) -> Iterator[ast.expr]:
    """`a and b` becomes `b`, or `a`."""
    if isinstance(node, ast.BoolOp):
        for index in range(len(node.values)):
            left = [*node.values[:index], *node.values[index + 1 :]]
            yield left[0] if len(left) == 1 else ast.BoolOp(node.op, left)


def not_dropped(node: ast.expr, module: Module) -> Iterator[ast.expr]:
    """`not a` becomes `a`."""
    match node:
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield operand


def branch_fixed(node: ast.expr, module: Module) -> Iterator[ast.expr]:
    """`if a:` becomes `if False:` and, unless it leads to a `raise` only, `if True:`; a loop does not begin."""
    parent = module.role(node).parent
    if module.stands_as(node, ast.If, "test"):
        yield ast.Constant(False)
        if isinstance(parent, ast.If) and not isinstance(parent.body[0], ast.Raise):
            yield ast.Constant(True)
    elif module.stands_as(node, ast.While, "test"):
        yield ast.Constant(False)
    elif module.stands_as(node, ast.comprehension, "ifs"):
        yield ast.Constant(True)


def condition_negated(node: ast.expr, module: Module) -> Iterator[ast.expr]:
    """`if a:` becomes `if not a:`; the operators of comparison and logic negate what is more than a value."""
    is_test = any(module.stands_as(node, kind, "test") for kind in (ast.If, ast.IfExp))
    is_test = is_test or module.stands_as(node, ast.comprehension, "ifs")
    if is_test and not isinstance(node, ast.Compare | ast.BoolOp | ast.UnaryOp):
        yield ast.UnaryOp(ast.Not(), node)


def choice_fixed(node: ast.expr, module: Module) -> Iterator[ast.expr]:
    """`a if b else c` becomes `a`, or `c`."""
    if isinstance(node, ast.IfExp):
        yield node.body
        yield node.orelse


EXPRESSIONS = (and_or_swapped, condition_dropped, not_dropped, branch_fixed, condition_negated, choice_fixed)
