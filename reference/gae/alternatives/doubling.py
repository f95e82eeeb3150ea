"""A scan by doubling: each step is a map a -> delta + c a, and log2(T) rounds of joining neighbors do it all."""

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
    if not (0 <= gamma <= 1 and 0 <= lam <= 1):
        raise ValueError("gamma and lam must be in [0, 1]")
    shapes = {array.shape for array in (rewards, values, next_values, terminated, truncated)}
    if len(shapes) > 1 or rewards.ndim == 0:
        raise ValueError("the five arrays must have one shape, time first")

    values = values.astype(np.float64)
    offset = rewards + gamma * np.where(terminated, 0.0, next_values) - values
    factor = np.where(terminated | truncated, 0.0, float(gamma * lam))
    factor[-1:] = 0.0
    reach = 1
    with np.errstate(under="ignore"):
        while reach < len(offset):
            offset[:-reach] += factor[:-reach] * offset[reach:]
            factor[:-reach] *= factor[reach:]
            reach *= 2
    return offset.astype(rewards.dtype), (offset + values).astype(rewards.dtype)
