"""Hidden suite of speculative_decoding: tables are drawn anew, tokens are judged as samples, each claim at 1e-7."""

import numpy as np
import pytest
import torch

from grader.judge import (
    assert_binomial,
    assert_close,
    assert_frequencies,
    assert_independent,
    assert_independent_along,
    assert_leaves_no_state,
    assert_refuses,
    assert_same_again,
    assert_unchanged,
    distinct_sizes,
    fresh,
    inout,
)

ROWS = 2400  # an outcome that is twice as likely shows where 100 are expected
DTYPES = (torch.float32, torch.float64)
SMALLEST = 1e-9  # of the probabilities that are not 0


def tables(rng, proposals, size):
    """x (K,), q (K, V) and p (K + 1, V) of one sequence, such that each proposal stays with probability 0.3 to 0.7."""
    chosen, draft, target = [], [], [rng.dirichlet(np.ones(size))]
    while len(chosen) < proposals:
        q, p = rng.dirichlet(np.ones(size), 2)
        token = int(np.argmin(np.abs(p / q - 0.5)))
        if 0.3 < p[token] / q[token] < 0.7:
            chosen.append(token)
            draft.append(q)
            target.insert(0, p)
    return np.array(chosen, np.int64), np.array(draft).reshape(proposals, size), np.array(target)


def batch(sequences, rows=ROWS, dtype=torch.float32):
    """The sequences in turn, in so many rows: tensors (B, K), (B, K, V) and (B, K + 1, V)."""
    which = np.arange(rows) % len(sequences)
    x, q, p = (torch.from_numpy(np.stack(parts)[which]) for parts in zip(*sequences, strict=True))
    return x, q.to(dtype), p.to(dtype)


def outcomes(x, q, p):
    """How likely it is, (K + 1, V), that so many proposals are accepted and this token comes after them."""
    likely, reached = np.zeros_like(p), 1.0
    for place, token in enumerate(x):
        stays, missing = min(1.0, p[place, token] / q[place, token]), np.maximum(p[place] - q[place], 0)
        likely[place] = reached * (1 - stays) * missing / missing.sum()
        reached *= stays
    likely[-1] = reached * p[-1] / p[-1].sum()
    return likely


def taken_apart(result, proposals, size):
    """How many are accepted, and the token after them, as numpy arrays; all the rest of the result is checked."""
    rows, count = proposals.shape
    tensors = isinstance(result, tuple) and len(result) == 2 and all(isinstance(part, torch.Tensor) for part in result)
    assert tensors, "the result must be a tuple of two tensors\n结果必须是由两个张量组成的元组"
    tokens, accepted = result
    assert_close(accepted * 0, torch.zeros(rows, dtype=torch.int64))
    assert_close(tokens * 0, torch.zeros(rows, count + 1, dtype=torch.int64))
    assert_close(accepted.clamp(0, count), accepted)
    last = tokens.gather(1, accepted[:, None])
    assert_close(last.clamp(0, size - 1), last)
    places = torch.arange(count + 1)
    padded = torch.nn.functional.pad(proposals, (0, 1))
    assert_close(tokens, torch.where(places < accepted[:, None], padded, -1).scatter(1, accepted[:, None], last))
    return accepted.numpy(), last[:, 0].numpy()


@pytest.fixture
def step(candidate, torch_rng):
    """One round with a new generator, taken apart."""

    def call(x, q, p, generator=None):
        result = candidate.speculative_step(x, q, p, fresh(torch_rng) if generator is None else generator)
        return taken_apart(result, x, p.shape[2])

    return call


@pytest.mark.task("acceptance")
def test_acceptance_probability(step, rng):
    """A proposal with p below q stays with probability p / q, in either dtype.

    p 小于 q 的提议以概率 p / q 留下，两种 dtype 都是如此。
    """
    for dtype in DTYPES:
        sequences = [tables(rng, 1, 5) for _ in range(3)]
        sure, hardly = np.eye(5)[:1], np.full((2, 5), [SMALLEST, *[(1 - SMALLEST) / 4] * 4])
        sequences.append((np.array([0]), sure, hardly))  # coarse uniform numbers are 0 too often
        accepted, _ = step(*batch(sequences, dtype=dtype))
        for which, (x, q, p) in enumerate(sequences):
            counted = accepted[which::4]
            assert_binomial(int(counted.sum()), len(counted), p[0, x[0]] / q[0, x[0]])


@pytest.mark.task("acceptance")
def test_certain_decisions(step, rng):
    """A proposal with p equal to q or above always stays, one with p = 0 never; the first refusal ends the row.

    p 等于或大于 q 的提议总会留下，p 为 0 的从不留下；第一次拒绝就结束该行。
    """
    rows, count, size = distinct_sizes(rng, 3, 6, 9)
    q = rng.dirichlet(np.ones(size), (50 * rows, count))
    x = rng.integers(size, size=q.shape[:2])
    proposed = np.eye(size)[x]  # (B, K, V)
    first = rng.integers(count + 1, size=len(x))
    refused = (np.arange(count) == first[:, None]) | ((np.arange(count) > first[:, None]) & (rng.random(x.shape) < 0.3))
    without = q * (1 - proposed)
    for dtype, more in zip(DTYPES * 2, (0.0, 0.0, 0.4, 0.001), strict=True):
        higher = q * (1 - more) + proposed * more
        p = np.where(refused[..., None], without / without.sum(axis=2, keepdims=True), higher)
        p = np.concatenate([p, p[:, :1]], axis=1)
        accepted, _ = step(torch.from_numpy(x), torch.from_numpy(q).to(dtype), torch.from_numpy(p).to(dtype))
        assert_close(accepted, first)
    # Equal probabilities in rows of other sums: after normalizing, 1 of 550 proposals is refused, 40 of all here.
    rounded = np.zeros(4, np.int64), np.full((4, 2), [0.5, 0.4991]), np.full((5, 2), [0.5, 0.5009])
    for dtype in DTYPES:
        accepted, _ = step(*batch([rounded], 3000, dtype))
        assert_close(accepted, np.full(3000, 4))


@pytest.mark.task("replacement")
def test_whole_rounds(step, rng):
    """The places of the first refusal and the replacements and bonus tokens there are as likely as they should be.

    第一次拒绝的位置，以及随后的替换 token 或奖励 token，出现的概率都符合定义。
    """
    count, size, others = distinct_sizes(rng, 3, 2, 5)
    for dtype in DTYPES:
        sequences = [tables(rng, count, size) for _ in range(others)]
        accepted, last = step(*batch(sequences, dtype=dtype))
        for which, sequence in enumerate(sequences):
            cells = (accepted * size + last)[which::others]
            assert_frequencies(np.bincount(cells, minlength=(count + 1) * size), outcomes(*sequence).ravel())


@pytest.mark.task("replacement")
def test_replacements(step, rng):
    """A replacement is drawn from the normalized positive part of p - q, and from nothing else.

    替换 token 只从 p - q 归一化后的正部采样。
    """
    size = int(rng.integers(4, 8))
    for dtype in DTYPES:
        q = rng.dirichlet(np.ones(size), (1, 1))[0]
        p = rng.dirichlet(np.ones(size), (2, 1))[:, 0]
        token = int(np.argmax(q[0] / p[0]))  # p is below q
        p[0] = np.where(np.arange(size) == token, 0.0, p[0])
        p[0] /= p[0].sum()
        accepted, last = step(*batch([(np.array([token]), q, p)], dtype=dtype))
        assert_close(accepted, np.zeros(ROWS, np.int64))
        missing = np.maximum(p[0] - q[0], 0)
        assert_frequencies(np.bincount(last, minlength=size), missing / missing.sum())


@pytest.mark.task("replacement")
def test_small_differences(step, rng):
    """A replacement is right where all that is missing of p is 1e-9, and a proposal with p = q = 1e-9 stays.

    p 只缺 1e-9 时，替换 token 也正确；p 和 q 同为 1e-9 的提议会留下。
    """
    size = int(rng.integers(5, 9))
    for dtype in DTYPES:
        q = rng.dirichlet(np.ones(size), 1)
        proposed, missing = (int(token) for token in rng.permutation(size)[:2])
        q[0, [proposed, missing]] = SMALLEST, 0.0
        q[0] = np.where(q[0] > SMALLEST, q[0] / q[0].sum(), q[0])
        p = q.copy()
        p[0, [proposed, missing]] = 0.0, SMALLEST
        accepted, last = step(*batch([(np.array([proposed]), q, np.concatenate([p, q]))], 400, dtype))
        assert_close(accepted, np.zeros(400, np.int64))
        assert_close(last, np.full(400, missing))
        accepted, _ = step(*batch([(np.array([proposed]), q, np.concatenate([q, q]))], 400, dtype))
        assert_close(accepted, np.ones(400, np.int64))


@pytest.mark.task("replacement")
def test_nothing_is_missing(step, rng):
    """Where rounding leaves no token with p above q, the replacement is drawn from p; where it leaves one, it is that one.

    舍入后没有任何 token 满足 p 大于 q 时，替换 token 从 p 采样；只有一个满足时，就是它。
    """
    q, p = np.array([[0.0005, 0.5, 0.4994]]), np.array([[0.0, 0.5, 0.4995]])  # sums of 0.9999 and 0.9995
    for dtype in DTYPES:
        accepted, last = step(*batch([(np.array([0]), q, np.concatenate([p, q]))], 400, dtype))
        assert_close(accepted, np.zeros(400, np.int64))
        assert_close(last, np.full(400, 2))
    for dtype in DTYPES:
        size = int(rng.integers(4, 8))
        q = rng.dirichlet(np.ones(size), 1)
        proposed = int(rng.integers(size))
        q[0, proposed] = 0.0
        p = q * 0.9991 / q.sum()
        q = p.copy()
        q[0, proposed] = 0.0018
        accepted, last = step(*batch([(np.array([proposed]), q, np.concatenate([p, q]))], dtype=dtype))
        assert_close(accepted, np.zeros(ROWS, np.int64))
        assert_frequencies(np.bincount(last, minlength=size), p[0] / p.sum())


@pytest.mark.task("replacement")
def test_bonus(step, rng):
    """When all is accepted, and without any proposals, one token is drawn from the last row of p.

    提议全部接受时，以及没有提议时，从 p 的最后一行采样一个 token。
    """
    size = int(rng.integers(4, 8))
    for count in (0, 3):
        x, q, p = tables(rng, count, size)
        p[:count] = q
        accepted, last = step(*batch([(x, q, p)]))
        assert_close(accepted, np.full(ROWS, count))
        assert_frequencies(np.bincount(last, minlength=size), p[-1])


@pytest.mark.task("rows")
def test_target_distribution(candidate, rng, torch_rng):
    """Over proposals drawn from the draft, first and second tokens are as likely as under the target.

    提议从草稿模型采样时，第一个和第二个 token 的概率都与目标模型一致。
    """
    size = 4
    q0, p0 = rng.dirichlet(np.ones(size), 2)
    q1, p1, q2, p2, p3 = (rng.dirichlet(np.ones(size), size) for _ in range(5))  # after each token
    first = rng.choice(size, ROWS, p=q0)
    second = np.array([rng.choice(size, p=q1[token]) for token in first])
    x = torch.from_numpy(np.stack([first, second], axis=1))
    q = torch.from_numpy(np.stack([np.broadcast_to(q0, (ROWS, size)), q1[first]], axis=1))
    p = torch.from_numpy(np.stack([np.broadcast_to(p0, (ROWS, size)), p1[first], p2[second]], axis=1))
    result = candidate.speculative_step(x, q, p, fresh(torch_rng))
    accepted, _ = taken_apart(result, x, size)
    tokens = result[0].numpy()
    assert_frequencies(np.bincount(tokens[:, 0], minlength=size), p0)
    for token in range(size):
        after = tokens[(accepted >= 1) & (tokens[:, 0] == token), 1]
        assert_frequencies(np.bincount(after, minlength=size), p1[token])


@pytest.mark.task("rows")
def test_rows_keep_their_tables(step, rng):
    """Every row is judged by its own tables: with certain outcomes in each, all rows come out exactly.

    每一行按自己的概率表处理：每行结果都确定时，各行必须完全正确。
    """
    rows, count, size = distinct_sizes(rng, 3, 3, 9)
    for dtype in DTYPES:
        x = rng.integers(size, size=(rows, count))
        first, ends = rng.integers(count + 1, size=rows), rng.integers(size, size=(rows, count + 1))
        q, p = np.eye(size)[x], np.eye(size)[ends]
        for row in range(rows):
            p[row, : first[row]] = q[row, : first[row]]
        certain = (p[:, :count] == q).all(axis=2)  # also those that an end hits by chance
        known = np.where(certain.all(axis=1), count, certain.argmin(axis=1))
        accepted, last = step(torch.from_numpy(x), torch.from_numpy(q).to(dtype), torch.from_numpy(p).to(dtype))
        assert_close(accepted, known.astype(np.int64))
        assert_close(last, p[np.arange(rows), known].argmax(axis=1))


@pytest.mark.task("randomness")
def test_independence(step, torch_rng):
    """Places and rows do not depend on each other, nor do calls with one generator or with two.

    各位置、各行互不依赖；用同一个或不同 `generator` 的多次调用之间也互不依赖。
    """
    flat = np.full((1, 40), 1 / 40)
    bonus = batch([(np.zeros(0, np.int64), flat[:0], flat)])
    half = np.full((9, 2), [0.6, 0.4])
    rounds = batch([(np.zeros(8, np.int64), np.full((8, 2), [0.8, 0.2]), half)])
    for arguments, part in ((bonus, 1), (rounds, 0)):
        moving = inout(fresh(torch_rng))
        one, two, other = (step(*arguments, generator)[part] for generator in (moving, moving, fresh(torch_rng)))
        assert_independent_along(one.astype(float), axis=0, lags=(1,))
        assert_independent(one.astype(float), two.astype(float))
        assert_independent(one.astype(float), other.astype(float))
        if part == 0:  # how many of 8 places are accepted in a run, at 3 to 4 each
            assert_frequencies(np.bincount(one, minlength=9), [*(0.25 * 0.75 ** np.arange(8)), 0.75**8])


@pytest.mark.task("randomness")
def test_only_the_generator(candidate, rng, torch_rng, seed_candidate):
    """The same state of the generator gives the same result, whatever the global generators hold.

    `generator` 状态相同则结果相同，与全局随机数生成器无关。
    """
    arguments = batch([tables(rng, 3, 6)])
    generator = fresh(torch_rng)
    result = assert_same_again(lambda: candidate.speculative_step(*arguments, generator), seed_candidate)
    accepted, _ = taken_apart(result, arguments[0], 6)
    x, q, p = arguments
    assert_binomial(int((accepted > 0).sum()), ROWS, float(p[0, 0, x[0, 0]] / q[0, 0, x[0, 0]]))


def small(rng, torch_rng):
    """Sizes, all different, and sound arguments of so many."""
    rows, count, size = distinct_sizes(rng, 3, 3, 7)
    x, q, p = batch([tables(rng, count, size) for _ in range(rows)], rows)
    return (rows, count, size), {"draft_tokens": x, "draft_probs": q, "target_probs": p, "generator": fresh(torch_rng)}


@pytest.mark.task("contract")
def test_bad_shapes(candidate, rng, torch_rng):
    """Shapes that do not fit each other are refused, those that would broadcast too.

    形状互不相符时会被拒绝，能广播的形状也不例外。
    """
    (rows, count, size), sound = small(rng, torch_rng)
    x, q, p = list(sound.values())[:3]
    bad = {
        "draft_tokens": [x[0], x[:1], x[:-1], x[:, :1], x[:, :-1], x[..., None], x[:, :0]],
        "draft_probs": [q[0], q[:, 0], q[:1], q[:, :1], q[:, :-1], p, q[..., None]],
        "target_probs": [p[:1], p[0], p[:, 0], p[..., :-1], p[:, :-1], p[:, :1], p[..., :1]],
    }
    assert_refuses(candidate.speculative_step, sound, bad)
    wide = {"draft_probs": [torch.cat([q, q], dim=2), q[:-1]], "target_probs": [p[1:], torch.cat([p, p], dim=2)]}
    assert_refuses(candidate.speculative_step, sound, wide)


@pytest.mark.task("contract")
def test_bad_tokens(candidate, rng, torch_rng):
    """A single token outside of the vocabulary is refused, and so is one that the draft cannot have drawn.

    只要有一个 token 不在词表内就会被拒绝；草稿模型不可能采样到的 token 也一样。
    """
    (rows, count, size), sound = small(rng, torch_rng)
    x, q, p = list(sound.values())[:3]
    outside, impossible = [], []
    for value in (-1, size, -size, size + 3):
        row, place = int(rng.integers(rows)), int(rng.integers(count))
        outside.append(x.clone())
        outside[-1][row, place] = value
        impossible.append(q.clone())
        impossible[-1][row, count - 1 - place, x[row, count - 1 - place]] = 0.0
    bad = {"draft_tokens": outside, "draft_probs": impossible, "target_probs": [p[:, :-1], p[:1], p[..., 1:], p[0]]}
    assert_refuses(candidate.speculative_step, sound, bad)


@pytest.mark.task("contract")
def test_empty(candidate, rng, torch_rng):
    """Without sequences both results are empty, with and without proposals.

    没有序列时两个结果都为空，有没有提议都一样。
    """
    for count in (3, 0):
        x, q, p = batch([tables(rng, count, 5)], 4)
        taken_apart(candidate.speculative_step(x, q, p, fresh(torch_rng)), x, 5)
        empty = torch.zeros(0, count + 1, dtype=torch.int64), torch.zeros(0, dtype=torch.int64)
        assert_close(candidate.speculative_step(x[:0], q[:0], p[:0], fresh(torch_rng)), empty)


@pytest.mark.task("contract")
def test_arguments_stay(candidate, rng, torch_rng):
    """After a sound result the tensors and the global generators are as they were.

    在结果合格的前提下，各张量和全局随机数生成器保持原样。
    """
    for dtype in DTYPES:
        x, q, p = batch([tables(rng, 3, 6)], dtype=dtype)
        spare = (x[0, 0] + 1) % 6  # not proposed in place 0
        q[:, 0, spare] = p[:, 0, spare] = 0.0
        q[:, 0], p[:, 0] = q[:, 0] / q[:, 0].sum(1, keepdim=True), p[:, 0] / p[:, 0].sum(1, keepdim=True)
        result = assert_leaves_no_state(candidate.speculative_step, x, q, p, fresh(torch_rng))
        assert_unchanged(x, q, p)
        accepted, _ = taken_apart(result, x, 6)
        assert_binomial(int((accepted > 0).sum()), ROWS, min(1.0, float(p[0, 0, x[0, 0]] / q[0, 0, x[0, 0]])))
