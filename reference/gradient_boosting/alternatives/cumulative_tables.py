"""Sorts every column once; a round is two cumulative sums over a table of rows by features, and one search in its gains."""

import numpy as np


def table(X: np.ndarray) -> np.ndarray:
    """X as float64; ValueError where it has not two axes or holds NaN or infinity."""
    if X.ndim != 2 or not np.isfinite(X).all():
        raise ValueError("X must have two axes and finite values")
    return X.astype(np.float64)


def probability(F: np.ndarray) -> np.ndarray:
    return np.exp(-np.logaddexp(0.0, -F))


class Squared:
    @staticmethod
    def start(y: np.ndarray) -> float:
        return float(y.mean())

    @staticmethod
    def derivatives(y: np.ndarray, F: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return F - y, np.ones(len(y))

    @staticmethod
    def link(F: np.ndarray) -> np.ndarray:
        return F


class Logistic:
    @staticmethod
    def start(y: np.ndarray) -> float:
        if not np.isin(y, (0, 1)).all() or y.min() == y.max():
            raise ValueError("y must hold 0 and 1, both of them")
        return float(np.log(y.sum() / (1 - y).sum()))

    @staticmethod
    def derivatives(y: np.ndarray, F: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        p = probability(F)
        return p - y, p * probability(-F)

    link = staticmethod(probability)


class Columns:
    """All columns of a table in ascending order, and where two neighbors differ."""

    def __init__(self, X: np.ndarray) -> None:
        self.order = X.argsort(axis=0, kind="stable")
        self.ordered = np.take_along_axis(X, self.order, axis=0)
        self.between = self.ordered[:-1] < self.ordered[1:]

    def best(self, g: np.ndarray, h: np.ndarray, penalty: float) -> tuple[int, float] | None:
        """Feature and threshold of the largest gain, if there is one above 0."""
        G, H = (np.cumsum(values[self.order], axis=0) for values in (g, h))
        all_g, all_h = g.sum(), h.sum()
        with np.errstate(divide="ignore", invalid="ignore"):
            sides = G[:-1] ** 2 / (H[:-1] + penalty) + (all_g - G[:-1]) ** 2 / (all_h - H[:-1] + penalty)
            gains = np.where(self.between, sides - all_g**2 / (all_h + penalty), -np.inf)
        if gains.size == 0 or not gains.max() > 0:
            return None
        by_feature = (gains >= gains.max() * (1 - 1e-9)).T
        feature = int(by_feature.any(axis=1).argmax())
        place = int(by_feature[feature].argmax())
        a, b = self.ordered[place : place + 2, feature]
        middle = a / 2 + b / 2 if np.abs([a, b]).max() > 1e300 else (a + b) / 2
        return feature, float(a if middle == b else middle)


class GradientBoosting:
    def __init__(self, loss: str, n_rounds: int, learning_rate: float = 0.1, reg_lambda: float = 1.0):
        losses = {"squared": Squared, "logistic": Logistic}
        if loss not in losses or n_rounds < 0 or not 0 < learning_rate <= 1 or not 0 <= reg_lambda < np.inf:
            raise ValueError("loss, n_rounds, learning_rate or reg_lambda out of range")
        self.loss, self.n_rounds = losses[loss], n_rounds
        self.learning_rate, self.reg_lambda = learning_rate, reg_lambda

    def fit(self, X: np.ndarray, y: np.ndarray) -> "GradientBoosting":
        X = table(X)
        if X.size == 0 or y.shape != (len(X),) or not np.isfinite(y).all():
            raise ValueError("X must have rows and columns, and y a finite value for each row")
        y = y.astype(np.float64)
        start = self.loss.start(y)
        columns, stumps = Columns(X), []
        F = np.full(len(y), start)
        for _ in range(self.n_rounds):
            g, h = self.loss.derivatives(y, F)
            split = columns.best(g, h, self.reg_lambda)
            if split is None:
                break
            feature, threshold = split
            right = (X[:, feature] > threshold).astype(np.int64)
            sums_g, sums_h = (np.bincount(right, weights=values, minlength=2) for values in (g, h))
            steps = -self.learning_rate * sums_g / (sums_h + self.reg_lambda)
            F = F + steps[right]
            stumps.append((feature, threshold, steps))
        self.start, self.stumps, self.width = start, stumps, X.shape[1]
        return self

    def raw_score(self, X: np.ndarray) -> np.ndarray:
        X = table(X)
        if X.shape[1] != self.width:
            raise ValueError("another number of columns than the fitted one")
        F = np.full(len(X), self.start)
        for feature, threshold, steps in self.stumps:
            F += steps[(X[:, feature] > threshold).astype(np.int64)]
        return F

    def predict(self, X: np.ndarray) -> np.ndarray:
        return self.loss.link(self.raw_score(X))
