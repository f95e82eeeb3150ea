"""The reference of roc_pr_curve against scikit-learn, and against exact counts at every threshold."""

from __future__ import annotations

import runpy
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn import metrics

ROOT = Path(__file__).resolve().parents[2]
CURVES = runpy.run_path(str(ROOT / "reference" / "roc_pr_curve" / "solution.py"))["roc_pr_curve"]
SEEDS = range(36)


def draw(seed: int) -> tuple[Any, Any]:
    """Labels of both classes and scores: tied, half tied or all different, of either dtype."""
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.arange(int(rng.integers(2, 60))) < rng.integers(1, 3)) if seed % 4 == 0 else None
    if labels is None:
        labels = np.append(rng.integers(0, 2, int(rng.integers(1, 60))), [0, 1])
    if labels.all():
        labels[0] = 0
    scores = rng.normal(size=len(labels)) + labels
    if seed % 3:
        scores = np.round(scores, seed % 3 - 1)
    return labels.astype(np.int64), scores.astype(np.float32 if seed % 2 else np.float64)


@pytest.mark.parametrize("seed", SEEDS)
def test_as_scikit_learn(seed: int) -> None:
    """The points of roc_curve and of precision_recall_curve (in reverse), and the same average precision."""
    labels, scores = draw(seed)
    thresholds, fpr, recall, precision, average_precision = CURVES(labels, scores)
    other_fpr, other_tpr, other_thresholds = metrics.roc_curve(labels, scores, drop_intermediate=False)
    np.testing.assert_allclose(fpr, other_fpr, rtol=1e-12)
    np.testing.assert_allclose(recall, other_tpr, rtol=1e-12)
    np.testing.assert_array_equal(thresholds, other_thresholds)
    other_precision, other_recall, other_thresholds = metrics.precision_recall_curve(labels, scores)
    np.testing.assert_allclose(precision, other_precision[::-1], rtol=1e-12)
    np.testing.assert_allclose(recall, other_recall[::-1], rtol=1e-12)
    np.testing.assert_array_equal(thresholds[1:], other_thresholds[::-1])
    np.testing.assert_allclose(average_precision, metrics.average_precision_score(labels, scores), rtol=1e-12)
    np.testing.assert_allclose(np.trapezoid(recall, fpr), metrics.roc_auc_score(labels, scores), rtol=1e-12)


@pytest.mark.parametrize("seed", SEEDS[:12])
def test_as_counted(seed: int) -> None:
    """Each point counted from its threshold, in fractions."""
    labels, scores = draw(seed)
    thresholds, fpr, recall, precision, average_precision = CURVES(labels, scores)
    assert thresholds[0] == np.inf
    assert thresholds[1:].tolist() == sorted({float(score) for score in scores}, reverse=True)
    area, before = Fraction(0), Fraction(0)
    for k, threshold in enumerate(thresholds):
        chosen = [int(label) for label, score in zip(labels, scores, strict=True) if score >= threshold]
        found = Fraction(sum(chosen), int(labels.sum()))
        share = Fraction(sum(chosen), len(chosen)) if chosen else Fraction(1)
        area, before = area + (found - before) * share, found
        raised = Fraction(len(chosen) - sum(chosen), int((1 - labels).sum()))
        np.testing.assert_allclose([fpr[k], recall[k], precision[k]], [float(raised), float(found), float(share)])
    np.testing.assert_allclose(average_precision, float(area))
