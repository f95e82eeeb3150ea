"""The reference of grpo_loss against scipy's z-scores, torch's divergence and cross-entropy, and Python numbers."""

from __future__ import annotations

import runpy
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.stats import zscore
from torch.nn import functional as F

ROOT = Path(__file__).resolve().parents[2]
SOLUTION = runpy.run_path(str(ROOT / "reference" / "grpo_loss" / "solution.py"))
group_advantages, grpo_loss = SOLUTION["group_advantages"], SOLUTION["grpo_loss"]
SEEDS = range(20)


@pytest.mark.parametrize("seed", SEEDS)
def test_advantages_are_z_scores(seed: int) -> None:
    """Of each row, with divisor G."""
    rewards = np.random.default_rng(seed).normal(size=(5, 2 + seed))
    found = group_advantages(torch.from_numpy(rewards)).numpy()
    np.testing.assert_allclose(found, zscore(rewards, axis=1), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
def test_kl_has_the_right_mean(seed: int) -> None:
    """Each token of a vocabulary as an answer of its own, weighted by its probability: torch's divergence."""
    generator = torch.Generator().manual_seed(seed)
    policy, known = torch.randn(2, 6, generator=generator, dtype=torch.float64).log_softmax(-1)
    mask = torch.ones(1, 1, dtype=torch.bool)
    mean = torch.zeros((), dtype=torch.float64)
    for token in range(6):
        logps, ref = policy[token].reshape(1, 1), known[token].reshape(1, 1)
        mean += policy[token].exp() * grpo_loss(logps, None, ref, torch.zeros(1), mask)[1]
    torch.testing.assert_close(mean, F.kl_div(known, policy, reduction="sum", log_target=True))


@pytest.mark.parametrize("seed", SEEDS)
def test_first_update_is_the_policy_gradient(seed: int) -> None:
    """With nothing changed since sampling: cross-entropy weighted by the advantage."""
    generator = torch.Generator().manual_seed(seed)
    logits = torch.randn(3, 4, 7, generator=generator, dtype=torch.float64).requires_grad_()
    tokens = torch.randint(7, (3, 4), generator=generator)
    advantages = torch.randn(3, generator=generator, dtype=torch.float64)
    surprise = F.cross_entropy(logits.flatten(0, 1), tokens.flatten(), reduction="none").reshape(3, 4)
    mask = torch.ones(3, 4, dtype=torch.bool)
    loss = grpo_loss(-surprise, None, None, advantages, mask, beta=0.0)[0]
    (found,) = torch.autograd.grad(loss, logits, retain_graph=True)
    (expected,) = torch.autograd.grad((advantages[:, None] * surprise).mean(), logits)
    torch.testing.assert_close(found, expected)


@pytest.mark.parametrize("seed", SEEDS)
def test_objective_is_flat_beyond_the_bound_that_binds(seed: int) -> None:
    """min(rho A, (1 + high) A) for A > 0 and min(rho A, (1 - low) A) for A < 0, token by token in Python numbers."""
    rng = np.random.default_rng(seed)
    old, new = -rng.uniform(0.1, 3.0, (4, 6)), -rng.uniform(0.1, 3.0, (4, 6))
    advantages, mask = rng.normal(size=4), rng.random((4, 6)) < 0.7
    losses, cut = [], 0
    for row, advantage in enumerate(advantages):
        terms = []
        for ratio in np.exp(new[row] - old[row])[mask[row]]:
            limit = (1.28 if advantage > 0 else 0.8) * advantage
            terms.append(min(ratio * advantage, limit))
            cut += limit < ratio * advantage
        losses.append(-sum(terms) / max(len(terms), 1))
    tensors = [torch.from_numpy(each) for each in (new, old, advantages, mask)]
    loss, _, fraction = grpo_loss(*tensors[:2], None, *tensors[2:], clip_high=0.28, beta=0.0)
    np.testing.assert_allclose(loss, np.mean(losses), rtol=1e-10)
    np.testing.assert_allclose(fraction, cut / mask.sum(), rtol=1e-12)
