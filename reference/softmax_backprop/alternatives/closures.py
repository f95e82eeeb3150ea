"""A tape of closures: every layer gives its output and a function that takes its gradient back to its arguments."""

import math
from collections.abc import Callable

import numpy as np


def affine(x: np.ndarray, W: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, Callable]:
    return x @ W + b, lambda up: (up @ W.T, x.T @ up, up.sum(axis=0))


def relu(a: np.ndarray) -> tuple[np.ndarray, Callable]:
    return np.maximum(a, 0), lambda up: np.where(a > 0, up, 0)


def cross_entropy(z: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, Callable]:
    rows = np.arange(len(z))
    shifted = z - z.max(axis=1, keepdims=True)
    powers = np.exp(shifted)
    sums = powers.sum(axis=1)
    loss = (np.log(sums) - shifted[rows, labels]).mean()

    def back() -> np.ndarray:
        up = powers / sums[:, None]
        up[rows, labels] -= 1
        return up / len(z)

    return loss, back


def softmax_backprop(
    X: np.ndarray,
    labels: np.ndarray,
    W1: np.ndarray,
    b1: np.ndarray,
    W2: np.ndarray,
    b2: np.ndarray,
    weight_decay: float = 0.0,
) -> tuple[float, dict[str, np.ndarray]]:
    if X.ndim != 2 or W1.ndim != 2 or W2.ndim != 2:
        raise ValueError("X, W1 and W2 must be matrices")
    (N, D), (H, C) = X.shape, W2.shape
    if N == 0 or (labels.shape, W1.shape, b1.shape, b2.shape) != ((N,), (D, H), (H,), (C,)):
        raise ValueError("the shapes do not fit, or there are no rows")
    if (labels < 0).any() or (labels >= C).any():
        raise ValueError("a label is out of range")
    if not (math.isfinite(weight_decay) and weight_decay >= 0):
        raise ValueError("weight_decay must be finite and not negative")

    hidden, back_hidden = affine(X, W1, b1)
    active, back_active = relu(hidden)
    logits, back_logits = affine(active, W2, b2)
    loss, back_loss = cross_entropy(logits, labels)

    decay = X.dtype.type(weight_decay)
    d_active, d_W2, d_b2 = back_logits(back_loss())
    d_X, d_W1, d_b1 = back_hidden(back_active(d_active))
    gradients = {"X": d_X, "W1": d_W1 + decay * W1, "b1": d_b1, "W2": d_W2 + decay * W2, "b2": d_b2}
    return loss + decay / 2 * (np.square(W1).sum() + np.square(W2).sum()), gradients
