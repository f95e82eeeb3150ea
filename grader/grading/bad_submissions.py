"""Submissions that must earn nothing in any exercise: the stub with every body replaced by the same bad idea."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from grader.model.exercise import Exercise
from grader.model.submission import Submission

# Each body sees `given`, the list of arguments without `self`, and `first`, the first array among them (or argument).
BODIES = {
    "zeros": "return first * 0 if not isinstance(first, (str, list, dict, type(None))) else 0.0",
    "constant": "return 1.0",
    "echo": "return first",
    "nan": "return first * float('nan') if hasattr(first, 'shape') else float('nan')",
    "wrong_dtype": "return str(first) if not hasattr(first, 'shape') else getattr(first, 'half', _half(first))()",
    "transposed": "return first.swapaxes(0, -1) if getattr(first, 'ndim', 0) else (first,)",
    "mutates_input": "first *= 0\nreturn first",
    "none": "return None",
    "exits": "import sys\nsys.exit(0)",
    "exits_hard": "import os\nos._exit(0)",
    "raises": "raise RuntimeError('no')",
    "raises_value_error": "raise ValueError('no')",
}
_PREAMBLE = """
given = [value for name, value in list(locals().items()) if name != 'self']
given = [item for value in given for item in (value if isinstance(value, tuple) else (value,))]
first = next((value for value in given if hasattr(value, 'shape')), given[0] if given else 0.0)
_half = lambda array: lambda: array.astype('float16')
"""


_ENDING = frozenset({"exits", "exits_hard"})


def bad_answers(exercise: Exercise) -> Iterator[Submission]:
    """Those that answer or raise, and are as bad without a box as in one."""
    return (_rewritten(exercise, name) for name in BODIES if name not in _ENDING)


def bad_ends(exercise: Exercise) -> Iterator[Submission]:
    """Those that end their process, when they are called or on import."""
    yield from (_rewritten(exercise, name) for name in BODIES if name in _ENDING)
    stub = exercise.stub.read_text(encoding="utf-8")
    yield Submission(name="exits_on_import", source=f"{stub}\nimport sys\nsys.exit(0)\n")


def _rewritten(exercise: Exercise, name: str) -> Submission:
    return Submission(name=name, source=rewrite(exercise.stub.read_text(encoding="utf-8"), BODIES[name]))


def rewrite(stub: str, body: str) -> str:
    """`stub` with `body` in place of every function's own; constructors only construct."""
    tree = ast.parse(stub)
    _Replace(body).visit(tree)
    return ast.unparse(ast.fix_missing_locations(tree))


class _Replace(ast.NodeTransformer):
    def __init__(self, body: str) -> None:
        self._body = body

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        """Keep the signature, replace the body; a constructor only constructs."""
        text = "super().__init__()" if node.name == "__init__" else _PREAMBLE + self._body
        node.body = ast.parse(text).body
        return node
