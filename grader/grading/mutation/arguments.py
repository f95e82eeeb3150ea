"""Operators of arguments: the wrong order, a forgotten one, the library's other default."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import pairwise
from typing import TypeVar

from grader.grading.mutation.constants import AXES
from grader.grading.mutation.functions import is_library
from grader.grading.mutation.module import Module

T = TypeVar("T")

# The order of their arguments means nothing, or both orders are as likely to raise as to differ.
_SYMMETRIC = frozenset(
    """
add allclose equal gcd hypot isclose intersect1d isinstance issubclass lcm logical_and logical_or logical_xor max
maximum min minimum multiply swapaxes swapdims transpose union1d array_equal print zip hasattr getattr setattr
""".split()
)
_ALONG_AN_AXIS = frozenset(
    """
sum mean min max argmin argmax any all prod std var norm cumsum cumprod softmax log_softmax logsumexp sort argsort
median
""".split()
)
_BOUNDING = frozenset({"clip", "clamp"})  # the larger of x and a lower bound is the larger of the lower bound and x
_ALONG_THE_LAST = frozenset({"sort", "argsort"})
# What a person who takes the default in good faith gets wrong: the keyword, and the other value.
_OTHER_DEFAULT = {"searchsorted": ("side", "right"), "sorted": ("reverse", True), "topk": ("largest", False),
                  "enumerate": ("start", 1)}  # fmt: skip
_SPREAD = frozenset({"var", "std", "nanvar", "nanstd"})
_CORRECTIONS = frozenset({"correction", "ddof", "unbiased"})


def arguments_swapped(node: ast.expr, module: Module) -> Iterator[ast.expr]:
    """`f(a, b)` becomes `f(b, a)`; of more than two, neighbors."""
    if not isinstance(node, ast.Call) or _name(node) in _SYMMETRIC:
        return
    of_library = isinstance(node.func, ast.Attribute) and is_library(node.func.value, module)
    for args in list(_exchanges(node.args))[of_library and _name(node) in _BOUNDING :]:
        yield ast.Call(node.func, args, node.keywords)


def keywords_swapped(node: ast.expr, module: Module) -> Iterator[ast.expr]:
    """`f(low=a, high=b)` becomes `f(low=b, high=a)`; of more than two, neighbors."""
    if not isinstance(node, ast.Call) or any(keyword.arg is None for keyword in node.keywords):
        return
    for values in _exchanges([keyword.value for keyword in node.keywords]):
        swapped = [ast.keyword(old.arg, value) for old, value in zip(node.keywords, values, strict=True)]
        yield ast.Call(node.func, node.args, swapped)


def parts_swapped(node: ast.expr, module: Module) -> Iterator[ast.expr]:
    """`concatenate([a, b])` becomes `concatenate([b, a])`, `zeros((n, d))` becomes `zeros((d, n))`."""
    match node:
        case ast.List(elts=parts) | ast.Tuple(elts=parts) if module.stands_as(node, ast.Call, "args"):
            parent = module.role(node).parent
            if isinstance(parent, ast.Call) and _name(parent) not in _SYMMETRIC:
                yield from (type(node)(other, ast.Load()) for other in _exchanges(parts))


def part_dropped(node: ast.expr, module: Module) -> Iterator[ast.expr]:
    """`[*a, *b]` becomes `[*b]`, or `[*a]`; `{"a": x, "b": y}` loses an entry."""
    match node:
        case ast.List(elts=parts, ctx=ast.Load()) if len(parts) > 1 and not _is_compared(node, module):
            for index in range(len(parts)):
                yield ast.List(_without(parts, index), ast.Load())
        case ast.Dict(keys=[_, _, *_] as keys, values=values):
            for index in range(len(keys)):
                yield ast.Dict(_without(keys, index), _without(values, index))


def keyword_dropped(node: ast.expr, module: Module) -> Iterator[ast.expr]:
    """`f(x, axis=1)` becomes `f(x)`; a truth value is flipped instead, which comes to the same."""
    if not isinstance(node, ast.Call):
        return
    for index, keyword in enumerate(node.keywords):
        if not _says_the_default(keyword, _name(node)):
            yield ast.Call(node.func, node.args, _without(node.keywords, index))


def axis_dropped(node: ast.expr, module: Module) -> Iterator[ast.expr]:
    """`x.sum(0)` becomes `x.sum()`."""
    if isinstance(node, ast.Call) and node.args and _name(node) in _ALONG_AN_AXIS:
        of_library = isinstance(node.func, ast.Attribute) and is_library(node.func.value, module)
        if len(node.args) == 1 + of_library and _is_integer(node.args[-1]):
            yield ast.Call(node.func, node.args[:-1], node.keywords)


def default_overruled(node: ast.expr, module: Module) -> Iterator[ast.expr]:
    """`searchsorted(x, y)` becomes `searchsorted(x, y, side='right')`; `var` divides by n - 1, or by n."""
    if not isinstance(node, ast.Call):
        return
    given = {keyword.arg for keyword in node.keywords}
    name = _name(node)
    if name in _SPREAD and not given & _CORRECTIONS:
        yield _with_keyword(node, "correction", 0 if "torch" in module.imported else 1)
    elif name in _OTHER_DEFAULT and _OTHER_DEFAULT[name][0] not in given:
        yield _with_keyword(node, *_OTHER_DEFAULT[name])


def _without(items: list[T], index: int) -> list[T]:
    return [*items[:index], *items[index + 1 :]]


def _is_compared(node: ast.expr, module: Module) -> bool:
    return isinstance(module.role(node).parent, ast.Compare)


def _exchanges(items: list[ast.expr]) -> Iterator[list[ast.expr]]:
    for index, (first, second) in enumerate(pairwise(items)):
        if not isinstance(first, ast.Starred) and not isinstance(second, ast.Starred):
            yield [*items[:index], second, first, *items[index + 2 :]]


def _name(node: ast.Call) -> str:
    match node.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def _says_the_default(keyword: ast.keyword, function: str) -> bool:
    """Whether the call would mean the same without `keyword`, or another mutation has what it would mean."""
    match keyword:
        case ast.keyword(arg=None) | ast.keyword(value=ast.Constant(value=bool() | None)):
            return True
        case ast.keyword(arg=str(name), value=ast.Constant(value=1) | ast.UnaryOp()) if name in AXES:
            return function in _ALONG_THE_LAST
        case ast.keyword(arg="op", value=ast.Attribute(attr="SUM")):
            return True
    return False


def _is_integer(node: ast.expr) -> bool:
    inner = node.operand if isinstance(node, ast.UnaryOp) else node
    return isinstance(inner, ast.Constant) and type(inner.value) is int


def _with_keyword(node: ast.Call, name: str, value: object) -> ast.Call:
    assert isinstance(value, str | int)
    return ast.Call(node.func, node.args, [*node.keywords, ast.keyword(name, ast.Constant(value))])


EXPRESSIONS = (
    arguments_swapped, keywords_swapped, parts_swapped, part_dropped, keyword_dropped, axis_dropped, default_overruled,
)  # fmt: skip
