"""The reference of multi_head_attention against torch's own attention, which its manifest forbids to candidates."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.functional import scaled_dot_product_attention

from grader.judge import blind_masks, distinct_sizes, draw_mask
from grader.judge.plugin import load_module

REFERENCE = Path(__file__).resolve().parents[2] / "reference" / "multi_head_attention"
SEEDS = range(25)
DTYPE = torch.float64


@pytest.fixture(scope="module")
def reference() -> ModuleType:
    """The reference solution."""
    return load_module(REFERENCE / "solution.py", "multi_head_attention_against_torch")


class Drawn:
    """A layer of the reference, inputs and masks of one seed; sizes (B, H, Lq, Lk) and the width of a head differ."""

    def __init__(self, reference: ModuleType, seed: int) -> None:
        rng = np.random.default_rng(seed)
        batch, self.heads, queries, keys, width = distinct_sizes(rng, 5, 2, 7)
        torch.manual_seed(seed)
        self.layer = reference.MultiHeadAttention(self.heads * width, self.heads).to(DTYPE)
        shapes = [(batch, length, self.heads * width) for length in (queries, keys, keys)]
        self.inputs = [torch.randn(shape, dtype=DTYPE, requires_grad=True) for shape in shapes]
        self.shape = (batch, self.heads, queries, keys)
        self.mask = torch.from_numpy(draw_mask(rng, self.shape))
        self.blind = [torch.from_numpy(mask) for _, mask in blind_masks(rng, self.shape)]

    def by_torch(self, mask: torch.Tensor | None) -> torch.Tensor:
        """The layer's projections around torch's attention, which gives zeros for rows that see nothing."""
        named = zip("qkv", self.inputs, strict=True)
        split = [self.layer.get_submodule(f"{name}_proj")(x).unflatten(-1, (self.heads, -1)) for name, x in named]
        context = scaled_dot_product_attention(*(x.transpose(1, 2) for x in split), attn_mask=mask)
        result: torch.Tensor = self.layer.out_proj(context.transpose(1, 2).flatten(2))
        return result

    def gradients(self, output: torch.Tensor) -> list[torch.Tensor]:
        """Those of inputs and parameters."""
        leaves: list[Any] = [*self.inputs, *self.layer.parameters()]
        weight = torch.linspace(-1, 1, output.numel(), dtype=DTYPE).reshape(output.shape)
        return list(torch.autograd.grad((output * weight).sum(), leaves))


@pytest.mark.parametrize("seed", SEEDS)
def test_values_and_gradients_are_those_of_torch(reference: ModuleType, seed: int) -> None:
    """Without a mask, with one, and with queries that may attend to nothing."""
    drawn = Drawn(reference, seed)
    for mask in (None, drawn.mask, *drawn.blind):
        output, expected = drawn.layer(*drawn.inputs, mask=mask), drawn.by_torch(mask)
        torch.testing.assert_close(output, expected)
        torch.testing.assert_close(drawn.gradients(output), drawn.gradients(expected))


@pytest.mark.parametrize("seed", SEEDS)
def test_values_are_those_of_torchs_layer(reference: ModuleType, seed: int) -> None:
    """`nn.MultiheadAttention`, whose mask means the opposite and has batch and heads in one axis."""
    drawn = Drawn(reference, seed)
    known = nn.MultiheadAttention(drawn.layer.q_proj.in_features, drawn.heads, batch_first=True, dtype=DTYPE)
    state = drawn.layer.state_dict()
    known.load_state_dict(
        {f"in_proj_{part}": torch.cat([state[f"{name}_proj.{part}"] for name in "qkv"]) for part in ("weight", "bias")}
        | {f"out_proj.{part}": state[f"out_proj.{part}"] for part in ("weight", "bias")}
    )
    expected, _ = known(*drawn.inputs, attn_mask=~drawn.mask.flatten(0, 1), need_weights=False)
    torch.testing.assert_close(drawn.layer(*drawn.inputs, mask=drawn.mask), expected)


@pytest.mark.parametrize("seed", SEEDS[:3])
def test_gradients_are_those_of_finite_differences(reference: ModuleType, seed: int) -> None:
    """Queries that may attend to nothing included."""
    drawn = Drawn(reference, seed)
    assert torch.autograd.gradcheck(lambda *x: drawn.layer(*x, mask=drawn.blind[-1]), drawn.inputs, fast_mode=True)
