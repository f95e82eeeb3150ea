"""Coalition by coalition in dictionaries of sets, evaluated size by size; factorials in Python's integers."""

from itertools import combinations
from math import factorial

import numpy as np


def exact_shapley(value, n):
    if n < 0:
        raise ValueError("n")
    worth = {}
    for size in range(n + 1):
        teams = list(combinations(range(n), size))
        masks = np.zeros((len(teams), n), dtype=bool)
        for row, team in enumerate(teams):
            masks[row, list(team)] = True
        worth.update(zip(teams, value(masks).tolist(), strict=True))
    phi = [0.0] * n
    for team, result in worth.items():
        joined, left = factorial(len(team) - 1) * factorial(n - len(team)) if team else 0, len(team)
        alone = factorial(left) * factorial(n - left - 1) if left < n else 0
        members = set(team)
        for i in range(n):
            phi[i] += (joined if i in members else -alone) / factorial(n) * result
    return np.array(phi, dtype=np.float64)


def explain_row(predict, x, background):
    if x.ndim != 1 or background.ndim != 2 or background.shape[0] < 1 or background.shape[1:] != x.shape:
        raise ValueError("shapes")
    b, d = background.shape
    base = None

    def game(masks):
        nonlocal base
        mixed = np.repeat(background[None], len(masks), axis=0)
        for rows, mask in zip(mixed, masks, strict=True):
            rows[:, mask] = x[mask]
        out = predict(mixed.reshape(len(masks) * b, d)).reshape(len(masks), b).sum(axis=1) / b
        if base is None:
            base = float(out[0])
        return out

    phi = exact_shapley(game, d)
    return base, phi
