"""Newton directions on centered columns; the length of a step is where the slope along it vanishes, by bisection."""

import math

import numpy as np


def logistic_regression(
    X: np.ndarray, y: np.ndarray, l2: float = 1.0, sample_weight: np.ndarray | None = None
) -> tuple[np.ndarray, float]:
    """(coefficients (p,), intercept) that minimize sum(sample_weight * log_loss) + l2 / 2 * sum(coefficients**2)."""
    s = np.ones(len(y)) if sample_weight is None else sample_weight
    _check(X, y, l2, s)
    used = s > 0
    X, y, s = X[used], y[used], s[used]

    center = np.average(X, axis=0, weights=s)
    A = np.column_stack([X - center, np.ones(len(X))])
    sign = np.where(y == 1, 1.0, -1.0)
    penalty = np.append(np.full(X.shape[1], float(l2)), 0.0)
    theta = np.zeros(A.shape[1])
    theta[-1] = math.log(s[y == 1].sum() / s[y == 0].sum())

    for _ in range(200):
        margin = sign * (A @ theta)
        miss = _sigmoid(-margin)
        gradient = -A.T @ (s * sign * miss) + penalty * theta
        direction = _newton(A, s * miss * _sigmoid(margin), penalty, gradient)
        step = _length(A, sign, s, penalty, theta, direction)
        if step == 0:
            break
        theta = theta + step * direction
        if np.all(np.abs(direction) <= 1e-13 + 1e-11 * np.abs(theta)):
            break
    coefficients = theta[:-1]
    return coefficients, float(theta[-1] - center @ coefficients)


def _check(X, y, l2, s) -> None:
    if X.ndim != 2 or y.ndim != 1 or s.ndim != 1 or not len(X) == len(y) == len(s):
        raise ValueError("X must be (n, p), y and sample_weight (n,)")
    if not (np.isfinite(X).all() and np.isfinite(s).all() and (s >= 0).all()):
        raise ValueError("X and sample_weight must be finite, and no weight negative")
    if not 0 < l2 < math.inf:
        raise ValueError("l2 must be finite and positive")
    if not np.isin(y, (0, 1)).all():
        raise ValueError("labels are 0 and 1")
    if len(np.unique(y[s > 0])) < 2:
        raise ValueError("both labels must occur")


def _sigmoid(z):
    return np.exp(-np.logaddexp(0.0, -z))


def _newton(A, curvature, penalty, gradient):
    """Minus the inverse Hessian times the gradient, by the singular values of a root of the Hessian."""
    root = np.vstack([np.sqrt(np.maximum(curvature, 1e-30))[:, None] * A, np.diag(np.sqrt(penalty))])
    size = np.linalg.norm(root, axis=0)
    _, sigma, V = np.linalg.svd(root / size, full_matrices=False)
    return -(V.T @ ((V @ (gradient / size)) / np.maximum(sigma, 1e-15) ** 2)) / size


def _length(A, sign, s, penalty, theta, direction) -> float:
    start, rate = sign * (A @ theta), sign * (A @ direction)
    push, at, pull = s * rate, (penalty * theta) @ direction, (penalty * direction) @ direction

    def slope(t):
        return at + t * pull - push @ _sigmoid(-(start + t * rate))

    first = slope(0.0)
    if first >= 0:
        return 0.0
    low, high = 0.0, 1.0
    last = slope(high)
    if abs(last) <= -0.01 * first:
        return high
    while last < 0 and high < 1e9:
        low, high = high, 2 * high
        last = slope(high)
    for _ in range(200):
        middle = (low + high) / 2
        value = slope(middle)
        if abs(value) <= -0.01 * first:
            return middle
        low, high = (middle, high) if value < 0 else (low, middle)
    return low
