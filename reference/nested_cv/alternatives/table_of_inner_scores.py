"""Fills a matrix of inner scores, a row for each inner pair and a column for each candidate."""

from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.model_selection import ParameterGrid


def nested_cv(
    estimator: Any,
    param_grid: dict[str, list[Any]],
    x: np.ndarray,
    y: np.ndarray,
    outer: Any,
    inner: Any,
    scoring: Any,
    groups: np.ndarray | None = None,
) -> tuple[np.ndarray, list[dict[str, Any]]]:
    """Outer scores, float64 (K,), and the parameters that were chosen for each of the K outer pairs."""
    if len({len(one) for one in (x, y, groups) if one is not None}) > 1:
        raise ValueError("x, y and groups must have the same number of rows")
    if any(len(values) == 0 for values in param_grid.values()):
        raise ValueError("a parameter has no values to try")
    candidates = list(ParameterGrid(param_grid))

    def tried(params: dict[str, Any], train: np.ndarray, test: np.ndarray) -> float:
        """The score on `test` of a fresh estimator that was fitted on `train`."""
        fresh = clone(estimator).set_params(**{name: clone(value, safe=False) for name, value in params.items()})
        return float(scoring(fresh.fit(x[train], y[train]), x[test], y[test]))

    scores, chosen = [], []
    for train, test in outer.split(x, y, groups):
        pairs = inner.split(x[train], y[train], None if groups is None else groups[train])
        table = np.array([[tried(params, train[fit], train[held]) for params in candidates] for fit, held in pairs])
        best = candidates[int(table.mean(axis=0).argmax())]
        scores.append(tried(best, train, test))
        chosen.append(dict(best))
    return np.array(scores, dtype=np.float64), chosen
