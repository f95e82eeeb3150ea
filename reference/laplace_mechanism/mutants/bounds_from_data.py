"""
title:
  en: >-
    sensitivity taken from the smallest and largest record
  zh: >-
    敏感度取自数据自身的最小值和最大值
advice:
  en: >-
    The range of the data depends on single records, so noise scaled by it leaks them and is too small for a
    neighbour with an outlier. Use the public bounds.
  zh: >-
    数据的极差取决于个别记录，据此确定噪声会泄露这些记录，对含离群值的相邻数据集也不够大。应使用公开的边界。
task: private_mean
"""

import numpy as np


def laplace_mechanism(value, sensitivity, epsilon, rng):
    """`value` plus Laplace noise of scale sensitivity / epsilon, drawn from the numpy Generator `rng`.

    A number gives a float; an array gives a float64 array of its shape with independent noise per element.
    Raises ValueError unless `sensitivity` and `epsilon` are finite and greater than 0. Dwork et al. 2006.
    """
    _require_positive("sensitivity", sensitivity)
    _require_positive("epsilon", epsilon)
    # One draw per element of `value`, centred on it, in a new array (a float for a number). Less epsilon, more noise.
    return rng.laplace(loc=value, scale=sensitivity / epsilon)


def private_mean(values, lower, upper, epsilon, rng):
    """An epsilon-differentially private mean, as a float, of `values`, (n,), each clipped to [lower, upper].

    Neighbours differ in one record; n is public. Raises ValueError for empty `values` or a NaN among them, for bounds
    that are not finite or not in order, and for an `epsilon` that is not finite and greater than 0.
    """
    if not (np.isfinite(lower) and np.isfinite(upper) and lower < upper):
        raise ValueError("bounds must be finite and in order")
    if len(values) == 0 or np.isnan(values).any():
        raise ValueError("values must be real numbers, at least one")
    mean = np.clip(values, lower, upper).mean()
    # The records cannot move the mean further than their own range does.
    sensitivity = max(np.ptp(np.clip(values, lower, upper)), 1e-12) / len(values)
    return laplace_mechanism(mean, sensitivity, epsilon, rng)


def _require_positive(name, number):
    """Raise ValueError unless `number` is finite and above 0; written so that NaN, which compares false, is refused."""
    if not (number > 0 and np.isfinite(number)):
        raise ValueError(f"{name} must be finite and greater than 0, not {number}")
