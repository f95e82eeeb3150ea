"""Gradient boosting of stumps with a mask for every threshold, and the model as one list of steps."""

import math

import numpy as np


def _finite(array, axes):
    if np.ndim(array) != axes:
        raise ValueError("axes")
    array = np.array(array, dtype=float)
    if not np.all(np.abs(array) < math.inf):
        raise ValueError("finite numbers are needed")
    return array


class GradientBoosting:
    def __init__(self, loss, n_rounds, learning_rate=0.1, reg_lambda=1.0):
        usable = loss in {"squared", "logistic"} and n_rounds >= 0 and 0 < learning_rate <= 1 and 0 <= reg_lambda
        if not usable or math.isinf(reg_lambda):
            raise ValueError("options")
        self.kind, self.count, self.rate, self.penalty = loss, n_rounds, learning_rate, reg_lambda

    def _slopes(self, y, score):
        if self.kind == "squared":
            return score - y, y * 0 + 1
        p = self._probability(score)
        return p - y, p * (1 - p)

    @staticmethod
    def _probability(score):
        return 0.5 * (1 + np.tanh(score / 2))

    def fit(self, X, y):
        X, y = _finite(X, 2), _finite(y, 1)
        if not X.size or len(X) != len(y):
            raise ValueError("shapes")
        if self.kind == "logistic" and sorted(set(y.tolist())) != [0.0, 1.0]:
            raise ValueError("labels")
        cuts = []
        for j in range(X.shape[1]):
            seen = sorted(set(X[:, j].tolist()))
            for a, b in zip(seen, seen[1:], strict=False):
                t = (a + b) / 2
                t = a if t == b else t
                cuts.append((j, t, X[:, j] <= t))
        q = y.mean()
        self.width = X.shape[1]
        self.steps = []
        self.base = math.log(q) - math.log1p(-q) if self.kind == "logistic" else q
        score = np.repeat(self.base, len(y))
        while len(self.steps) < self.count:
            g, h = self._slopes(y, score)
            total = g.sum() ** 2 / (h.sum() + self.penalty)
            gains = [
                g[m].sum() ** 2 / (h[m].sum() + self.penalty) + g[~m].sum() ** 2 / (h[~m].sum() + self.penalty) - total
                for _, _, m in cuts
            ]
            top = max(gains, default=0.0)
            if top <= 0:
                break
            j, t, m = cuts[next(i for i, gain in enumerate(gains) if gain >= top * (1 - 1e-9))]
            low, high = (-self.rate * g[s].sum() / (h[s].sum() + self.penalty) for s in (m, ~m))
            score = np.where(m, score + low, score + high)
            self.steps.append((j, t, low, high))
        return self

    def raw_score(self, X):
        X = _finite(X, 2)
        if X.shape[1] != self.width:
            raise ValueError("columns")
        return self.base + sum((np.where(X[:, j] <= t, low, high) for j, t, low, high in self.steps), np.zeros(len(X)))

    def predict(self, X):
        score = self.raw_score(X)
        return score if self.kind == "squared" else self._probability(score)
