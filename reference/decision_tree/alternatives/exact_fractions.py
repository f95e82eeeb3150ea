"""Decision tree with splits compared in integers, grown with a stack, rows predicted one by one."""

from collections import Counter

import numpy as np


def _table(X, rows_needed):
    if X.ndim != 2 or X.shape[1] == 0 or (rows_needed and X.shape[0] == 0):
        raise ValueError("X must have two axes")
    if np.isnan(X).any() or np.isinf(X).any():
        raise ValueError("X must be finite")
    return [[float(v) for v in row] for row in X.tolist()]


def _names(y, n):
    if y.ndim != 1 or y.shape[0] != n:
        raise ValueError("y does not fit X")
    return [int(v) for v in y]


def _split(rows, names, smallest):
    best = None  # (numerator, denominator) of what is to be largest
    where = None
    if len(set(names)) < 2:
        return None
    for feature in range(len(rows[0])):
        order = sorted(range(len(rows)), key=lambda i: rows[i][feature])
        left, right = Counter(), Counter(names)
        for place, i in enumerate(order[:-1], start=1):
            left[names[i]] += 1
            right[names[i]] -= 1
            a, b = rows[i][feature], rows[order[place]][feature]
            n_left, n_right = place, len(rows) - place
            if a == b or n_left < smallest or n_right < smallest:
                continue
            one, other = sum(c * c for c in left.values()), sum(c * c for c in right.values())
            gain = (one * n_right + other * n_left, n_left * n_right)
            if best is None or gain[0] * best[1] > best[0] * gain[1]:
                t = a / 2 + b / 2
                best, where = gain, (feature, a if t >= b else max(t, a))
    return where


def best_split(X, y, min_samples_leaf=1):
    rows = _table(X, True)
    names = _names(y, len(rows))
    if min_samples_leaf < 1:
        raise ValueError("min_samples_leaf")
    return _split(rows, names, min_samples_leaf)


class DecisionTree:
    def __init__(self, max_depth=None, min_samples_leaf=1):
        if min_samples_leaf < 1 or (max_depth is not None and max_depth < 0):
            raise ValueError("limits")
        self.limit = float("inf") if max_depth is None else max_depth
        self.smallest = min_samples_leaf

    def fit(self, X, y):
        rows = _table(X, True)
        names = _names(y, len(rows))
        self.width = len(rows[0])
        self.labels = sorted(set(names))
        self.nodes = [None]
        todo = [(0, list(range(len(rows))), 0)]
        while todo:
            at, members, depth = todo.pop()
            mine = [names[i] for i in members]
            split = None
            if depth < self.limit:
                split = _split([rows[i] for i in members], mine, self.smallest)
            if split is None:
                counts = Counter(mine)
                self.nodes[at] = [counts[label] / len(mine) for label in self.labels]
                continue
            feature, t = split
            self.nodes[at] = (feature, t, len(self.nodes), len(self.nodes) + 1)
            self.nodes += [None, None]
            todo.append((len(self.nodes) - 2, [i for i in members if rows[i][feature] <= t], depth + 1))
            todo.append((len(self.nodes) - 1, [i for i in members if rows[i][feature] > t], depth + 1))
        return self

    def _leaf(self, row):
        node = self.nodes[0]
        while isinstance(node, tuple):
            node = self.nodes[node[2] if row[node[0]] <= node[1] else node[3]]
        return node

    def predict_proba(self, X):
        if X.ndim != 2 or X.shape[1] != self.width:
            raise ValueError("X does not fit")
        return np.array([self._leaf(row) for row in _table(X, False)], dtype=float).reshape(-1, len(self.labels))

    def predict(self, X):
        shares = self.predict_proba(X).tolist()
        return np.array([self.labels[row.index(max(row))] for row in shares], dtype=np.int64)
