"""The halving search, which the statement forbids, imported from the private module that defines it: the manifest names only the switch in `sklearn.experimental`, and not the class."""

import numpy as np
from sklearn.model_selection._search_successive_halving import HalvingGridSearchCV


def nested_cv(estimator, param_grid, x, y, outer, inner, scoring, groups=None):
    if len(x) != len(y) or (groups is not None and len(groups) != len(x)):
        raise ValueError("rows")
    if any(len(values) == 0 for values in param_grid.values()):
        raise ValueError("empty")
    scores, chosen = [], []
    for train, test in outer.split(x, y, groups):
        pairs = list(inner.split(x[train], y[train], None if groups is None else groups[train]))
        search = HalvingGridSearchCV(
            estimator, param_grid, scoring=scoring, cv=pairs, factor=1000, random_state=0,
            min_resources=len(train), max_resources=len(train),
        ).fit(x[train], y[train])
        scores.append(scoring(search.best_estimator_, x[test], y[test]))
        chosen.append(search.best_params_)
    return np.array(scores, np.float64), chosen
