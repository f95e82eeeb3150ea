"""Operators of statements: one that was forgotten, another way out of a loop, a context or decorator left away.

Each gives replacements: characters from and to which the source is replaced, and the new text.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import NamedTuple

from grader.grading.mutation.module import Module
from grader.grading.mutation.places import is_text

# Without them a class or call is another one, and every case fails at once.
_STRUCTURAL = frozenset(
    """
staticmethod classmethod property dataclass abstractmethod overload setter cached_property contextmanager override
""".split()
)
_QUIET = frozenset({"errstate", "catch_warnings"})  # contexts that change no result
_AUGMENTED = {"+=": ("-=", "="), "-=": ("+=",), "*=": ("/=", "="), "/=": ("*=",), "//=": ("/=",), "**=": ("*=",),
              "&=": ("|=", "="), "|=": ("&=", "="), "@=": ("*=",), "%=": ("//=",)}  # fmt: skip
_COERCIONS = frozenset({"array", "asarray", "asanyarray", "as_tensor", "tensor"})
_SIGN = re.compile(r"\s*([-+*/&|@%]+=)")


class Replacement(NamedTuple):
    """From and to which character of a module, and the text that comes there."""

    start: int
    end: int
    text: str


def statement_dropped(node: ast.stmt, module: Module) -> Iterator[Replacement]:
    """A call for its effect, a change of an object, a renewed value: `x = f(x)` becomes `pass`."""
    if _has_effect(node) or _changes_something(node, module):
        yield Replacement(*module.span(node), "pass")


def target_dropped(node: ast.stmt, module: Module) -> Iterator[Replacement]:
    """`self.a, self.b = x, y` becomes `self.b = y`, or `self.a = x`."""
    match node:
        case ast.Assign(targets=[ast.Tuple(elts=[_, _, *_] as targets)], value=ast.Tuple(elts=values)):
            pairs = list(zip(targets, values, strict=False))
            for index, (target, value) in enumerate(pairs):
                if _is_renewed(target, value) and len(targets) == len(values):
                    yield Replacement(*module.span(node), _assignment(pairs[:index] + pairs[index + 1 :], module))


def augmentation_swapped(node: ast.stmt, module: Module) -> Iterator[Replacement]:
    """`a += b` becomes `a -= b`, or `a = b`."""
    if isinstance(node, ast.AugAssign):
        sign = _SIGN.match(module.source, module.span(node.target)[1])
        for other in _AUGMENTED.get(sign[1], ()) if sign else ():
            assert sign is not None
            yield Replacement(*sign.span(1), other)


def loop_left_otherwise(node: ast.stmt, module: Module) -> Iterator[Replacement]:
    """`break` becomes `continue`, and the other way round."""
    if isinstance(node, ast.Break | ast.Continue):
        yield Replacement(*module.span(node), "continue" if isinstance(node, ast.Break) else "break")


def context_dropped(node: ast.stmt, module: Module) -> Iterator[Replacement]:
    """`with torch.no_grad():` becomes `if True:`; one whose value has a name is needed to run at all."""
    if not isinstance(node, ast.With):
        return
    if all(item.optional_vars is None and _last_name(item.context_expr) not in _QUIET for item in node.items):
        colon = module.source.index(":", module.span(node.items[-1].context_expr)[1])
        yield Replacement(module.span(node)[0], colon, "if True")


def decorator_dropped(node: ast.stmt, module: Module) -> Iterator[Replacement]:
    """`@torch.no_grad()` is left away."""
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return
    begins = [module.source.rindex("@", 0, module.span(decorator)[0]) for decorator in node.decorator_list]
    ends = [*begins[1:], module.span(node)[0]]
    for decorator, begin, end in zip(node.decorator_list, begins, ends, strict=False):
        if _last_name(decorator) not in _STRUCTURAL:
            yield Replacement(begin, end, "")


def _has_effect(node: ast.stmt) -> bool:
    match node:
        case ast.Expr(value=ast.Call(func=ast.Attribute(attr="__init__"))):
            return False
        case ast.Expr():
            return not is_text(node)
    return isinstance(node, ast.AugAssign | ast.Delete)


def _changes_something(node: ast.stmt, module: Module) -> bool:
    """Whether an assignment changes what was there before it, as far as its text tells."""
    match node:
        case ast.Assign(targets=[ast.Tuple(elts=targets)]):
            return all(_is_renewed(target, node.value) for target in targets) and not _is_constructing(node, module)
        case ast.Assign(targets=[target]):
            return _is_renewed(target, node.value) and not _is_constructing(node, module)
    return False


def _is_renewed(target: ast.expr, value: ast.expr) -> bool:
    """Whether `target` stands for something before it is given `value`: a part of an object, or a name read there."""
    if isinstance(target, ast.Subscript | ast.Attribute):
        return True
    if _is_coerced(target, value):
        return False
    read = {part.id for part in ast.walk(value) if isinstance(part, ast.Name)}
    return isinstance(target, ast.Name) and target.id in read


def _is_coerced(target: ast.expr, value: ast.expr) -> bool:
    """Whether `value` only makes an array of `target`, which suites pass anyway."""
    match value, target:
        case ast.Call(func=ast.Attribute(attr=name), args=[ast.Name(id=read), *_]), ast.Name(id=written):
            return name in _COERCIONS and read == written
        case ast.Tuple(elts=values), _:
            return any(_is_coerced(target, part) for part in values)
    return False


def _assignment(pairs: list[tuple[ast.expr, ast.expr]], module: Module) -> str:
    targets, values = (", ".join(module.text(part) for part in side) for side in zip(*pairs, strict=True))
    return f"{targets} = {values}"


def _is_constructing(node: ast.stmt, module: Module) -> bool:
    """Whether `node` stands in `__init__`, where an attribute that is not set is missed at once."""
    return any(isinstance(outer, ast.FunctionDef) and outer.name == "__init__" for outer in module.ancestors(node))


def _last_name(node: ast.expr) -> str:
    match node:
        case ast.Call(func=func):
            return _last_name(func)
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


STATEMENTS = (
    statement_dropped, target_dropped, augmentation_swapped, loop_left_otherwise, context_dropped, decorator_dropped,
)  # fmt: skip
