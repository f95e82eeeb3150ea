"""The reference of speculative_decoding: exact probabilities by enumeration, and the papers' figures for acceptance."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
stats = pytest.importorskip("scipy.stats")
FILE = Path(__file__).resolve().parents[2] / "reference" / "speculative_decoding" / "solution.py"
SPEC = importlib.util.spec_from_file_location("speculative_decoding_reference", FILE)
reference = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(reference)
ROWS, LEAST = 20_000, 1e-7


def drawn_from(rng: np.random.Generator, table: np.ndarray) -> np.ndarray:
    """A token from each row of probabilities."""
    return (rng.random((len(table), 1)) > table.cumsum(axis=1)).sum(axis=1)


def one_round(x: np.ndarray, q: np.ndarray, p: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """The reference's tokens and how many it accepted."""
    generator = torch.Generator().manual_seed(seed)
    parts = reference.speculative_step(*(torch.from_numpy(part) for part in (x, q, p)), generator)
    return parts[0].numpy(), parts[1].numpy()


def test_two_tokens_follow_the_target() -> None:
    for seed in range(12):
        rng = np.random.default_rng(seed)
        size = int(rng.integers(2, 6))
        q0, p0 = rng.dirichlet(np.ones(size), 2)
        q1, p1 = (rng.dirichlet(np.ones(size), size) for _ in range(2))  # after each first token
        first = drawn_from(rng, np.tile(q0, (ROWS, 1)))
        second = drawn_from(rng, q1[first])
        q = np.stack([np.tile(q0, (ROWS, 1)), q1[first]], axis=1)
        p = np.stack([np.tile(p0, (ROWS, 1)), p1[first], p1[second]], axis=1)
        tokens, _ = one_round(np.stack([first, second], axis=1), q, p, seed)
        # Rows that end after one token are continued by the target, which is what the next round would do.
        after = np.where(tokens[:, 1] >= 0, tokens[:, 1], drawn_from(rng, p1[tokens[:, 0]]))
        counts = np.bincount(tokens[:, 0] * size + after, minlength=size * size)
        assert stats.chisquare(counts, ROWS * (p0[:, None] * p1).ravel()).pvalue > LEAST


def test_acceptance_is_one_minus_the_distance() -> None:
    # Leviathan et al., corollary 3.6: the rate is the sum of min(p, q). Chen et al. have the same in other letters.
    for seed in range(20):
        rng = np.random.default_rng(seed)
        q, p = rng.dirichlet(np.ones(7), 2)
        x = drawn_from(rng, np.tile(q, (ROWS, 1)))[:, None]
        _, accepted = one_round(x, np.tile(q, (ROWS, 1, 1)), np.tile(p, (ROWS, 2, 1)), seed)
        rate = 1 - np.abs(p - q).sum() / 2
        assert stats.binomtest(int(accepted.sum()), ROWS, rate).pvalue > LEAST


def test_tokens_of_a_round_are_the_geometric_sum() -> None:
    # Leviathan et al., equation 1: (1 - a ** (K + 1)) / (1 - a) tokens when every place has the acceptance rate a.
    for seed, count in enumerate((1, 2, 4, 7)):
        rng = np.random.default_rng(seed)
        q, p = rng.dirichlet(np.ones(5), 2)
        x = drawn_from(rng, np.tile(q, (ROWS * count, 1))).reshape(ROWS, count)
        tokens, _ = one_round(x, np.tile(q, (ROWS, count, 1)), np.tile(p, (ROWS, count + 1, 1)), seed)
        rate = np.minimum(p, q).sum()
        produced = (tokens >= 0).sum(axis=1)
        expected = (1 - rate ** (count + 1)) / (1 - rate)
        assert abs(produced.mean() - expected) < 6 * produced.std() / np.sqrt(ROWS)


def test_greedy_decoding_is_the_special_case_of_certain_targets() -> None:
    for seed in range(30):
        rng = np.random.default_rng(seed)
        rows, count, size = 9, 4, 6
        q = rng.dirichlet(np.ones(size), (rows, count))
        best = rng.integers(size, size=(rows, count + 1))
        x = np.where(rng.random((rows, count)) < 0.7, best[:, :count], rng.integers(size, size=(rows, count)))
        tokens, accepted = one_round(x, q, np.eye(size)[best], seed)
        for row in range(rows):
            agree = [a == b for a, b in zip(x[row], best[row], strict=False)]
            stop = agree.index(False) if False in agree else count
            assert accepted[row] == stop
            assert tokens[row].tolist() == [*best[row, : stop + 1], *[-1] * (count - stop)]
