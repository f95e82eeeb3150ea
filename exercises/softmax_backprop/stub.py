"""Backpropagation by hand; the contract is in statement.en.md (English) and statement.zh.md (Chinese)."""

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
    """(loss, gradients): mean cross-entropy of softmax(relu(X @ W1 + b1) @ W2 + b2), plus the decay of W1 and W2.

    X (N, D), labels (N,), W1 (D, H), b1 (H,), W2 (H, C), b2 (C,). The keys of gradients are "X", "W1", "b1", "W2" and
    "b2". ValueError for shapes that do not fit, no rows, labels outside 0 to C - 1, and a bad weight_decay.
    """
    raise NotImplementedError
