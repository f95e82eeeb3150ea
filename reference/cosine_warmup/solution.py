"""A learning rate that rises in a line and falls along half a cosine (Loshchilov and Hutter 2016, without restarts)."""

import math


def cosine_warmup(step: int, max_lr: float, warmup_steps: int, total_steps: int, min_lr: float = 0.0) -> float:
    """The learning rate of step `step`, counted from 0."""
    if step < 0:
        raise ValueError(f"steps count from 0, not {step}")
    if total_steps < 1:
        raise ValueError(f"total_steps must be at least 1, not {total_steps}")
    if not 0 <= warmup_steps <= total_steps:
        raise ValueError(f"warmup_steps must be from 0 to total_steps, {total_steps}, not {warmup_steps}")
    if not 0 < max_lr < math.inf:
        raise ValueError(f"max_lr must be finite and greater than 0, not {max_lr}")
    if not 0 <= min_lr <= max_lr:
        raise ValueError(f"min_lr must be from 0 to max_lr, {max_lr}, not {min_lr}")
    if step >= total_steps:  # asked first: no denominator below is 0 after that
        return float(min_lr)
    if step < warmup_steps:
        return max_lr * step / warmup_steps
    progress = (step - warmup_steps) / (total_steps - warmup_steps)  # from 0 up to, but not including, 1
    share = (1 + math.cos(math.pi * progress)) / 2  # from 1 down
    # A weighted mean is max_lr to the bit where share is 1; min_lr + (max_lr - min_lr) may be off by a rounding.
    return share * max_lr + (1 - share) * min_lr
