"""Decision tree by Gini impurity."""

import numpy as np

TIE = 1e-9  # scores closer than this are equal


def best_split(X, y, min_samples_leaf=1):
    """(feature, threshold) of the split with the smallest weighted Gini impurity, or None; X (n, d), y (n,)."""
    _check_labelled(X, y)
    _check_leaf_size(min_samples_leaf)
    n = len(y)
    labels, codes = np.unique(y, return_inverse=True)
    if len(labels) == 1:
        return None
    one_hot = np.eye(len(labels))[codes]  # (n, c)
    left_size = np.arange(1, n)  # (n - 1,) rows on the left of each cut of a sorted feature
    right_size = n - left_size
    best, found = np.inf, None
    for feature in range(X.shape[1]):
        column = X[:, feature].astype(np.float64)
        order = np.argsort(column)
        values = column[order]
        left = one_hot[order].cumsum(axis=0)[:-1]  # (n - 1, c) label counts
        right = one_hot.sum(axis=0) - left
        score = 1 - ((left**2).sum(axis=1) / left_size + (right**2).sum(axis=1) / right_size) / n
        large_enough = np.minimum(left_size, right_size) >= min_samples_leaf
        for cut in np.flatnonzero(large_enough & (values[:-1] < values[1:])):
            if score[cut] < best - TIE:
                best, found = score[cut], (feature, _between(values[cut], values[cut + 1]))
    return found


class DecisionTree:
    """A classification tree grown by `best_split`."""

    def __init__(self, max_depth=None, min_samples_leaf=1):
        if max_depth is not None and max_depth < 0:
            raise ValueError(f"max_depth must not be negative, got {max_depth}")
        _check_leaf_size(min_samples_leaf)
        self.max_depth, self.min_samples_leaf = max_depth, min_samples_leaf

    def fit(self, X, y):
        """Grow the tree from X (n, d) and integer labels y (n,); returns self."""
        _check_labelled(X, y)
        self._labels, self._columns = np.unique(y), X.shape[1]
        self._root = self._grow(X, y, 0)
        return self

    def predict_proba(self, X):
        """Shares of the labels, in ascending order, in the leaf of each row: (m, d) -> (m, c)."""
        if X.ndim != 2 or X.shape[1] != self._columns or not np.isfinite(X).all():
            raise ValueError(f"X must be finite and (m, {self._columns}), got {X.shape}")
        shares = np.empty((len(X), len(self._labels)))
        self._descend(self._root, X.astype(np.float64), np.arange(len(X)), shares)
        return shares

    def predict(self, X):
        """The most frequent label in the leaf of each row: (m, d) -> (m,)."""
        return self._labels[self.predict_proba(X).argmax(axis=1)]  # argmax keeps the first, the smallest label

    def _grow(self, X, y, depth):
        """A node: its label shares (c,) if it is a leaf, else (feature, threshold, left node, right node)."""
        split = None if depth == self.max_depth else best_split(X, y, self.min_samples_leaf)
        if split is None:
            return (y[:, None] == self._labels).mean(axis=0)
        feature, threshold = split
        left = X[:, feature].astype(np.float64) <= threshold
        return (*split, self._grow(X[left], y[left], depth + 1), self._grow(X[~left], y[~left], depth + 1))

    def _descend(self, node, X, rows, shares):
        """Write the label shares of the leaves that `rows` of X come to."""
        if isinstance(node, np.ndarray):
            shares[rows] = node
            return
        feature, threshold, left, right = node
        goes_left = X[rows, feature] <= threshold
        self._descend(left, X, rows[goes_left], shares)
        self._descend(right, X, rows[~goes_left], shares)


def _between(low, high):
    """The middle of two neighboring values, and `low` where no float lies between them."""
    middle = (low + high) / 2
    return float(middle if middle < high else low)


def _check_leaf_size(min_samples_leaf):
    """ValueError for leaves of no rows."""
    if min_samples_leaf < 1:
        raise ValueError(f"min_samples_leaf must be at least 1, got {min_samples_leaf}")


def _check_labelled(X, y):
    """ValueError for rows and labels that no tree can be grown from."""
    if X.ndim != 2 or X.size == 0 or not np.isfinite(X).all():
        raise ValueError(f"X must have two axes, not be empty, and be finite, got {X.shape}")
    if y.shape != (len(X),):
        raise ValueError(f"y must be ({len(X)},), got {y.shape}")
