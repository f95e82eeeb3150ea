"""Hidden cases of gae: rollouts, flags and factors are drawn anew for every verdict."""

import numpy as np
import pytest

from grader.judge import assert_close, assert_leaves_no_state, assert_refuses, assert_unchanged, distinct_sizes

NAN, INF = float("nan"), float("inf")
NAMES = ("rewards", "values", "next_values", "terminated", "truncated")


def draw_numbers(rng, shape, dtype=np.float64):
    """Rewards, values and next values, all unrelated: next_values is no shifted copy of values."""
    return [(rng.normal(size=shape) + center).astype(dtype) for center in (0.5, 1.0, 2.0)]


def draw_flags(rng, shape, *, share=0.3):
    """`terminated` and `truncated`; where there is room, every pair of flags occurs, and one rollout has none at all."""
    kinds = rng.choice(4, p=[1 - 3 * share / 2, share / 2, share / 2, share / 2], size=shape)
    kinds.flat[rng.permutation(kinds.size)[:4]] = np.arange(4)[: kinds.size]
    return [(kinds & 1).astype(bool), (kinds & 2).astype(bool)]


def draw_rollout(rng, shape, dtype=np.float64):
    """The five arrays, with finite numbers throughout."""
    return draw_numbers(rng, shape, dtype) + draw_flags(rng, shape)


def no_flags(shape):
    """Flags of a rollout in which no episode ends."""
    return [np.zeros(shape, bool), np.zeros(shape, bool)]


def draw_factors(rng):
    """gamma and lam, well apart from each other, from 0 and from 1."""
    return (0.85 + 0.1 * rng.random(), 0.4 + 0.3 * rng.random())[:: int(rng.choice([1, -1]))]


@pytest.mark.task("recursion")
def test_one_endless_episode(candidate, reference, rng):
    """Within an episode, deltas are discounted by gamma * lam; the last step counts on the value it led to.

    在一个回合内，δ 按 gamma * lam 折扣累加；最后一步计入它所到达状态的价值。
    """
    for shape in (tuple(distinct_sizes(rng, 2, 4, 9)), (1, 3)):
        rollout, factors = draw_numbers(rng, shape) + no_flags(shape), draw_factors(rng)
        expected = reference.gae(*rollout, *factors)
        result = candidate.gae(*rollout, *factors)
        assert_close(result, expected)
        assert isinstance(result, tuple), "the result must be a tuple\n结果必须是元组"


@pytest.mark.task("recursion")
def test_ends_of_the_factors(candidate, reference, rng):
    """gamma and lam of 0 and 1, as floats and as ints, are valid.

    `gamma` 和 `lam` 取 0 和 1 都有效，浮点数或整数均可。
    """
    rollout = draw_rollout(rng, distinct_sizes(rng, 2, 5, 9))
    for gamma, lam in ((0.0, 0.7), (0.7, 0.0), (1.0, 0.7), (0.7, 1.0), (0, 1), (1, 0), (1, 1), (0, 0), (1e-12, 1.0)):
        expected = reference.gae(*rollout, gamma, lam)
        assert_close(candidate.gae(*rollout, gamma, lam), expected)


@pytest.mark.task("recursion")
def test_defaults(candidate, reference, rng):
    """gamma is 0.99 and lam 0.95 unless they are given, and all arguments may be given by name.

    不传参时 `gamma` 为 0.99、`lam` 为 0.95；所有参数都可以按名字传入。
    """
    rollout, (gamma, lam) = draw_rollout(rng, distinct_sizes(rng, 2, 5, 9)), draw_factors(rng)
    assert_close(candidate.gae(*rollout), reference.gae(*rollout, 0.99, 0.95))
    named = dict(zip(NAMES, rollout, strict=True))
    expected = reference.gae(*rollout, gamma, lam)
    assert_close(candidate.gae(lam=lam, gamma=gamma, **named), expected)


@pytest.mark.task("boundaries")
def test_terminated(candidate, reference, rng):
    """A terminated step has no future: neither its next value nor the next episode counts.

    终止的步没有后续：既不计入下一状态的价值，也不受下一个回合影响。
    """
    shape = distinct_sizes(rng, 2, 5, 9)
    terminated = rng.random(shape) < 0.4
    terminated[-1, 0], terminated[-1, 1], terminated[1, 0] = True, False, True
    rollout, factors = [*draw_numbers(rng, shape), terminated, np.zeros(shape, bool)], draw_factors(rng)
    expected = reference.gae(*rollout, *factors)
    assert_close(candidate.gae(*rollout, *factors), expected)


@pytest.mark.task("boundaries")
def test_truncated(candidate, reference, rng):
    """A truncated step keeps its next value, and nothing of the next episode counts.

    被截断的步保留下一状态的价值，但不受下一个回合影响。
    """
    shape = distinct_sizes(rng, 2, 5, 9)
    truncated = rng.random(shape) < 0.4
    truncated[-1, 0], truncated[-1, 1], truncated[1, 0] = True, False, True
    rollout, factors = [*draw_numbers(rng, shape), np.zeros(shape, bool), truncated], draw_factors(rng)
    expected = reference.gae(*rollout, *factors)
    assert_close(candidate.gae(*rollout, *factors), expected)


@pytest.mark.task("boundaries")
def test_both_flags(candidate, reference, rng):
    """Every mixture of flags is right; where both are True the step counts as terminated.

    两个标志的任何组合都正确；都为 True 时按终止处理。
    """
    shape = distinct_sizes(rng, 2, 6, 9)
    both = rng.random(shape) < 0.3
    both[2, 1] = True
    rollout, factors = draw_rollout(rng, shape), draw_factors(rng)
    for flags in (rollout[3:], [both, both.copy()]):
        expected = reference.gae(*rollout[:3], *flags, *factors)
        assert_close(candidate.gae(*rollout[:3], *flags, *factors), expected)


@pytest.mark.task("boundaries")
def test_values_of_no_state(candidate, reference, rng):
    """Where a step is terminated, a next value of NaN or infinity plays no part.

    在终止的步，`next_values` 为 NaN 或无穷大也不起作用。
    """
    rollout, factors = draw_rollout(rng, distinct_sizes(rng, 2, 6, 9)), draw_factors(rng)
    expected = reference.gae(*rollout, *factors)
    for special in (NAN, INF, -INF, 1e300):
        rollout[2] = np.where(rollout[3], special, rollout[2])
        assert_close(candidate.gae(*rollout, *factors), expected)


@pytest.mark.task("shapes")
def test_every_number_of_axes(candidate, reference, rng):
    """Time is the first axis, and rollouts along the further ones, if there are any, do not mix.

    第一维是时间；后面各维（如果有）上的各段采样互不影响。
    """
    sizes, factors = distinct_sizes(rng, 4, 2, 7), draw_factors(rng)
    for shape in (sizes[:1], sizes[:2], sizes[:3], sizes, (*sizes[:2], 1), (1,)):
        rollout = draw_rollout(rng, shape)
        expected = reference.gae(*rollout, *factors)
        assert_close(candidate.gae(*rollout, *factors), expected)


@pytest.mark.task("shapes")
def test_columns_of_one_table(candidate, reference, rng):
    """Arrays that are views are right: columns of one table, with time on its last axis.

    数组是视图时结果也正确：它们是同一张表的各列，时间在表的最后一维。
    """
    batch, steps = distinct_sizes(rng, 2, 4, 9)
    table, flags = np.empty((batch, 3, steps)), np.empty((batch, 2, steps), bool)
    views = [part[:, i].T for part in (table, flags) for i in range(part.shape[1])]
    for view, drawn in zip(views, draw_rollout(rng, (steps, batch)), strict=True):
        view[...] = drawn
    factors = draw_factors(rng)
    assert_close(candidate.gae(*views, *factors), reference.gae(*views, *factors))


@pytest.mark.task("shapes")
def test_no_steps(candidate, rng):
    """An axis of length 0 gives empty results of the same shape and dtype, and bad factors are refused as ever.

    有一维长度为 0 时，得到形状与 dtype 都相同的空结果；不合法的 `gamma` 和 `lam` 照样拒绝。
    """
    for shape, dtype in (((0,), np.float32), ((0, 3), np.float64), ((4, 0), np.float32), ((0, 2, 3), np.float64)):
        nothing = draw_numbers(rng, shape, dtype) + no_flags(shape)
        assert_close(candidate.gae(*nothing), (np.zeros(shape, dtype), np.zeros(shape, dtype)))
    for factors in ((NAN, 0.5), (0.5, 1.5)):
        with pytest.raises(ValueError):
            candidate.gae(*nothing, *factors)
    rollout = draw_rollout(rng, (5,))
    first = rollout[0] - rollout[1] + 0.99 * np.where(rollout[3], 0, rollout[2])
    assert_close(candidate.gae(*rollout, lam=0.0)[0], first)


@pytest.mark.task("shapes")
def test_single_precision(candidate, reference, rng):
    """float32 arrays give float32 results.

    `float32` 数组得到 `float32` 的结果。
    """
    factors = draw_factors(rng)
    for shape in (distinct_sizes(rng, 2, 5, 9), (7,)):
        rollout = draw_rollout(rng, shape, np.float32)
        expected = reference.gae(*rollout, *factors)
        assert_close(candidate.gae(*rollout, *factors), expected)


@pytest.mark.task("recursion")
def test_long_rollouts(candidate, reference, rng):
    """Rollouts of more than a thousand steps are right, also where powers of gamma * lam vanish.

    一千多步的采样也正确，即便 gamma * lam 的幂小到消失。
    """
    for factors, length in (((1.0, 1.0), 1500), ((0.9, 10 ** -rng.uniform(1, 3)), 400)):
        shape = (length, 2)
        flags = no_flags(shape)
        for flag in flags:
            flag[rng.permutation(length)[:2], 1] = True  # the first rollout is one episode
        rollout = draw_numbers(rng, shape) + flags
        expected = reference.gae(*rollout, *factors)
        assert_close(candidate.gae(*rollout, *factors), expected)


@pytest.mark.task("contract")
def test_bad_factors(candidate, reference, rng):
    """gamma or lam below 0, above 1 or NaN raises ValueError, one or both.

    `gamma` 或 `lam` 小于 0、大于 1 或为 NaN 时抛出 `ValueError`，只有一个或两个都不合法时一样。
    """
    rollout = draw_rollout(rng, distinct_sizes(rng, 2, 3, 7))
    sound = {**dict(zip(NAMES, rollout, strict=True)), "gamma": 0.9, "lam": 0.8}
    bad = [-0.1, -1e-9, 1 + 1e-9, 1.5, NAN, INF, -INF, -1]
    expected = reference.gae(*rollout, 0.9, 0.8)
    assert_close(assert_refuses(candidate.gae, sound, {"gamma": bad, "lam": bad}), expected)


@pytest.mark.task("contract")
def test_bad_shapes(candidate, reference, rng):
    """Arrays of different shapes, each in turn, and arrays without axes raise ValueError.

    五个数组中任何一个形状不同，或数组没有维度时，抛出 `ValueError`。
    """
    rollout = draw_rollout(rng, (4, 1, 3))
    sound = {**dict(zip(NAMES, rollout, strict=True)), "gamma": 0.9, "lam": 0.8}
    # for each array one step only, the same number of steps and elements, which numpy would broadcast, and one more
    further = [a.T if i == 0 else (a[:-1], a[0], a[..., None], a[..., :1])[i - 1] for i, a in enumerate(rollout)]
    bad = {name: [a[:1], a.swapaxes(1, 2), b] for name, a, b in zip(NAMES, rollout, further, strict=True)}
    expected = reference.gae(*rollout, 0.9, 0.8)
    assert_close(assert_refuses(candidate.gae, sound, bad, pairs=False), expected)
    no_axes = tuple(np.array(array[0, 0, 0]) for array in rollout)
    together = {NAMES: [no_axes], "next_values": [rollout[2][:1]], "gamma": [NAN], "lam": [2.0]}
    assert_refuses(candidate.gae, sound, together)


@pytest.mark.task("contract")
def test_nothing_left_behind(candidate, reference, rng):
    """Arguments and numpy's global state are as they were, after results that are right.

    在结果正确的前提下，参数和 numpy 的全局状态保持原样。
    """
    rollout = draw_rollout(rng, distinct_sizes(rng, 2, 5, 9))
    rollout[2][rollout[3]] = NAN
    for factors in ((0.9, 0.8), (0.9, 0.0), (0.0, 0.5)):
        expected = reference.gae(*rollout, *factors)
        assert_close(assert_leaves_no_state(candidate.gae, *rollout, *factors), expected)
        assert_unchanged(*rollout)
