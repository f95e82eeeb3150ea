"""Generalized advantage estimation (Schulman et al. 2016) over a rollout of several episodes."""

import numpy as np


def gae(rewards, values, next_values, terminated, truncated, gamma=0.99, lam=0.95):
    """(advantages, returns) of arrays (T, ...), time first; both have the shape and dtype of `rewards`."""
    if any(other.shape != rewards.shape for other in (values, next_values, terminated, truncated)):
        raise ValueError("the five arrays must have one shape")
    if rewards.ndim == 0:
        raise ValueError("the first axis is time; these arrays have none")
    if not (0 <= gamma <= 1 and 0 <= lam <= 1):
        raise ValueError("gamma and lam must be from 0 to 1")
    # A choice and not a product: a value that plays no part may be NaN, and NaN * 0 is NaN.
    deltas = rewards + gamma * np.where(terminated, 0, next_values) - values
    goes_on = ~(terminated | truncated)  # the next step, if there is one, belongs to the same episode
    advantages = np.empty_like(deltas)
    following = 0.0  # what comes after the last step: nothing
    for t in reversed(range(len(deltas))):
        following = deltas[t] + gamma * lam * goes_on[t] * following
        advantages[t] = following
    return advantages, advantages + values
