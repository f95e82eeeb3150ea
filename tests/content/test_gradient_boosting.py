"""The reference of gradient_boosting against scikit-learn's two implementations, where their rules agree with ours."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import (
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
)

ROOT = Path(__file__).resolve().parents[2]
BOOSTING = runpy.run_path(str(ROOT / "reference" / "gradient_boosting" / "solution.py"))["GradientBoosting"]
SEEDS = range(25)


def draw(seed: int) -> tuple[Any, Any, Any]:
    """Rows (n, d) that float32 holds, targets (n,), and labels (n,) of 0 and 1."""
    rng = np.random.default_rng(seed)
    n, d = int(rng.integers(30, 90)), int(rng.integers(1, 5))
    X = rng.normal(size=(n, d)).astype(np.float32).astype(np.float64)
    y = 2 * X[:, 0] - np.abs(X[:, -1]) + rng.normal(size=n)
    return X, y + 5, (y > np.quantile(y, 0.6)).astype(np.int64)


@pytest.mark.parametrize("seed", SEEDS)
def test_squared_loss_without_a_penalty(seed: int) -> None:
    """Then a stump by second-order gain is a stump by least squares on the residuals."""
    X, y, _ = draw(seed)
    theirs = GradientBoostingRegressor(n_estimators=15, learning_rate=0.3, max_depth=1, random_state=0).fit(X, y)
    ours = BOOSTING("squared", 15, 0.3, 0.0).fit(X, y)
    probes = np.random.default_rng(seed).normal(size=(300, X.shape[1])).astype(np.float32).astype(np.float64)
    np.testing.assert_allclose(ours.predict(X), theirs.predict(X), rtol=1e-9)
    np.testing.assert_allclose(ours.predict(probes), theirs.predict(probes), rtol=1e-9)


@pytest.mark.parametrize("seed", SEEDS)
def test_first_round_of_the_logistic_loss(seed: int) -> None:
    """All second derivatives are equal in the first round, so first- and second-order splits are the same."""
    X, _, labels = draw(seed)
    theirs = GradientBoostingClassifier(n_estimators=1, learning_rate=0.5, max_depth=1, random_state=0).fit(X, labels)
    ours = BOOSTING("logistic", 1, 0.5, 0.0).fit(X, labels)
    np.testing.assert_allclose(ours.predict(X), theirs.predict_proba(X)[:, 1], rtol=1e-9)
    np.testing.assert_allclose(ours.raw_score(X), theirs.decision_function(X), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("penalty", [0.0, 1.0, 7.5])
def test_second_order(seed: int, penalty: float) -> None:
    """Histogram boosting has our gain and values; it keeps gradients in float32 and values in bins of their own."""
    X, y, labels = draw(seed)
    options: dict[str, Any] = {
        "learning_rate": 0.4, "max_iter": 8, "max_leaf_nodes": 2, "min_samples_leaf": 1,
        "l2_regularization": penalty, "early_stopping": False,
    }  # fmt: skip
    regression = HistGradientBoostingRegressor(**options).fit(X, y)
    found = BOOSTING("squared", 8, 0.4, penalty).fit(X, y).predict(X)
    np.testing.assert_allclose(found, regression.predict(X), rtol=1e-4, atol=1e-5)
    classes = HistGradientBoostingClassifier(**options).fit(X, labels)
    ours = BOOSTING("logistic", 8, 0.4, penalty).fit(X, labels)
    np.testing.assert_allclose(ours.raw_score(X), classes.decision_function(X), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(ours.predict(X), classes.predict_proba(X)[:, 1], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("loss", ["squared", "logistic"])
def test_training_loss_falls(seed: int, loss: str) -> None:
    """Each round lowers the loss on the training rows, with shrinkage and a penalty."""
    X, y, labels = draw(seed)
    target = labels if loss == "logistic" else y
    losses = []
    for rounds in range(8):
        scores = BOOSTING(loss, rounds, 0.3, 1.0).fit(X, target).raw_score(X)
        each = np.logaddexp(0, scores) - target * scores if loss == "logistic" else (target - scores) ** 2 / 2
        losses.append(each.mean())
    assert (np.diff(losses) < 0).all()
