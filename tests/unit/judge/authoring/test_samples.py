"""Claims about samples: how often each fails for a right solution, and that it catches the wrong ones it names.

Rates are looked at with a looser alarm: the same bounds at 5% in place of 1e-7, over thousands of samples.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from scipy import stats

from grader.judge import (
    assert_binomial,
    assert_distinct,
    assert_distribution,
    assert_frequencies,
    assert_independent,
    assert_independent_along,
    assert_mean,
    assert_quantiles,
    assert_scale,
    assert_scale_sequentially,
    assert_support,
    assert_tail,
    draws_of,
)
from grader.judge.authoring import counts, distribution, independence, sequential
from grader.judge.authoring.counts import allowed_repeats, binomial_range
from grader.judge.authoring.independence import hypergeometric_range
from grader.judge.authoring.samples import ALARM
from grader.judge.comparison import Mismatch

LOOSE, RUNS = 0.05, 3_000
LAPLACE, NORMAL = stats.laplace.cdf, stats.norm.cdf
SAME_SIZE = math.sqrt(math.pi / 2)  # the deviation of normal draws whose mean size is 1
Draw = Callable[[np.random.Generator], Any]
Claim = Callable[[Any], None]


def fails(claim: Claim, sample: Any) -> bool:
    try:
        claim(sample)
    except Mismatch:
        return True
    return False


def rate(claim: Claim, draw: Draw, runs: int) -> float:
    """How often a claim fails."""
    rng = np.random.default_rng(7)
    return sum(fails(claim, draw(rng)) for _ in range(runs)) / runs


def stratified(rng: np.random.Generator, n: int, strata: int) -> Any:
    """As many Laplace draws from each stratum of equal probability, in any order."""
    return stats.laplace.ppf((rng.permutation(np.arange(n) % strata) + rng.random(n)) / strata)


def both(pair: Any) -> None:
    assert_independent(*pair)


def the_generator(rng: np.random.Generator) -> Any:
    """For claims that draw by themselves."""
    return rng


def laplace_by_turns(rng: np.random.Generator, times: float = 1.0) -> None:
    begun = rng.laplace(0, 3 * times, 150)
    assert_scale_sequentially(lambda n: rng.laplace(0, 3 * times, n), 3.0, "laplace", begun=begun)


def normal_by_turns(rng: np.random.Generator, times: float = 1.0) -> None:
    assert_scale_sequentially(lambda n: rng.normal(0, 3 * times, n), 3.0, "normal")


RIGHT: dict[str, tuple[Claim, Draw]] = {
    "mean, normal": (lambda x: assert_mean(x, 1.0, 2.0), lambda rng: rng.normal(1.0, 2.0, 150)),
    "mean, exponential": (lambda x: assert_mean(x, 1.0, 1.0, tail=1.0), lambda rng: rng.exponential(size=150)),
    "mean, Laplace": (lambda x: assert_mean(x, 0.0, 2**0.5, tail=1.0), lambda rng: rng.laplace(size=150)),
    "mean, rare coin": (
        lambda x: assert_mean(x, 0.02, math.sqrt(0.02 * 0.98), tail=0.98 / 3),
        lambda rng: (rng.random(200) < 0.02).astype(float),
    ),
    "scale, Laplace": (lambda x: assert_scale(x, 3.0, "laplace"), lambda rng: rng.laplace(0, 3, 150)),
    "scale, exponential": (lambda x: assert_scale(x, 3.0, "exponential"), lambda rng: rng.exponential(3, 150)),
    "scale, normal": (lambda x: assert_scale(x, 3.0, "normal"), lambda rng: rng.normal(0, 3, 150)),
    "scale by turns, Laplace": (laplace_by_turns, the_generator),
    "scale by turns, normal": (normal_by_turns, the_generator),
    "distribution": (lambda x: assert_distribution(x, LAPLACE), lambda rng: rng.laplace(size=150)),
    "quantiles": (lambda x: assert_quantiles(x, {0.1: 0.1, 0.5: 0.5, 0.8: 0.8}), lambda rng: rng.random(150)),
    "tail": (lambda x: assert_tail(x, LAPLACE, 1.0), lambda rng: rng.laplace(size=150)),
    "independent": (both, lambda rng: rng.laplace(size=(2, 151))),
    "independent, ties": (both, lambda rng: rng.integers(0, 3, (2, 150))),
    "independent along": (lambda x: assert_independent_along(x, 0, (1, 2)), lambda rng: rng.normal(size=(31, 20))),
    "frequencies": (
        lambda x: assert_frequencies(x, [0.5, 0.3, 0.15, 0.05]),
        lambda rng: rng.multinomial(150, [0.5, 0.3, 0.15, 0.05]),
    ),
    "binomial": (lambda x: assert_binomial(x, 90, 0.2), lambda rng: int(rng.binomial(90, 0.2))),
    "distinct": (lambda x: assert_distinct(x, 15), lambda rng: rng.integers(2**15, size=400)),
}


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_sample_fails_as_often_as_is_said(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """At 5%: in 3,000 samples no more often, but for four standard deviations of that count."""
    for module in (counts, distribution, independence, sequential):
        monkeypatch.setattr(module, "ALARM", LOOSE)
    assert rate(*RIGHT[name], RUNS) <= LOOSE + 4 * math.sqrt(LOOSE * (1 - LOOSE) / RUNS)


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_sample_passes(name: str) -> None:
    """At the real rate, always."""
    assert rate(*RIGHT[name], 200) == 0


TIGHT = ("scale, Laplace", "scale, normal", "distribution", "independent along", "binomial", "frequencies", "tail")


@pytest.mark.parametrize("name", TIGHT)
def test_the_bounds_are_no_wider_than_they_must_be(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """At 5% a claim about a right sample fails in 1% of samples at least: a looser bound would miss more."""
    for module in (counts, distribution, independence, sequential):
        monkeypatch.setattr(module, "ALARM", LOOSE)
    assert rate(*RIGHT[name], RUNS) >= LOOSE / 5


def cut_off(rng: np.random.Generator, n: int, at: float) -> Any:
    noise = rng.laplace(size=2 * n)
    return noise[np.abs(noise) <= at][:n]


def float32_laplace(rng: np.random.Generator) -> Any:
    return rng.laplace(size=100_000).astype(np.float32)


def of_16_bit_seeds(rng: np.random.Generator) -> Any:
    return np.array([np.random.default_rng(seed).laplace() for seed in rng.integers(2**16, size=1_000)])


def correlated(rng: np.random.Generator, n: int) -> Any:
    first, second = rng.normal(size=(2, n))
    r = 14 / math.sqrt(n)
    return first, r * first + math.sqrt(1 - r * r) * second


def with_own_sizes(rng: np.random.Generator) -> Any:
    noise = rng.laplace(size=2_000)
    return noise, noise * rng.choice([-1, 1], 2_000)


def antithetic(rng: np.random.Generator) -> Any:
    noise = rng.normal(size=500)
    return np.stack([noise, -noise], axis=1).ravel()


WRONG: dict[str, tuple[Claim, Draw]] = {
    "a mean 9 deviations off": (lambda x: assert_mean(x, 0, 1), lambda rng: rng.normal(9 / 20, 1, 400)),
    "Laplace scale 10% large": (lambda x: assert_scale(x, 1, "laplace"), lambda rng: rng.laplace(0, 1.1, 8_000)),
    "Laplace scale 10% small": (lambda x: assert_scale(x, 1, "laplace"), lambda rng: rng.laplace(0, 0.9, 8_000)),
    "normal scale 10% large": (lambda x: assert_scale(x, 1, "normal"), lambda rng: rng.normal(0, 1.1, 4_000)),
    "normal scale 10% small": (lambda x: assert_scale(x, 1, "normal"), lambda rng: rng.normal(0, 0.9, 4_000)),
    "Laplace scale 10% large, by turns": (lambda rng: laplace_by_turns(rng, 1.1), the_generator),
    "Laplace scale 10% small, by turns": (lambda rng: laplace_by_turns(rng, 0.9), the_generator),
    "normal scale 10% large, by turns": (lambda rng: normal_by_turns(rng, 1.1), the_generator),
    "normal scale 10% small, by turns": (lambda rng: normal_by_turns(rng, 0.9), the_generator),
    "normal, not Laplace": (lambda x: assert_distribution(x, LAPLACE), lambda rng: rng.normal(0, SAME_SIZE, 12_000)),
    "uniform, not Laplace": (lambda x: assert_distribution(x, LAPLACE), lambda rng: rng.uniform(-2, 2, 4_000)),
    "one from each stratum": (lambda x: assert_distribution(x, LAPLACE), lambda rng: stratified(rng, 1_000, 1_000)),
    "two from each stratum": (lambda x: assert_distribution(x, LAPLACE), lambda rng: stratified(rng, 4_000, 2_000)),
    "a median off": (lambda x: assert_quantiles(x, {0.5: 0.0}), lambda rng: rng.normal(0.3, 1, 1_000)),
    "cut off at 6": (lambda x: assert_tail(x, LAPLACE, 6.0), lambda rng: cut_off(rng, 10_000, 6.0)),
    "cut off at 8.5": (lambda x: assert_tail(x, LAPLACE, 8.5), lambda rng: cut_off(rng, 100_000, 8.5)),
    "one tail": (lambda x: assert_tail(x, LAPLACE, 4.0), lambda rng: np.minimum(rng.laplace(size=10_000), 4.0)),
    "light tails": (lambda x: assert_tail(x, LAPLACE, 4.0), lambda rng: rng.normal(0, SAME_SIZE, 4_000)),
    "heavy tails": (lambda x: assert_tail(x, NORMAL, 2.0), lambda rng: rng.standard_t(3, 4_000)),
    "out of range": (lambda x: assert_support(x, 0, 1), lambda rng: rng.uniform(0, 1.5, 100)),
    "correlated": (both, lambda rng: correlated(rng, 5_000)),
    "the same again": (both, lambda rng: [rng.normal(size=100)] * 2),
    "sizes shared": (both, with_own_sizes),
    "antithetic": (assert_independent_along, antithetic),
    "one for all": (assert_independent_along, lambda rng: np.repeat(rng.normal(size=(500, 1)), 2, axis=1)),
    "every third the same": (
        lambda x: assert_independent_along(x, lags=(1, 2, 3)),
        lambda rng: np.tile(rng.normal(size=3), 300),
    ),
    "two outcomes swapped": (
        lambda x: assert_frequencies(x, [0.2, 0.5, 0.3]),
        lambda rng: rng.multinomial(2_000, [0.3, 0.5, 0.2]),
    ),
    "one outcome left out": (
        lambda x: assert_frequencies(x, [0.5, 0.44, 0.06]),
        lambda rng: rng.multinomial(1_000, [0.5, 0.5, 0.0]),
    ),
    "one outcome twice as likely": (
        lambda x: assert_frequencies(x, [0.5, 0.4, 0.1]),
        lambda rng: rng.multinomial(1_000, [0.45, 0.35, 0.2]),
    ),
    "an impossible outcome": (lambda x: assert_frequencies(x, [1.0, 0.0]), lambda rng: [999, 1]),
    "a biased coin": (lambda x: assert_binomial(x, 1_000, 0.5), lambda rng: int(rng.binomial(1_000, 0.65))),
    "float32": (assert_distinct, float32_laplace),
    "16-bit seeds": (assert_distinct, of_16_bit_seeds),
    "a constant": (assert_distinct, lambda rng: np.zeros(100)),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_sample_is_caught(name: str) -> None:
    """That of the docstrings, fifty times of fifty."""
    claim, draw = WRONG[name]
    assert rate(claim, draw, 5 if "seeds" in name else 50) == 1.0


@pytest.mark.parametrize("n", [1, 40, 5_000, 100_000])
@pytest.mark.parametrize("probability", [0.0, 1e-5, 0.3, 0.5, 0.999, 1.0])
def test_a_binomial_range_is_exact(n: int, probability: float) -> None:
    """What is left out on either side has half the alarm at most, and with one count more it would have more."""
    low, high = binomial_range(n, probability, ALARM)
    law = stats.binom(n, probability)
    assert law.cdf(low - 1) <= ALARM / 2 < law.cdf(low)
    assert law.sf(high) <= ALARM / 2
    assert high == 0 or law.sf(high - 1) > ALARM / 2


@pytest.mark.parametrize("n", [4, 101, 2_000, 40_001])
def test_a_hypergeometric_range_is_exact(n: int) -> None:
    """Of the places that two random halves share."""
    low, high = hypergeometric_range(n, ALARM)
    law = stats.hypergeom(n, n // 2, n // 2)
    assert law.cdf(low - 1) <= ALARM / 2 < law.cdf(low)
    assert law.sf(high) <= ALARM / 2 < law.sf(high - 1)


@pytest.mark.parametrize(("n", "bits"), [(100, 53), (1_000, 16), (100_000, 40), (400, 10)])
def test_repeats_are_bounded(n: int, bits: int) -> None:
    """By Poisson's law, which sums of rare coins do not exceed: the bound of Chernoff is the wider one."""
    allowed, mean = allowed_repeats(n, bits), n * (n - 1) / 2 ** (bits + 1)
    assert stats.poisson(mean).sf(allowed) <= ALARM
    assert allowed <= mean + 7 * math.sqrt(mean) + 12


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (np.zeros(99), "holds 99 draws, too few"),
        (np.zeros((2, 60)), r"shape \(2, 60\) instead of \(120,\)"),
        (np.array([0.0] * 119 + [math.nan]), "1 of 120 draws are not finite, the first is nan"),
        (np.zeros(120, complex), "of type numpy.ndarray, not an array of real numbers"),
        (torch.zeros(120, dtype=torch.complex64), "of type torch.Tensor, not an array"),
        (["a"] * 120, "of type list, not an array"),
        (None, "of type NoneType, not an array"),
    ],
    ids=["few", "shape", "nan", "complex", "complex tensor", "text", "none"],
)
def test_what_is_no_sample_is_told(value: Any, words: str) -> None:
    """In both languages; with three draws a constant would pass."""
    with pytest.raises(Mismatch, match=words) as caught:
        draws_of(value, 120 if isinstance(value, np.ndarray) and value.size >= 120 else None)
    assert any("\u4e00" <= letter <= "\u9fff" for letter in caught.value.message.zh)


@pytest.mark.parametrize("value", [[1] * 120, torch.ones(120, requires_grad=True), np.ones(120, bool), [1.0] * 120])
def test_a_sample_is_made_float64(value: Any) -> None:
    """Of a list, a tensor, integers or booleans."""
    draws = draws_of(value, 120) if not isinstance(value, list) else draws_of(value)
    assert (draws.dtype, draws.shape, draws.sum()) == (np.float64, (120,), 120.0)


@pytest.mark.parametrize(
    "claim",
    [
        lambda: assert_tail(np.zeros(1_000), LAPLACE, 8.0),
        lambda: assert_frequencies([1, 2], [0.5, 0.3]),
        lambda: assert_frequencies([1, 2, 3], [0.5, 0.5]),
        lambda: assert_independent_along(np.zeros((2, 60)), axis=0, lags=(2,)),
    ],
)
def test_a_claim_that_can_tell_nothing_is_the_authors_error(claim: Callable[[], None]) -> None:
    """Not the candidate's."""
    with pytest.raises(ValueError, match="assert_"):
        claim()


@pytest.mark.parametrize("name", [name for name in WRONG if "seeds" not in name])
def test_what_a_claim_says_is_in_both_languages(name: str) -> None:
    """With figures, and no hole left open."""
    claim, draw = WRONG[name]
    with pytest.raises(Mismatch) as caught:
        claim(draw(np.random.default_rng(3)))
    english, chinese = caught.value.message.en, caught.value.message.zh
    assert "{" not in english + chinese
    assert any("\u4e00" <= letter <= "\u9fff" for letter in chinese)
    assert not any("\u4e00" <= letter <= "\u9fff" for letter in english)


@pytest.mark.parametrize(("by_turns", "average"), [(laplace_by_turns, 2_700), (normal_by_turns, 1_450)])
def test_a_sequential_claim_takes_few_draws(by_turns: Callable[[Any], None], average: int) -> None:
    """A third of what a sample of fixed size takes, on average; a scale that is far off, no more than the first."""
    rng = Counting(5)
    for _ in range(200):
        by_turns(rng)
    assert rng.drawn <= 200 * average
    rng.drawn = 0
    with pytest.raises(Mismatch):
        assert_scale_sequentially(lambda n: rng.laplace(0, 1.0, n), 3.0, "laplace")
    assert rng.drawn == 500


class Counting:
    """A generator that knows how many numbers it gave."""

    def __init__(self, seed: int) -> None:
        self._rng = np.random.default_rng(seed)
        self.drawn = 0

    def laplace(self, loc: float, scale: float, size: int) -> Any:
        self.drawn += size
        return self._rng.laplace(loc, scale, size)

    def normal(self, loc: float, scale: float, size: int) -> Any:
        self.drawn += size
        return self._rng.normal(loc, scale, size)
