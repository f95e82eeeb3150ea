"""The reference of stratified_kfold against scikit-learn's counts, and against all splits of a small set."""

from __future__ import annotations

import runpy
import warnings
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats
from sklearn.model_selection import StratifiedKFold

ROOT = Path(__file__).resolve().parents[2]
SPLIT = runpy.run_path(str(ROOT / "reference" / "stratified_kfold" / "solution.py"))["stratified_kfold"]
SEEDS = range(30)


def draw(seed: int) -> tuple[Any, int]:
    """Labels in random order and a number of folds; the largest class has k items or more, as scikit-learn wants."""
    rng = np.random.default_rng(seed)
    k = int(rng.integers(2, 8))
    counts = np.append(rng.integers(1, 3 * k, int(rng.integers(1, 6))), k + int(rng.integers(0, 9)))
    return rng.permutation(np.repeat(rng.choice(1000, len(counts), replace=False) - 500, counts)), k


def counts_by_class(labels: Any, tests: list[Any]) -> dict[int, list[int]]:
    """For each class, its counts in the test sets in ascending order; under 9999 the sizes."""
    counts = {int(label): sorted(int((labels[test] == label).sum()) for test in tests) for label in np.unique(labels)}
    return counts | {9999: sorted(len(test) for test in tests)}


@pytest.mark.parametrize("seed", SEEDS)
def test_as_scikit_learn(seed: int) -> None:
    """The same counts of every class and the same sizes, up to the order of the folds, which is free."""
    labels, k = draw(seed)
    folds = SPLIT(labels, k, np.random.default_rng(seed))
    splitter = StratifiedKFold(k, shuffle=True, random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that some classes are small
        others = [test for _, test in splitter.split(np.zeros(len(labels)), labels)]
    assert counts_by_class(labels, [test for _, test in folds]) == counts_by_class(labels, others)


@pytest.mark.parametrize("seed", SEEDS)
def test_parts_all_indices(seed: int) -> None:
    """Test sets are disjoint and complete, training sets their complements, all ascending int64."""
    labels, k = draw(seed)
    folds = SPLIT(labels, k, np.random.default_rng(seed))
    assert sorted(np.concatenate([test for _, test in folds]).tolist()) == list(range(len(labels)))
    for train, test in folds:
        assert train.dtype == test.dtype == np.int64
        assert np.all(np.diff(test) > 0)
        assert train.tolist() == sorted(set(range(len(labels))) - set(test.tolist()))


def test_all_splits_are_equally_likely() -> None:
    """Four items of one class and four of another over two folds: 6 x 6 ways."""
    labels = np.array([0, 1, 0, 0, 1, 1, 0, 1])
    rng = np.random.default_rng(0)
    ways = Counter(tuple(SPLIT(labels, 2, rng)[0][1].tolist()) for _ in range(7200))
    assert len(ways) == 36
    assert stats.chisquare(list(ways.values())).pvalue > 1e-3
