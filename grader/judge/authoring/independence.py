"""Whether draws depend on each other: by sign and by size, exactly. False alarm 1e-7 in all for each claim."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from grader.judge.authoring.counts import HOLES, assert_within
from grader.judge.authoring.samples import ALARM, Array, draws_of
from grader.model.text import Text

_DEPEND = Text(
    en="{what} depend on each other: {how} in {count} of {n} pairs, {low} to {high} are expected",
    zh="{what}彼此不独立：{n} 对中有 {count} 对{how}，应有 {low} 至 {high} 对",
)
_PAIRS = Text(en="two draws", zh="两次抽取")
_LAG = Text(en="draws {lag} apart along axis {axis}", zh="沿第 {axis} 轴相隔 {lag} 的值")
_SIGNS = Text(en="both are in their upper half", zh="二者都位于各自的上半部分")
_SIZES = Text(en="both are far from their median", zh="二者都远离各自的中位数")


def assert_independent(first: Any, second: Any) -> None:
    """Raise `Mismatch` unless the draws in the same place of two samples are independent of each other.

    Two claims: how often both are above their medians, and how often both are further from them than most; given
    independence each count is hypergeometric, whatever the distribution (ties are broken at random). Exact when the
    pairs are draws of one distribution and independent of each other; 1e-7 is shared. The same noise again, its
    negative and its size with new signs fail; a correlation of 14 / sqrt(n) is missed with probability below 0.001.
    """
    __tracebackhide__ = True
    one, other = draws_of(first), draws_of(second, np.size(np.asarray(first)))
    _assert_pairs(one, other, _PAIRS, alarm=ALARM / 2)


def assert_independent_along(sample: Any, axis: int = -1, lags: Sequence[int] = (1,)) -> None:
    """Raise `Mismatch` unless draws of an array that are a lag apart along an axis are independent of each other.

    For each lag the pairs are taken in two halves, in neither of which a draw occurs twice, and judged as
    `assert_independent` does; 1e-7 is shared among all. Noise that is one for all, repeats along the axis or is
    antithetic fails. Raises ValueError where the axis is no longer than a lag.
    """
    __tracebackhide__ = True
    shape = np.shape(sample)
    draws = draws_of(sample).reshape(shape)
    for lag in lags:
        if shape[axis] <= lag:
            raise ValueError(f"assert_independent_along: an axis of {shape[axis]} has no pairs {lag} apart")
        what = _LAG.filled(lag=lag, axis=axis % len(shape))
        for one, other in _halves(np.moveaxis(draws, axis, 0), lag):
            _assert_pairs(one.ravel(), other.ravel(), what, alarm=ALARM / (4 * len(lags)))


def _halves(draws: Array, lag: int) -> Iterator[tuple[Array, Array]]:
    """All pairs `lag` apart along the first axis, in two groups of pairs that share no draw."""
    starts = np.arange(len(draws) - lag)
    for half in (0, 1):
        chosen = starts[(starts // lag) % 2 == half]
        if chosen.size:
            yield draws[chosen], draws[chosen + lag]


def _assert_pairs(first: Array, second: Array, what: Text, *, alarm: float) -> None:
    n = first.size
    sizes = (np.abs(values - np.median(values)) for values in (first, second))
    for (one, other), how in (((first, second), _SIGNS), (tuple(sizes), _SIZES)):
        count = int((_upper_half(one, 1) & _upper_half(other, 2)).sum())
        assert_within(count, n, hypergeometric_range(n, alarm), _DEPEND.filled(what=what, how=how, **HOLES))


def _upper_half(values: Array, seed: int) -> Array:
    """Which draws are among the larger half; among equal ones chance decides, so that ties favour no place."""
    half = values.size // 2
    if half == 0:
        return np.zeros(values.size, dtype=bool)
    least = np.partition(values, values.size - half)[values.size - half]
    upper: Array = values > least
    equal = np.flatnonzero(values == least)
    if equal.size > (room := half - np.count_nonzero(upper)):
        equal = np.random.default_rng(seed).permutation(equal)[:room]
    upper[equal] = True
    return upper


def hypergeometric_range(n: int, alarm: float) -> tuple[int, int]:
    """How many of `n` places two random halves of n // 2 share, but for a probability of alarm / 2 on either side."""
    from scipy import special

    half = n // 2
    spread = 6 * math.isqrt(n)  # 24 standard deviations
    k = np.arange(max(0, half // 2 - spread), min(half, half // 2 + spread) + 1)
    rest = n - half  # places that are not in the first half
    parts = (k, half - k, half - k, rest - half + k)
    log = 2 * special.gammaln(half + 1) + 2 * special.gammaln(rest + 1) - special.gammaln(n + 1)
    chance = np.exp(log - sum(special.gammaln(part + 1) for part in parts))
    low = int(k[np.searchsorted(np.cumsum(chance), alarm / 2, side="right")])
    high = int(k[::-1][np.searchsorted(np.cumsum(chance[::-1]), alarm / 2, side="right")])
    return low, high
