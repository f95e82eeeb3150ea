"""Without numpy's quantile and without scipy: order statistics by hand, the normal distribution of the standard library."""

import math
from statistics import NormalDist

import numpy as np

NORMAL = NormalDist()


def bootstrap_replicates(x, statistic, n_resamples, rng):
    if not 1 <= x.ndim <= 2 or x.shape[0] == 0 or n_resamples <= 0:
        raise ValueError("arguments")
    picks = rng.integers(0, x.shape[0], (n_resamples, x.shape[0]))
    return np.array([float(statistic(np.take(x, pick, axis=0))) for pick in picks])


def quantile(ordered, q):
    position = (len(ordered) - 1) * q
    below = min(math.floor(position), len(ordered) - 1)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (position - below) * (ordered[above] - ordered[below])


def checked(replicates, level):
    if len(replicates) < 1 or not (level > 0 and level < 1):
        raise ValueError("replicates or level")
    return sorted(replicates.tolist())


def percentile_interval(replicates, level):
    ordered = checked(replicates, level)
    tail = (1 - level) / 2
    return quantile(ordered, tail), quantile(ordered, 1 - tail)


def bca_interval(x, statistic, replicates, level):
    ordered = checked(replicates, level)
    if x.ndim < 1 or x.ndim > 2 or len(x) <= 1:
        raise ValueError("x")
    full = float(statistic(x))
    rows = np.arange(len(x))
    jackknife = [float(statistic(x[rows != i])) for i in rows]
    twice = sum((r < full) + (r <= full) for r in ordered)
    if twice in (0, 2 * len(ordered)):
        return math.nan, math.nan
    z0 = NORMAL.inv_cdf(twice / (2 * len(ordered)))
    if len(set(jackknife)) == 1:
        a = 0.0
    else:
        mean = math.fsum(jackknife) / len(jackknife)
        u = [mean - value for value in jackknife]
        a = math.fsum(v**3 for v in u) / (6 * math.fsum(v * v for v in u) ** 1.5)
    both = []
    for z in (NORMAL.inv_cdf((1 - level) / 2), NORMAL.inv_cdf((1 + level) / 2)):
        both.append(quantile(ordered, NORMAL.cdf(z0 + (z0 + z) / (1 - a * (z0 + z)))))
    return both[0], both[1]
