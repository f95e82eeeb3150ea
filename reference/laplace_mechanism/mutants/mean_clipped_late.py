"""
title:
  en: >-
    a mean that is clipped after averaging, not record by record
  zh: >-
    先求均值再裁剪，而不是逐条裁剪
advice:
  en: >-
    Before the mean is taken a single huge record can already have moved it across the whole range, so (upper
    - lower) / n no longer bounds its influence. Clip each record.
  zh: >-
    求均值时，一条极大的记录已足以让它横跨整个区间，(upper - lower) / n 不再是其影响的上界。应逐条裁剪。
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
    if len(values) == 0 or np.isnan(values).any():
        raise ValueError("values must be real numbers, at least one")
    mean = np.clip(np.mean(values), lower, upper)
    # A clipped record moves by at most upper - lower, and the mean by an n-th of that. Bounds that are out of order or
    # not finite make a sensitivity that the mechanism refuses.
    sensitivity = (upper - lower) / len(values)
    return laplace_mechanism(mean, sensitivity, epsilon, rng)


def _require_positive(name, number):
    """Raise ValueError unless `number` is finite and above 0; written so that NaN, which compares false, is refused."""
    if not (number > 0 and np.isfinite(number)):
        raise ValueError(f"{name} must be finite and greater than 0, not {number}")
