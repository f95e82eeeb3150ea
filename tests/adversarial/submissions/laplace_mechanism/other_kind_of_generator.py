"""Replaces the generator's inner workings by those of another kind whose position points outside its memory."""

import numpy as np


def laplace_mechanism(value, sensitivity, epsilon, rng):
    bits = np.random.MT19937()
    state = bits.state
    state["state"]["pos"] = 10**8
    bits.state = state
    return np.random.Generator(bits)


def private_mean(values, lower, upper, epsilon, rng):
    bits = np.random.Philox()
    state = bits.state
    state["buffer_pos"] = -(10**6)
    bits.state = state
    return np.random.Generator(bits)
