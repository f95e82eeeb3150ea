"""The reference of flash_attention against torch's own attention, which submissions may not use, and its logsumexp."""

from __future__ import annotations

import importlib.util
import math
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
FILE = Path(__file__).resolve().parents[2] / "reference" / "flash_attention" / "solution.py"
SPEC = importlib.util.spec_from_file_location("flash_attention_reference", FILE)
reference = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(reference)


def test_output_and_logsumexp_are_those_of_torch() -> None:
    from torch.nn.attention.bias import causal_lower_right
    from torch.nn.functional import scaled_dot_product_attention

    for seed in range(100):
        rng = np.random.default_rng(seed)
        items, queries, keys, width, values, block_size = (int(size) for size in rng.integers(1, 9, 6))
        shapes = (items, queries, width), (items, keys, width), (items, keys, values)
        scale = 10.0 ** rng.uniform(-1, 1)
        q, k, v = (torch.from_numpy(rng.normal(size=shape) * scale) for shape in shapes)
        causal = bool(seed % 2)
        blind = max(0, queries - keys) if causal else 0  # the queries before the first key
        out, lse = reference.flash_attention(q, k, v, causal, block_size)
        assert not out[:, :blind].any()
        assert bool((lse[:, :blind] == -math.inf).all())
        q, out, lse = q[:, blind:], out[:, blind:], lse[:, blind:]
        bias = causal_lower_right(q.shape[1], keys) if causal else None
        expected = scaled_dot_product_attention(*(x[None] for x in (q, k, v)), attn_mask=bias)[0]
        torch.testing.assert_close(out, expected, rtol=1e-9, atol=1e-9)
        scores = torch.einsum("nqd,nkd->nqk", q, k) / math.sqrt(width)
        if causal:
            scores[:, ~torch.ones(q.shape[1], keys).tril(keys - q.shape[1]).bool()] = -math.inf
        torch.testing.assert_close(lse, scores.logsumexp(-1), rtol=1e-9, atol=1e-9)
