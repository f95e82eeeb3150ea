"""Operators of functions: the wrong one of a pair, a call that was forgotten."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from grader.grading.mutation.module import Module

_PAIRS = """
sum mean        nansum nanmean    min max          argmin argmax   amin amax      minimum maximum
any all         floor ceil        zeros ones       zeros_like ones_like           new_zeros new_ones
rand randn      rand_like randn_like               random standard_normal         uniform normal
var std         cumsum cumprod    triu tril        softmax log_softmax            vstack hstack
isnan isinf     union1d intersect1d                append appendleft              train eval
less less_equal greater greater_equal              logical_and logical_or         floor_divide true_divide
"""
_ONE_WAY = {"median": "mean", "prod": "sum", "log1p": "log", "expm1": "exp", "log2": "log", "log10": "log",
            "laplace": "normal", "exponential": "standard_normal", "erfc": "erf", "float64": "float32",
            "int64": "int32", "complex128": "complex64", "AVG": "SUM", "SUM": "MAX", "PRODUCT": "SUM",
            "MIN": "MAX", "MAX": "MIN", "eps": "tiny", "tiny": "eps"}  # fmt: skip
_OF_PYTHON = frozenset({"min", "max", "any", "all"})
_NEVER_CALLED = frozenset(
    {"float64", "int64", "complex128", "SUM", "AVG", "PRODUCT", "MIN", "MAX"}
)  # types, reductions

# What is easily forgotten: `f(x)` and `x.f()` become `x`. Not what only makes an array or a list of something, since
# suites pass arrays, and a list does as well.
_WRAPPERS = frozenset(
    """
abs absolute astype atleast_1d atleast_2d ceil clamp clamp_min clamp_max clip clone contiguous copy cpu deepcopy detach
dict double exp expm1 fabs flip float floor half int item log
log10 log1p log2 log_softmax long masked_fill maximum minimum nan_to_num normalize ravel relu reversed round rsqrt set
sigmoid softmax sort sorted sqrt square squeeze tanh to tolist transpose tril triu trunc unique unsqueeze where
""".split()
)
_OF_TWO = frozenset({"min", "max", "maximum", "minimum"})


def _partners() -> dict[str, str]:
    names = _PAIRS.split()
    pairs = dict(zip(names[::2], names[1::2], strict=True))
    return pairs | {second: first for first, second in pairs.items()} | _ONE_WAY


_PARTNERS = _partners()


def function_swapped(node: ast.expr, module: Module) -> Iterator[ast.expr]:
    """`x.sum()` becomes `x.mean()`, `rand` becomes `randn`."""
    called = module.stands_as(node, ast.Call, "func")
    match node:
        case ast.Name(id=name) if called and name in _OF_PYTHON and name not in module.imported:
            yield ast.Name(_PARTNERS[name], ast.Load())
        case ast.Attribute(attr=name, value=owner, ctx=ast.Load()) if called or _is_value(node):
            if name in _PARTNERS and not _is_self(owner):
                yield ast.Attribute(owner, _PARTNERS[name], ast.Load())


def finiteness_loosened(node: ast.expr, module: Module) -> Iterator[ast.expr]:
    """`isfinite(x)` becomes `~isnan(x)`, or `~isinf(x)`."""
    match node:
        case ast.Call(func=ast.Attribute(attr="isfinite", value=owner)):
            negation = ast.Not() if isinstance(owner, ast.Name) and owner.id == "math" else ast.Invert()
            for name in ("isnan", "isinf"):
                yield ast.UnaryOp(negation, ast.Call(ast.Attribute(owner, name, ast.Load()), node.args, node.keywords))


def call_dropped(node: ast.expr, module: Module) -> Iterator[ast.expr]:
    """`sqrt(x)` becomes `x`, and so does `x.clone()`."""
    match node:
        case ast.Call(func=ast.Attribute(attr=name, value=owner)) if name in _WRAPPERS:
            if not is_library(owner, module):
                yield owner
            elif node.args:
                yield from _argument(node)
        case ast.Call(func=ast.Name(id=name), args=[first, *_]) if name in _WRAPPERS:
            if not _is_a_number_already(first, name):
                yield from _argument(node)


def side_taken(node: ast.expr, module: Module) -> Iterator[ast.expr]:
    """`max(a, b)` becomes `a`, or `b`."""
    match node:
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=[first, second]) if name in _OF_TWO:
            yield from (side for side in (first, second) if not isinstance(side, ast.Starred))


def transposition_dropped(node: ast.expr, module: Module) -> Iterator[ast.expr]:
    """`x.T` becomes `x`."""
    match node:
        case ast.Attribute(attr="T" | "mT", value=owner, ctx=ast.Load()):
            yield owner


def is_library(owner: ast.expr, module: Module) -> bool:
    """Whether `owner` is an imported name, or reached by dots from one."""
    while isinstance(owner, ast.Attribute):
        owner = owner.value
    return isinstance(owner, ast.Name) and owner.id in module.imported


def _argument(node: ast.Call) -> Iterator[ast.expr]:
    """The first argument, unless the call only makes of a literal what it is already."""
    first = node.args[0]
    if not isinstance(first, ast.Starred | ast.Constant):
        yield first


def _is_a_number_already(argument: ast.expr, function: str) -> bool:
    """Whether `float` or `int` only changes the library's type of a number; `int(a * b)` rounds."""
    computed = {"float": (ast.Call, ast.BinOp), "int": (ast.Call,)}
    return isinstance(argument, computed.get(function, ()))


def _is_value(node: ast.Attribute) -> bool:
    """Whether an attribute that is not called has partners too: a type, a reduction, a limit of a type."""
    match node:
        case ast.Attribute(attr="min" | "max" | "eps" | "tiny", value=ast.Call(func=ast.Attribute(attr=name))):
            return name in ("finfo", "iinfo")
    return node.attr in _NEVER_CALLED


def _is_self(owner: ast.expr) -> bool:
    return isinstance(owner, ast.Name) and owner.id in ("self", "cls")


EXPRESSIONS = (function_swapped, finiteness_loosened, call_dropped, side_taken, transposition_dropped)
