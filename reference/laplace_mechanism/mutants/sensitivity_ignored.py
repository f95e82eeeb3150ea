"""
title:
  en: >-
    noise that takes no account of the sensitivity
  zh: >-
    噪声没有考虑敏感度
advice:
  en: >-
    Scale 1 / epsilon is right for counts only, whose sensitivity is 1. A query that one record can move
    further needs noise in proportion.
  zh: >-
    尺度 1 / epsilon 只适用于敏感度为 1 的计数查询。若一条记录能让答案变化更多，噪声须按比例放大。
task: scale
"""

import numpy as np


def laplace_mechanism(value, sensitivity, epsilon, rng):
    """`value` plus Laplace noise of scale sensitivity / epsilon, drawn from the numpy Generator `rng`.

    A number gives a float; an array gives a float64 array of its shape with independent noise per element.
    Raises ValueError unless `sensitivity` and `epsilon` are finite and greater than 0. Dwork et al. 2006.
    """
    _require_positive("sensitivity", sensitivity)
    _require_positive("epsilon", epsilon)
    return rng.laplace(loc=value, scale=1 / epsilon)


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
    return laplace_mechanism(mean, sensitivity, epsilon, rng)


def _require_positive(name, number):
    """Raise ValueError unless `number` is finite and above 0; written so that NaN, which compares false, is refused."""
    if not (number > 0 and np.isfinite(number)):
        raise ValueError(f"{name} must be finite and greater than 0, not {number}")
