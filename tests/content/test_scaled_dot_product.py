"""The reference of scaled_dot_product against torch's own attention, which submissions may not use."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
FILE = Path(__file__).resolve().parents[2] / "reference" / "scaled_dot_product" / "solution.py"
SPEC = importlib.util.spec_from_file_location("scaled_dot_product_reference", FILE)
reference = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(reference)


def draw(seed: int) -> tuple[np.random.Generator, list[torch.Tensor]]:
    """Queries, keys and values of one to three leading axes, in float64."""
    rng = np.random.default_rng(seed)
    lead = tuple(rng.integers(1, 4, int(rng.integers(1, 4))))
    queries, keys, width, values = (int(size) for size in rng.integers(1, 9, 4))
    shapes = (*lead, queries, width), (*lead, keys, width), (*lead, keys, values)
    return rng, [torch.from_numpy(rng.normal(size=shape) * 10.0 ** rng.uniform(-1, 1)) for shape in shapes]


def test_values_and_gradients_are_those_of_torch() -> None:
    from torch.nn.functional import scaled_dot_product_attention

    for seed in range(120):
        rng, inputs = draw(seed)
        full = (*inputs[0].shape[:-1], inputs[1].shape[-2])
        shape = [int(size) if rng.random() < 0.7 else 1 for size in full][int(rng.integers(len(full))) :]
        mask = torch.from_numpy(np.array(rng.random(shape) < 0.6)) if seed % 4 else None
        leaves = [x.requires_grad_() for x in inputs]
        full_mask = None if mask is None else mask.expand(full)
        expected = scaled_dot_product_attention(*leaves, attn_mask=full_mask)
        if mask is not None:  # torch leaves open what a row gets that allows nothing
            expected = torch.where(full_mask.any(-1, keepdim=True), expected, 0.0)
        output = reference.scaled_dot_product(*leaves, mask)
        torch.testing.assert_close(output, expected, rtol=1e-9, atol=1e-9)
        if mask is None or bool(full_mask.any(-1).all()):
            upstream = torch.from_numpy(rng.normal(size=output.shape))
            ours, theirs = (torch.autograd.grad(y, leaves, upstream) for y in (output, expected))
            torch.testing.assert_close(ours, theirs, rtol=1e-8, atol=1e-8)


def test_causality_is_that_of_the_lower_right_corner() -> None:
    from torch.nn.attention.bias import causal_lower_right
    from torch.nn.functional import scaled_dot_product_attention

    for seed in range(80):
        _, (q, k, v) = draw(seed)
        queries, keys = q.shape[-2], k.shape[-2]
        output = reference.scaled_dot_product(q, k, v, causal=True)
        seen = max(0, queries - keys)  # the queries before the first key get zeros
        assert not output[..., :seen, :].any()
        q = q[..., seen:, :]
        heads = [x.reshape(1, -1, *x.shape[-2:]) for x in (q, k, v)]
        bias = causal_lower_right(q.shape[-2], keys)
        expected = scaled_dot_product_attention(*heads, attn_mask=bias).reshape(output[..., seen:, :].shape)
        torch.testing.assert_close(output[..., seen:, :], expected, rtol=1e-9, atol=1e-9)
