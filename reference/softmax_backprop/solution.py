"""Loss and gradients of a network of two layers, forward and then backward."""

import numpy as np


def softmax_backprop(X, labels, W1, b1, W2, b2, weight_decay=0.0):
    """(loss, gradients) of the mean cross-entropy of softmax(relu(X @ W1 + b1) @ W2 + b2), with decay of W1 and W2."""
    (n, d), (h,), (c,) = X.shape, b1.shape, b2.shape  # any other number of axes raises ValueError here
    if labels.shape != (n,) or W1.shape != (d, h) or W2.shape != (h, c):
        raise ValueError("labels must be (N,), W1 (D, H) and W2 (H, C)")
    if n == 0 or labels.min() < 0 or labels.max() >= c:
        raise ValueError("there must be rows, with labels from 0 to C - 1")
    if not 0 <= weight_decay < np.inf:
        raise ValueError("weight_decay must be at least 0 and finite")

    before = X @ W1 + b1  # (N, H)
    hidden = np.maximum(before, 0)
    logits = hidden @ W2 + b2  # (N, C)
    logits = logits - logits.max(axis=1, keepdims=True)  # the largest exponent of a row is 0
    log_p = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    picked = np.arange(n), labels
    loss = weight_decay / 2 * ((W1**2).sum() + (W2**2).sum()) - log_p[picked].mean()

    # Each d_name is the gradient of the loss with respect to name, and has its shape.
    d_logits = np.exp(log_p)
    d_logits[picked] -= 1
    d_logits /= n
    d_before = (d_logits @ W2.T) * (before > 0)
    return loss, {
        "X": d_before @ W1.T,
        "W1": X.T @ d_before + weight_decay * W1,
        "b1": d_before.sum(axis=0),
        "W2": hidden.T @ d_logits + weight_decay * W2,
        "b2": d_logits.sum(axis=0),
    }
