"""Hidden cases of sampling_decoder: logits are drawn anew; probabilities are judged as values, tokens as samples."""

import numpy as np
import pytest
import torch

from grader.judge import (
    assert_close,
    assert_frequencies,
    assert_independent,
    assert_independent_along,
    assert_leaves_no_state,
    assert_refuses,
    assert_same_again,
    assert_unchanged,
    distinct_sizes,
    draws_of,
    fresh,
    inout,
)

DTYPES = (torch.float32, torch.float64)
NAN, INF = float("nan"), float("inf")
FAR, NEAR = 1e-4, 5e-7  # from top_p: a sum that did not reach it, and one that did


def draw_logits(rng, torch_rng, dtype=torch.float64, scale=1.5):
    """Logits (B, V) of different sizes."""
    return torch.randn(*distinct_sizes(rng, 2, 4, 8), generator=torch_rng, dtype=torch.float64).mul(scale).to(dtype)


def shuffled(rng, row, rows=3):
    """Rows (B, V) with the same logits, each in an order of its own."""
    return torch.tensor(np.stack([rng.permutation(row) for _ in range(rows)]))


def between_sums(rng, probs):
    """A `top_p` that no sum of the rankings of `probs` (B, V) comes near."""
    sums = probs.sort(descending=True).values.cumsum(-1).flatten().double().sort().values
    sums = torch.cat([torch.zeros(1), sums])
    wide = (sums.diff() > 4 * FAR).nonzero().flatten().tolist()
    place = int(rng.choice(wide))
    return float(sums[place : place + 2].mean())


def check(candidate, reference, logits, *settings):
    """The candidate's probabilities are the reference's."""
    expected = reference.next_token_probs(logits, *settings)
    assert_close(candidate.next_token_probs(logits, *settings), expected)


@pytest.mark.task("probabilities")
def test_temperatures(candidate, reference, rng, torch_rng):
    """Temperatures from 0.05 to 100 divide the logits, in float32 and float64.

    温度从 0.05 到 100，都用来除 logits，`float32` 和 `float64` 都是如此。
    """
    for dtype, temperatures in zip(DTYPES, ((0.05, 1, 100.0), (0.05, float(rng.uniform(2, 5)))), strict=True):
        logits = draw_logits(rng, torch_rng, dtype)
        for temperature in temperatures:
            check(candidate, reference, logits, temperature)


@pytest.mark.task("probabilities")
def test_top_k(candidate, reference, rng, torch_rng):
    """The `top_k` likeliest tokens of each row are kept; `top_k` of V or more keeps all.

    每行保留概率最高的 `top_k` 个 token；`top_k` 不小于 V 时全部保留。
    """
    logits = draw_logits(rng, torch_rng)
    size = logits.shape[1]
    for k in (1, size - 1, size, 10**6):
        check(candidate, reference, logits, 0.8, k)
    check(candidate, reference, logits[:, :1], 1.0, 1, 0.5)  # a vocabulary of one
    check(candidate, reference, logits[:0], 1.0, 2, 0.5)  # no rows


@pytest.mark.task("probabilities")
def test_top_p(candidate, reference, rng, torch_rng):
    """In each row the shortest beginning of the ranking is kept that reaches `top_p`.

    每行保留排名中达到 `top_p` 的最短的一段。
    """
    for dtype in DTYPES:
        logits = draw_logits(rng, torch_rng, dtype)
        for _ in range(2):
            check(candidate, reference, logits, 1.0, None, between_sums(rng, logits.softmax(-1)))


@pytest.mark.task("probabilities")
def test_all_three(candidate, reference, rng, torch_rng):
    """Top-p sees what temperature and top-k made of the probabilities, which sum to 1 again.

    top-p 看到的是温度和 top-k 处理之后的概率，其和已重新变为 1。
    """
    for temperature, k in ((0.4, 3), (0.7, 2)):
        while True:  # until the first row tells each other order of the steps from this one
            logits = draw_logits(rng, torch_rng)
            ranked = logits[0].sort(descending=True).values
            after, before = (ranked / temperature).softmax(-1), ranked.softmax(-1)
            low, high = max(after[0], before[0] / before[:k].sum()), after[0] / after[:k].sum()
            p = float(low + high) / 2
            sums = reference.next_token_probs(logits, temperature, k).sort(descending=True).values.cumsum(-1)
            if high - low > 4 * FAR and (sums - p).abs().min() > 2 * FAR:
                break
        check(candidate, reference, logits, temperature, k, p)


@pytest.mark.task("boundaries")
def test_equal_logits_at_k(candidate, reference, rng):
    """Exactly `top_k` tokens are kept where equal logits lie on both sides of the cut: those with lower ids.

    相等的 logits 横跨截断处时，保留的 token 恰好是 `top_k` 个：取 id 小的。
    """
    for dtype, few in zip(DTYPES, (1, 2), strict=True):
        logits = shuffled(rng, [2.5] * 3 + [1.0] * 40 + [-0.5] * 20).to(dtype)
        for k in (few, int(rng.integers(5, 40)), int(rng.integers(45, 60))):
            check(candidate, reference, logits, 1.3, k)


@pytest.mark.task("boundaries")
def test_where_the_nucleus_ends(candidate, reference, rng):
    """The token that reaches `top_p` is the last one, be it among equal ones or where a sum lacks 5e-7.

    使总和达到 `top_p` 的 token 是最后一个，无论是在相等的 token 之中，还是总和只差 5e-7 时。
    """
    equal = shuffled(rng, [0.25] * 8 + [-INF] * 3)
    tenths = shuffled(rng, np.log([4.0, 3.0, 2.0, 1.0]))
    for logits, end in (
        (equal.float(), int(rng.integers(1, 8)) / 8),
        (tenths, 0.4),
        (tenths.to(DTYPES[int(rng.integers(2))]), float(rng.choice([0.7, 0.9]))),
    ):
        for p in (end, end + NEAR, end + FAR, end - FAR):
            check(candidate, reference, logits, 1.0, None, p)


@pytest.mark.task("boundaries")
def test_least_and_greatest_p(candidate, reference, rng, torch_rng):
    """The first token is kept however small `top_p` is, and a `top_p` of 1 keeps even the most unlikely.

    `top_p` 再小也保留排名第一的 token；`top_p` 为 1 时，连最不可能的 token 也保留。
    """
    logits = draw_logits(rng, torch_rng)
    for p in (1e-9, 1e-6, 0.01):
        check(candidate, reference, logits, 1.0, None, p)
    tail = shuffled(rng, [0.0, -1.0, -16.0, -18.5, -20.0])
    for k in (None, 4):
        check(candidate, reference, tail, 1.0, k, 1.0)


@pytest.mark.task("boundaries")
def test_greedy(candidate, reference, rng, torch_rng):
    """At temperature 0 the first token of the ranking has probability 1 and is drawn, whatever top-k and top-p are.

    温度为 0 时，排名第一的 token 概率为 1，抽到的就是它，无论 top-k 和 top-p 取何值。
    """
    tied = shuffled(rng, [3.0, 3.0, 3.0, -1.0, 2.0, -INF], rows=5)
    for logits in (draw_logits(rng, torch_rng, torch.float32), tied, tied[:1]):
        first = reference.next_token_probs(logits, 0).argmax(-1)
        for settings in ((0, None, 1.0), (0.0, 3, 1e-9)):
            check(candidate, reference, logits, *settings)
        assert_close(candidate.sample_tokens(logits, fresh(torch_rng), 0), first)


@pytest.mark.task("boundaries")
def test_forbidden_and_large(candidate, reference, rng):
    """Forbidden tokens have probability 0, also where fewer than `top_k` are allowed; logits of 1e4 give no NaN.

    被禁用的 token 概率为 0，允许的不足 `top_k` 个时也是如此；logit 大到 1e4 也不出现 NaN。
    """
    few = shuffled(rng, [1.5, -0.5, 0.25] + [-INF] * 5)
    few[0, few[0] > -INF] = -INF
    few[0, int(rng.integers(8))] = -3.0  # only one is allowed
    for number, settings in enumerate(((0.7,), (1.0, 5), (1.0, 6, 0.9999), (1.0, None, 0.3))):
        check(candidate, reference, few.to(DTYPES[number % 2]), *settings)
    large = shuffled(rng, [10_000.0, 9_999.0, 9_998.0, 9_996.0, -10_000.0, -INF])
    lowest = shuffled(rng, [-10_000.0, -9_999.0, -9_998.0, -9_996.0, -INF, -INF])
    for logits in (large.float(), large, lowest.float()):
        for settings in ((0.5, 3), (4.0, None, 0.8)):
            check(candidate, reference, logits, *settings)
    check(candidate, reference, lowest, 0.0625)


@pytest.mark.task("sampling")
def test_how_often_each_token_comes(candidate, reference, rng, torch_rng):
    """Each row's tokens come as often as its own probabilities say, and those that were not kept never.

    每行的 token 按该行自己的概率出现，没有保留的 token 从不出现。
    """
    for settings in ((), (0.6, 3), (1.5, 4, 0.8)):
        two = shuffled(rng, np.log([8.0, 5.0, 4.0, 3.0, 2.0]), rows=2)
        kind = torch.from_numpy(rng.integers(2, size=3_000))  # so a row's place does not tell which of the two it is
        tokens = candidate.sample_tokens(two[kind], fresh(torch_rng), *settings)
        drawn = torch.from_numpy(draws_of(tokens, (3_000,)))
        assert_close(tokens, drawn.long())
        assert_close(drawn.clamp(0, 4), drawn)
        for number, probs in enumerate(reference.next_token_probs(two, *settings)):
            assert_frequencies(np.bincount(drawn[kind == number].long().numpy(), minlength=5), probs.numpy())


@pytest.mark.task("sampling")
def test_rows_and_calls_are_independent(candidate, torch_rng):
    """Draws of neighboring rows, and of two calls with one generator, do not depend on each other.

    相邻各行的抽取互不依赖，用同一个生成器的两次调用也互不依赖。
    """
    generator, logits = inout(fresh(torch_rng)), torch.zeros(2_000, 16)
    first, second = (candidate.sample_tokens(logits, generator) for _ in range(2))
    for tokens in (first, second):
        assert_independent_along(draws_of(tokens, (2_000,)), lags=(1, 2))
    assert_independent(first, second)
    # Rows that share out their numbers come too evenly: below 0.5, chi-square of 15 degrees lies once in 5e8 times.
    uneven = ((np.bincount(first.numpy(), minlength=16) - 125.0) ** 2).sum() / 125
    assert uneven > 0.5, "the rows' tokens come too evenly to be independent\n各行的 token 分布得过于均匀，不可能相互独立"


@pytest.mark.task("sampling")
def test_all_randomness_is_the_generators(candidate, rng, torch_rng, seed_candidate):
    """The same state and arguments give the same tokens, whatever the global generators hold.

    状态和参数相同时，抽到的 token 相同，与全局随机数生成器无关。
    """
    logits, seed = torch.randn(60, 50, generator=torch_rng), int(rng.integers(2**62))
    for settings in ((), (0.9, 20, 0.8)):
        tokens = assert_same_again(
            lambda settings=settings: candidate.sample_tokens(logits, torch.Generator().manual_seed(seed), *settings),
            seed_candidate,
        )
        other = candidate.sample_tokens(logits, fresh(torch_rng), *settings)
        assert not torch.equal(tokens, other), "another seed gives the same tokens\n换了种子，抽到的 token 却一样"
    assert_close(candidate.sample_tokens(logits[:0], fresh(torch_rng)), torch.zeros(0, dtype=torch.int64))


@pytest.mark.task("contract")
def test_bad_settings(candidate, reference, torch_rng, rng):
    """Settings out of range raise ValueError in both functions, at temperature 0 and for no rows too.

    参数超出范围时，两个函数都抛出 `ValueError`，温度为 0 或没有任何行时也一样。
    """
    logits = draw_logits(rng, torch_rng)
    rest = {"temperature": 0.7, "top_k": 2, "top_p": 0.5}
    bad = {"temperature": [-1.0, NAN, INF, -INF, -1e-9], "top_k": [0, -1], "top_p": [0.0, NAN, INF, -0.5, 1.001]}
    probs = assert_refuses(candidate.next_token_probs, {"logits": logits, **rest}, bad)
    assert_close(probs, reference.next_token_probs(logits, 0.7, 2, 0.5))
    sound = {"logits": logits, "generator": fresh(torch_rng), **rest}
    assert_refuses(candidate.sample_tokens, sound, bad, pairs=False)
    bad = {"top_k": [0], "top_p": [0.0, NAN]}
    for other in ({"temperature": 0.0}, {"logits": logits[:0]}):
        assert_refuses(candidate.next_token_probs, {"logits": logits, **rest, **other}, bad, pairs=False)
        assert_refuses(candidate.sample_tokens, {**sound, **other}, bad, pairs=False)


@pytest.mark.task("contract")
def test_nothing_left_behind(candidate, reference, rng, torch_rng):
    """Logits and global state are as they were, after results that are right.

    在结果正确的前提下，logits 和全局状态保持原样。
    """
    of_two = ((0.7, 3, 0.999), (0.0, None, 1.0)), ((1.0, 3, 0.999), (2.0, 1, 0.5))  # of the second one token is left
    for dtype, both in zip(DTYPES, of_two, strict=True):
        logits = draw_logits(rng, torch_rng, dtype)
        for settings in both:
            expected = reference.next_token_probs(logits, *settings)
            assert_close(assert_leaves_no_state(candidate.next_token_probs, logits, *settings), expected)
            tokens = assert_leaves_no_state(candidate.sample_tokens, logits, fresh(torch_rng), *settings)
            if settings[1] != 3:
                assert_close(tokens, expected.argmax(-1))
        assert_unchanged(logits)
