"""The reference of transformer_block against the same block put together from torch's own functions."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
FILE = Path(__file__).resolve().parents[2] / "reference" / "transformer_block" / "solution.py"
SPEC = importlib.util.spec_from_file_location("transformer_block_reference", FILE)
reference = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(reference)


def draw(seed: int) -> tuple[np.random.Generator, torch.nn.Module, torch.Tensor]:
    """A block and an input for it, in float64."""
    rng = np.random.default_rng(seed)
    batch, length, heads, pairs, d_ff = (int(size) for size in rng.integers(1, 6, 5))
    block = reference.TransformerBlock(2 * pairs * heads, heads, d_ff).double()
    for weight in block.parameters():
        weight.data = torch.from_numpy(rng.normal(size=weight.shape))
    return rng, block, torch.from_numpy(rng.normal(size=(batch, length, 2 * pairs * heads)))


def of_torch(block: torch.nn.Module, x: torch.Tensor, mask: torch.Tensor | None) -> torch.Tensor:
    """The block of functions that torch has: rms_norm, the ONNX rotation, fused attention, silu."""
    from torch.nn.functional import linear, rms_norm, scaled_dot_product_attention, silu
    from torch.onnx.ops import rotary_embedding

    state, heads = dict(block.named_parameters()), block.num_heads
    batch, length, width = x.shape
    pairs = width // heads // 2
    theta = np.power(10000.0, -np.arange(pairs) / pairs)
    table = torch.from_numpy(np.outer(np.arange(length), theta))
    positions = torch.arange(length).expand(batch, length)
    normed = rms_norm(x, (width,), state["attn_norm.weight"], 1e-6)
    q, k, v = (linear(normed, state[f"{name}_proj.weight"]) for name in "qkv")
    # The operator takes (B, L, d_model) and cuts the heads by itself.
    q, k = (rotary_embedding(y, table.cos(), table.sin(), positions, num_heads=heads) for y in (q, k))
    q, k, v = (y.reshape(batch, length, heads, -1).transpose(1, 2) for y in (q, k, v))
    if mask is None:
        heard = scaled_dot_product_attention(q, k, v, is_causal=True)
    else:
        heard = scaled_dot_product_attention(
            q, k, v, attn_mask=mask[:, None, None] & torch.ones(length, length).tril().bool()
        )
    h = x + linear(heard.transpose(1, 2).reshape(x.shape), state["out_proj.weight"])
    normed = rms_norm(h, (width,), state["ffn_norm.weight"], 1e-6)
    gate, up = (linear(normed, state[f"{name}_proj.weight"]) for name in ("gate", "up"))
    return h + linear(silu(gate) * up, state["down_proj.weight"])


def test_values_are_those_of_torch() -> None:
    for seed in range(40):
        rng, block, x = draw(seed)
        mask = None
        if seed % 3:  # what torch gives rows that see nothing differs by version: none is blind here
            mask = torch.from_numpy(rng.random(x.shape[:2]) < 0.6)
            mask[:, 0] = True
        with torch.no_grad():
            torch.testing.assert_close(block(x, mask), of_torch(block, x, mask), rtol=1e-9, atol=1e-9)


def test_gradients_are_those_of_finite_differences() -> None:
    for seed in range(4):
        rng, block, x = draw(seed)
        x = x[:2, :3]
        mask = torch.from_numpy(rng.random(x.shape[:2]) < 0.5)
        mask[0, 0] = False  # a row that sees nothing
        weights = dict(block.named_parameters())
        names = list(weights)

        def run(x, *values, block=block, names=names, mask=mask):
            return torch.func.functional_call(block, dict(zip(names, values, strict=True)), (x, mask))

        leaves = [value.detach().clone().requires_grad_() for value in weights.values()]
        assert torch.autograd.gradcheck(run, (x.requires_grad_(), *leaves), fast_mode=True)


def test_padding_on_the_left_changes_nothing() -> None:
    """Rotations know distances only, so an item gives the same with padding before it and without."""
    for seed in range(30):
        rng, block, x = draw(seed)
        n = int(rng.integers(1, 5))
        junk = torch.from_numpy(rng.normal(size=(len(x), n, x.shape[-1])))
        mask = torch.arange(n + x.shape[1]).expand(len(x), -1) >= n
        padded = block(torch.cat([junk, x], dim=1), mask)
        torch.testing.assert_close(padded[:, n:], block(x), rtol=1e-9, atol=1e-9)
        h = junk + 0.0  # nothing to read
        torch.testing.assert_close(padded[:, :n], h + block.feed_forward(block.ffn_norm(h)), rtol=1e-9, atol=1e-9)
