"""Weights sin² and cos² of half the angle on the two rates: they are exactly 0 and 1 at the corner."""

import math


def cosine_warmup(step: int, max_lr: float, warmup_steps: int, total_steps: int, min_lr: float = 0.0) -> float:
    if step < 0 or total_steps < 1 or not 0 <= warmup_steps <= total_steps:
        raise ValueError("numbers of steps out of range")
    if not (math.isfinite(max_lr) and max_lr > 0 and 0 <= min_lr <= max_lr):
        raise ValueError("rates must be finite, with 0 <= min_lr <= max_lr and max_lr > 0")
    if step >= total_steps:
        return float(min_lr)
    if step < warmup_steps:
        return max_lr * (step / warmup_steps)
    quarter_turn = math.pi / 2 * (step - warmup_steps) / (total_steps - warmup_steps)
    return max_lr * math.cos(quarter_turn) ** 2 + min_lr * math.sin(quarter_turn) ** 2
