"""The reference of f1_auc against scikit-learn, which we did not write, and against exact counting of pairs."""

from __future__ import annotations

import importlib.util
import itertools
from fractions import Fraction
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from sklearn import metrics

REFERENCE = Path(__file__).resolve().parents[2] / "reference" / "f1_auc" / "solution.py"
SEEDS = range(40)
LABELS = (np.int64, np.int32, np.uint8)
SCORES = (np.float64, np.float32, np.float16)
SIZES = np.array([0.0, -0.0, 5e-324, -5e-324, 1.0, 1.0 + 2.0**-52, -1.7e308, 1.7e308])


@pytest.fixture(scope="module")
def solution() -> ModuleType:
    """The reference as a module."""
    spec = importlib.util.spec_from_file_location("f1_auc_reference", REFERENCE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def drawn_labels(rng: np.random.Generator, labels: Any) -> tuple[Any, Any]:
    """Two arrays of the same random length; each may lack labels that the other has."""
    n = int(rng.integers(1, 60))
    return rng.choice(labels, n), rng.choice(labels[int(rng.integers(0, 2)) :], n)


@pytest.mark.parametrize("average", ["binary", "macro", "micro", "weighted"])
@pytest.mark.parametrize("dtype", LABELS)
def test_f1_is_that_of_scikit_learn(solution: ModuleType, dtype: Any, average: str) -> None:
    """For every average and dtype, with labels at both ends of it; 0.0 where it would warn."""
    ends = np.iinfo(dtype)
    labels = np.array([0, 1] if average == "binary" else [ends.min, 3, 7, ends.max - 1, ends.max], dtype)
    for seed in SEEDS:
        y_true, y_pred = drawn_labels(np.random.default_rng(seed), labels)
        expected = metrics.f1_score(y_true, y_pred, average=average, zero_division=0.0)
        assert solution.f1_score(y_true, y_pred, average) == pytest.approx(expected, rel=1e-12, abs=0)


@pytest.mark.parametrize(("labels", "scores"), [*zip(LABELS, SCORES, strict=True), (np.int64, np.float16)])
def test_auc_is_that_of_scikit_learn(solution: ModuleType, labels: Any, scores: Any) -> None:
    """For every dtype, with few and with many ties."""
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        y_true = rng.permutation(np.arange(int(rng.integers(2, 300))) % 2).astype(labels)
        y_score = (rng.normal(size=y_true.size) * 10.0 ** rng.integers(0, 3)).round(1).astype(scores)
        expected = metrics.roc_auc_score(y_true, y_score)
        assert solution.roc_auc(y_true, y_score) == pytest.approx(expected, rel=1e-12, abs=1e-15)


def test_auc_is_the_exact_share_of_pairs(solution: ModuleType) -> None:
    """In fractions, with scores at the ends of float64, zeros of either sign, and neighbours."""
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        y_true, y_score = rng.permutation(np.arange(24) % 3 // 2), rng.choice(SIZES, 24)
        pairs = list(itertools.product(y_score[y_true == 1].tolist(), y_score[y_true == 0].tolist()))
        share = Fraction(sum(2 * (a > b) + (a == b) for a, b in pairs), 2 * len(pairs))
        assert solution.roc_auc(y_true, y_score) == pytest.approx(float(share), rel=1e-14)
