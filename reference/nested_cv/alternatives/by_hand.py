"""The grid by itertools, indices into all rows throughout, and a running best candidate."""

import itertools

import numpy as np
from sklearn import base


def nested_cv(estimator, param_grid, x, y, outer, inner, scoring, groups=None):
    sizes = {x.shape[0], y.shape[0]} | (set() if groups is None else {groups.shape[0]})
    if len(sizes) > 1:
        raise ValueError("rows")
    if not all(param_grid.values()):
        raise ValueError("empty list")
    names = sorted(param_grid)
    scores, chosen = [], []
    for train, test in outer.split(x, y, groups):
        splits = [
            (train[a], train[b])
            for a, b in inner.split(x[train], y[train], groups[train] if groups is not None else None)
        ]
        best, best_mean = None, -np.inf
        for values in itertools.product(*[param_grid[name] for name in names]):
            params = dict(zip(names, values, strict=True))
            total = 0.0
            for a, b in splits:
                model = base.clone(estimator)
                model.set_params(**params)
                total += scoring(model.fit(x[a], y[a]), x[b], y[b])
            if total / len(splits) > best_mean:
                best, best_mean = params, total / len(splits)
        final = base.clone(estimator).set_params(**best).fit(x[train], y[train])
        scores.append(float(scoring(final, x[test], y[test])))
        chosen.append(best)
    return np.asarray(scores, dtype=np.float64), chosen
