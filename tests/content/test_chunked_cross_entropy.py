"""The reference of chunked_cross_entropy against torch: all logits at once, its own chunks, finite differences."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
FILE = Path(__file__).resolve().parents[2] / "reference" / "chunked_cross_entropy" / "solution.py"
SPEC = importlib.util.spec_from_file_location("chunked_cross_entropy_reference", FILE)
reference = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(reference)


def problem(seed: int, dtype: torch.dtype = torch.float64) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, int, int]:
    """Hidden states, weight, labels of which one counts at least, a chunk size, and the index to ignore."""
    rng = np.random.default_rng(seed)
    rows, width, vocabulary = (int(size) for size in rng.integers(1, 13, 3))
    hidden = torch.from_numpy(rng.normal(0, 10.0 ** rng.uniform(-1, 1), (rows, width))).to(dtype)
    weight = torch.from_numpy(rng.normal(size=(vocabulary, width))).to(dtype)
    labels = torch.from_numpy(rng.integers(vocabulary, size=rows))
    ignored = int(rng.choice([-100, -1]))
    labels[1:][torch.from_numpy(rng.random(rows - 1) < 0.4)] = ignored
    return hidden, weight, labels, int(rng.integers(1, 15)), ignored


def of_torch(hidden, weight, labels, _chunk_size, ignored):
    """Torch's loss of all logits at once."""
    return torch.nn.functional.cross_entropy(hidden @ weight.T, labels, ignore_index=ignored)


@pytest.mark.parametrize(("dtype", "close"), [(torch.float64, 1e-11), (torch.float32, 2e-5)], ids=str)
def test_values_and_gradients_are_those_of_torch(dtype: torch.dtype, close: float) -> None:
    for seed in range(50):
        *tensors, labels, size, ignored = problem(seed, dtype)
        found = []
        for loss in (reference.chunked_cross_entropy, of_torch):
            leaves = [tensor.clone().requires_grad_() for tensor in tensors]
            value = loss(*leaves, labels, size, ignored)
            found.append((value.detach(), *torch.autograd.grad(value * 3.5, leaves)))
        torch.testing.assert_close(found[0], found[1], rtol=close, atol=close)


def test_gradients_are_those_of_finite_differences() -> None:
    for seed in range(10):
        hidden, weight, labels, size, ignored = problem(seed)
        leaves = [part.clamp(-2, 2).requires_grad_() for part in (hidden, weight)]

        def loss(hidden, weight, rest=(labels, size, ignored)):
            return reference.chunked_cross_entropy(hidden, weight, *rest)

        assert torch.autograd.gradcheck(loss, leaves)


def test_torchs_own_chunked_loss_agrees() -> None:
    linear_cross_entropy = getattr(torch.nn.functional, "linear_cross_entropy", None)
    if linear_cross_entropy is None:
        pytest.skip("this torch has none")
    for seed in range(30):
        hidden, weight, labels, size, ignored = problem(seed)
        ours = reference.chunked_cross_entropy(hidden, weight, labels, size, ignored)
        theirs = linear_cross_entropy(hidden, weight, labels, ignore_index=ignored)
        torch.testing.assert_close(ours, theirs, rtol=1e-11, atol=1e-11)
