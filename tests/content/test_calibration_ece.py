"""The reference of calibration_ece against scikit-learn's calibration curve, and against the formula in fractions."""

from __future__ import annotations

import runpy
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats
from sklearn.calibration import calibration_curve

ROOT = Path(__file__).resolve().parents[2]
ECE = runpy.run_path(str(ROOT / "reference" / "calibration_ece" / "solution.py"))["expected_calibration_error"]
SEEDS = range(30)


def draw(seed: int) -> tuple[Any, Any, int]:
    """Probabilities, labels and a number of bins; some rows are certain, half of the seeds have float32."""
    rng = np.random.default_rng(seed)
    classes, n = int(rng.integers(2, 9)), int(rng.integers(5, 80))
    probs = rng.dirichlet(np.full(classes, 0.5), n)
    probs[0] = np.eye(classes)[int(rng.integers(classes))]
    labels = np.where(rng.random(n) < 0.6, probs.argmax(axis=1), rng.integers(0, classes, n))
    return probs.astype(np.float32 if seed % 2 else np.float64), labels, int(rng.integers(1, 25))


@pytest.mark.parametrize("seed", SEEDS)
def test_as_scikit_learn(seed: int) -> None:
    """Gaps between the points of the calibration curve of "the prediction is right", weighted with scipy's counts."""
    probs, labels, n_bins = draw(seed)
    confidence, right = probs.max(axis=1).astype(float), probs.argmax(axis=1) == labels
    accuracies, confidences = calibration_curve(right, confidence, n_bins=n_bins)
    # scipy closes bins on the left; mirrored, they are closed on the right
    mirrored = stats.binned_statistic(1 - confidence, None, "count", n_bins, (0, 1)).statistic[::-1]
    sizes = mirrored[mirrored > 0]
    expected = np.sum(sizes / sizes.sum() * np.abs(accuracies - confidences))
    np.testing.assert_allclose(ECE(probs, labels, n_bins), expected, rtol=1e-10, atol=1e-15)


@pytest.mark.parametrize("seed", SEEDS)
def test_as_the_formula(seed: int) -> None:
    """The definition with exact fractions, for probabilities that are multiples of 1/16 and lie on many edges."""
    rng = np.random.default_rng(seed)
    n, classes, n_bins = int(rng.integers(1, 30)), int(rng.integers(1, 6)), int(rng.choice([1, 2, 4, 8, 16]))
    parts = rng.multinomial(16, np.full(classes, 1 / classes), n)
    labels = rng.integers(0, classes, n)
    total = Fraction(0)
    for b in range(1, n_bins + 1):
        inside = [
            (Fraction(max(row), 16), row.index(max(row)) == label)
            for row, label in zip(parts.tolist(), labels.tolist(), strict=True)
            if Fraction(b - 1, n_bins) < Fraction(max(row), 16) <= Fraction(b, n_bins)
        ]
        if inside:
            accuracy = Fraction(sum(right for _, right in inside), len(inside))
            total += Fraction(len(inside), n) * abs(accuracy - sum(c for c, _ in inside) / len(inside))
    np.testing.assert_allclose(ECE(parts / 16, labels, n_bins), float(total), rtol=1e-12, atol=1e-15)
