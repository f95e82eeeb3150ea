"""The reference of sliding_window_attention against attention of torch under masks, which submissions may not use."""

from __future__ import annotations

import importlib.util
import warnings
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
FILE = Path(__file__).resolve().parents[2] / "reference" / "sliding_window_attention" / "solution.py"
SPEC = importlib.util.spec_from_file_location("sliding_window_attention_reference", FILE)
reference = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(reference)


def drawn(seed: int, longest: int) -> tuple[list[torch.Tensor], int, int]:
    """q, k and v that require grad, a window and a number of sinks."""
    rng = np.random.default_rng(seed)
    items, width, values = (int(size) for size in rng.integers(1, 6, 3))
    keys = int(rng.integers(1, longest))
    queries = int(rng.integers(1, keys + 1)) if seed % 2 else keys
    window, sinks = (int(rng.integers(low, rng.choice([low + 3, keys + 4]))) for low in (1, 0))
    shapes = (items, queries, width), (items, keys, width), (items, keys, values)
    return [torch.from_numpy(rng.normal(size=shape)).requires_grad_() for shape in shapes], window, sinks


def test_values_and_gradients_are_those_of_a_mask_over_all_pairs() -> None:
    from torch.nn.functional import scaled_dot_product_attention

    for seed in range(80):
        (q, k, v), window, sinks = drawn(seed, 12 if seed % 5 else 300)
        mask = torch.zeros(q.shape[1], k.shape[1], dtype=torch.bool)
        for row in range(q.shape[1]):
            own = k.shape[1] - q.shape[1] + row
            mask[row, : min(sinks, own + 1)] = True
            mask[row, max(0, own + 1 - window) : own + 1] = True
        expected = scaled_dot_product_attention(*(x[None] for x in (q, k, v)), attn_mask=mask)[0]
        found = reference.sliding_window_attention(q, k, v, window, sinks)
        torch.testing.assert_close(found, expected, rtol=1e-9, atol=1e-9)
        upstream = torch.cos(torch.arange(found.numel(), dtype=found.dtype)).reshape(found.shape)
        for one, other in zip(*(torch.autograd.grad(x, (q, k, v), upstream) for x in (found, expected)), strict=True):
            torch.testing.assert_close(one, other, rtol=1e-8, atol=1e-9)


@pytest.mark.slow  # most of it is the import
def test_masks_are_those_of_flex_attention() -> None:
    from torch.nn.attention.flex_attention import and_masks, create_block_mask, flex_attention, or_masks

    for seed in range(4):
        (q, k, v), window, sinks = drawn(seed, 40)
        q, k, v = (x.detach() for x in (q, k, v))
        shift = k.shape[1] - q.shape[1]
        causal = lambda b, h, i, j, shift=shift: j <= i + shift  # noqa: E731
        near = lambda b, h, i, j, shift=shift, window=window: i + shift - j < window  # noqa: E731
        sink = lambda b, h, i, j, sinks=sinks: j < sinks  # noqa: E731
        seen = and_masks(causal, or_masks(near, sink))
        mask = create_block_mask(seen, None, None, q.shape[1], k.shape[1], device="cpu")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that it is not compiled
            expected = flex_attention(*(x[None] for x in (q, k, v)), block_mask=mask)[0]
        found = reference.sliding_window_attention(q, k, v, window, sinks)
        torch.testing.assert_close(found, expected, rtol=1e-6, atol=1e-6)  # its softmax is in float32
