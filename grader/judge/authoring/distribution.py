"""Samples held against a distribution. Each claim fails for a right solution with probability 1e-7 at most.

The bounds hold for every number of draws, not only for many: binomial counts and gamma laws are exact, Massart's and
Bernstein's inequalities are proven. A sample is what `draws_of` takes; draws are meant to be independent
(`assert_independent`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, Literal

import numpy as np

from grader.judge.authoring.claims import claiming, fail
from grader.judge.authoring.counts import HOLES, assert_count
from grader.judge.authoring.samples import ALARM, Array, draws_of
from grader.judge.comparison import assert_close, observe
from grader.model.text import Text

Cdf = Callable[[Array], Array]

_MEAN = Text(en="the mean of {n} draws is off", zh="{n} 个值的均值不对")
_SCALE = Text(
    en="the scale estimated from {n} draws is {actual}, {expected} is expected (a right one gives {low} to {high})",
    zh="由 {n} 个值估计的尺度为 {actual}，应为 {expected}（正确时在 {low} 与 {high} 之间）",
)
_DISTANCE = Text(
    en="the distribution function of {n} draws is off by {actual} at {at} (a right one stays within {allowed})",
    zh="{n} 个值的分布函数在 {at} 处偏差 {actual}（正确时不超过 {allowed}）",
)
_EVEN = Text(
    en="{n} draws fill all but {count} of {n} equally likely cells, too evenly to be independent (at least {low} are "
    "left empty by independent ones)",
    zh="{n} 个值落入 {n} 个等可能的格子后只空出 {count} 格，均匀得不像相互独立（相互独立时至少空出 {low} 格）",
)
_QUANTILE = Text(
    en="{count} of {n} draws are at most {at}, {low} to {high} are expected",
    zh="{n} 个值中有 {count} 个不超过 {at}，应有 {low} 至 {high} 个",
)
_TAIL = Text(
    en="{count} of {n} draws are beyond {at}, {low} to {high} are expected",
    zh="{n} 个值中有 {count} 个超出 {at}，应有 {low} 至 {high} 个",
)
_SUPPORT = Text(
    en="the draws reach from {low} to {high}, and should stay within {wanted}",
    zh="取值从 {low} 到 {high}，应当限于 {wanted}",
)


def assert_mean(sample: Any, mean: float, deviation: float, *, tail: float = 0.0) -> None:
    """Raise `Mismatch` unless the sample's mean is `mean`, for a distribution of standard deviation `deviation`.

    `tail` says how heavy the tails are, as c of Bernstein's condition: 0 for normal, uniform and fair-coin draws, the
    scale of exponential or Laplace draws, a third of the largest distance from the mean for draws within bounds.
    Allowed is deviation * sqrt(2 L / n) + tail * L / n with L = ln(2 / 1e-7), that is 5.8 deviations of the mean: a
    false alarm has probability 1e-7 at most (Boucheron, Lugosi and Massart, Concentration Inequalities, 2.4). A mean
    that is off by 9 deviations / sqrt(n) is missed with probability below 0.001.
    """
    __tracebackhide__ = True
    draws = draws_of(sample)
    log = math.log(2 / ALARM)
    allowed = deviation * math.sqrt(2 * log / draws.size) + tail * log / draws.size
    with claiming(_MEAN.filled(n=draws.size)):
        assert_close(float(draws.mean()), float(mean), rtol=0.0, atol=allowed)


def assert_scale(sample: Any, scale: float, family: Literal["laplace", "exponential", "normal"]) -> None:
    """Raise `Mismatch` unless draws around 0 have this scale.

    It is the mean size of Laplace or exponential draws, the standard deviation of normal ones. Exact: 2 n times the
    mean size over the scale is chi-squared with 2 n degrees of freedom, the sum of squares over the variance with n.
    False alarm 1e-7. A scale that is off by 10% is missed with probability below 0.001 from 8,000 Laplace or
    exponential draws, or 4,000 normal ones, on.
    """
    __tracebackhide__ = True
    from scipy import special

    draws = draws_of(sample)
    shape, power = (draws.size / 2, 2) if family == "normal" else (draws.size, 1)
    estimate = float((np.abs(draws) ** power).mean() ** (1 / power))
    low, high = (
        (inverse(shape, ALARM / 2) / shape) ** (1 / power) for inverse in (special.gammaincinv, special.gammainccinv)
    )
    observe(estimate, within=float(high - low) * scale / 2)
    if not low * scale <= estimate <= high * scale:
        figures = {"actual": estimate, "expected": scale, "low": low * scale, "high": high * scale}
        said = _SCALE.filled(n=draws.size, **{name: f"{figure:.4g}" for name, figure in figures.items()})
        fail(said, expected=f"{scale:.4g}", actual=f"{estimate:.4g}")


def assert_distribution(sample: Any, cdf: Cdf) -> None:
    """Raise `Mismatch` unless the draws have the continuous distribution function `cdf`, which maps arrays to arrays.

    Kolmogorov-Smirnov: allowed is sqrt(ln(2 / 0.99e-7) / (2 n)) = 2.9 / sqrt(n), which a right solution exceeds with
    probability 0.99e-7 at most (Massart 1990). It sees the bulk and is blind in the tails (`assert_tail`): of equal
    mean size, normal instead of Laplace draws are 0.042 off and uniform ones 0.077, which 12,000 and 4,000 draws show.
    Nor may they fit too well: draws that share out the range among themselves (one from each of n strata, in any order)
    leave too few of n equally likely cells empty. Which are empty is negatively associated (Dubhashi and Ranjan 1998),
    so Hoeffding's bound holds: 1e-9.
    """
    __tracebackhide__ = True
    draws = np.sort(draws_of(sample))
    n = draws.size
    expected = np.asarray(cdf(draws), dtype=np.float64)
    steps = np.arange(n + 1) / n
    gaps = np.maximum(steps[1:] - expected, expected - steps[:-1])
    worst, allowed = int(gaps.argmax()), math.sqrt(math.log(2 / (0.99 * ALARM)) / (2 * n))
    observe(float(gaps[worst]), within=allowed)
    if not gaps[worst] <= allowed:
        figures = {"actual": gaps[worst], "at": draws[worst], "allowed": allowed}
        said = _DISTANCE.filled(n=n, **{name: f"{figure:.3g}" for name, figure in figures.items()})
        fail(said, expected=f"at most {allowed:.3g}", actual=f"{gaps[worst]:.3g}")
    _assert_uneven(expected)


def _assert_uneven(levels: Array) -> None:
    """Raise `Mismatch` where the levels of n draws, uniform from 0 to 1, are one in nearly each of n equal cells."""
    __tracebackhide__ = True
    n = levels.size
    empty = n - np.unique(np.floor(levels.clip(0.0, 1.0) * n)).size
    least = math.ceil(n * (1 - 1 / n) ** n - math.sqrt(n * math.log(100 / ALARM) / 2))
    observe(empty, within=math.sqrt(n * math.log(100 / ALARM) / 2))
    if empty < least:
        fail(_EVEN.filled(n=n, count=empty, low=least), expected=f"at least {least}", actual=empty)


def assert_quantiles(sample: Any, quantiles: Mapping[float, float]) -> None:
    """Raise `Mismatch` unless of a continuous distribution each quantile is right: `{probability: value}`.

    The number of draws up to the value is binomial with that probability; exact, and 1e-7 is shared among the
    quantiles.
    """
    __tracebackhide__ = True
    draws = draws_of(sample)
    for probability, value in quantiles.items():
        count, at = int((draws <= value).sum()), f"{value:.4g}"
        assert_count(
            count, draws.size, probability, alarm=ALARM / len(quantiles), said=_QUANTILE.filled(at=at, **HOLES)
        )


def assert_tail(sample: Any, cdf: Cdf, beyond: float) -> None:
    """Raise `Mismatch` unless as many draws as `cdf` says lie above `beyond`, below `-beyond`, and in both together.

    Exact binomial counts, 1e-7 shared among the three. Noise that is cut off, clipped or has lighter or heavier tails
    fails, where so many draws are expected that their absence tells: raises ValueError unless that are 20 in all
    (with 100,000 Laplace draws, beyond 8.5 scales).
    """
    __tracebackhide__ = True
    draws = draws_of(sample)
    below, upto = (float(p) for p in np.asarray(cdf(np.array([-beyond, beyond])), dtype=np.float64))
    both = below + 1 - upto
    if draws.size * both < 20:
        raise ValueError(f"assert_tail: only {draws.size * both:.3g} of {draws.size} draws are expected; draw more")
    low, high = int((draws < -beyond).sum()), int((draws > beyond).sum())
    figure = f"{beyond:.4g}"
    for count, probability, at in (
        (low, below, f"-{figure}"),
        (high, 1 - upto, figure),
        (low + high, both, f"±{figure}"),
    ):
        assert_count(count, draws.size, probability, alarm=ALARM / 3, said=_TAIL.filled(at=at, **HOLES))


def assert_support(sample: Any, low: float = -math.inf, high: float = math.inf) -> None:
    """Raise `Mismatch` unless every draw is from `low` to `high`, both included; no false alarm.

    Whether the draws also come near the ends is a matter of `assert_distribution`.
    """
    __tracebackhide__ = True
    draws = draws_of(sample)
    least, most = float(draws.min()), float(draws.max())
    if not low <= least <= most <= high:
        wanted = f"[{low:.6g}, {high:.6g}]"
        said = _SUPPORT.filled(low=f"{least:.6g}", high=f"{most:.6g}", wanted=wanted)
        fail(said, expected=wanted, actual=f"[{least:.6g}, {most:.6g}]")
