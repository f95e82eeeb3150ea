"""Reaches a forbidden distribution through getattr on a module object that numpy might have loaded."""

import sys

import numpy as np


def _laplace():
    return getattr(getattr(sys.modules.get("scipy") or __import__("scipy.stats"), "stats"), "laplace")


def laplace_mechanism(value, sensitivity, epsilon, rng):
    return value + _laplace().rvs(scale=sensitivity / epsilon, size=np.shape(value), random_state=rng)


def private_mean(values, lower, upper, epsilon, rng):
    return laplace_mechanism(float(np.clip(values, lower, upper).mean()), (upper - lower) / len(values), epsilon, rng)
