"""
title:
  en: >-
    noise that is cut off at three times its scale
  zh: >-
    噪声在三倍尺度处被截断
advice:
  en: >-
    The rare large values are part of the promise. Cut off, the noise has an end, and an answer beyond the end
    of one neighbour's range gives that neighbour away.
  zh: >-
    偶尔出现的大噪声正是隐私承诺的一部分。截断后噪声有了边界，落在某个相邻数据集范围之外的答案就会暴露真相。
task: distribution
"""

import numpy as np


def laplace_mechanism(value, sensitivity, epsilon, rng):
    """`value` plus Laplace noise of scale sensitivity / epsilon, drawn from the numpy Generator `rng`.

    A number gives a float; an array gives a float64 array of its shape with independent noise per element.
    Raises ValueError unless `sensitivity` and `epsilon` are finite and greater than 0. Dwork et al. 2006.
    """
    _require_positive("sensitivity", sensitivity)
    _require_positive("epsilon", epsilon)
    scale = sensitivity / epsilon
    noise = rng.laplace(scale=scale, size=np.shape(value))
    return value + np.clip(noise, -3 * scale, 3 * scale)


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
