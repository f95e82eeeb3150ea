"""The reference of dpo_loss against torch's cross-entropies and the gradient in the paper's section 4."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest
import torch
from torch.nn import functional as F

ROOT = Path(__file__).resolve().parents[2]
SOLUTION = runpy.run_path(str(ROOT / "reference" / "dpo_loss" / "solution.py"))
SEEDS = range(20)


@pytest.mark.parametrize("seed", SEEDS)
def test_log_probabilities_are_cross_entropies(seed: int) -> None:
    """`cross_entropy` with ignored labels, summed by row."""
    generator = torch.Generator().manual_seed(seed)
    batch, length, vocabulary = (int(torch.randint(1, 9, (), generator=generator)) for _ in range(3))
    logits = 5 * torch.randn(batch, length, vocabulary, generator=generator, dtype=torch.float64)
    tokens = torch.randint(vocabulary, (batch, length), generator=generator)
    mask = torch.rand(batch, length, generator=generator) < 0.5
    labels = tokens.masked_fill(~mask, -100)[:, 1:].reshape(-1)
    losses = F.cross_entropy(logits[:, :-1].reshape(-1, vocabulary), labels, ignore_index=-100, reduction="none")
    expected = -losses.reshape(batch, length - 1).sum(-1)
    torch.testing.assert_close(SOLUTION["sequence_logps"](logits, tokens.masked_fill(~mask, -100), mask), expected)


@pytest.mark.parametrize("seed", SEEDS)
def test_loss_is_binary_cross_entropy_of_the_margin(seed: int) -> None:
    """With 1 - label_smoothing as the target, and the gradient that the paper derives where nothing is smoothed."""
    generator = torch.Generator().manual_seed(seed)
    four = [-50 + 9 * torch.randn(7, generator=generator, dtype=torch.float64) for _ in range(4)]
    chosen, rejected, known_chosen, known_rejected = four
    beta, smoothing = 0.05 + float(torch.rand((), generator=generator)), 0.1 * (seed % 5)
    margin = beta * ((chosen - known_chosen) - (rejected - known_rejected))
    expected = F.binary_cross_entropy_with_logits(margin, torch.full_like(margin, 1 - smoothing))
    torch.testing.assert_close(SOLUTION["dpo_loss"](*four, beta, smoothing)[0], expected)

    chosen.requires_grad_()
    rejected.requires_grad_()
    SOLUTION["dpo_loss"](*four, beta)[0].backward()
    weight = beta * torch.sigmoid(-margin) / 7  # higher where the implicit reward ranks the pair wrongly
    torch.testing.assert_close(chosen.grad, -weight)
    torch.testing.assert_close(rejected.grad, weight)
