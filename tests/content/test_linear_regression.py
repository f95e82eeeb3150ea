"""The reference of linear_regression against scikit-learn, statsmodels and exact rational arithmetic."""

from __future__ import annotations

import runpy
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import statsmodels.api as sm
from sklearn.linear_model import LinearRegression, Ridge

ROOT = Path(__file__).resolve().parents[2]
FIT = runpy.run_path(str(ROOT / "reference" / "linear_regression" / "solution.py"))["linear_regression"]
SEEDS = range(12)


def draw(seed: int, n: int = 15, p: int = 4, center: float = 2.0) -> tuple[Any, Any]:
    """X (n, p) with means and deviations of its own for every column, and y (n,)."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, p)) * rng.uniform(0.5, 2.0, p) + center * rng.normal(size=p)
    return X, (X - X.mean(axis=0)) @ rng.normal(size=p) + rng.normal(size=n) + 5.0


def exact(X: Any, y: Any, ridge: float) -> tuple[list[float], float]:
    """The minimizer by elimination in rational numbers, of the whole system with a column of ones."""
    rows = [[Fraction(1), *map(Fraction, row)] for row in X.tolist()]
    targets = [Fraction(value) for value in y.tolist()]
    size = len(rows[0])
    system = [[sum((row[i] * row[j] for row in rows), Fraction(0)) for j in range(size)] for i in range(size)]
    for i in range(1, size):
        system[i][i] += Fraction(ridge)
    for i in range(size):
        system[i].append(sum((row[i] * target for row, target in zip(rows, targets, strict=True)), Fraction(0)))
    for i in range(size):
        system[i] = [value / system[i][i] for value in system[i]]
        for k in range(size):
            if k != i:
                factor = system[k][i]
                system[k] = [one - factor * other for one, other in zip(system[k], system[i], strict=True)]
    intercept, *coefficients = (float(row[-1]) for row in system)
    return coefficients, intercept


@pytest.mark.parametrize("seed", SEEDS)
def test_ordinary_least_squares(seed: int) -> None:
    """Both libraries' least squares, where there is one minimizer."""
    X, y = draw(seed)
    w, b = FIT(X, y)
    ours = LinearRegression().fit(X, y)
    np.testing.assert_allclose(w, ours.coef_, rtol=1e-9, atol=1e-11)
    np.testing.assert_allclose(b, ours.intercept_, rtol=1e-9)
    np.testing.assert_allclose([b, *w], sm.OLS(y, sm.add_constant(X)).fit().params, rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("ridge", [1e-3, 1.7, 1e4])
def test_ridge(seed: int, ridge: float) -> None:
    """Ridge of scikit-learn, for tall and for wide designs."""
    for n, p in ((15, 4), (5, 8)):
        X, y = draw(seed, n, p)
        w, b = FIT(X, y, ridge)
        ours = Ridge(alpha=ridge, solver="svd").fit(X, y)
        np.testing.assert_allclose(w, ours.coef_, rtol=1e-8, atol=1e-11)
        np.testing.assert_allclose(b, ours.intercept_, rtol=1e-8)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("ridge", [1e-3, 1.7, 1e4])
def test_ridge_with_a_penalty_per_column(seed: int, ridge: float) -> None:
    """Ridge of statsmodels, which averages the errors and has a column of ones, with a penalty of 0 for that column."""
    X, y = draw(seed)
    w, b = FIT(X, y, ridge)
    penalties = np.array([0.0] + [ridge / len(X)] * X.shape[1])
    theirs = sm.OLS(y, sm.add_constant(X)).fit_regularized(alpha=penalties, L1_wt=0.0)
    np.testing.assert_allclose([b, *w], theirs.params, rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("seed", SEEDS)
def test_shortest_minimizer(seed: int) -> None:
    """scikit-learn's answer where there are many minimizers, and fitted values of statsmodels."""
    X, y = draw(seed)
    wide, few = draw(seed, 5, 9)
    for design, target in ((np.hstack([X, X[:, :2], np.ones((15, 1))]), y), (wide, few)):
        w, b = FIT(design, target)
        ours = LinearRegression().fit(design, target)
        np.testing.assert_allclose(w, ours.coef_, rtol=1e-8, atol=1e-10)
        np.testing.assert_allclose(b, ours.intercept_, rtol=1e-8)
        fitted = sm.OLS(target, np.column_stack([np.ones(len(design)), design])).fit().fittedvalues
        np.testing.assert_allclose(design @ w + b, fitted, rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(("center", "ridge"), [(2.0, 0.0), (2.0, 3.5), (1e6, 0.0), (1e6, 1e-3)])
def test_exact_minimizer(seed: int, center: float, ridge: float) -> None:
    """The minimizer without any rounding, also where a column's mean is a million times its deviation."""
    X, y = draw(seed, 9, 2, center)
    w, b = FIT(X, y, ridge)
    coefficients, intercept = exact(X, y, ridge)
    np.testing.assert_allclose(w, coefficients, rtol=1e-8, atol=1e-11)
    np.testing.assert_allclose(b, intercept, rtol=1e-8, atol=1e-9)
