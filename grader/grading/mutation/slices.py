"""Operators of slices, indices and ranges: one too few, the other end, another axis."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from grader.grading.mutation.module import Module


def slice_shortened(node: ast.expr, module: Module) -> Iterator[ast.expr]:
    """`[a:b]` becomes `[a + 1:b]`, or `[a:b - 1]`; ends that are numbers are constants."""
    if not isinstance(node, ast.Slice) or node.step is not None:
        return
    if node.lower is not None and not _is_number(node.lower):
        yield ast.Slice(ast.BinOp(node.lower, ast.Add(), ast.Constant(1)), node.upper)
    if node.upper is not None and not _is_number(node.upper):
        yield ast.Slice(node.lower, ast.BinOp(node.upper, ast.Sub(), ast.Constant(1)))


def slice_end_dropped(node: ast.expr, module: Module) -> Iterator[ast.expr]:
    """`[a:b:s]` becomes `[:b:s]`, `[a::s]`, or `[a:b]`."""
    if not isinstance(node, ast.Slice):
        return
    if node.lower is not None and not _is_zero(node.lower):
        yield ast.Slice(None, node.upper, node.step)
    if node.upper is not None:
        yield ast.Slice(node.lower, None, node.step)
    if node.step is not None:
        yield ast.Slice(node.lower, node.upper)


def slice_turned(node: ast.expr, module: Module) -> Iterator[ast.expr]:
    """`[:a]` becomes `[a:]`, and the other way round: what was left out is taken."""
    match node:
        case ast.Slice(lower=None, upper=ast.expr() as end, step=None):
            yield ast.Slice(end)
        case ast.Slice(lower=ast.expr() as end, upper=None, step=None):
            yield ast.Slice(None, end)


def axes_exchanged(node: ast.expr, module: Module) -> Iterator[ast.expr]:
    """`x[i, j]` becomes `x[j, i]`."""
    match node:
        case ast.Subscript(slice=ast.Tuple(elts=[_, _, *_] as axes)):
            yield ast.Subscript(node.value, ast.Tuple(axes[::-1], ast.Load()), node.ctx)


def index_dropped(node: ast.expr, module: Module) -> Iterator[ast.expr]:
    """`x[i]` becomes `x`; a name in a dictionary is no index."""
    match node:
        case ast.Subscript(slice=ast.Constant(value=str()) | ast.JoinedStr()):
            return
        case ast.Subscript(ctx=ast.Load(), value=value):
            yield value


def index_shifted(node: ast.expr, module: Module) -> Iterator[ast.expr]:
    """`x[i]` becomes `x[i - 1]` where `i` counts the rounds of a loop."""
    match node:
        case ast.Subscript(slice=ast.Name(id=name) as index) if name in module.counters:
            yield ast.Subscript(node.value, ast.BinOp(index, ast.Sub(), ast.Constant(1)), node.ctx)


def length_miscounted(node: ast.expr, module: Module) -> Iterator[ast.expr]:
    """`len(x)` becomes `len(x) - 1`, or `len(x) + 1`; in a condition, constants and boundaries are moved instead."""
    match node:
        case ast.Call(func=ast.Name(id="len"), args=[_]) if not _is_compared(node, module):
            yield ast.BinOp(node, ast.Sub(), ast.Constant(1))
            yield ast.BinOp(node, ast.Add(), ast.Constant(1))


def range_shortened(node: ast.expr, module: Module) -> Iterator[ast.expr]:
    """`range(n)` becomes `range(1, n)`, or `range(n - 1)`."""
    match node:
        case ast.Call(func=ast.Name(id="range"), args=[ast.expr() as stop], keywords=[]):
            yield ast.Call(node.func, [ast.Constant(1), stop], [])
            yield from _stopped_early(node, 0)
        case ast.Call(func=ast.Name(id="range"), args=[_, _], keywords=[]):
            yield from _stopped_early(node, 1)


def _stopped_early(node: ast.Call, at: int) -> Iterator[ast.expr]:
    if not _is_number(node.args[at]):
        shorter = ast.BinOp(node.args[at], ast.Sub(), ast.Constant(1))
        yield ast.Call(node.func, [*node.args[:at], shorter], [])


def _is_compared(node: ast.expr, module: Module) -> bool:
    return isinstance(module.role(node).parent, ast.Compare | ast.BoolOp | ast.If | ast.IfExp | ast.While)


def _is_number(node: ast.expr) -> bool:
    return isinstance(node.operand if isinstance(node, ast.UnaryOp) else node, ast.Constant)


def _is_zero(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value == 0


EXPRESSIONS = (
    slice_shortened, slice_end_dropped, slice_turned, axes_exchanged, index_dropped, index_shifted, length_miscounted,
    range_shortened,
)  # fmt: skip
