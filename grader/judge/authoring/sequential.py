"""A scale judged draw by draw, where each draw costs a call: as many are taken as tell, and no more."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Literal

import numpy as np

from grader.judge.authoring.claims import fail
from grader.judge.authoring.samples import ALARM, draws_of
from grader.judge.comparison import observe
from grader.model.text import Text

MISS = 0.0009  # the chance that a scale which is off by so much is accepted, at most
MOST = 16_000  # draws; a scale in between, which no side of the test can tell, is let pass
_STEP = 500

_SCALE = Text(
    en="the scale estimated from {n} draws is {actual}, {expected} is expected (a right one comes so far off less than "
    "once in ten million times)",
    zh="由 {n} 个值估计的尺度为 {actual}，应为 {expected}（正确的实现偏差到这种程度的机会不到千万分之一）",
)


def assert_scale_sequentially(
    draw: Callable[[int], Any],
    scale: float,
    family: Literal["laplace", "exponential", "normal"],
    *,
    begun: Any = (),
    off: float = 0.1,
) -> None:
    """Raise `Mismatch` unless draws around 0 have this scale, as `assert_scale` does, of as few draws as tell.

    `draw(n)` gives n further draws, 500 at a time; `begun` are those that the suite has already, of a number that it
    fixed ahead. Wald's sequential test of the scale against one that is `off` too large and one that is `off` too
    small: likelihood ratios are martingales, so by Ville's inequality a right solution fails with probability 1e-7 at
    most, and a scale that is off by so much or more is missed with probability below 0.001, whenever the test ends. A
    right solution takes 2,500 Laplace or 1,300 normal draws on average at 10%, where a sample of fixed size takes 8,000
    or 4,000. Scales in between may pass, after 16,000 draws at most.

        assert_scale_sequentially(lambda n: draws_of(driver.noisy(0.0, generator, n), n), 2.0, "laplace")
    """
    __tracebackhide__ = True
    power = 2 if family == "normal" else 1
    n, total, undecided = 0, 0.0, {1 - off, 1 + off}
    batch = begun if len(begun) else draw(_STEP)
    while True:
        sizes = np.abs(draws_of(batch) / scale) ** power
        n, total = n + sizes.size, total + float(sizes.sum())
        ratios = {factor: _log_likelihood_ratio(n, total, factor, power) for factor in undecided}
        undecided = {factor for factor, ratio in ratios.items() if ratio > math.log(MISS)}
        fails = max(ratios.values()) >= math.log(2 / ALARM)
        if fails or not undecided or n >= MOST:
            break
        batch = draws_of(draw(_STEP), _STEP)
    _judge(scale, scale * (total / n) ** (1 / power), n, fails=fails, spread=1 / math.sqrt(n * power))


def _log_likelihood_ratio(n: int, total: float, factor: float, power: int) -> float:
    """Of `factor` times the scale to the scale, for n sizes over the scale that, to the power, sum to `total`."""
    return total * (1 - factor**-power) / power - n * math.log(factor)


def _judge(scale: float, estimate: float, n: int, *, fails: bool, spread: float) -> None:
    __tracebackhide__ = True
    observe(estimate, within=5.3 * spread * max(scale, estimate))
    if fails:
        figures = {"actual": f"{estimate:.4g}", "expected": f"{scale:.4g}"}
        fail(_SCALE.filled(n=n, **figures), **{name: figures[name] for name in ("expected", "actual")})
