"""The reference of batch_norm against torch's own layers, which submissions may not use."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
FILE = Path(__file__).resolve().parents[2] / "reference" / "batch_norm" / "solution.py"
SPEC = importlib.util.spec_from_file_location("batch_norm_reference", FILE)
reference = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(reference)

SEEDS = range(24)
DTYPES = (torch.float64, torch.float32, torch.bfloat16, torch.float16)
CLOSE = {torch.float64: 1e-11, torch.float32: 2e-5, torch.bfloat16: 2e-2, torch.float16: 3e-3}


def layers(seed: int, dtype: torch.dtype) -> tuple[torch.nn.Module, torch.nn.Module, np.random.Generator]:
    """Ours and torch's for 2 to 4 axes with one state; half precision has its state in `float32`."""
    rng = np.random.default_rng(seed)
    channels, eps = int(rng.integers(1, 6)), float(10 ** rng.uniform(-6, 0))
    settings = (channels, eps, [None, 0.0, 1.0, float(rng.uniform())][seed % 4], bool(rng.integers(2)))
    ours = reference.BatchNorm(*settings)
    theirs = (torch.nn.BatchNorm2d if seed % 3 == 2 else torch.nn.BatchNorm1d)(*settings)
    state = {name: one + rng.uniform(0, 2) for name, one in ours.state_dict().items() if one.ndim}
    state["num_batches_tracked"] = torch.tensor(int(rng.integers(5)))
    for layer in (ours, theirs):
        layer.load_state_dict(state)
        layer.to(dtype if dtype == torch.float64 else torch.float32)
    return ours, theirs, rng


def batch(seed: int, rng: np.random.Generator, channels: int, dtype: torch.dtype) -> torch.Tensor:
    """At least two examples, with 2 + seed % 3 axes."""
    others = rng.integers(1, 6, seed % 3).tolist()
    return torch.from_numpy(rng.normal(1, 2, (int(rng.integers(2, 7)), channels, *others))).to(dtype)


@pytest.mark.parametrize("dtype", DTYPES)
def test_values_and_buffers_are_those_of_torch(dtype: torch.dtype) -> None:
    """Over several batches in either mode."""
    for seed in SEEDS:
        ours, theirs, rng = layers(seed, dtype)
        for training in (True, False, True, True):
            ours.train(training)
            theirs.train(training)
            x = batch(seed, rng, ours.num_features, dtype)
            torch.testing.assert_close(ours(x), theirs(x), rtol=CLOSE[dtype], atol=CLOSE[dtype])
            assert ours.state_dict().keys() == theirs.state_dict().keys()
            for name, known in theirs.state_dict().items():
                close = CLOSE[torch.float64 if dtype == torch.float64 else torch.float32]
                torch.testing.assert_close(ours.state_dict()[name], known, rtol=close, atol=close)


def test_gradients_are_those_of_torch() -> None:
    for seed in SEEDS:
        ours, theirs, rng = layers(seed, torch.float64)
        x = batch(seed, rng, ours.num_features, torch.float64)
        upstream = torch.from_numpy(rng.normal(size=tuple(x.shape)))
        for training in (True, False):
            grads = []
            for layer in (ours, theirs):
                layer.train(training).zero_grad()
                leaf = x.clone().requires_grad_()
                (layer(leaf) * upstream).sum().backward()
                grads.append([leaf.grad, *(one.grad for one in layer.parameters())])
            torch.testing.assert_close(*grads, rtol=1e-8, atol=1e-8)


def test_both_refuse_one_value() -> None:
    for shape in ((1, 3), (1, 3, 1), (1, 3, 1, 1)):
        for layer in (reference.BatchNorm(3), (torch.nn.BatchNorm2d if len(shape) == 4 else torch.nn.BatchNorm1d)(3)):
            with pytest.raises(ValueError, match=r"[Mm]ore than (one|1) value per channel"):
                layer(torch.ones(shape))
