"""The reference of softmax_backprop against torch's autograd, and against differences of its own loss."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

ROOT = Path(__file__).resolve().parents[2]
BACKPROP = runpy.run_path(str(ROOT / "reference" / "softmax_backprop" / "solution.py"))["softmax_backprop"]
SEEDS = range(20)
NAMES = ("X", "W1", "b1", "W2", "b2")


def draw(seed: int, scale: float = 1.0, dtype: Any = np.float64) -> tuple[dict[str, Any], Any]:
    """Arrays by name, and labels; a quarter of the hidden sums is exactly 0."""
    rng = np.random.default_rng(seed)
    n, d, h, c = (int(size) for size in rng.integers(1, 8, 4))
    arrays = {
        "X": rng.integers(-2, 3, (n, d)),
        "W1": rng.integers(-1, 2, (d, h)),
        "b1": rng.integers(-1, 2, h),
        "W2": scale * rng.normal(size=(h, c)),
        "b2": scale * rng.normal(size=c),
    }
    return {name: array.astype(dtype) for name, array in arrays.items()}, rng.integers(0, c, n)


def by_autograd(arrays: dict[str, Any], labels: Any, decay: float) -> tuple[float, dict[str, Any]]:
    """Loss and gradients of torch's functions."""
    leaf = {name: torch.from_numpy(array.copy()).requires_grad_() for name, array in arrays.items()}
    logits = torch.relu(leaf["X"] @ leaf["W1"] + leaf["b1"]) @ leaf["W2"] + leaf["b2"]
    loss = torch.nn.functional.cross_entropy(logits, torch.from_numpy(labels))
    loss = loss + decay / 2 * (leaf["W1"].square().sum() + leaf["W2"].square().sum())
    loss.backward()
    return loss.item(), {name: leaf[name].grad.numpy() for name in NAMES}


def ours(arrays: dict[str, Any], labels: Any, decay: float) -> tuple[Any, dict[str, Any]]:
    """Loss and gradients of the reference."""
    return BACKPROP(arrays["X"], labels, arrays["W1"], arrays["b1"], arrays["W2"], arrays["b2"], decay)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("scale", "decay"), [(1.0, 0.0), (1.0, 0.3), (600.0, 0.0)])
def test_autograd(seed: int, scale: float, decay: float) -> None:
    """Loss and gradients of torch, also where logits are in the thousands and hidden sums are 0."""
    arrays, labels = draw(seed, scale)
    loss, gradients = ours(arrays, labels, decay)
    expected_loss, expected = by_autograd(arrays, labels, decay)
    np.testing.assert_allclose(loss, expected_loss, rtol=1e-10, atol=1e-12)
    for name in NAMES:
        np.testing.assert_allclose(gradients[name], expected[name], rtol=1e-9, atol=1e-10)


@pytest.mark.parametrize("seed", SEEDS)
def test_autograd_in_single_precision(seed: int) -> None:
    """Dtypes of torch and, to a few digits, its values."""
    arrays, labels = draw(seed, 0.5, np.float32)
    loss, gradients = ours(arrays, labels, 0.1)
    expected_loss, expected = by_autograd(arrays, labels, 0.1)
    np.testing.assert_allclose(loss, expected_loss, rtol=1e-5)
    assert loss.dtype == np.float32
    for name in NAMES:
        assert gradients[name].dtype == expected[name].dtype == np.float32
        np.testing.assert_allclose(gradients[name], expected[name], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("seed", SEEDS)
def test_differences_of_the_loss(seed: int) -> None:
    """A small step along a random direction changes the loss by the gradient times the step."""
    arrays, labels = draw(seed)
    rng = np.random.default_rng(seed + 1000)
    arrays = {name: array + 0.1 * rng.normal(size=array.shape) for name, array in arrays.items()}  # no sum is 0
    gradients = ours(arrays, labels, 0.2)[1]
    for name in NAMES:
        step = 1e-6 * rng.normal(size=arrays[name].shape)
        ahead, behind = ({**arrays, name: arrays[name] + sign * step} for sign in (1, -1))
        difference = (ours(ahead, labels, 0.2)[0] - ours(behind, labels, 0.2)[0]) / 2
        np.testing.assert_allclose(difference, (gradients[name] * step).sum(), rtol=1e-5, atol=1e-12)
