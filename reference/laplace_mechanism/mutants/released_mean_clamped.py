"""
title:
  en: >-
    a noisy mean that is clipped to the bounds
  zh: >-
    把加噪后的均值又裁剪回边界内
advice:
  en: >-
    Clipping afterwards costs no privacy, but it piles answers up at the bounds and biases whatever is
    averaged from them. The contract releases the noisy mean as it is.
  zh: >-
    事后裁剪不损失隐私，却会让答案堆积在边界上，并使后续的平均产生偏差。按约定，加噪均值应原样发布。
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
    mean = np.clip(values, lower, upper).mean()
    # A clipped record moves by at most upper - lower, and the mean by an n-th of that. Bounds that are out of order or
    # not finite make a sensitivity that the mechanism refuses.
    sensitivity = (upper - lower) / len(values)
    return min(max(laplace_mechanism(mean, sensitivity, epsilon, rng), lower), upper)


def _require_positive(name, number):
    """Raise ValueError unless `number` is finite and above 0; written so that NaN, which compares false, is refused."""
    if not (number > 0 and np.isfinite(number)):
        raise ValueError(f"{name} must be finite and greater than 0, not {number}")
