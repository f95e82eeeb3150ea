"""The reference of moe_router against other formulations: topk and dispatch tensors of torch, and a plain loop."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
FILE = Path(__file__).resolve().parents[2] / "reference" / "moe_router" / "solution.py"
SPEC = importlib.util.spec_from_file_location("moe_router_reference", FILE)
reference = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(reference)

SEEDS = range(40)


def draw(seed: int) -> tuple[torch.Tensor, int, int]:
    """Skewed logits in `float64`, a number of choices and a capacity."""
    rng = np.random.default_rng(seed)
    tokens, experts = int(rng.integers(1, 30)), int(rng.integers(1, 9))
    logits = torch.from_numpy(rng.normal(size=(tokens, experts)) + 2 * rng.normal(size=experts))
    return logits, int(rng.integers(1, experts + 1)), int(rng.integers(1, 12))


def test_choices_and_weights_are_those_of_topk() -> None:
    """Without ties `topk` has an order; renormalized weights are a softmax over the chosen logits alone."""
    for seed in SEEDS:
        logits, k, _ = draw(seed)
        best = logits.topk(k, dim=1)
        experts, weights = reference.moe_router(logits, k)[:2]
        assert torch.equal(experts, best.indices)
        torch.testing.assert_close(weights, torch.nn.functional.softmax(best.values, dim=1), rtol=1e-12, atol=1e-14)
        raw = reference.moe_router(logits, k, renormalize=False)[1]
        torch.testing.assert_close(raw, logits.softmax(1).topk(k, dim=1).values, rtol=1e-12, atol=1e-14)


def test_places_are_those_of_a_loop() -> None:
    """Ties, places and drops against lists that are filled one assignment at a time."""
    for seed in SEEDS:
        logits, k, capacity = draw(seed)
        logits = logits.round()  # ties
        experts, weights, slots, _, _ = reference.moe_router(logits, k, capacity)
        whole = reference.moe_router(logits, k)[1]
        buffers: list[list[tuple[int, int]]] = [[] for _ in range(logits.shape[1])]
        for choice in range(k):
            for token, row in enumerate(logits.tolist()):
                ranked = sorted(range(len(row)), key=lambda e, row=row: (-row[e], e))
                expert = ranked[choice]
                assert experts[token, choice] == expert
                if len(buffers[expert]) < capacity:
                    assert slots[token, choice] == len(buffers[expert])
                    assert weights[token, choice] == whole[token, choice]
                    buffers[expert].append((token, choice))
                else:
                    assert slots[token, choice] == -1
                    assert weights[token, choice] == 0
        assert int((slots >= 0).sum()) == sum(len(buffer) for buffer in buffers)


def test_balance_loss_is_the_published_one() -> None:
    """Equations 4 to 6 of Switch Transformers for one choice; for more, one k-th of what Mixtral's code sums up."""
    for seed in SEEDS:
        logits, k, capacity = draw(seed)
        leaves = [logits.clone().requires_grad_() for _ in range(2)]
        ours = reference.moe_router(leaves[0], k, capacity)[3]
        probs = torch.softmax(leaves[1], dim=1)
        mask = torch.zeros_like(logits).scatter(1, logits.topk(k, dim=1).indices, 1.0)
        theirs = logits.shape[1] * torch.einsum("te,e->", mask, probs.mean(0)) / len(logits) / k
        torch.testing.assert_close(ours, theirs, rtol=1e-11, atol=1e-12)
        grads = [torch.autograd.grad(loss, leaf)[0] for loss, leaf in zip((ours, theirs), leaves, strict=True)]
        torch.testing.assert_close(*grads, rtol=1e-9, atol=1e-12)
    even = torch.eye(4, dtype=torch.float64).repeat(3, 1)
    torch.testing.assert_close(reference.moe_router(even, 1)[3], torch.tensor(1.0, dtype=torch.float64))


def test_z_loss_and_gradients_by_differences() -> None:
    """The z-loss by numpy; all gradients by torch's finite differences."""
    for seed in range(8):
        logits, k, capacity = draw(seed)
        logits = logits[:4]
        expected = np.mean(np.logaddexp.reduce(logits.numpy(), axis=1) ** 2)
        torch.testing.assert_close(reference.moe_router(logits, k)[4].item(), expected, rtol=1e-12, atol=1e-12)

        def parts(z: torch.Tensor, k: int = k, capacity: int = capacity, seed: int = seed) -> tuple:
            result = reference.moe_router(z, k, capacity, bool(seed % 2))
            return result[1], result[3], result[4]

        assert torch.autograd.gradcheck(parts, (logits.requires_grad_(),))
