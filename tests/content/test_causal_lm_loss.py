"""The reference of causal_lm_loss against torch's cross-entropy, and against one batch split into several."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
FILE = Path(__file__).resolve().parents[2] / "reference" / "causal_lm_loss" / "solution.py"
SPEC = importlib.util.spec_from_file_location("causal_lm_loss_reference", FILE)
reference = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(reference)

cross_entropy = torch.nn.functional.cross_entropy


def batch(seed: int, dtype: torch.dtype = torch.float64) -> tuple[torch.Tensor, torch.Tensor, int]:
    """Logits, labels and the index to ignore; the last position counts, so that torch's mean is a number."""
    rng = np.random.default_rng(seed)
    shape = tuple(int(size) for size in rng.integers(2, 9, 3))
    logits = torch.from_numpy(rng.normal(0, 10.0 ** rng.uniform(-1, 2), shape)).to(dtype)
    labels = torch.from_numpy(rng.integers(1, shape[2], shape[:2]))
    ignored = int(rng.choice([-100, -1, 0]))
    labels[torch.from_numpy(rng.random(shape[:2]) < 0.4)] = ignored
    labels[0, -1] = 1
    return logits, labels, ignored


def of_torch(logits, labels, ignored, reduction="mean"):
    """Torch's own loss, its classes on axis 1 as it wants them."""
    return cross_entropy(logits[:, :-1].transpose(1, 2), labels[:, 1:], ignore_index=ignored, reduction=reduction)


def test_values_and_gradients_are_those_of_torch() -> None:
    for seed in range(60):
        logits, labels, ignored = batch(seed)
        found = []
        for loss in (reference.causal_lm_loss, of_torch):
            leaf = logits.clone().requires_grad_()
            value = loss(leaf, labels, ignored)
            found.append((value.detach(), *torch.autograd.grad(value, leaf)))
        torch.testing.assert_close(found[0], found[1], rtol=1e-10, atol=1e-12)


def test_half_precision_is_torch_in_float32() -> None:
    for seed in range(30):
        for dtype in (torch.float16, torch.bfloat16, torch.float32):
            logits, labels, ignored = batch(seed, dtype)
            ours = reference.causal_lm_loss(logits, labels, ignored)
            torch.testing.assert_close(ours, of_torch(logits.float(), labels, ignored), rtol=1e-5, atol=1e-6)


def test_micro_batches_add_up_to_the_mean_of_torch() -> None:
    for seed in range(40):
        logits, labels, ignored = batch(seed)
        items = int((labels[:, 1:] != ignored).sum())
        parts = [
            reference.causal_lm_loss(logits[i : i + 1], labels[i : i + 1], ignored, items) for i in range(len(labels))
        ]
        torch.testing.assert_close(sum(parts), of_torch(logits, labels, ignored), rtol=1e-10, atol=1e-12)
        total = of_torch(logits, labels, ignored, reduction="sum")
        torch.testing.assert_close(reference.causal_lm_loss(logits, labels, ignored, 7), total / 7, rtol=1e-10, atol=0)
