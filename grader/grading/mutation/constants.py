"""Operators of constants: off by one, twice as much, another axis, another mode."""

from __future__ import annotations

import ast
import math
from collections.abc import Iterator

from grader.grading.mutation.module import Module

AXES = frozenset({"axis", "dim", "axes", "dims"})
_UNTOLD = frozenset({"strict"})  # keywords that only make a mistake of the module's own louder
_EPSILON = 1e-2  # a smaller number guards a division or a logarithm: its magnitude matters, and doubling does not
_PARTNERS = {"left": "right", "right": "left", "mean": "sum", "sum": "mean"}


def integer_changed(node: ast.expr, module: Module) -> Iterator[ast.expr]:
    """`n` becomes `n + 1`, `n - 1`, `0`, `1` and `2 * n`; an axis becomes another one."""
    value = _number(node, module)
    if not isinstance(value, int):
        return
    if module.stands_as(node, ast.keyword, "value") and _keyword(node, module) in AXES:
        yield from map(_literal, _other_axes(value))
        return
    others = (value + 1, value - 1, 0, 1, 2 * value)
    yield from (_literal(other) for other in dict.fromkeys(others) if other != value)


def float_changed(node: ast.expr, module: Module) -> Iterator[ast.expr]:
    """`x` becomes `2 * x`, `0`, `1` and `-x`; a small one becomes ten times larger and smaller, and 0."""
    value = _number(node, module)
    if not isinstance(value, float) or not math.isfinite(value):
        return
    small = 0 < abs(value) < _EPSILON
    others = (10 * value, value / 10, 0.0) if small else (2 * value, 0.0, 1.0, -value)
    yield from (_literal(other) for other in dict.fromkeys(others) if other != value)


def truth_flipped(node: ast.expr, module: Module) -> Iterator[ast.expr]:
    """`True` becomes `False`, and the other way round."""
    match node:
        case ast.Constant(value=bool() as value) if not _is_untold(node, module):
            yield ast.Constant(not value)


def infinity_negated(node: ast.expr, module: Module) -> Iterator[ast.expr]:
    """`math.inf` becomes `-math.inf`; to lose a minus is the matter of `sign_dropped`."""
    match node:
        case ast.Attribute(attr="inf", value=ast.Name()) if not module.stands_as(node, ast.UnaryOp, "operand"):
            yield ast.UnaryOp(ast.USub(), node)


def mode_changed(node: ast.expr, module: Module) -> Iterator[ast.expr]:
    """A string that is compared with something becomes another such string; 'left' becomes 'right'."""
    match node:
        case ast.Constant(value=str() as text):
            if module.stands_as(node, ast.keyword, "value") and text in _PARTNERS:
                yield ast.Constant(_PARTNERS[text])
            elif _is_compared(node, module) or (_is_default(node, module) and text in module.compared_strings):
                yield ast.Constant(_next(text, module.compared_strings))


def _number(node: ast.expr, module: Module) -> int | float | None:
    """The value of a literal, its minus included; None for anything else and for the number behind a minus."""
    match node:
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as value)):
            return -value
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
            return None if module.stands_as(node, ast.UnaryOp, "operand") else value
    return None


def _literal(value: int | float) -> ast.expr:
    return ast.UnaryOp(ast.USub(), ast.Constant(-value)) if value < 0 else ast.Constant(value)


def _other_axes(axis: int) -> tuple[int, ...]:
    return {0: (1,), 1: (0,), -1: (-2, 0), -2: (-1,)}.get(axis, (axis - 1,))


def _keyword(node: ast.expr, module: Module) -> str | None:
    parent = module.role(node).parent
    return parent.arg if isinstance(parent, ast.keyword) else None


def _is_untold(node: ast.expr, module: Module) -> bool:
    return _keyword(node, module) in _UNTOLD


def _is_compared(node: ast.expr, module: Module) -> bool:
    match module.role(node).parent:
        case ast.Compare(ops=[ast.Eq() | ast.NotEq()]):
            return True
    return False


def _is_default(node: ast.expr, module: Module) -> bool:
    return isinstance(module.role(node).parent, ast.arguments)


def _next(text: str, texts: tuple[str, ...]) -> str:
    """The one after `text`, the first after the last, the empty string where there is no other."""
    return texts[(texts.index(text) + 1) % len(texts)] if len(texts) > 1 else ""


EXPRESSIONS = (integer_changed, float_changed, truth_flipped, infinity_negated, mode_changed)
