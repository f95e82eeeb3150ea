"""Nested cross-validation: a search within every outer training part, and one score on what was put aside."""

import numpy as np
from sklearn.base import clone
from sklearn.model_selection import ParameterGrid


def nested_cv(estimator, param_grid, x, y, outer, inner, scoring, groups=None):
    """Outer scores, float64 (K,), and the parameters that were chosen for each of the K outer pairs."""
    if len(x) != len(y) or (groups is not None and len(groups) != len(x)):
        raise ValueError("x, y and groups must have the same number of rows")
    if any(len(values) == 0 for values in param_grid.values()):
        raise ValueError("a list of the grid is empty")
    candidates = list(ParameterGrid(param_grid))

    def fit_and_score(params, x_train, y_train, x_test, y_test):
        """The score of a new clone; the estimator that was handed in stays as it is."""
        model = clone(estimator).set_params(**params)
        model.fit(x_train, y_train)
        return scoring(model, x_test, y_test)

    scores, chosen = [], []
    for train, test in outer.split(x, y, groups):
        x_train, y_train = x[train], y[train]
        groups_train = None if groups is None else groups[train]
        pairs = list(inner.split(x_train, y_train, groups_train))  # positions within the outer training part
        means = [
            np.mean([fit_and_score(params, x_train[a], y_train[a], x_train[b], y_train[b]) for a, b in pairs])
            for params in candidates
        ]
        best = candidates[int(np.argmax(means))]  # argmax gives the first of equal ones
        scores.append(fit_and_score(best, x_train, y_train, x[test], y[test]))
        chosen.append(best)
    return np.array(scores, np.float64), chosen
