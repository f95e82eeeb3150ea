"""A changed syntax tree as text that keeps what was written of its old parts."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Any

from grader.grading.mutation.module import Module

_HOLE = re.compile(r"_hole_(\d+)_")
_LOOSE = (
    ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.IfExp, ast.Lambda, ast.Await, ast.NamedExpr, ast.Tuple,
)  # fmt: skip


def renderings(new: ast.expr, module: Module) -> Iterator[str]:
    """Texts for `new`, the shortest first; which of them mean `new` depends on what stands around it.

    Parts of `new` that `module` owns are quoted from its source, first bare and then in parentheses.
    """
    old: list[ast.expr] = []
    frame = ast.unparse(_framed(new, module, old))
    bare = _HOLE.sub(lambda found: module.text(old[int(found[1])]), frame)
    wrapped = _HOLE.sub(lambda found: _wrapped(old[int(found[1])], module), frame)
    for text in dict.fromkeys((bare, wrapped)):
        yield text
    if not isinstance(new, ast.Slice | ast.Starred):
        for text in dict.fromkeys((bare, wrapped)):
            yield f"({text})"


def _framed(node: Any, module: Module, old: list[ast.expr]) -> Any:
    """A copy of `node` in which a name stands for each old part; the parts are appended to `old`."""
    if isinstance(node, ast.expr) and module.owns(node):
        old.append(node)
        return ast.Name(f"_hole_{len(old) - 1}_", ast.Load())
    if isinstance(node, list):
        return [_framed(item, module, old) for item in node]
    if isinstance(node, ast.AST):
        return type(node)(**{field: _framed(value, module, old) for field, value in ast.iter_fields(node)})
    return node


def _wrapped(node: ast.expr, module: Module) -> str:
    text = module.text(node)
    return f"({text})" if isinstance(node, _LOOSE) else text
