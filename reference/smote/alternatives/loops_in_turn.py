"""One new row at a time; base rows are taken in turn, and a point is a weighted mean of its two ends."""

import numpy as np


def smote(X, y, k=5, ratio=1.0, rng=None):
    X = np.array(X)
    y = np.array(y)
    if X.ndim != 2 or y.shape != (X.shape[0],):
        raise ValueError("shapes")
    single = X.dtype == np.float32
    X = X.astype(float)  # distances too, which need not fit into float32
    if np.isnan(X).any() or np.isinf(X).any():
        raise ValueError("X is not finite")
    if k <= 0 or not (ratio > 0 and ratio <= 1):
        raise ValueError("k or ratio")
    classes = sorted(set(y.tolist()))
    if len(classes) != 2:
        raise ValueError("two classes are needed")
    groups = {c: [i for i in range(len(y)) if y[i] == c] for c in classes}
    small, large = sorted(classes, key=lambda c: len(groups[c]))
    wanted = int(ratio * len(groups[large]))
    need = wanted - len(groups[small])
    if need <= 0:
        return X.astype(np.float32 if single else float), y
    if len(groups[small]) == 1:
        raise ValueError("a single minority row")
    if rng is None:
        rng = np.random.default_rng()

    members = groups[small]
    near = {}
    for i in members:
        others = [j for j in members if j != i]
        others.sort(key=lambda j: float(np.linalg.norm(X[i] - X[j])))
        near[i] = others[:k]

    made = []
    for step in range(need):
        i = members[step % len(members)]
        j = near[i][int(rng.integers(len(near[i])))]
        t = rng.uniform(0.0, 1.0)
        made.append((1.0 - t) * X[i] + t * X[j])
    X_new = np.vstack([X, np.array(made)]).astype(np.float32 if single else float)
    y_new = np.hstack([y, np.array([small] * need, dtype=y.dtype)])
    return X_new, y_new
