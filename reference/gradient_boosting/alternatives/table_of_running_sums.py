"""Sorts all features once, and finds each round's stump in one table of running sums for all of them."""

import numpy as np


def check_rows(X: np.ndarray) -> np.ndarray:
    """`X` in float64; ValueError unless it is (m, d) and finite."""
    if X.ndim != 2:
        raise ValueError("X must have two dimensions")
    rows = X.astype(np.float64)
    if not np.isfinite(rows).all():
        raise ValueError("X must be finite")
    return rows


def probability(scores: np.ndarray) -> np.ndarray:
    """1 / (1 + exp(-F)) without overflow."""
    return np.exp(-np.logaddexp(0.0, -scores))


class GradientBoosting:
    """A sum of stumps, each a Newton step on the squared or the logistic loss."""

    def __init__(self, loss: str, n_rounds: int, learning_rate: float = 0.1, reg_lambda: float = 1.0):
        if loss not in ("squared", "logistic") or n_rounds < 0:
            raise ValueError("unknown loss, or a negative number of rounds")
        if not 0 < learning_rate <= 1 or not 0 <= reg_lambda < np.inf:
            raise ValueError("learning_rate must be in (0, 1], reg_lambda finite and not negative")
        self.logistic = loss == "logistic"
        self.n_rounds, self.learning_rate, self.reg_lambda = n_rounds, learning_rate, reg_lambda

    def fit(self, X: np.ndarray, y: np.ndarray) -> "GradientBoosting":
        """Boost from X (n, d) and y (n,); returns self."""
        rows = check_rows(X)
        if 0 in rows.shape or y.shape != (len(rows),) or not np.isfinite(y).all():
            raise ValueError("X needs rows and columns, y a finite number for each row")
        if self.logistic and set(y.tolist()) != {0, 1}:
            raise ValueError("y must have both 0 and 1, and nothing else")
        targets = y.astype(np.float64)
        start = targets.mean()
        self.start = float(np.log(start / (1 - start)) if self.logistic else start)
        self.columns = rows.shape[1]
        self.stumps: list[tuple[int, float, float, float]] = []

        order = rows.argsort(axis=0, kind="stable")
        values = np.take_along_axis(rows, order, axis=0)
        distinct = values[:-1] < values[1:]
        scores = np.full(len(rows), self.start)
        while len(self.stumps) < self.n_rounds and distinct.any():
            p = probability(scores) if self.logistic else scores
            g, h = p - targets, p * (1 - p) if self.logistic else np.ones(len(rows))
            sums = g[order].cumsum(axis=0)[:-1], h[order].cumsum(axis=0)[:-1]
            whole = g.sum(), h.sum()
            gains = (
                sums[0] ** 2 / (sums[1] + self.reg_lambda)
                + (whole[0] - sums[0]) ** 2 / (whole[1] - sums[1] + self.reg_lambda)
                - whole[0] ** 2 / (whole[1] + self.reg_lambda)
            )
            gains = np.where(distinct, gains, -np.inf).T
            best = gains.max()
            if not best > 0:
                break
            feature, place = np.unravel_index((gains >= best * (1 - 1e-8)).argmax(), gains.shape)
            a, b = values[place, feature], values[place + 1, feature]
            threshold = (a + b) / 2 if (a + b) / 2 < b else a
            low = rows[:, feature] <= threshold
            sides = [float(-g[side].sum() / (h[side].sum() + self.reg_lambda)) for side in (low, ~low)]
            scores = scores + self.learning_rate * np.where(low, *sides)
            self.stumps.append((int(feature), float(threshold), *sides))
        return self

    def raw_score(self, X: np.ndarray) -> np.ndarray:
        """Scores F of the rows: (m, d) -> (m,)."""
        rows = check_rows(X)
        if rows.shape[1] != self.columns:
            raise ValueError("X has other columns than in fit")
        total = np.zeros(len(rows))
        for feature, threshold, left, right in self.stumps:
            total += np.where(rows[:, feature] <= threshold, left, right)
        return self.start + self.learning_rate * total

    def predict(self, X: np.ndarray) -> np.ndarray:
        """F for the squared loss, the probability of label 1 for the logistic loss: (m, d) -> (m,)."""
        scores = self.raw_score(X)
        return probability(scores) if self.logistic else scores
