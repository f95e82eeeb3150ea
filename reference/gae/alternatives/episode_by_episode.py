"""GAE by rollout and by episode, with Python numbers."""

import numpy as np


def one_rollout(rewards, values, next_values, terminated, truncated, gamma, decay):
    advantages, running = [], 0.0
    steps = zip(rewards, values, next_values, terminated, truncated, strict=True)
    for reward, value, after, ended, cut in reversed(list(steps)):
        if ended or cut:
            running = 0.0
        running = decay * running + reward - value + (0.0 if ended else gamma * after)
        advantages.append(running)
    return advantages[::-1]


def gae(rewards, values, next_values, terminated, truncated, gamma=0.99, lam=0.95):
    given = (rewards, values, next_values, terminated, truncated)
    if len({array.shape for array in given}) > 1 or rewards.shape == ():
        raise ValueError("shapes")
    for factor in (gamma, lam):
        if not factor >= 0 or factor > 1:
            raise ValueError("factor")
    columns = [array.reshape(len(array), -1) if array.size else array for array in given]
    advantages = np.zeros(rewards.shape, dtype=rewards.dtype)
    if rewards.size:
        flat = advantages.reshape(len(rewards), -1)
        for k in range(flat.shape[1]):
            flat[:, k] = one_rollout(*(column[:, k].tolist() for column in columns), gamma, gamma * lam)
    return advantages, (advantages + values).astype(rewards.dtype)
