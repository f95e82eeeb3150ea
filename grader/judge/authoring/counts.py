"""Counts held against probabilities, and how many different values a sample has. False alarm 1e-7 each, exactly."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from grader.judge.authoring.claims import fail
from grader.judge.authoring.samples import ALARM, draws_of
from grader.judge.comparison import observe
from grader.model.text import Text

_COUNT = Text(
    en="it happened {count} times of {n}, {low} to {high} are expected",
    zh="{n} 次中发生了 {count} 次，应为 {low} 至 {high} 次",
)
_CELL = Text(
    en="outcome {cell} came {count} times of {n}, {low} to {high} are expected",
    zh="{n} 次中结果 {cell} 出现了 {count} 次，应为 {low} 至 {high} 次",
)
_REPEATS = Text(
    en="{repeats} of {n} draws repeat an earlier one, at most {allowed} are expected",
    zh="{n} 个值中有 {repeats} 个与之前的重复，至多应有 {allowed} 个",
)
HOLES = {name: f"{{{name}}}" for name in ("count", "n", "low", "high")}  # left open for `assert_count`


def binomial_range(n: int, probability: float, alarm: float) -> tuple[int, int]:
    """The least and the most of `n` that a binomial count falls below, or above, with probability alarm / 2 at most."""
    from scipy import special

    if probability <= 0 or probability >= 1:
        return (0, 0) if probability <= 0 else (n, n)
    low = _first(lambda k: special.bdtr(k, n, probability) > alarm / 2, n)
    high = _first(lambda k: special.bdtrc(k, n, probability) <= alarm / 2, n)
    return low, high


def _first(holds: Any, n: int) -> int:
    """The first of 0 to `n` for which something holds that goes on to hold."""
    below, at = -1, n
    while at - below > 1:
        middle = (below + at) // 2
        below, at = (below, middle) if holds(middle) else (middle, at)
    return at


def assert_binomial(count: int, n: int, probability: float) -> None:
    """Raise `Mismatch` unless `count` of `n` independent trials is likely enough; exact binomial, false alarm 1e-7."""
    __tracebackhide__ = True
    assert_count(count, n, probability, alarm=ALARM, said=_COUNT)


def assert_count(count: int, n: int, probability: float, *, alarm: float, said: Text) -> None:
    """Raise `Mismatch` unless a binomial count is likely enough; `said` has holes for `count`, `n`, `low`, `high`."""
    __tracebackhide__ = True
    low, high = binomial_range(n, probability, alarm)
    assert_within(count, n, (low, high), said)


def assert_within(count: int, n: int, bounds: tuple[int, int], said: Text) -> None:
    """Raise `Mismatch` unless a count of `n` is within `bounds`, both included."""
    __tracebackhide__ = True
    low, high = bounds
    observe(count, within=(high - low) / 2)
    if not low <= count <= high:
        message = said.filled(count=count, n=n, low=low, high=high)
        fail(message, expected=f"{low} to {high} of {n}", actual=count)


def assert_frequencies(counts: Sequence[int] | np.ndarray[Any, Any], probabilities: Sequence[float]) -> None:
    """Raise `Mismatch` unless each outcome came about as often as its probability says.

    `counts` (k,) are the suite's own (`numpy.bincount(draws, minlength=k)`), `probabilities` (k,) sum to 1. Every count
    is binomial; exact, 1e-7 shared among the k. An outcome of probability 0 must not occur. An outcome that is left out
    shows where it is expected 60 times, one that is twice as likely where it is expected 100 times.
    Raises ValueError where shapes or sums differ.
    """
    __tracebackhide__ = True
    expected = np.asarray(probabilities, dtype=np.float64)
    if len(counts) != len(expected) or abs(float(expected.sum()) - 1) > 1e-9:
        raise ValueError(
            f"assert_frequencies: {len(counts)} counts for {len(expected)} probabilities, sum {expected.sum()}"
        )
    n = int(sum(counts))
    for cell, (count, probability) in enumerate(zip(counts, expected, strict=True)):
        said = _CELL.filled(cell=cell, **HOLES)
        assert_count(int(count), n, float(probability), alarm=ALARM / len(expected), said=said)


def assert_distinct(sample: Any, bits: int = 40) -> None:
    """Raise `Mismatch` unless the draws come from a source where no value has a probability above 2**-`bits`.

    The number of draws that repeat an earlier one is then at most a sum of coins with mean n² / 2**(bits + 1); Chernoff
    bounds it: false alarm 1e-7 at most. Of 100,000 draws of 40 bits 2 may repeat; 100,000 Laplace draws that went
    through float32 repeat about 60 times, results of generators with 16-bit seeds 48,000 times (of 1,000, 8 times).
    Noise that elements share always shows. For float32 results of a right solution give 20 bits.
    """
    __tracebackhide__ = True
    draws = draws_of(sample)
    repeats, allowed = draws.size - np.unique(draws).size, allowed_repeats(draws.size, bits)
    if repeats > allowed:
        fail(
            _REPEATS.filled(repeats=repeats, n=draws.size, allowed=allowed),
            expected=f"at most {allowed}",
            actual=repeats,
        )


def allowed_repeats(n: int, bits: int) -> int:
    """The most repeats that `n` draws of at most 2**-`bits` each exceed with probability 1e-7 at most."""
    mean = n * (n - 1) / 2.0 ** (bits + 1)
    if mean == 0:
        return 0
    # Chernoff: P(S >= r) <= exp(r - mean - r ln(r / mean)) for r above the mean, of any sum of independent coins.
    above = math.floor(mean) + 1
    return next(r - 1 for r in range(above, n + 2) if r > n or r - mean - r * math.log(r / mean) <= math.log(ALARM))
