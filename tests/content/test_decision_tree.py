"""The reference of decision_tree against scikit-learn and against a search through all splits in exact fractions."""

from __future__ import annotations

import runpy
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.tree import DecisionTreeClassifier

ROOT = Path(__file__).resolve().parents[2]
SOLUTION = runpy.run_path(str(ROOT / "reference" / "decision_tree" / "solution.py"))
SPLIT, TREE = SOLUTION["best_split"], SOLUTION["DecisionTree"]


def draw(seed: int, classes: int = 3) -> tuple[Any, Any]:
    """Rows (n, d) of continuous features that float32 holds, as scikit-learn converts them, and labels (n,)."""
    rng = np.random.default_rng(seed)
    n, d = int(rng.integers(20, 60)), int(rng.integers(1, 6))
    X = rng.normal(size=(n, d)).astype(np.float32).astype(np.float64)
    score = X[:, 0] + 0.8 * rng.normal(size=n)
    return X, np.digitize(score, np.quantile(score, np.linspace(0, 1, classes + 1)[1:-1])) * 7 - 5


def weighted_gini(y: Any, left: Any) -> Fraction:
    """Impurity of both sides, weighted by their rows, without rounding."""
    total = Fraction(0)
    for side in (y[left], y[~left]):
        counts = [int(count) for count in np.unique(side, return_counts=True)[1]]
        total += len(side) - Fraction(sum(count * count for count in counts), len(side))
    return total / len(y)


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("limits", [{}, {"max_depth": 1}, {"max_depth": 3}, {"max_depth": 4, "min_samples_leaf": 3}])
def test_every_node(seed: int, limits: dict[str, int]) -> None:
    """Each split of scikit-learn's tree is as good as ours of the same rows, and its leaves are ours.

    Where two splits of a node tie, scikit-learn takes any. Rows that pass no such node get the same shares from both.
    """
    X, y = draw(seed)
    found = DecisionTreeClassifier(random_state=seed, **limits).fit(X, y)
    tree, ours = found.tree_, TREE(**limits).fit(X, y)
    passed = found.decision_path(X).toarray().astype(bool)  # (n, nodes)
    alike = np.ones(len(X), dtype=bool)
    for node in range(tree.node_count):
        rows = passed[:, node]
        split = SPLIT(X[rows], y[rows], limits.get("min_samples_leaf", 1))
        if tree.feature[node] < 0:
            assert split is None or passed[rows].sum(axis=1).max() - 1 == limits.get("max_depth")
            continue
        assert split is not None
        theirs = X[rows, tree.feature[node]] <= tree.threshold[node]
        assert weighted_gini(y[rows], X[rows, split[0]] <= split[1]) == weighted_gini(y[rows], theirs)
        if split[0] == tree.feature[node] and abs(split[1] - tree.threshold[node]) < 1e-9:
            continue
        alike &= ~rows
    np.testing.assert_allclose(ours.predict_proba(X)[alike], found.predict_proba(X)[alike], atol=1e-12)
    np.testing.assert_array_equal(ours.predict(X)[alike], found.predict(X)[alike])
    if not limits:
        np.testing.assert_array_equal(ours.predict(X), y)


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("least", [1, 3])
def test_best_of_all_splits(seed: int, least: int) -> None:
    """The first of the splits with the smallest impurity, all of them computed in fractions, with many ties."""
    rng = np.random.default_rng(seed)
    n, d = int(rng.integers(6, 25)), int(rng.integers(1, 5))
    X, y = rng.integers(0, 6, (n, d)), rng.integers(0, 3, n)
    best: tuple[Fraction, int, float] | None = None
    for feature in range(d):
        values = np.unique(X[:, feature])
        for low, high in pairwise(values):
            left = X[:, feature] <= low
            if min(left.sum(), (~left).sum()) >= least:
                candidate = (weighted_gini(y, left), feature, (low + high) / 2)
                best = candidate if best is None else min(best, candidate)
    found = SPLIT(X, y, least)
    if len(set(y.tolist())) == 1 or best is None:
        assert found is None
    else:
        assert found == best[1:]
