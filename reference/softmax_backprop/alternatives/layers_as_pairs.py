"""Each layer is a function that returns its output and a closure for the way back, as a small autograd would have it."""

import math

import numpy as np


def softmax_backprop(
    X: np.ndarray,
    labels: np.ndarray,
    W1: np.ndarray,
    b1: np.ndarray,
    W2: np.ndarray,
    b2: np.ndarray,
    weight_decay: float = 0.0,
) -> tuple[float, dict[str, np.ndarray]]:
    """(loss, gradients): mean cross-entropy of softmax(relu(X @ W1 + b1) @ W2 + b2), plus the decay of W1 and W2."""
    _check(X, labels, W1, b1, W2, b2, weight_decay)
    a, affine1_back = _affine(X, W1, b1)
    h, relu_back = _relu(a)
    z, affine2_back = _affine(h, W2, b2)
    loss, loss_back = _cross_entropy(z, labels)

    dh, dW2, db2 = affine2_back(loss_back())
    dX, dW1, db1 = affine1_back(relu_back(dh))
    loss = loss + weight_decay * ((W1 * W1).sum() + (W2 * W2).sum()) / 2
    gradients = {"X": dX, "W1": dW1 + weight_decay * W1, "b1": db1, "W2": dW2 + weight_decay * W2, "b2": db2}
    return X.dtype.type(loss), gradients


def _check(X, labels, W1, b1, W2, b2, weight_decay) -> None:
    if X.ndim != 2 or W1.ndim != 2 or W2.ndim != 2:
        raise ValueError("X, W1 and W2 must be matrices")
    (n, d), (h, c) = X.shape, W2.shape
    if labels.shape != (n,) or W1.shape != (d, h) or b1.shape != (h,) or b2.shape != (c,):
        raise ValueError("the shapes do not fit")
    if n == 0:
        raise ValueError("there must be a row")
    if ((labels < 0) | (labels >= c)).any():
        raise ValueError("labels must be from 0 to C - 1")
    if not 0 <= weight_decay < math.inf:
        raise ValueError("weight_decay must be finite and at least 0")


def _affine(x, W, b):
    return x @ W + b, lambda g: (g @ W.T, x.T @ g, g.sum(axis=0))


def _relu(a):
    return np.maximum(a, 0), lambda g: np.where(a > 0, g, 0)


def _cross_entropy(z, labels):
    shifted = z - z.max(axis=1, keepdims=True)
    powers = np.exp(shifted)
    total = powers.sum(axis=1, keepdims=True)
    here = np.eye(z.shape[1], dtype=z.dtype)[labels]

    def back():
        return (powers / total - here) / len(z)

    return (np.log(total[:, 0]) - np.take_along_axis(shifted, labels[:, None], axis=1)[:, 0]).mean(), back
