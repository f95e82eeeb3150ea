"""Exact Shapley values from the values of all coalitions, each a number whose bits are its members."""

from math import comb

import numpy as np


def exact_shapley(value, n):
    """Shapley values, float64 (n,), of the game whose `value` maps coalitions, bool (m, n), to float64 (m,)."""
    if n < 0:
        raise ValueError("n must not be negative")
    number = np.arange(2**n)
    coalitions = (number[:, None] >> np.arange(n) & 1).astype(bool)  # (2**n, n)
    v = value(coalitions)
    size = coalitions.sum(axis=1)
    # |S|! (n - |S| - 1)! / n! is 1 / (n C(n - 1, |S|)): no factorial that could overflow.
    weight = np.array([1 / (n * comb(n - 1, s)) for s in range(n)])
    phi = np.empty(n)
    for i in range(n):
        without = number[~coalitions[:, i]]
        phi[i] = np.sum(weight[size[without]] * (v[without + 2**i] - v[without]))
    return phi


def explain_row(predict, x, background):
    """The mean prediction of the rows of `background`, (b, d), and the Shapley values of the features of `x`, (d,)."""
    if x.ndim != 1 or background.ndim != 2 or background.shape[1] != len(x) or len(background) == 0:
        raise ValueError("x must be (d,) and background (b, d) with b at least 1")
    values = []

    def value(coalitions):
        """The mean prediction of each coalition over the background."""
        rows = np.where(coalitions[:, None, :], x, background)  # (m, b, d)
        predictions = predict(rows.reshape(len(coalitions) * len(background), len(x)))
        means = predictions.reshape(len(coalitions), len(background)).mean(axis=1)
        values.append(means[0])
        return means

    phi = exact_shapley(value, len(x))
    return float(values[0]), phi  # the first coalition is the empty one
