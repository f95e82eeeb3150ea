"""The reference of kv_cache, piece by piece, against torch's fused attention and its ONNX rotation over the whole."""

from __future__ import annotations

import importlib.util
import itertools
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

torch = pytest.importorskip("torch")
REFERENCE = Path(__file__).resolve().parents[2] / "reference"


def load(slug: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"{slug}_reference", REFERENCE / slug / "solution.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


reference = load("kv_cache")


def draw(seed: int) -> tuple[np.random.Generator, torch.nn.Module, torch.Tensor]:
    """A layer and whole sequences for it, in float64."""
    rng = np.random.default_rng(seed)
    batch, heads, pairs = (int(size) for size in rng.integers(1, 5, 3))
    layer = reference.CachedAttention(2 * pairs * heads, heads).double()
    for weight in layer.parameters():
        weight.data = torch.from_numpy(rng.normal(size=weight.shape))
    return rng, layer, torch.from_numpy(rng.normal(size=(batch, int(rng.integers(1, 12)), 2 * pairs * heads)))


def of_torch(layer: torch.nn.Module, x: torch.Tensor) -> torch.Tensor:
    """The pass over whole sequences of functions that torch has."""
    from torch.nn.functional import linear, scaled_dot_product_attention
    from torch.onnx.ops import rotary_embedding

    state, heads = dict(layer.named_parameters()), layer.num_heads
    batch, length, width = x.shape
    pairs = width // heads // 2
    table = torch.from_numpy(np.outer(np.arange(length), np.power(10000.0, -np.arange(pairs) / pairs)))
    positions = torch.arange(length).expand(batch, length)
    q, k, v = (linear(x, state[f"{name}_proj.weight"]) for name in "qkv")
    q, k = (rotary_embedding(y, table.cos(), table.sin(), positions, num_heads=heads) for y in (q, k))
    q, k, v = (y.reshape(batch, length, heads, -1).transpose(1, 2) for y in (q, k, v))
    heard = scaled_dot_product_attention(q, k, v, is_causal=True)
    return linear(heard.transpose(1, 2).reshape(x.shape), state["out_proj.weight"])


def test_pieces_are_those_of_torch() -> None:
    for seed in range(30):
        rng, layer, x = draw(seed)
        length = x.shape[1]
        cuts = np.unique([0, length, *rng.integers(0, length + 1, int(rng.integers(0, length + 1)))])
        cache = layer.new_cache(len(x), length + int(rng.integers(3)))
        with torch.no_grad():
            expected = of_torch(layer, x)
            pieces = [layer(x[:, start:end], cache) for start, end in itertools.pairwise(cuts)]
            torch.testing.assert_close(layer(x), expected, rtol=1e-9, atol=1e-9)
            torch.testing.assert_close(torch.cat(pieces, dim=1), expected, rtol=1e-9, atol=1e-9)


def test_it_is_the_attention_of_the_transformer_block() -> None:
    block_module = load("transformer_block")
    for seed in range(10):
        _, layer, x = draw(seed)
        block = block_module.TransformerBlock(x.shape[-1], layer.num_heads, 3).double()
        block.load_state_dict(layer.state_dict(), strict=False)
        torch.testing.assert_close(block.attend(x, None), layer(x), rtol=1e-9, atol=1e-9)
