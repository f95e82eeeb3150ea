"""Each operator makes the mistakes that it is named after, and no others."""

from __future__ import annotations

import pytest

from grader.grading.mutation import OPERATORS, mutations

TABLE: dict[str, list[tuple[str, list[str]]]] = {
    "arithmetic_swapped": [
        ("y = a + b", ["y = a - b"]),
        ("y = a - b + c", ["y = a - b - c", "y = a + b + c"]),
        ("y = a - (b + c)", ["y = a + (b + c)", "y = a - (b - c)"]),
        ("y = a / b", ["y = a * b", "y = a // b"]),
        ("y = a * b ** c", ["y = a / b ** c", "y = a * (b * c)"]),
        ("y = q @ k", ["y = q * k"]),
        ("y = a % b", ["y = a // b"]),
        ("y = a & b | c", ["y = a & b & c", "y = a | b | c"]),
        ("y = '%s' % name + 'x'", []),
        ("y = [0] * n", []),
    ],
    "operands_exchanged": [
        ("y = a - b", ["y = b - a"]),
        ("y = a - b - c", ["y = c - (a - b)", "y = b - a - c"]),
        ("y = q @ k", ["y = k @ q"]),
        ("y = a + b", []),
        ("y = (a - b) ** 2", ["y = 2 ** (a - b)"]),
        ("y = abs(a - b)", []),
        ("y = (a - b) ** 3", ["y = 3 ** (a - b)", "y = (b - a) ** 3"]),
    ],
    "term_dropped": [
        ("y = x / (s + eps)", ["y = x", "y = x / (s)", "y = x / (eps)"]),
        ("y = 2 * x", ["y = 2", "y = x"]),
        ("y = x * 1 + 0", ["y = 0", "y = 1 + 0"]),
        ("y = q @ k", []),
    ],
    "sign_dropped": [("y = -x", ["y = x"]), ("y = ~mask", ["y = mask"]), ("y = -1", []), ("y = abs(-x)", [])],
    "boundary_moved": [
        ("y = a < b", ["y = a <= b"]),
        ("y = 0 < a <= 1", ["y = 0 <= a <= 1", "y = 0 < a < 1"]),
        ("y = a == b", []),
    ],
    "comparison_negated": [
        ("y = a < b", ["y = a >= b"]),
        ("y = a == b", ["y = a != b"]),
        ("y = a in b", ["y = a not in b"]),
        ("y = a is not b", ["y = a is b"]),
    ],
    "bound_unchecked": [("y = 0 < a <= 1", ["y = 0 < a", "y = a <= 1"]), ("y = a < b", [])],
    "member_dropped": [
        ("y = a in ('p', 'q')", ["y = a in ('q',)", "y = a in ('p',)"]),
        ("y = a in ('p',)", []),
        ("y = a not in {p, q}", ["y = a not in {q}", "y = a not in {p}"]),
    ],
    "and_or_swapped": [("y = a and b or c", ["y = (a and b) and c", "y = (a or b) or c"])],
    "condition_dropped": [
        ("y = a and b", ["y = b", "y = a"]),
        ("y = a or b or c", ["y = b or c", "y = a or c", "y = a or b"]),
    ],
    "not_dropped": [("y = not (a > b)", ["y = a > b"])],
    "branch_fixed": [
        ("if a:\n    f()", ["if False:\n    f()", "if True:\n    f()"]),
        ("if a:\n    raise ValueError('no')", ["if False:\n    raise ValueError('no')"]),
        ("while a:\n    f()", ["while False:\n    f()"]),
        ("y = [x for x in z if x]", ["y = [x for x in z if True]"]),
    ],
    "condition_negated": [
        ("if a:\n    f()", ["if not a:\n    f()"]),
        ("y = b if f(a) else c", ["y = b if not f(a) else c"]),
        ("if a > b:\n    f()", []),
    ],
    "choice_fixed": [("y = a if b else c", ["y = a", "y = c"])],
    "integer_changed": [
        ("y = 5", ["y = 6", "y = 4", "y = 0", "y = 1", "y = 10"]),
        ("y = 1", ["y = 2", "y = 0"]),
        ("y = x.softmax(-1)", ["y = x.softmax(0)", "y = x.softmax(-2)", "y = x.softmax(1)"]),
        ("y = x[:, 0]", ["y = x[:, 1]", "y = x[:, -1]"]),
        ("y = x.mean(axis=1)", ["y = x.mean(axis=0)"]),
        ("y = x.mean(dim=-1)", ["y = x.mean(dim=-2)", "y = x.mean(dim=0)"]),
        ("y = x.mean(dim=2)", ["y = x.mean(dim=1)"]),
        ("y = True", []),
    ],
    "float_changed": [
        ("y = 0.5", ["y = 1.0", "y = 0.0", "y = -0.5"]),
        ("y = 1e-08", ["y = 1e-07", "y = 1e-09", "y = 0.0"]),
        ("y = -2.0", ["y = -4.0", "y = 0.0", "y = 1.0", "y = 2.0"]),
        ("y = 1e999", []),
    ],
    "truth_flipped": [("f(x, keepdim=True)", ["f(x, keepdim=False)"]), ("zip(a, b, strict=True)", [])],
    "infinity_negated": [("y = math.inf", ["y = -math.inf"]), ("y = -math.inf", [])],
    "mode_changed": [
        ("y = a == 'p' or a == 'q'", ["y = a == 'q' or a == 'q'", "y = a == 'p' or a == 'p'"]),
        ("y = mode == 'min'", ["y = mode == ''"]),
        ("f(x, side='left')", ["f(x, side='right')"]),
        ("def f(mode='a'):\n    return mode in ('a', 'b')", ["def f(mode='b'):\n    return mode in ('a', 'b')"]),
        ("f(x, name='loss')", []),
    ],
    "slice_shortened": [("y = x[a:b]", ["y = x[a + 1:b]", "y = x[a:b - 1]"]), ("y = x[1:-1]", []), ("y = x[:]", [])],
    "slice_end_dropped": [
        ("y = x[a:b]", ["y = x[:b]", "y = x[a:]"]),
        ("y = x[0:b]", ["y = x[0:]"]),
        ("y = x[::-1]", ["y = x[:]"]),
    ],
    "slice_turned": [("y = x[:k]", ["y = x[k:]"]), ("y = x[-k:]", ["y = x[:-k]"]), ("y = x[a:b]", [])],
    "axes_exchanged": [("y = x[:, None]", ["y = x[None, :]"]), ("x[i, j] = 0", ["x[j, i] = 0"])],
    "index_dropped": [("y = x[i]", ["y = x"]), ("y = state['best']", []), ("x[i] = 0", [])],
    "index_shifted": [
        ("for i in range(n):\n    x[i] = y[j]", ["for i in range(n):\n    x[i - 1] = y[j]"]),
        ("y = x[i]", []),
    ],
    "length_miscounted": [
        ("y = s / len(x)", ["y = s / (len(x) - 1)", "y = s / (len(x) + 1)"]),
        ("y = len(x) == 0", []),
    ],
    "range_shortened": [
        ("y = range(n)", ["y = range(1, n)", "y = range(n - 1)"]),
        ("y = range(1, n + 1)", ["y = range(1, n + 1 - 1)"]),
        ("y = range(3)", ["y = range(1, 3)"]),
    ],
    "function_swapped": [
        ("y = x.sum(axis=0)", ["y = x.mean(axis=0)"]),
        ("y = min(a, b)", ["y = max(a, b)"]),
        ("from m import min\ny = min(a, b)", []),
        ("y = np.zeros(n, np.float64)", ["y = np.ones(n, np.float64)", "y = np.zeros(n, np.float32)"]),
        ("y = torch.rand(n)", ["y = torch.randn(n)"]),
        ("y = rng.uniform(a, b)", ["y = rng.normal(a, b)"]),
        ("y = torch.finfo(t).min", ["y = torch.finfo(t).max"]),
        ("y = self.mean(x) + sum(x) + x.mean", []),
    ],
    "finiteness_loosened": [
        ("y = np.isfinite(x).all()", ["y = (~np.isnan(x)).all()", "y = (~np.isinf(x)).all()"]),
        ("y = math.isfinite(x)", ["y = not math.isnan(x)", "y = not math.isinf(x)"]),
    ],
    "call_dropped": [
        ("y = x.detach().clone()", ["y = x.detach()", "y = x.clone()"]),
        ("import numpy as np\ny = np.sqrt(a + b) / 2", ["import numpy as np\ny = (a + b) / 2"]),
        ("import numpy as np\ny = np.clip(x, 0, 1)", ["import numpy as np\ny = x"]),
        ("import numpy as np\ny = np.asarray(x)", []),
        ("y = float(x) + float(0.5) + float(x.sum())", ["y = x + float(0.5) + float(x.sum())"]),
        ("y = int(a * b)", ["y = a * b"]),
    ],
    "side_taken": [("y = np.maximum(x, 1)", ["y = x", "y = 1"])],
    "transposition_dropped": [("y = x.T @ x", ["y = x @ x"])],
    "arguments_swapped": [
        ("f(a, b, c)", ["f(b, a, c)", "f(a, c, b)"]),
        ("f(a, *b)", []),
        ("torch.maximum(a, b)", []),
        ("import numpy as np\nnp.clip(x, a, b)", ["import numpy as np\nnp.clip(x, b, a)"]),
        ("f(a, a)", []),
    ],
    "keywords_swapped": [("f(low=a, high=b)", ["f(low=b, high=a)"]), ("f(low=a, **more)", [])],
    "parts_swapped": [
        ("np.concatenate([a, b])", ["np.concatenate([b, a])"]),
        ("np.zeros((n, d))", ["np.zeros((d, n))"]),
    ],
    "part_dropped": [
        ("y = [*a, *b]", ["y = [*b]", "y = [*a]"]),
        ("y = {'a': x, 'b': z}", ["y = {'b': z}", "y = {'a': x}"]),
        ("y = [a]", []),
    ],
    "keyword_dropped": [
        ("x.sum(axis=0, keepdims=True)", ["x.sum(keepdims=True)"]),
        ("x.argsort(axis=-1)", []),
        ("f(x, rng=None)", []),
        ("all_reduce(x, op=ReduceOp.SUM)", []),
    ],
    "axis_dropped": [
        ("x.sum(0)", ["x.sum()"]),
        ("import torch\ntorch.sum(x, -1)", ["import torch\ntorch.sum(x)"]),
        ("import torch\ntorch.sum(0)", []),
    ],
    "default_overruled": [
        ("np.searchsorted(a, x)", ["np.searchsorted(a, x, side='right')"]),
        ("import numpy as np\nx.var(axis=0)", ["import numpy as np\nx.var(axis=0, correction=1)"]),
        ("import torch\nx.std(0)", ["import torch\nx.std(0, correction=0)"]),
        ("x.std(ddof=1)", []),
        ("sorted(x)", ["sorted(x, reverse=True)"]),
    ],
    "statement_dropped": [
        ("optimizer.zero_grad()", ["pass"]),
        ("x = f(x)", ["pass"]),
        ("x = f(y)", []),
        ("x += 1", ["pass"]),
        ("x[i] = y", ["pass"]),
        ("x = np.asarray(x)", []),
        ("class A:\n    def __init__(self):\n        super().__init__()\n        self.n = 1", []),
        ("def f(x):\n    yield x", ["def f(x):\n    pass"]),
    ],
    "target_dropped": [("self.a, self.b = x, y", ["self.b = y", "self.a = x"]), ("a, b = x, y", [])],
    "augmentation_swapped": [("x += y", ["x -= y", "x = y"]), ("x  //=  y", ["x  /=  y"])],
    "loop_left_otherwise": [
        ("for x in y:\n    break", ["for x in y:\n    continue"]),
        ("for x in y:\n    continue", ["for x in y:\n    break"]),
    ],
    "context_dropped": [
        ("with torch.no_grad():\n    f()", ["if True:\n    f()"]),
        ("with open(p) as file:\n    f()", []),
        ("with np.errstate(all='ignore'):\n    f()", []),
    ],
    "decorator_dropped": [
        ("@a.b()\n@c\ndef f():\n    g()", ["@c\ndef f():\n    g()", "@a.b()\ndef f():\n    g()"]),
        ("class A:\n    @property\n    def f(self):\n        return a", []),
    ],
}  # fmt: skip
ROWS = [(operator, source, expected) for operator, rows in TABLE.items() for source, expected in rows]


@pytest.mark.parametrize(("operator", "source", "expected"), ROWS)
def test_an_operator_gives_exactly_these_mutants(operator: str, source: str, expected: list[str]) -> None:
    """Compared as texts, so that what surrounds a change stays as it was written."""
    assert [one.source for one in mutations(source) if one.operator == operator] == expected


def test_every_operator_has_a_row_that_it_answers() -> None:
    """An operator that is added gets an example."""
    assert set(OPERATORS) == {operator for operator, _, expected in ROWS if expected}
