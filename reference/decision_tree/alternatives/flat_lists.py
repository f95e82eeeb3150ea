"""Scores all cuts of all features as one table of running counts, and keeps the tree in flat lists."""

import numpy as np


def check_rows(X: np.ndarray) -> np.ndarray:
    """`X` in float64; ValueError unless it is (m, d) and finite."""
    if X.ndim != 2:
        raise ValueError("X must have two dimensions")
    rows = X.astype(np.float64)
    if not np.isfinite(rows).all():
        raise ValueError("X must be finite")
    return rows


def check_data(X: np.ndarray, y: np.ndarray) -> np.ndarray:
    """`X` in float64; ValueError for what no tree can be fitted to."""
    rows = check_rows(X)
    if 0 in rows.shape or y.shape != (len(rows),):
        raise ValueError("X needs rows and columns, and y a label for each row")
    return rows


def cut(rows: np.ndarray, classes: np.ndarray, least: int) -> tuple[int, float] | None:
    """`best_split` of sound arguments, with the labels as 0, 1, ..."""
    count = len(rows)
    if (classes == classes[0]).all():
        return None
    order = rows.argsort(axis=0, kind="stable")
    values = np.take_along_axis(rows, order, axis=0)
    one_hot = np.eye(classes.max() + 1)[classes]
    left = one_hot[order].cumsum(axis=0)[:-1]  # (n - 1, d, c): counts of the labels up to each row
    right = one_hot.sum(axis=0) - left
    n_left = np.arange(1, count)[:, None]
    n_right = count - n_left
    scores = 1 - ((left**2).sum(axis=2) / n_left + (right**2).sum(axis=2) / n_right) / count
    allowed = (values[:-1] < values[1:]) & (n_left >= least) & (n_right >= least)
    if not allowed.any():
        return None
    scores = np.where(allowed, scores, np.inf).T  # feature by feature, thresholds ascending
    feature, place = np.unravel_index((scores < scores.min() + 1e-8).argmax(), scores.shape)
    a, b = values[place, feature], values[place + 1, feature]
    middle = (a + b) / 2
    return int(feature), float(a if middle == b else middle)


def best_split(X: np.ndarray, y: np.ndarray, min_samples_leaf: int = 1) -> tuple[int, float] | None:
    """(feature, threshold) of the split with the smallest weighted Gini impurity, or None; X (n, d), y (n,)."""
    rows = check_data(X, y)
    if min_samples_leaf < 1:
        raise ValueError("min_samples_leaf must be at least 1")
    return cut(rows, np.unique(y, return_inverse=True)[1], min_samples_leaf)


class DecisionTree:
    """A classification tree grown by `best_split`."""

    def __init__(self, max_depth: int | None = None, min_samples_leaf: int = 1):
        if min_samples_leaf < 1 or (max_depth is not None and max_depth < 0):
            raise ValueError("min_samples_leaf must be at least 1, max_depth not negative")
        self.max_depth, self.min_samples_leaf = max_depth, min_samples_leaf

    def fit(self, X: np.ndarray, y: np.ndarray) -> "DecisionTree":
        """Grow the tree from X (n, d) and integer labels y (n,); returns self."""
        rows = check_data(X, y)
        self.labels, classes = np.unique(y, return_inverse=True)
        self.columns = rows.shape[1]
        features, thresholds, children, shares = [], [], [], []
        waiting = [(np.arange(len(rows)), 0, -1, 0)]  # rows, depth, parent, side
        while waiting:
            members, depth, parent, side = waiting.pop()
            node = len(features)
            if parent >= 0:
                children[parent][side] = node
            found = None
            if depth != self.max_depth:
                found = cut(rows[members], classes[members], self.min_samples_leaf)
            features.append(found[0] if found else -1)
            thresholds.append(found[1] if found else 0.0)
            children.append([-1, -1])
            shares.append(np.bincount(classes[members], minlength=len(self.labels)) / len(members))
            if found:
                low = rows[members, found[0]] <= found[1]
                waiting.append((members[low], depth + 1, node, 0))
                waiting.append((members[~low], depth + 1, node, 1))
        self.features, self.thresholds = np.array(features), np.array(thresholds)
        self.children, self.shares = np.array(children), np.array(shares)
        return self

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Shares of the labels, in ascending order, in the leaf of each row: (m, d) -> (m, c)."""
        rows = check_rows(X)
        if rows.shape[1] != self.columns:
            raise ValueError("X has other columns than in fit")
        nodes = np.zeros(len(rows), dtype=np.int64)
        while (inner := np.flatnonzero(self.features[nodes] >= 0)).size:
            at = nodes[inner]
            side = (rows[inner, self.features[at]] > self.thresholds[at]).astype(np.int64)
            nodes[inner] = self.children[at, side]
        return self.shares[nodes]

    def predict(self, X: np.ndarray) -> np.ndarray:
        """The most frequent label in the leaf of each row: (m, d) -> (m,)."""
        return self.labels[self.predict_proba(X).argmax(axis=1)]
