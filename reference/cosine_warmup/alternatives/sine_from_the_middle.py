"""Mixes the two rates by a share that has fallen, from a sine around the middle of the decay."""

import math


def _check(step: int, max_lr: float, warmup_steps: int, total_steps: int, min_lr: float) -> None:
    problems = {
        "step must be at least 0": step < 0,
        "total_steps must be at least 1": total_steps < 1,
        "warmup_steps must be from 0 to total_steps": not 0 <= warmup_steps <= total_steps,
        "max_lr must be finite and greater than 0": not 0 < max_lr < math.inf,
        "min_lr must be from 0 to max_lr": not 0 <= min_lr <= max_lr,
    }
    found = [problem for problem, holds in problems.items() if holds]
    if found:
        raise ValueError("; ".join(found))


def cosine_warmup(step: int, max_lr: float, warmup_steps: int, total_steps: int, min_lr: float = 0.0) -> float:
    """The learning rate of step `step`, counted from 0: up to `max_lr` in a line, down to `min_lr` along half a cosine."""
    _check(step, max_lr, warmup_steps, total_steps, min_lr)
    if step >= total_steps:
        return float(min_lr)
    if step <= warmup_steps:
        return float(max_lr) * (step / warmup_steps if warmup_steps else 1.0)
    decay = total_steps - warmup_steps
    from_middle = (2 * (step - warmup_steps) - decay) / (2 * decay)  # -1/2 at the peak, 1/2 at the floor
    fallen = (1.0 + math.sin(math.pi * from_middle)) / 2.0
    return (1.0 - fallen) * max_lr + fallen * min_lr
