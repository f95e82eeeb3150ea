"""Numbers that entries ask for, found a second way: by counting, by simulation, by autograd, by search."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from scipy.stats import binom, binomtest

from grader.content.formula import parse_formula
from grader.content.pack import Pack, builtin_pack_root
from grader.model.entry import NumericEntry
from tests.content import test_bank_numbers_models, test_bank_numbers_statistics, test_bank_numbers_systems
from tests.content.second_route import Routes, draws, template_of

torch = pytest.importorskip("torch")
ROUTES = Routes()
WITH_A_TEST_OF_THEIR_OWN = {"comparisons-for-a-small-win-rate"}


@ROUTES.to("all-to-all-time-of-an-moe-layer")
def all_to_all_time(gpus: int, tokens: int, k: int, width: int, rate: float) -> float:
    """Count the copies that one GPU sends to each other one, when choices are spread evenly."""
    copies = sum(Fraction(tokens * k, gpus) for other in range(gpus) if other != 0)
    return float(copies) * (width + 2 * width) / (rate * 1e9) * 1e3


@ROUTES.to("weight-of-one-pair-in-dpo")
def weight_of_a_pair(beta: float, w: float, l: float) -> float:  # noqa: E741 - the entry's name for it
    """The gradient of the loss with respect to the chosen log-probability, by autograd."""
    chosen = torch.tensor(float(w), dtype=torch.float64, requires_grad=True)
    loss = -torch.nn.functional.logsigmoid(beta * (chosen - l))
    loss.backward()
    return -float(chosen.grad)


@ROUTES.to("zeros-in-an-fp8-tensor")
def largest_zero_in_fp8(amax: float, headroom: int) -> float:
    """Bisect for the largest value that the cast of PyTorch turns into 0."""
    scale = amax / (448 / 2**headroom)
    low, high = 0.0, amax
    for _ in range(60):
        middle = (low + high) / 2
        lost = float(torch.tensor(middle / scale, dtype=torch.float64).to(torch.float8_e4m3fn).double()) == 0
        low, high = (middle, high) if lost else (low, middle)
    return low


@ROUTES.to("tokens-for-a-smaller-model-of-equal-loss")
def tokens_of_equal_loss(large: float, share: float) -> float:
    """Bisect for the number of tokens at which the smaller model has the loss of the larger one."""

    def loss(parameters: float, tokens: float) -> float:
        return 1.8172 + 482.01 / parameters**0.3478 + 2085.43 / tokens**0.3658

    target = loss(large * 1e9, 20 * large * 1e9)
    low, high = large * 1e9, large * 1e15
    for _ in range(200):
        middle = math.sqrt(low * high)
        low, high = (middle, high) if loss(share * large * 1e9, middle) > target else (low, middle)
    return low / 1e9


@ROUTES.to("kv-cache-across-the-network")
def transfer_time(layers: int, heads: int, tokens: int, link: float, used: float) -> float:
    """The bytes of a cache as PyTorch counts them, over the bytes per second of the link."""
    one_layer = torch.empty((2, heads, 1, 128), dtype=torch.bfloat16)
    held = layers * tokens * one_layer.numel() * one_layer.element_size()
    return held / (link / 8 * 1e9 * used / 100) * 1e3


@ROUTES.to("rank-in-both-lists-that-beats-a-first-place")
def rank_that_still_wins(k: int, w: float) -> int:
    """Walk down the ranks with exact fractions while B is ahead of A."""
    weight, rank = Fraction(str(w)), 0
    while (1 + weight) * Fraction(1, k + rank + 1) > Fraction(1, k + 1):
        rank += 1
    return rank


@ROUTES.to("agent-run-with-a-cached-prefix")
def share_of_the_bill(steps: int, base: int, added: int, read: float, write: float) -> float:
    """Send the calls one after another and keep the bill."""
    plain = cached = 0.0
    sent = 0
    for call in range(steps):
        length = base + added * call
        plain += length
        cached += read * sent + write * (length - sent)
        sent = length
    return 100 * cached / plain


@ROUTES.to("likeliest-split-of-a-word")
def best_split(low: float, est: float, lowe: float, st: float) -> float:
    """Viterbi over all pieces, the single letters too."""
    pieces = {"low": low, "lowe": lowe, "lowes": -9.3, "est": est, "st": st, "t": -2.8, **dict.fromkeys("lowes", -7.0)}
    word = "lowest"
    best = [0.0] + [-math.inf] * len(word)
    for end in range(1, len(word) + 1):
        best[end] = max(best[start] + pieces.get(word[start:end], -math.inf) for start in range(end))
    return best[-1]


@ROUTES.to("noise-level-for-a-larger-picture")
def noise_level(small: int, large: int, t: float) -> float:
    """Bisect for the level at which the mean over the larger picture is as uncertain."""

    def deviation(side: int, level: float) -> float:
        return level / (1 - level) / math.sqrt(side * side)

    low, high = 0.0, 1.0
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if deviation(large, middle) < deviation(small, t) else (low, middle)
    return low


@pytest.mark.parametrize("entry_id", ROUTES)
def test_a_second_route_gives_the_key_for_what_may_be_drawn(entry_id: str) -> None:
    """The formula of the entry and another way to the number agree well within what is accepted."""
    ROUTES.assert_agrees(entry_id)


def test_every_number_has_a_second_route() -> None:
    """A key that only its own formula vouches for is not one."""
    others = test_bank_numbers_models, test_bank_numbers_statistics, test_bank_numbers_systems
    found = WITH_A_TEST_OF_THEIR_OWN.union(ROUTES, *(module.ROUTES for module in others))
    entries = Pack(builtin_pack_root()).entries()
    assert found == {entry.id for entry in entries if isinstance(entry, NumericEntry)}


def test_the_sample_size_of_a_win_rate_has_the_power_that_it_promises() -> None:
    """With the decided comparisons of the key, the test finds the win rate in 80% of exact binomial samples."""
    template = template_of("comparisons-for-a-small-win-rate")
    for drawn in draws(template):
        total = parse_formula(template.formula).evaluate(drawn)
        decided = round(total * (1 - drawn["ties"] / 100))
        bound = decided / 2 + 1.96 * math.sqrt(decided) / 2
        power = binom.sf(math.floor(bound), decided, drawn["p"] / 100)
        assert power == pytest.approx(0.8, abs=0.02), drawn


def test_five_tasks_of_a_hundred_are_never_significant() -> None:
    """`agent-with-82-of-100-tasks`: however 82 and 77 passes coincide, the sign test gives more than 5%."""
    smallest = min(binomtest(only_x, only_x + only_x - 5).pvalue for only_x in range(5, 24))
    assert smallest == pytest.approx(0.0625)
    assert binomtest(13, 21).pvalue == pytest.approx(0.38, abs=0.005)


def test_three_runs_of_three_lie_between_the_cube_and_the_mean() -> None:
    """`agent-with-82-of-100-tasks`: for pass rates with a mean of 82%, the mean cube is from 55% to 82%."""
    generator = torch.Generator().manual_seed(1)
    assert round(0.82**3, 2) == 0.55
    for _ in range(200):
        rates = torch.rand(100, generator=generator, dtype=torch.float64) ** (0.18 / 0.82)
        mean = float(rates.mean())
        assert mean**3 <= float((rates**3).mean()) <= mean


def test_a_round_of_speculation_gives_2_8_tokens() -> None:
    """`draft-model-that-slows-the-peak`: 5 drafted tokens, each accepted at 68%, give 2.8 tokens a round."""
    ends = [0.68**n * 0.32 for n in range(5)] + [0.68**5]
    tokens = sum((n + 1) * p for n, p in enumerate(ends))
    assert tokens == pytest.approx((1 - 0.68**6) / (1 - 0.68))
    assert round(tokens, 1) == 2.8


def test_e4m3_rounds_within_a_sixteenth() -> None:
    """`eight-bits-as-float-or-integer`: in the normal range the error is at most 1/16, and it comes close."""
    values = torch.logspace(-6, math.log2(448), 100_001, base=2, dtype=torch.float64)
    errors = (values.to(torch.float8_e4m3fn).double() - values).abs() / values
    assert 0.058 < float(errors.max()) <= 1 / 16
    ends = torch.finfo(torch.float8_e4m3fn).max, torch.finfo(torch.float8_e5m2).max
    assert ends == (448, 57_344)
