"""Gradient boosting of stumps with second-order gains and leaf values."""

import numpy as np

TIE = 1e-9  # gains whose relative difference is smaller are equal


class GradientBoosting:
    """A sum of stumps, each a Newton step on the squared or the logistic loss."""

    def __init__(self, loss, n_rounds, learning_rate=0.1, reg_lambda=1.0):
        if loss not in ("squared", "logistic"):
            raise ValueError(f"loss must be squared or logistic, got {loss!r}")
        if n_rounds < 0:
            raise ValueError(f"n_rounds must not be negative, got {n_rounds}")
        if not 0 < learning_rate <= 1:
            raise ValueError(f"learning_rate must be in (0, 1], got {learning_rate}")
        if not 0 <= reg_lambda < np.inf:
            raise ValueError(f"reg_lambda must be finite and not negative, got {reg_lambda}")
        self.loss, self.n_rounds, self.learning_rate, self.reg_lambda = loss, n_rounds, learning_rate, reg_lambda

    def fit(self, X, y):
        """Boost from X (n, d) and y (n,); returns self."""
        self._check(X, y)
        X = X.astype(np.float64)
        self._columns, self._stumps = X.shape[1], []
        mean = y.mean()
        self._start = np.log(mean / (1 - mean)) if self.loss == "logistic" else mean
        scores = np.full(len(y), self._start)
        for _ in range(self.n_rounds):
            stump = self._best_stump(X, *self._derivatives(y, scores))
            if stump is None:
                break
            self._stumps.append(stump)
            scores += self.learning_rate * _values(stump, X)
        return self

    def raw_score(self, X):
        """Scores F of the rows: (m, d) -> (m,)."""
        if X.ndim != 2 or X.shape[1] != self._columns or not np.isfinite(X).all():
            raise ValueError(f"X must be finite and (m, {self._columns}), got {X.shape}")
        X = X.astype(np.float64)
        scores = np.full(len(X), self._start)
        for stump in self._stumps:
            scores += self.learning_rate * _values(stump, X)
        return scores

    def predict(self, X):
        """F for the squared loss, the probability of label 1 for the logistic loss: (m, d) -> (m,)."""
        scores = self.raw_score(X)
        return _sigmoid(scores) if self.loss == "logistic" else scores

    def _derivatives(self, y, scores):
        """First and second derivative of each row's loss with respect to its score: (n,), (n,)."""
        if self.loss == "squared":
            return scores - y, np.ones(len(y))
        p = _sigmoid(scores)
        return p - y, p * (1 - p)

    def _best_stump(self, X, g, h):
        """(feature, threshold, left value, right value) of the largest gain, or None where none is above 0."""
        penalty = self.reg_lambda
        whole = g.sum() ** 2 / (h.sum() + penalty)
        best, stump = 0.0, None
        for feature in range(X.shape[1]):
            order = np.argsort(X[:, feature])
            values = X[order, feature]
            g_left, h_left = g[order].cumsum()[:-1], h[order].cumsum()[:-1]  # (n - 1,) sums left of each cut
            g_right, h_right = g.sum() - g_left, h.sum() - h_left
            for cut in np.flatnonzero(values[:-1] < values[1:]):
                left, right = h_left[cut] + penalty, h_right[cut] + penalty
                gain = g_left[cut] ** 2 / left + g_right[cut] ** 2 / right - whole
                if gain > best * (1 + TIE):
                    threshold = _between(values[cut], values[cut + 1])
                    best, stump = gain, (feature, threshold, -g_left[cut] / left, -g_right[cut] / right)
        return stump

    def _check(self, X, y):
        """ValueError for rows and targets that nothing can be fitted to."""
        if X.ndim != 2 or X.size == 0 or not np.isfinite(X).all():
            raise ValueError(f"X must have two axes, not be empty, and be finite, got {X.shape}")
        if y.shape != (len(X),) or not np.isfinite(y).all():
            raise ValueError(f"y must be finite and ({len(X)},), got {y.shape}")
        if self.loss == "logistic" and set(np.unique(y).tolist()) != {0, 1}:
            raise ValueError("the logistic loss needs labels 0 and 1, both of them")


def _values(stump, X):
    """The value of the side of each row: (m,)."""
    feature, threshold, left, right = stump
    return np.where(X[:, feature] <= threshold, left, right)


def _between(low, high):
    """The middle of two neighboring values, and `low` where no float lies between them."""
    middle = (low + high) / 2
    return middle if middle < high else low


def _sigmoid(scores):
    """1 / (1 + exp(-scores)) without overflow."""
    small = np.exp(-np.abs(scores))  # in (0, 1]
    return np.where(scores >= 0, 1.0, small) / (1 + small)
