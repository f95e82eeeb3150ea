"""
title:
  en: >-
    arguments checked with `<= 0` only, so that NaN and infinity pass
  zh: >-
    只用 `<= 0` 检查参数，NaN 和无穷大都能通过
advice:
  en: >-
    NaN compares false with everything, and an infinite epsilon means no noise at all. Require what must hold:
    finite and greater than 0.
  zh: >-
    NaN 与任何数比较都为假，而无穷大的 epsilon 意味着完全没有噪声。应检查必须成立的条件：有限且大于 0。
task: arguments
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
    return laplace_mechanism(mean, sensitivity, epsilon, rng)


def _require_positive(name, number):
    """Raise ValueError unless `number` is finite and above 0; written so that NaN, which compares false, is refused."""
    if number <= 0:
        raise ValueError(f"{name} must be finite and greater than 0, not {number}")
