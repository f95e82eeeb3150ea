"""The reference of rms_norm against torch's own layer, which submissions may not use."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
FILE = Path(__file__).resolve().parents[2] / "reference" / "rms_norm" / "solution.py"
SPEC = importlib.util.spec_from_file_location("rms_norm_reference", FILE)
reference = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(reference)

CLOSE = {torch.float64: 1e-12, torch.float32: 2e-6, torch.float16: 2e-3, torch.bfloat16: 1e-2}


def layers(seed: int, dtype: torch.dtype) -> tuple[torch.nn.Module, torch.nn.Module, torch.Tensor]:
    """Ours and torch's with one weight and eps, and an input of one to four axes."""
    rng = np.random.default_rng(seed)
    shape, eps = tuple(rng.integers(1, 7, int(rng.integers(1, 5)))), float(10.0 ** -rng.uniform(0, 8))
    ours, theirs = reference.RMSNorm(int(shape[-1]), eps), torch.nn.RMSNorm(int(shape[-1]), eps)
    state = {"weight": torch.from_numpy(rng.normal(size=shape[-1:])).float()}
    for layer in (ours, theirs):
        layer.load_state_dict(state)
    x = torch.from_numpy(rng.normal(rng.normal(), 1, shape) * 10.0 ** rng.uniform(-4, 4))
    return ours.to(dtype), theirs.to(dtype), x.to(dtype)


@pytest.mark.parametrize("dtype", CLOSE, ids=str)
def test_values_are_those_of_torch(dtype: torch.dtype) -> None:
    for seed in range(60):
        ours, theirs, x = layers(seed, dtype)
        torch.testing.assert_close(ours(x), theirs(x), rtol=CLOSE[dtype], atol=CLOSE[dtype] / 10)


def test_gradients_are_those_of_torch() -> None:
    for seed in range(60):
        ours, theirs, x = layers(seed, torch.float64)
        x[..., : int(seed % 2) * x.shape[-1]] = 0.0  # every second input is zero
        grads = []
        for layer in (ours, theirs):
            leaf = x.clone().requires_grad_()
            (
                layer(leaf) * torch.linspace(-1, 2, leaf.numel(), dtype=torch.float64).reshape(leaf.shape)
            ).sum().backward()
            grads.append((leaf.grad, layer.weight.grad))
        torch.testing.assert_close(grads[0], grads[1], rtol=1e-9, atol=1e-9)
