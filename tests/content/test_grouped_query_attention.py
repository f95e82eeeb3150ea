"""The reference of grouped_query_attention against torch's own attention, which submissions may not use."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
FILE = Path(__file__).resolve().parents[2] / "reference" / "grouped_query_attention" / "solution.py"
SPEC = importlib.util.spec_from_file_location("grouped_query_attention_reference", FILE)
reference = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(reference)


def test_values_and_gradients_are_those_of_torch() -> None:
    from torch.nn.functional import scaled_dot_product_attention

    for seed in range(100):
        rng = np.random.default_rng(seed)
        batch, shared, group, queries, keys, width, values = (int(size) for size in rng.integers(1, 6, 7))
        full = batch, shared * group, queries, keys
        shapes = (*full[:3], width), (batch, shared, keys, width), (batch, shared, keys, values)
        scale = 10.0 ** rng.uniform(-1, 1)
        leaves = [torch.from_numpy(rng.normal(size=shape) * scale).requires_grad_() for shape in shapes]
        axes = [int(size) if rng.random() < 0.7 else 1 for size in full][int(rng.integers(4)) :]
        mask = torch.from_numpy(np.array(rng.random(axes) < 0.6)) if seed % 4 else None
        full_mask = None if mask is None else mask.expand(full)
        expected = scaled_dot_product_attention(*leaves, attn_mask=full_mask, enable_gqa=True)
        if full_mask is not None:  # torch leaves open what a row gets that allows nothing
            expected = torch.where(full_mask.any(-1, keepdim=True), expected, 0.0)
        output = reference.grouped_query_attention(*leaves, mask)
        torch.testing.assert_close(output, expected, rtol=1e-9, atol=1e-9)
        if full_mask is None or bool(full_mask.any(-1).all()):
            upstream = torch.from_numpy(rng.normal(size=output.shape))
            ours, theirs = (torch.autograd.grad(y, leaves, upstream) for y in (output, expected))
            torch.testing.assert_close(ours, theirs, rtol=1e-8, atol=1e-8)
