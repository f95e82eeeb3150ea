"""Generalized advantage estimation; the contract is in statement.en.md (English) and statement.zh.md (Chinese)."""

import numpy as np


def gae(
    rewards: np.ndarray,
    values: np.ndarray,
    next_values: np.ndarray,
    terminated: np.ndarray,
    truncated: np.ndarray,
    gamma: float = 0.99,
    lam: float = 0.95,
) -> tuple[np.ndarray, np.ndarray]:
    """(advantages, returns), both of the shape and dtype of `rewards`.

    All arrays have one shape (T, ...), time first. next_values[t] is the value of the state that step t led to, before
    any reset; it plays no part where `terminated`. ValueError for gamma or lam outside [0, 1] and for shapes that differ.
    """
    raise NotImplementedError
