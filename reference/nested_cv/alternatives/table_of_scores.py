"""Fills a table of inner scores, candidates by inner pairs, for each outer pair, and takes the row with the best mean."""

from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.model_selection import ParameterGrid


class Trial:
    """An estimator, a scorer and rows: fits on some positions and scores on others."""

    def __init__(self, estimator: Any, scoring: Any, x: np.ndarray, y: np.ndarray) -> None:
        self.estimator, self.scoring, self.x, self.y = estimator, scoring, x, y

    def score(self, params: dict[str, Any], train: np.ndarray, test: np.ndarray) -> float:
        fresh = {name: clone(setting, safe=False) for name, setting in params.items()}
        model = clone(self.estimator).set_params(**fresh)
        model.fit(self.x[train], self.y[train])
        return self.scoring(model, self.x[test], self.y[test])


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
    if len({len(rows) for rows in (x, y, groups) if rows is not None}) > 1:
        raise ValueError("x, y and groups have different numbers of rows")
    if any(len(settings) == 0 for settings in param_grid.values()):
        raise ValueError("a parameter without values")

    candidates = list(ParameterGrid(param_grid))
    trial = Trial(estimator, scoring, x, y)
    scores, chosen = [], []
    for train, test in outer.split(x, y, groups):
        within = inner.split(x[train], y[train], None if groups is None else groups[train])
        pairs = [(train[learn], train[check]) for learn, check in within]
        table = np.array([[trial.score(params, *pair) for pair in pairs] for params in candidates], dtype=float)
        best = candidates[int(table.mean(axis=1).argmax())]
        scores.append(trial.score(best, train, test))
        chosen.append(dict(best))
    return np.array(scores, dtype=float), chosen
