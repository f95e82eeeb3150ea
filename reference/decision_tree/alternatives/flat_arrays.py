"""Scores all cuts of all features from counts summed along each sorted column; the tree is a set of flat arrays."""

import numpy as np


def table(X: np.ndarray) -> np.ndarray:
    """X as float64; ValueError where it has not two axes or holds NaN or infinity."""
    if X.ndim != 2 or not np.isfinite(X).all():
        raise ValueError("X must have two axes and finite values")
    return X.astype(np.float64)


def training(X: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """X, the labels in ascending order, and the number of each row's label."""
    X = table(X)
    if X.size == 0 or y.shape != (len(X),):
        raise ValueError("X must have rows and columns, and y a label for each row")
    labels, codes = np.unique(y, return_inverse=True)
    return X, labels, codes.reshape(-1)


def cut(X: np.ndarray, one_hot: np.ndarray, least: int) -> tuple[int, float] | None:
    """The best split of rows whose labels are given as rows with a single 1."""
    n = len(X)
    totals = one_hot.sum(axis=0)
    if n < 2 or totals.max() == n:
        return None
    left_sizes = np.arange(1.0, n)
    right_sizes = n - left_sizes
    scores, places = [], []
    for feature in range(X.shape[1]):
        order = X[:, feature].argsort(kind="stable")
        column = X[order, feature]
        left = one_hot[order].cumsum(axis=0)[:-1]
        pure = (left**2).sum(axis=1) / left_sizes + ((totals - left) ** 2).sum(axis=1) / right_sizes
        allowed = (column[:-1] < column[1:]) & (left_sizes >= least) & (right_sizes >= least)
        for place in np.flatnonzero(allowed):
            scores.append(1 - pure[place] / n)
            places.append((feature, column[place], column[place + 1]))
    if not scores:
        return None
    scores = np.array(scores)
    feature, a, b = places[int((scores < scores.min() + 1e-9).argmax())]
    middle = (a + b) / 2
    return feature, float(a if middle == b else middle)


def best_split(X: np.ndarray, y: np.ndarray, min_samples_leaf: int = 1) -> tuple[int, float] | None:
    if min_samples_leaf < 1:
        raise ValueError("min_samples_leaf must be at least 1")
    X, labels, codes = training(X, y)
    return cut(X, np.eye(len(labels))[codes], min_samples_leaf)


class DecisionTree:
    def __init__(self, max_depth: int | None = None, min_samples_leaf: int = 1):
        if min_samples_leaf < 1 or (max_depth is not None and max_depth < 0):
            raise ValueError("max_depth or min_samples_leaf out of range")
        self.max_depth = max_depth
        self.min_samples_leaf = min_samples_leaf

    def fit(self, X: np.ndarray, y: np.ndarray) -> "DecisionTree":
        X, self.labels, codes = training(X, y)
        self.columns = X.shape[1]
        one_hot = np.eye(len(self.labels))[codes]
        nodes = [[0, np.inf, 0, 0]]  # feature, threshold, left and right; a leaf leads to itself
        shares = [one_hot.mean(axis=0)]
        waiting = [(0, 0, np.arange(len(X)))]
        while waiting:
            node, depth, rows = waiting.pop()
            split = None if depth == self.max_depth else cut(X[rows], one_hot[rows], self.min_samples_leaf)
            if split is None:
                continue
            feature, threshold = split
            low = X[rows, feature] <= threshold
            nodes[node] = [feature, threshold, len(nodes), len(nodes) + 1]
            for side in (rows[low], rows[~low]):
                waiting.append((len(nodes), depth + 1, side))
                nodes.append([0, np.inf, len(nodes), len(nodes)])
                shares.append(one_hot[side].mean(axis=0))
        feature, threshold, left, right = zip(*nodes, strict=True)
        self.feature, self.threshold = np.array(feature), np.array(threshold)
        self.children = np.array([left, right])
        self.shares = np.array(shares)
        return self

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        X = table(X)
        if X.shape[1] != self.columns:
            raise ValueError("another number of columns than the fitted one")
        at = np.zeros(len(X), dtype=np.int64)
        every = np.arange(len(X))
        while True:
            right = X[every, self.feature[at]] > self.threshold[at]
            after = self.children[right.astype(np.int64), at]
            if np.array_equal(after, at):
                return self.shares[at]
            at = after

    def predict(self, X: np.ndarray) -> np.ndarray:
        return self.labels[self.predict_proba(X).argmax(axis=1)]
