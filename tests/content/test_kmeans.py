"""The reference of kmeans against scikit-learn, and its rules checked directly."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.cluster import KMeans

ROOT = Path(__file__).resolve().parents[2]
SOLUTION = runpy.run_path(str(ROOT / "reference" / "kmeans" / "solution.py"))
SEED, LLOYD = SOLUTION["kmeans_plus_plus"], SOLUTION["lloyd"]


def draw(seed: int) -> tuple[Any, Any]:
    """Points (n, d) of overlapping groups, and starting centers (k, d)."""
    rng = np.random.default_rng(seed)
    n, d, k = int(rng.integers(30, 90)), int(rng.integers(1, 6)), int(rng.integers(1, 8))
    X = rng.normal(size=(k, d))[rng.integers(k, size=n)] * 2.0 + rng.normal(size=(n, d))
    return X, X[rng.choice(n, k, replace=False)]


def theirs(X: Any, centers: Any, max_iter: int) -> Any:
    """scikit-learn's k-means from these centers, which stops when labels stay."""
    return KMeans(len(centers), init=centers, n_init=1, max_iter=max_iter, tol=0.0, algorithm="lloyd").fit(X)


@pytest.mark.parametrize("seed", range(30))
@pytest.mark.filterwarnings("ignore")
def test_lloyd(seed: int) -> None:
    """Centers, labels and inertia after two iterations and at the end."""
    X, centers = draw(seed)
    for max_iter in (2, 300):
        found = theirs(X, centers, max_iter)
        moved, labels, inertia = LLOYD(X, centers, max_iter)
        np.testing.assert_allclose(moved, found.cluster_centers_, rtol=1e-9, atol=1e-11)
        np.testing.assert_array_equal(labels, found.labels_)
        np.testing.assert_allclose(inertia, found.inertia_, rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.filterwarnings("ignore")
def test_an_empty_cluster(seed: int) -> None:
    """scikit-learn too gives an empty cluster the row that is farthest from its center."""
    X, centers = draw(seed)
    centers = np.vstack([centers, np.full(X.shape[1], 1e4)])
    found = theirs(X, centers, 1)
    moved, labels, inertia = LLOYD(X, centers, 1)
    np.testing.assert_allclose(moved, found.cluster_centers_, rtol=1e-9, atol=1e-9)
    np.testing.assert_array_equal(labels, found.labels_)
    np.testing.assert_allclose(inertia, found.inertia_, rtol=1e-9)


@pytest.mark.parametrize("seed", range(30))
def test_inertia_never_rises(seed: int) -> None:
    """From one iteration to the next, with clusters that are empty at the start, and with rows that repeat."""
    X, centers = draw(seed)
    rng = np.random.default_rng(seed)
    centers[rng.random(len(centers)) < 0.4] = 50.0
    for rows in (X, np.round(X)):
        inertias = [LLOYD(rows, centers, max_iter)[2] for max_iter in range(12)]
        assert (np.diff(inertias) <= 1e-12 * inertias[0]).all()


def test_seeds_beat_uniform_ones() -> None:
    """Ten far groups: squared-distance seeds nearly always find them all, and the expected inertia is near the best."""
    rng = np.random.default_rng(0)
    X = np.repeat(np.arange(10.0) * 100, 8)[:, None] + rng.normal(size=(80, 1))
    found = [len(np.unique(SEED(X, 10, rng) // 8)) for _ in range(60)]
    assert np.mean(found) > 9.9


@pytest.mark.parametrize("seed", range(5))
def test_second_seed_by_counting(seed: int) -> None:
    """Frequencies of the second seed, beside squared distances that SciPy computes."""
    from scipy.spatial.distance import cdist

    rng = np.random.default_rng(seed)
    X = rng.normal(size=(5, 2))
    squared = cdist(X, X, "sqeuclidean")
    expected = squared / squared.sum(axis=1, keepdims=True) / 5
    counts = np.zeros((5, 5))
    for _ in range(4000):
        one, two = SEED(X, 2, rng)
        counts[one, two] += 1
    assert np.abs(counts / 4000 - expected).max() < 5.5 * np.sqrt(expected.max() / 4000)
