"""All phases as one clamped phase angle on the unit circle, with the corners looked up in a table first."""

import cmath

import numpy as np


def check(step, max_lr, warmup_steps, total_steps, min_lr):
    steps_fit = 0 <= step and 1 <= total_steps and 0 <= warmup_steps <= total_steps
    rates_fit = bool(np.isfinite(max_lr)) and max_lr > 0 and min_lr >= 0 and min_lr <= max_lr
    if not (steps_fit and rates_fit):
        raise ValueError("out of range")


def cosine_warmup(step, max_lr, warmup_steps, total_steps, min_lr=0.0):
    check(step, max_lr, warmup_steps, total_steps, min_lr)
    step = min(step, total_steps)
    corners = {0: 0.0, warmup_steps: max_lr, total_steps: min_lr}  # where two fall together, the later one holds
    if step in corners:
        return float(corners[step])
    if step < warmup_steps:
        return float(np.interp(step, [0, warmup_steps], [0.0, max_lr]))
    turn = cmath.exp(1j * cmath.pi * (step - warmup_steps) / (total_steps - warmup_steps))
    return 0.5 * (max_lr + min_lr + (max_lr - min_lr) * turn.real)
