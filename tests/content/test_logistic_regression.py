"""The reference of logistic_regression against scikit-learn and statsmodels, and its gradient in wider floats."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import statsmodels.api as sm
from sklearn.linear_model import LogisticRegression

ROOT = Path(__file__).resolve().parents[2]
FIT = runpy.run_path(str(ROOT / "reference" / "logistic_regression" / "solution.py"))["logistic_regression"]
SEEDS = range(15)


def draw(seed: int, n: int = 30, p: int = 3) -> tuple[Any, Any, Any]:
    """X (n, p), y (n,) with both labels, and weights (n,)."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, p)) * rng.uniform(0.5, 2.0, p) + rng.normal(size=p)
    y = (X @ rng.normal(size=p) + rng.logistic(size=n) > 0).astype(np.int64)
    y[:2] = 0, 1
    return X, y, rng.uniform(0.2, 3.0, n)


def newton_correction(X: Any, y: Any, l2: float, weight: Any, w: Any, b: float) -> Any:
    """How far (b, w) is from the minimizer, to first order, with the gradient in long doubles."""
    rows = np.column_stack([np.ones(len(X)), X]).astype(np.longdouble)
    sign = 2 * y - 1
    margin = sign * (rows @ np.append(b, w).astype(np.longdouble))
    miss = np.exp(-np.logaddexp(np.longdouble(0), margin))
    penalty = np.diag([0.0] + [l2] * len(w))
    gradient = rows.T @ (-sign * weight * miss) + penalty @ np.append(b, w)
    curvature = (rows * (weight * miss * (1 - miss))[:, None]).T @ rows + penalty
    return np.linalg.solve(curvature.astype(float), gradient.astype(float))


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("l2", [1e-3, 0.7, 50.0])
def test_scikit_learn(seed: int, l2: float) -> None:
    """LogisticRegression with C = 1 / l2, with weights and without, and where a hyperplane separates the labels."""
    X, y, weight = draw(seed)
    apart = (X[:, 0] > np.median(X[:, 0])).astype(np.int64)
    for labels, given in ((y, weight), (y, None), (apart, None)):
        theirs = LogisticRegression(C=1 / l2, solver="newton-cholesky", tol=1e-12, max_iter=500)
        theirs.fit(X, labels, sample_weight=given)
        w, b = FIT(X, labels, l2, given)
        np.testing.assert_allclose(w, theirs.coef_[0], rtol=1e-6, atol=1e-8)
        np.testing.assert_allclose(b, theirs.intercept_[0], rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("seed", SEEDS)
def test_statsmodels(seed: int) -> None:
    """Maximum likelihood with frequency weights, in the limit of a weak penalty."""
    X, y, _ = draw(seed, 60)
    copies = np.random.default_rng(seed).integers(0, 4, 60).astype(float)
    copies[:2] = 1.0
    y[2::3] = 1 - y[2::3]  # not separable
    theirs = sm.GLM(y, sm.add_constant(X), family=sm.families.Binomial(), freq_weights=copies).fit(tol=1e-12)
    w, b = FIT(X, y, 1e-9, copies)
    np.testing.assert_allclose([b, *w], theirs.params, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("seed", SEEDS)
def test_gradient_vanishes(seed: int) -> None:
    """On hard data, with huge entries, any units and any weights, the gradient in long doubles leaves nothing to do."""
    rng = np.random.default_rng(seed)
    for l2 in (1e-3, 1.0, 1e3):
        X, y, _ = draw(seed, 25)
        X[:4] *= 100
        X = np.clip(X * rng.permutation([1e-3, 1.0, 3.0]), -1000, 1000)
        weight = 10.0 ** rng.uniform(-3, 3, 25)
        w, b = FIT(X, y, l2, weight)
        found = np.append(b, w)
        assert (np.abs(newton_correction(X, y, l2, weight, w, b)) <= 1e-9 + 1e-6 * np.abs(found)).all()
