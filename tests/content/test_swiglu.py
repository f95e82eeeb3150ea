"""The reference of swiglu against torch's own silu, which submissions may not use, and the widths of known models."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
FILE = Path(__file__).resolve().parents[2] / "reference" / "swiglu" / "solution.py"
SPEC = importlib.util.spec_from_file_location("swiglu_reference", FILE)
reference = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(reference)


def test_values_and_gradients_are_those_of_torch() -> None:
    from torch.nn.functional import linear, silu

    for seed in range(80):
        rng = np.random.default_rng(seed)
        *axes, dim, hidden = (int(size) for size in rng.integers(1, 7, int(rng.integers(2, 6))))
        layer = reference.SwiGLU(dim, hidden).double()
        x = torch.from_numpy(rng.normal(size=(*axes, dim)) * 10.0 ** rng.uniform(-2, 4)).requires_grad_()
        weights = [layer.gate_proj.weight, layer.up_proj.weight, layer.down_proj.weight]
        gate, up, down = weights
        expected = linear(silu(linear(x, gate)) * linear(x, up), down)
        output = layer(x)
        torch.testing.assert_close(output, expected, rtol=1e-10, atol=1e-10)
        upstream = torch.from_numpy(rng.normal(size=output.shape))
        ours, theirs = (torch.autograd.grad(y, [x, *weights], upstream) for y in (output, expected))
        torch.testing.assert_close(ours, theirs, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(
    ("dim", "multiple_of", "width"),
    # hidden_size and intermediate_size in the configurations of LLaMA 7B, 13B, 33B and 65B, made with multiples of 256
    [(4096, 256, 11008), (5120, 256, 13824), (6656, 256, 17920), (8192, 256, 22016)],
)
def test_widths_are_those_of_llama(dim: int, multiple_of: int, width: int) -> None:
    with torch.device("meta"):
        assert reference.SwiGLU(dim, multiple_of=multiple_of).up_proj.weight.shape == (width, dim)
