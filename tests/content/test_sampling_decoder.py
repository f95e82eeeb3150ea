"""The reference of sampling_decoder against torch, all sets of tokens, and scipy's test of counts."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

torch = pytest.importorskip("torch")
FILE = Path(__file__).resolve().parents[2] / "reference" / "sampling_decoder" / "solution.py"
SPEC = importlib.util.spec_from_file_location("sampling_decoder_reference", FILE)
reference = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(reference)


def logits_of(seed: int) -> tuple[np.random.Generator, torch.Tensor, float]:
    """A generator, logits (B, V) without ties, and a temperature."""
    rng = np.random.default_rng(seed)
    shape = (int(rng.integers(1, 9)), int(rng.integers(2, 10)))
    return rng, torch.from_numpy(rng.normal(0, 2, shape)), float(10.0 ** rng.uniform(-1, 1))


def test_temperature_is_torchs_softmax() -> None:
    for seed in range(50):
        _, logits, temperature = logits_of(seed)
        ours = reference.next_token_probs(logits, temperature)
        torch.testing.assert_close(ours, (logits / temperature).softmax(-1), rtol=1e-11, atol=1e-14)


def test_top_k_keeps_what_torchs_topk_finds() -> None:
    for seed in range(50):
        rng, logits, temperature = logits_of(seed)
        k = int(rng.integers(1, logits.shape[1] + 1))
        values, tokens = logits.topk(k)
        theirs = torch.zeros_like(logits).scatter(-1, tokens, (values / temperature).softmax(-1))
        ours = reference.next_token_probs(logits, temperature, k)
        torch.testing.assert_close(ours, theirs, rtol=1e-11, atol=1e-14)


def smallest_set(probs: np.ndarray, p: float) -> frozenset[int]:
    """Of all sets of tokens that sum to at least p, the smallest one with the largest sum: tried one by one."""
    sets = [[token for token in range(len(probs)) if number >> token & 1] for number in range(1, 2 ** len(probs))]
    enough = [kept for kept in sets if probs[kept].sum() >= p]
    return frozenset(min(enough, key=lambda kept: (len(kept), -probs[kept].sum())))


def test_top_p_is_the_smallest_set_that_reaches_it() -> None:
    for seed in range(25):
        rng, logits, temperature = logits_of(seed)
        logits, p = logits[:, :7], float(rng.uniform(0.01, 0.99))
        for row, ours in zip(
            (logits / temperature).softmax(-1), reference.next_token_probs(logits, temperature, None, p), strict=True
        ):
            kept = smallest_set(row.numpy(), p)
            assert frozenset(ours.nonzero().flatten().tolist()) == kept
            torch.testing.assert_close(
                ours[sorted(kept)], row[sorted(kept)] / row[sorted(kept)].sum(), rtol=1e-9, atol=0
            )


def test_draws_pass_scipys_test_of_counts() -> None:
    n = 20_000
    for seed in range(8):
        _, logits, _ = logits_of(seed)
        row = logits[:1] / 2
        probs = reference.next_token_probs(row, 1.0, 5, 0.9)[0].numpy()
        tokens = reference.sample_tokens(row.expand(n, -1), torch.Generator().manual_seed(seed), 1.0, 5, 0.9).numpy()
        counts, kept = np.bincount(tokens, minlength=len(probs)), probs > 0
        assert counts[~kept].sum() == 0
        if kept.sum() > 1:
            assert stats.chisquare(counts[kept], n * probs[kept]).pvalue > 1e-6
