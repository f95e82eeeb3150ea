"""The reference of tiny_gpt against torch's own operators: fused attention, rms_norm, silu, and complex numbers."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
FILE = Path(__file__).resolve().parents[2] / "reference" / "tiny_gpt" / "solution.py"
SPEC = importlib.util.spec_from_file_location("tiny_gpt_reference", FILE)
reference = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(reference)


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Models so small are slowed down by threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def drawn(seed: int) -> tuple[object, torch.Tensor, int]:
    """A model in float64, tokens for it, and its number of heads."""
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    batch, length, pairs, heads, layers = (int(size) for size in rng.integers(1, 5, 5))
    width, vocab = 2 * pairs * heads, int(rng.integers(3, 20))
    model = reference.TinyGPT(vocab, width, heads, int(rng.integers(1, 9)), layers).double()
    with torch.no_grad():
        for weight in model.parameters():
            weight.copy_(torch.randn(weight.shape, dtype=torch.float64) * 0.7)
    return model, torch.from_numpy(rng.integers(vocab, size=(batch, length + 3))), heads


def from_operators(state: dict, tokens: torch.Tensor, heads: int) -> torch.Tensor:
    """The logits by torch's own operators."""
    from torch.nn import functional as F

    batch, length = tokens.shape
    h = F.embedding(tokens, state["embed.weight"])
    width = h.shape[-1]
    theta = 10000.0 ** (-2 * torch.arange(width // heads // 2, dtype=torch.float64) / (width // heads))
    turns = torch.exp(1j * torch.outer(torch.arange(length, dtype=torch.float64), theta))  # (L, D/2)
    for layer in range(sum(name.endswith("q_proj.weight") for name in state)):
        part = {name.split(".")[2]: weight for name, weight in state.items() if name.startswith(f"layers.{layer}.")}
        z = F.rms_norm(h, (width,), part["attn_norm"], 1e-6)
        q, k, v = (
            F.linear(z, part[name]).reshape(batch, length, heads, -1).transpose(1, 2)
            for name in ("q_proj", "k_proj", "v_proj")
        )
        q, k = (torch.complex(*one.chunk(2, dim=-1)) * turns for one in (q, k))
        q, k = (torch.cat([one.real, one.imag], dim=-1) for one in (q, k))
        mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        h = h + F.linear(mixed.transpose(1, 2).reshape(batch, length, width), part["out_proj"])
        z = F.rms_norm(h, (width,), part["ffn_norm"], 1e-6)
        h = h + F.linear(F.silu(F.linear(z, part["gate_proj"])) * F.linear(z, part["up_proj"]), part["down_proj"])
    return F.linear(F.rms_norm(h, (width,), state["final_norm.weight"], 1e-6), state["embed.weight"])


def test_logits_are_those_of_the_operators() -> None:
    for seed in range(24):
        model, tokens, heads = drawn(seed)
        with torch.no_grad():
            expected = from_operators(model.state_dict(), tokens, heads)
            torch.testing.assert_close(model(tokens), expected, rtol=1e-9, atol=1e-9)


def test_gradients_are_those_of_the_operators() -> None:
    for seed in range(8):
        model, tokens, heads = drawn(seed)
        names, weights = zip(*model.named_parameters(), strict=True)
        upstream = torch.randn(*tokens.shape, model.embed.num_embeddings, dtype=torch.float64)
        ours = torch.autograd.grad(model(tokens), weights, upstream)
        theirs = torch.autograd.grad(
            from_operators(dict(zip(names, weights, strict=True)), tokens, heads), weights, upstream
        )
        for mine, other in zip(ours, theirs, strict=True):
            torch.testing.assert_close(mine, other, rtol=1e-8, atol=1e-8)


def test_any_cut_and_greedy_text_agree_with_whole_sequences() -> None:
    for seed in range(12):
        rng = np.random.default_rng(seed)
        model, tokens, heads = drawn(seed)
        with torch.no_grad():
            text = model.generate(tokens[:, :2], 5)
            whole = from_operators(model.state_dict(), text, heads)
            assert torch.equal(whole[:, 1:-1].argmax(dim=-1), text[:, 2:])
            cache, cuts = model.new_cache(), [0, *np.flatnonzero(rng.integers(0, 2, 6)) + 1, 7]
            pieces = [model(text[:, a:b], cache) for a, b in pairwise(cuts)]
            torch.testing.assert_close(torch.cat(pieces, dim=1), whole, rtol=1e-9, atol=1e-9)
