"""Hidden suite of speculative_decoding: tables are drawn anew, tokens are judged as samples, each claim at 1e-7."""

import numpy as np
import pytest
import torch

from grader.judge import (
    assert_binomial,
    assert_close,
    assert_each_raises,
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
    whole = torch.zeros(rows, count + 1, dtype=torch.int64), torch.zeros(rows, dtype=torch.int64)
    assert_close((tokens * 0, accepted * 0), whole)
    ends = accepted.clamp(0, count)[:, None]
    last = tokens.gather(1, ends).clamp(0, size - 1)
    padded = torch.nn.functional.pad(proposals, (0, 1))
    expected = torch.where(torch.arange(count + 1) < ends, padded, -1).scatter(1, ends, last)
    assert_close((tokens, accepted), (expected, ends[:, 0]))
    return ends[:, 0].numpy(), last[:, 0].numpy()


@pytest.fixture
def step(candidate, torch_rng):
    """One round with a new generator, taken apart."""

    def call(x, q, p, generator=None):
        result = candidate.speculative_step(x, q, p, fresh(torch_rng) if generator is None else generator)
        return taken_apart(result, x, p.shape[2])

    return call


@pytest.mark.task("acceptance")
def test_acceptance_probability(step, rng):
    """A proposal with p below q stays with probability p / q, however small.

    p 小于 q 的提议以概率 p / q 留下，再小也是如此。
    """
    sequences = [tables(rng, 1, 5) for _ in range(3)]
    sure, hardly = np.eye(5)[:1], np.full((2, 5), [SMALLEST, *[(1 - SMALLEST) / 4] * 4])
    sequences.append((np.array([0]), sure, hardly))  # coarse uniform numbers are 0 too often
    accepted, _ = step(*batch(sequences))
    for which, (x, q, p) in enumerate(sequences):
        counted = accepted[which::4]
        assert_binomial(int(counted.sum()), len(counted), p[0, x[0]] / q[0, x[0]])


@pytest.mark.task("acceptance")
def test_certain_decisions(step, rng):
    """A proposal with p equal to q or above always stays, one with p = 0 never; the first refusal ends the row.

    p 等于或大于 q 的提议总会留下，p 为 0 的从不留下；第一次拒绝就结束该行。
    """
    rows, count, size = distinct_sizes(rng, 3, 6, 9)
    q = rng.dirichlet(np.ones(size), (20 * rows, count))
    x = rng.integers(size, size=q.shape[:2])
    proposed = np.eye(size)[x]  # (B, K, V)
    first = rng.integers(count + 1, size=len(x))
    refused = (np.arange(count) == first[:, None]) | ((np.arange(count) > first[:, None]) & (rng.random(x.shape) < 0.3))
    without = q * (1 - proposed)
    for dtype, more in zip(DTYPES, (0.0, 0.001), strict=True):
        higher = q * (1 - more) + proposed * more
        p = np.where(refused[..., None], without / without.sum(axis=2, keepdims=True), higher)
        p = np.concatenate([p, p[:, :1]], axis=1)
        accepted, _ = step(torch.from_numpy(x), torch.from_numpy(q).to(dtype), torch.from_numpy(p).to(dtype))
        assert_close(accepted, first)
    # Equal probabilities in rows of other sums: after normalizing, 1 of 550 proposals is refused, 30 of all here.
    rounded = np.zeros(8, np.int64), np.full((8, 2), [0.5, 0.4991]), np.full((9, 2), [0.5, 0.5009])
    accepted, _ = step(*batch([rounded], 2000, torch.float64))
    assert_close(accepted, np.full(2000, 8))


@pytest.mark.task("replacement")
def test_whole_rounds(step, rng):
    """The places of the first refusal and the replacements and bonus tokens there are as likely as they should be.

    第一次拒绝的位置，以及随后的替换 token 或奖励 token，出现的概率都符合定义。
    """
    count, size, others = distinct_sizes(rng, 3, 2, 5)
    sequences = [tables(rng, count, size) for _ in range(others)]
    accepted, last = step(*batch(sequences, dtype=torch.float64))
    for which, sequence in enumerate(sequences):
        cells = (accepted * size + last)[which::others]
        assert_frequencies(np.bincount(cells, minlength=(count + 1) * size), outcomes(*sequence).ravel())


@pytest.mark.task("replacement")
def test_replacements(step, rng):
    """A replacement is drawn from the normalized positive part of p - q, and from nothing else.

    替换 token 只从 p - q 归一化后的正部采样。
    """
    size = int(rng.integers(4, 8))
    q = rng.dirichlet(np.ones(size), (1, 1))[0]
    p = rng.dirichlet(np.ones(size), (2, 1))[:, 0]
    token = int(np.argmax(q[0] / p[0]))  # p is below q
    p[0] = np.where(np.arange(size) == token, 0.0, p[0])
    p[0] /= p[0].sum()
    accepted, last = step(*batch([(np.array([token]), q, p)], 1200))
    assert_close(accepted, np.zeros(1200, np.int64))
    missing = np.maximum(p[0] - q[0], 0)
    assert_frequencies(np.bincount(last, minlength=size), missing / missing.sum())


@pytest.mark.task("replacement")
def test_small_differences(step, rng):
    """A replacement is right however little of p is missing, and a proposal with p = q = 1e-9 stays.

    p 无论缺得多么少，替换 token 都正确；p 和 q 同为 1e-9 的提议会留下。
    """
    size = int(rng.integers(5, 9))
    for dtype, kind in zip(DTYPES, (np.float32, np.float64), strict=True):
        q = rng.dirichlet(np.ones(size), 1)
        proposed, missing, least = (int(token) for token in rng.permutation(size)[:3])
        q[0, [proposed, missing]] = SMALLEST, 0.0
        q = np.where(q > SMALLEST, q / q.sum(), q).astype(kind)
        p, near = q.copy(), q.copy()
        p[0, [proposed, missing]] = 0.0, SMALLEST
        near[0, [proposed, least]] = 0.0, np.nextafter(q[0, least], kind(2))  # one step of the dtype above q
        ends = [(np.array([proposed]), q, np.concatenate([row, q])) for row in (p, near, q)]
        accepted, last = step(*batch(ends, 300, dtype))
        assert_close(accepted, np.tile([0, 0, 1], 100))
        assert_close(last[0::3], np.full(100, missing))
        assert_close(last[1::3], np.full(100, least))


@pytest.mark.task("replacement")
def test_nothing_is_missing(step, rng):
    """Where rounding leaves no token with p above q, the replacement is drawn from p; where it leaves one, it is that one.

    舍入后没有任何 token 满足 p 大于 q 时，替换 token 从 p 采样；只有一个满足时，就是它。
    """
    size = int(rng.integers(4, 8))
    one_missing = np.zeros((3, size))
    one_missing[:, :3] = [0.0005, 0.5, 0.4994], [0.0, 0.5, 0.4995], [0.2, 0.3, 0.5]  # sums of 0.9999 and 0.9995
    q = rng.dirichlet(np.ones(size), 1)
    proposed = int(rng.integers(size))
    q[0, proposed] = 0.0
    p = q * 0.9991 / q.sum()
    q = p.copy()
    q[0, proposed] = 0.0018
    sequences = [(np.array([0]), one_missing[:1], one_missing[1:]), (np.array([proposed]), q, np.concatenate([p, q]))]
    accepted, last = step(*batch(sequences, 1600))  # rows of either kind beside each other
    assert_close(accepted, np.zeros(1600, np.int64))
    assert_close(last[0::2], np.full(800, 2))
    assert_frequencies(np.bincount(last[1::2], minlength=size), p[0] / p.sum())
    # p has the proposal too: it is refused in 1 of 250 places, 57 times in all, and every second replacement is itself.
    itself = np.zeros(8, np.int64), np.full((8, 2), [0.501, 0.4995]), np.full((9, 2), [0.499, 0.4995])
    accepted, last = step(*batch([itself], 1800, torch.float64))
    assert_binomial(int((last[accepted < 8] == 0).sum()), int((accepted < 8).sum()), 0.499 / 0.9985)


@pytest.mark.task("replacement")
def test_bonus(step, rng):
    """When all is accepted, and without any proposals, one token is drawn from the last row of p, normalized.

    提议全部接受时，以及没有提议时，从 p 归一化后的最后一行采样一个 token。
    """
    size = int(rng.integers(4, 8))
    x, q, p = tables(rng, 3, size)
    p[:3] = q
    accepted, _ = step(*batch([(x, q, p)], 300))
    assert_close(accepted, np.full(300, 3))
    # What rounding has taken from the sum goes to no token of probability 0: it would in 3 rows of each 3000.
    p[3, [0, -1]] = 0.0
    p *= 0.99901 / p.sum(axis=1, keepdims=True)
    arguments = batch([(x[:0], q[:0], p[3:])], 3000)
    drawn = np.concatenate([step(*arguments)[1] for _ in range(3)])
    assert_frequencies(np.bincount(drawn, minlength=size), p[3] / p[3].sum())


@pytest.mark.task("rows")
def test_target_distribution(candidate, rng, torch_rng):
    """Over proposals drawn from the draft, first and second tokens are as likely as under the target.

    提议从草稿模型采样时，第一个和第二个 token 的概率都与目标模型一致。
    """
    size = 4
    q0, p0 = rng.dirichlet(np.ones(size), 2)
    q1, p1, p2 = (rng.dirichlet(np.ones(size), size) for _ in range(3))  # after each token
    first = rng.choice(size, ROWS, p=q0)
    second = np.minimum((rng.random((ROWS, 1)) > q1[first].cumsum(axis=1)).sum(axis=1), size - 1)
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
    x = rng.integers(size, size=(rows, count))
    first, ends = rng.integers(count + 1, size=rows), rng.integers(size, size=(rows, count + 1))
    q, p = np.eye(size)[x], np.eye(size)[ends]
    for row in range(rows):
        p[row, : first[row]] = q[row, : first[row]]
    certain = (p[:, :count] == q).all(axis=2)  # also those that an end hits by chance
    known = np.where(certain.all(axis=1), count, certain.argmin(axis=1))
    accepted, last = step(torch.from_numpy(x), torch.from_numpy(q).float(), torch.from_numpy(p).float())
    assert_close(accepted, known.astype(np.int64))
    assert_close(last, p[np.arange(rows), known].argmax(axis=1))


@pytest.mark.task("randomness")
def test_independence(step, torch_rng):
    """Places and rows do not depend on each other, nor do calls with one generator.

    各位置、各行互不依赖；用同一个 `generator` 的多次调用之间也互不依赖。
    """
    flat = np.full((1, 8), 1 / 8)
    bonus = batch([(np.zeros(0, np.int64), flat[:0], flat)], 1000)
    half = np.full((9, 2), [0.4, 0.6])
    rounds = batch([(np.zeros(8, np.int64), np.full((8, 2), [0.8, 0.2]), half)], 1000)
    for arguments, part in ((bonus, 1), (rounds, 0)):
        moving = inout(fresh(torch_rng))
        one, two = (step(*arguments, moving)[part] for _ in range(2))
        assert_independent_along(one.astype(float), axis=0, lags=(1, 500))
        assert_independent(one.astype(float), two.astype(float))
        if part == 0:  # how many of 8 places are accepted in a run, at 1 to 1 each
            assert_frequencies(np.bincount(one, minlength=9), [*0.5 ** np.arange(1, 9), 0.5**8])


@pytest.mark.task("randomness")
def test_only_the_generator(candidate, rng, torch_rng, seed_candidate):
    """The same state of the generator gives the same result, whatever the global generators hold.

    `generator` 状态相同则结果相同，与全局随机数生成器无关。
    """
    arguments = x, q, p = batch([tables(rng, 3, 6)], 300)
    generator = fresh(torch_rng)
    result = assert_same_again(lambda: candidate.speculative_step(*arguments, generator), seed_candidate)
    accepted, _ = taken_apart(result, x, 6)
    assert_binomial(int((accepted > 0).sum()), 300, float(p[0, 0, x[0, 0]] / q[0, 0, x[0, 0]]))


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
        "draft_tokens": [x[0], x[:1], x[:, :-1], x[..., None]],
        "draft_probs": [q[:, 0], q[:1], q[:, :-1], torch.cat([q, q], dim=2)],
        "target_probs": [p[:, 0], p[:1], p[:, :-1], p[..., :-1]],
    }
    assert_refuses(candidate.speculative_step, sound, bad, pairs=False)
    none = x[:0], q[:0], p[:0]
    more = [(x, q[1:], p), (x, q, torch.cat([p, p], dim=2)), (*none[:2], p[:1]), (*none[:2], p[:0, 1:])]
    generator = sound["generator"]
    assert_each_raises(ValueError, candidate.speculative_step, [(*tensors, generator) for tensors in more])


@pytest.mark.task("contract")
def test_bad_tokens(candidate, rng, torch_rng):
    """A single token outside of the vocabulary is refused, and so is one that the draft cannot have drawn.

    只要有一个 token 不在词表内就会被拒绝；草稿模型不可能采样到的 token 也一样。
    """
    (rows, count, size), sound = small(rng, torch_rng)
    x, q, p = list(sound.values())[:3]
    outside, impossible = [], []
    for value in (-1, size, -size):
        row, place = int(rng.integers(rows)), int(rng.integers(count))
        outside.append(x.clone())
        outside[-1][row, place] = value
        impossible.append(q.clone())
        impossible[-1][row, count - 1 - place, x[row, count - 1 - place]] = 0.0
    bad = {"draft_tokens": outside, "draft_probs": impossible, "target_probs": [p[:, :-1], p[:1], p[0]]}
    assert_refuses(candidate.speculative_step, sound, bad)


@pytest.mark.task("contract")
def test_empty(candidate, rng, torch_rng):
    """Without sequences both results are empty, with and without proposals.

    没有序列时两个结果都为空，有没有提议都一样。
    """
    for count in (3, 0):
        x, q, p = batch([tables(rng, count, 5)], 4)
        if count:
            taken_apart(candidate.speculative_step(x, q, p, fresh(torch_rng)), x, 5)
        empty = torch.zeros(0, count + 1, dtype=torch.int64), torch.zeros(0, dtype=torch.int64)
        assert_close(candidate.speculative_step(x[:0], q[:0], p[:0], fresh(torch_rng)), empty)


@pytest.mark.task("contract")
def test_arguments_stay(candidate, rng, torch_rng):
    """After a sound result the tensors and the global generators are as they were.

    在结果合格的前提下，各张量和全局随机数生成器保持原样。
    """
    for dtype in DTYPES:
        x, q, p = batch([tables(rng, 3, 6)], 300, dtype)
        spare = (x[0, 0] + 1) % 6  # not proposed in place 0
        q[:, 0, spare] = p[:, 0, spare] = 0.0
        q[:, 0], p[:, 0] = q[:, 0] / q[:, 0].sum(1, keepdim=True), p[:, 0] / p[:, 0].sum(1, keepdim=True)
        result = assert_leaves_no_state(candidate.speculative_step, x, q, p, fresh(torch_rng))
        assert_unchanged(x, q, p)
        accepted, _ = taken_apart(result, x, 6)
        assert_binomial(int((accepted > 0).sum()), 300, min(1.0, float(p[0, 0, x[0, 0]] / q[0, 0, x[0, 0]])))
