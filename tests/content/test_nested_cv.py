"""The reference of nested_cv against scikit-learn's cross_validate of a GridSearchCV."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import Ridge
from sklearn.metrics import get_scorer
from sklearn.model_selection import GridSearchCV, GroupKFold, KFold, StratifiedKFold, cross_validate
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler

ROOT = Path(__file__).resolve().parents[2]
NESTED = runpy.run_path(str(ROOT / "reference" / "nested_cv" / "solution.py"))["nested_cv"]


def theirs(model: Any, grid: Any, x: Any, y: Any, outer: Any, inner: Any, scoring: Any) -> tuple[Any, list[Any]]:
    """Scores and chosen parameters of a search that is cross-validated."""
    search = GridSearchCV(model, grid, scoring=scoring, cv=inner)
    result = cross_validate(search, x, y, scoring=scoring, cv=outer, return_estimator=True)
    return result["test_score"], [one.best_params_ for one in result["estimator"]]


@pytest.mark.parametrize("seed", range(6))
def test_regression(seed: int) -> None:
    """A pipeline with parameters of two steps, by squared error."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(41, 3)) * [1, 50, 0.1]
    y = x[:, 0] ** 2 + x[:, 1] / 20 + rng.normal(0, 0.5, 41)
    model = Pipeline([("scale", StandardScaler()), ("terms", PolynomialFeatures()), ("ridge", Ridge())])
    grid = {"terms__degree": [1, 2], "ridge__alpha": [0.1, 3.0, 30.0]}
    arguments = (grid, x, y, KFold(4, shuffle=True, random_state=seed), KFold(3), get_scorer("neg_mean_squared_error"))
    scores, chosen = NESTED(model, *arguments)
    expected, best = theirs(model, *arguments)
    assert np.allclose(scores, expected, rtol=1e-9)
    assert chosen == best


@pytest.mark.parametrize("seed", range(6))
def test_classification_with_ties(seed: int) -> None:
    """Neighbors by accuracy on 16 training rows: inner test parts of 4 and 8, whose scores are exact, and often tie."""
    rng = np.random.default_rng(seed)
    y = np.arange(24) % 2
    x = y[:, None] + rng.normal(0, 1.0, (24, 2))
    grid = {"n_neighbors": [5, 3, 1, 7], "weights": ["uniform", "distance"]}
    folds = StratifiedKFold(3, shuffle=True, random_state=seed), StratifiedKFold(2 + 2 * (seed % 2))
    arguments = (grid, x, y, *folds, get_scorer("accuracy"))
    scores, chosen = NESTED(KNeighborsClassifier(), *arguments)
    expected, best = theirs(KNeighborsClassifier(), *arguments)
    assert np.array_equal(scores, expected)
    assert chosen == best


@pytest.mark.parametrize("seed", range(4))
def test_groups(seed: int) -> None:
    """A search within each outer part, whose folds keep groups together: a GridSearchCV that is handed the groups."""
    rng = np.random.default_rng(seed)
    groups = rng.permutation(np.arange(40) % 10)
    x = rng.normal(size=(40, 2)) + groups[:, None]
    y = x[:, 0] + rng.normal(size=10)[groups]
    scoring, grid = get_scorer("neg_mean_absolute_error"), {"alpha": [0.01, 1.0, 100.0]}
    scores, chosen = NESTED(Ridge(), grid, x, y, GroupKFold(4), GroupKFold(3), scoring, groups)
    for k, (train, test) in enumerate(GroupKFold(4).split(x, y, groups)):
        search = GridSearchCV(Ridge(), grid, scoring=scoring, cv=GroupKFold(3))
        search.fit(x[train], y[train], groups=groups[train])
        assert search.best_params_ == chosen[k]
        assert np.isclose(scoring(search, x[test], y[test]), scores[k], rtol=1e-12)
