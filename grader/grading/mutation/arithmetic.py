"""Operators of arithmetic: another sign, operands the wrong way round, a forgotten term or factor."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from grader.grading.mutation.module import Module

_SWAPS: dict[type[ast.operator], tuple[type[ast.operator], ...]] = {
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div,),
    ast.Div: (ast.Mult, ast.FloorDiv),
    ast.FloorDiv: (ast.Div,),
    ast.Mod: (ast.FloorDiv,),
    ast.Pow: (ast.Mult,),
    ast.MatMult: (ast.Mult,),
    ast.BitAnd: (ast.BitOr,),
    ast.BitOr: (ast.BitAnd,),
    ast.BitXor: (ast.BitOr,),
    ast.LShift: (ast.RShift,),
    ast.RShift: (ast.LShift,),
}
_ORDERED = (ast.Sub, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow, ast.MatMult)
_EITHER_SIDE = (ast.Add, ast.Mult, ast.BitAnd, ast.BitOr)
_SUMS = (ast.Add, ast.Sub)
_TEXT_OR_SEQUENCE = (ast.JoinedStr, ast.List, ast.Tuple)


def arithmetic_swapped(node: ast.expr, module: Module) -> Iterator[ast.expr]:
    """`a + b` becomes `a - b`."""
    if isinstance(node, ast.BinOp) and _is_numeric(node):
        for other in _SWAPS[type(node.op)]:
            yield ast.BinOp(node.left, other(), node.right)


def operands_exchanged(node: ast.expr, module: Module) -> Iterator[ast.expr]:
    """`a - b` becomes `b - a`, unless its sign is lost at once."""
    if not isinstance(node, ast.BinOp) or not _is_numeric(node) or not isinstance(node.op, _ORDERED):
        return
    if not (isinstance(node.op, ast.Sub) and _is_even(node, module)):
        yield ast.BinOp(node.right, node.op, node.left)


def term_dropped(node: ast.expr, module: Module) -> Iterator[ast.expr]:
    """`a + eps` becomes `a`; `a * b` becomes `a`, or `b`."""
    if not isinstance(node, ast.BinOp) or not _is_numeric(node) or isinstance(node.op, ast.MatMult):
        return
    if not _is_neutral(node.right, node.op):
        yield node.left
    if isinstance(node.op, _EITHER_SIDE) and not _is_neutral(node.left, node.op):
        yield node.right


def sign_dropped(node: ast.expr, module: Module) -> Iterator[ast.expr]:
    """`-a` becomes `a`, `~a` becomes `a`; a negative number is a constant."""
    match node:
        case ast.UnaryOp(op=ast.USub() | ast.Invert(), operand=operand) if not isinstance(operand, ast.Constant):
            if not (isinstance(node.op, ast.USub) and _is_even(node, module)):
                yield operand


def _is_even(node: ast.expr, module: Module) -> bool:
    """Whether the sign of `node` does not matter to what is made of it: a square or an absolute value."""
    match module.role(node).parent:
        case ast.BinOp(left=base, op=ast.Pow(), right=ast.Constant(value=int() as power)):
            return base is node and power % 2 == 0
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=[argument]):
            return argument is node and name in ("abs", "absolute", "fabs", "square")
    return False


def _is_numeric(node: ast.BinOp) -> bool:
    """Whether neither operand is plainly a text or a sequence, which mean other things by the same signs."""
    return not any(
        isinstance(side, _TEXT_OR_SEQUENCE) or (isinstance(side, ast.Constant) and isinstance(side.value, str | bytes))
        for side in (node.left, node.right)
    )


def _is_neutral(operand: ast.expr, op: ast.operator) -> bool:
    """Whether `operand` changes nothing, as in `x + 0` and `x * 1`."""
    nothing = 0 if isinstance(op, _SUMS) else 1
    return isinstance(operand, ast.Constant) and operand.value == nothing


EXPRESSIONS = (arithmetic_swapped, operands_exchanged, term_dropped, sign_dropped)
