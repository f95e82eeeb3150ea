"""Hidden cases of bootstrap_ci: resamples are looked at as the statistic receives them, intervals are compared."""

import itertools
import math

import numpy as np
import pytest

from grader.judge import (
    assert_close,
    assert_frequencies,
    assert_independent,
    assert_leaves_no_state,
    assert_refuses,
    assert_same_again,
    assert_unchanged,
    distinct_sizes,
    fresh,
    inout,
)

DTYPES = (np.float64, np.float32, np.int64)


class Recorded:
    """A statistic that keeps what it is called with; its values are drawn, so that no two calls give the same."""

    def __init__(self, rng, limit):
        """A value for each of so many calls."""
        self.values = rng.normal(size=limit + 5)
        self.calls = []

    def __call__(self, rows):
        """The next value."""
        self.calls.append(np.array(rows))
        return float(self.values[min(len(self.calls), len(self.values)) - 1])


def draw_rows(rng, n, d=None, dtype=np.float64):
    """Rows of which no two share a number, (n,) or (n, d)."""
    numbers = rng.permutation(50 * n * (d or 1))[: n * (d or 1)] - 25 * n * (d or 1)
    return (numbers if dtype == np.int64 else numbers / 8).astype(dtype).reshape(n if d is None else (n, d))


def resamples(candidate, x, count, rng):
    """Row numbers, (count, n), of the resamples that the statistic received; shapes, dtypes and values are checked."""
    statistic = Recorded(rng, count)
    replicates = candidate.bootstrap_replicates(x, statistic, count, fresh(rng))
    calls = len(statistic.calls)
    assert calls == count, (
        f"the statistic was called {calls} times for {count} resamples\n{count} 个自助样本调用了统计量 {calls} 次"
    )
    assert_close(np.sort(replicates), np.sort(statistic.values[:count]))
    first = x.reshape(len(x), -1)[:, 0]
    order = np.argsort(first)
    for rows in statistic.calls:
        assert_close((rows.shape, rows.dtype.name), (x.shape, x.dtype.name))
    rows = np.array(statistic.calls)  # (count, n) or (count, n, d)
    numbers = order[np.searchsorted(first[order], rows.reshape(*rows.shape[:2], -1)[..., 0]).clip(0, len(x) - 1)]
    assert_close(rows, x[numbers], rtol=0.0, atol=0.0)
    return numbers


def ends(interval):
    """The interval as an array (2,), whatever kind of float its ends are."""
    pair = isinstance(interval, tuple) and len(interval) == 2 and all(isinstance(end, float) for end in interval)
    assert pair, "the interval must be a tuple of two floats\n区间必须是由两个浮点数组成的元组"
    return np.array([float(end) for end in interval])


def off_in_float32(values):
    """By how much the mean of float32 scalars is off where it is taken in float32."""
    return float(np.mean(np.array(values))) - math.fsum(values) / len(values)


def spread(rows):
    """A statistic of rows (n,) or (n, d) that no single shift or scale explains: a skewed ratio."""
    rows = np.asarray(rows, np.float64).reshape(len(rows), -1)
    return float(
        np.mean(rows[:, 0] * rows[:, -1]) - np.mean(rows[:, 0]) * np.mean(rows[:, -1]) + np.exp(rows[:, 0].mean() / 9)
    )


def a_problem(rng, d=None, dtype=np.float64, replicates=None):
    """Skewed rows, and replicates around the estimate, more on one side than on the other, some equal to it."""
    n = int(rng.integers(6, 11))
    x = np.round(rng.exponential(8.0, n if d is None else (n, d)) * 8) / (1 if dtype == np.int64 else 8)
    x = (x / 8 if dtype == np.int64 else x).astype(dtype)
    estimate = spread(x)
    size = int(rng.integers(30, 60)) if replicates is None else replicates
    values = estimate + rng.normal(rng.choice([-0.6, 0.6]), 1.0, size) * (abs(estimate) + 1) / 4
    values[: size // 8] = estimate
    return x, rng.permutation(values), float(rng.choice([0.5, 0.8, 0.9, 0.95]))


@pytest.mark.task("resampling")
def test_whole_rows(candidate, rng):
    """Resamples hold n whole rows of x in its dtype, and the replicates are the statistic of each, called once.

    自助样本由 x 的 n 个整行组成，dtype 不变；自助统计量是统计量在各个自助样本上的值，每个只调用一次。
    """
    several = int(rng.integers(2, 5))
    for d, dtype in ((None, np.float32), (None, np.int64), (1, np.float64), (several, np.float32), (several, np.int64)):
        x = draw_rows(rng, int(rng.integers(6, 10)), d, dtype)
        resamples(candidate, x, int(rng.integers(1, 5)), rng)


@pytest.mark.task("resampling")
def test_rows_equally_likely(candidate, rng):
    """Every row is drawn equally often over all resamples, the first and the last too, though not evenly by design.

    在全部自助样本中每一行抽到的机会相等，首行和末行也一样，但不是刻意凑成一样多。
    """
    n = int(rng.integers(20, 30))
    numbers = resamples(candidate, draw_rows(rng, n, int(rng.integers(2, 4))), 110, rng)
    counts = np.bincount(numbers.ravel(), minlength=n)
    assert_frequencies(counts, [1 / n] * n)
    # Independent draws give each of n >= 20 rows exactly 110 with probability below 1e-25.
    assert np.ptp(counts) > 0, "all rows were drawn exactly equally often\n每一行抽到的次数完全相同"
    rare = np.zeros(20)  # rows that are equal are still so many rows
    rare[int(rng.integers(20))] = 1.0
    ones = int(candidate.bootstrap_replicates(rare, lambda rows: float((rows == 1).sum()), 12, fresh(rng)).sum())
    assert_frequencies([ones, 240 - ones], [1 / 20, 19 / 20])


@pytest.mark.task("resampling")
def test_draws_are_independent(candidate, rng):
    """Within a resample a share of 1/e of many rows is missing; another resample does not depend on it.

    行数很多时，一个自助样本中没有抽到的行占 1/e；另一个自助样本与它无关。
    """
    n = int(rng.integers(2000, 2500))
    one, other = (np.bincount(numbers, minlength=n) for numbers in resamples(candidate, draw_rows(rng, n), 2, rng))
    for counts in (one, other):
        # Whether rows are missing is negatively associated, so Hoeffding's bound holds: 2 exp(-2 t**2 / n) = 2e-8.
        expected, bound = n * (1 - 1 / n) ** n, math.sqrt(n * math.log(1e8) / 2)
        assert_close(float((counts == 0).sum()), expected, rtol=0.0, atol=bound)
    for turned in (other, other[::-1]):
        assert_independent(one.astype(float), turned.astype(float))


@pytest.mark.task("resampling")
def test_any_number_becomes_float64(candidate, rng):
    """Replicates are float64, whether the statistic returns an int, a float or a NumPy scalar of either.

    无论统计量返回 int、float 还是 NumPy 标量，自助统计量都是 float64。
    """
    for kind in (int, float, np.int64, np.float32, np.float64):
        x, statistic = draw_rows(rng, 3), (lambda rows, kind=kind: kind(int(rows[0] * 8)))
        replicates = candidate.bootstrap_replicates(x, statistic, int(rng.integers(4, 8)), fresh(rng))
        assert isinstance(replicates, np.ndarray), "the replicates must be an array\n自助统计量必须是数组"
        place = np.abs(replicates[:, None] - x * 8).argmin(axis=1)
        assert_close(replicates, (x * 8)[place])


@pytest.mark.task("resampling")
def test_same_state_and_next_call(candidate, rng, seed_candidate):
    """Generators in the same state give the same replicates; the next call with one draws others.

    生成器状态相同时自助统计量相同；用同一个生成器再调用一次则得到另一些。
    """
    x, state, again = draw_rows(rng, 30), fresh(rng), inout(fresh(rng))
    weights = rng.normal(size=30)
    statistic = lambda rows: float(np.sort(rows) @ weights)  # noqa: E731
    assert_same_again(lambda: candidate.bootstrap_replicates(x, statistic, 6, state), seed_candidate)
    one, other = (candidate.bootstrap_replicates(x, statistic, 16, again) for _ in range(2))
    # Two resamples of 30 rows are the same with probability below 1e-20.
    assert not np.isin(one, other).any(), (
        "the second call gave replicates of the first\n第二次调用给出了第一次的自助统计量"
    )


@pytest.mark.task("percentile")
def test_quantiles(candidate, reference, rng):
    """Ends are quantiles of the replicates, interpolated, for any level, number and order of them.

    两端是自助统计量经插值的分位数，与置信水平、个数和顺序无关。
    """
    for size in (1, 2, int(rng.integers(3, 9)), int(rng.integers(40, 90))):
        replicates = rng.normal(rng.normal(0, 9), 3.0, size)
        for level in (0.01, float(rng.uniform(0.3, 0.8)), 0.999):
            expected = ends(reference.percentile_interval(replicates, level))
            assert_close(ends(candidate.percentile_interval(replicates, level)), expected)


@pytest.mark.task("bca")
def test_bca(candidate, reference, rng):
    """Skewed rows with one axis and with two, biased replicates, several equal to the estimate.

    偏斜的一维或二维数据，有偏的自助统计量，其中若干个等于估计值。
    """
    for d, dtype in ((None, np.float64), (2, np.float64), (None, np.int64), (3, np.float32), (1, np.float64)):
        x, replicates, level = a_problem(rng, d, dtype)
        expected = ends(reference.bca_interval(x, spread, replicates, level))
        assert_close(ends(candidate.bca_interval(x, spread, replicates, level)), expected)


@pytest.mark.task("bca")
def test_only_equal_replicates_are_ties(candidate, reference, rng):
    """Replicates that are off by one in a hundred million count whole, or not at all.

    与估计值相差一亿分之一的自助统计量不算相等，要么整个计入，要么不计。
    """
    x = rng.uniform(-9.0, 9.0, 7)
    mean = lambda rows: math.fsum(rows) / len(rows) + 100.0  # noqa: E731
    for sign in (-1.0, 1.0):
        replicates = mean(x) + sign * rng.permutation(np.append(np.full(9, 1e-6), [-4.0, 3.0, 0.0]))
        expected = ends(reference.bca_interval(x, mean, replicates, 0.9))
        assert_close(ends(candidate.bca_interval(x, mean, replicates, 0.9)), expected)


@pytest.mark.task("bca")
def test_bias_alone(candidate, reference, rng):
    """With the acceleration at 0, each end is moved by twice the bias; equal replicates count one half each.

    加速系数为 0 时，两端各移动两倍的偏差；相等的自助统计量每个按二分之一计。
    """
    half = rng.uniform(0.5, 4.0, 3)
    x = np.concatenate([half, -half])  # symmetric, so that the mean has no acceleration
    for below, equal, above in ((0, 3, 20), (14, 5, 2), (9, 0, 3), (0, 7, 0)):
        parts = [-rng.uniform(1, 3, below), np.zeros(equal), rng.uniform(1, 3, above)]
        replicates, statistic = rng.permutation(np.concatenate(parts)), lambda rows: math.fsum(rows) / len(rows)
        expected = ends(reference.bca_interval(x, statistic, replicates, 0.8))
        assert_close(ends(candidate.bca_interval(x, statistic, replicates, 0.8)), expected)


@pytest.mark.task("bca")
def test_arrays_of_the_statistic(candidate, reference, rng):
    """The statistic is called with x and with x less each of its rows, in their dtype and order, and no more often.

    统计量只用 x 以及去掉某一行的 x 各调用一次，dtype 与行的顺序不变，不多调用。
    """
    for d, dtype in zip((None, int(rng.integers(2, 4)), int(rng.integers(2, 4)), None), (*DTYPES, np.float32)):
        x, replicates, level = draw_rows(rng, int(rng.integers(4, 9)), d, dtype), rng.normal(size=20), 0.8
        calls = []

        def statistic(rows, calls=calls):
            """Keeps the rows; 0 for all of them, so that replicates lie on both sides."""
            calls.append(np.array(rows))
            return 0.0 if len(rows) == len(x) else float(np.asarray(rows, np.float64).ravel()[0] ** 2 / 1e3)

        expected = ends(reference.bca_interval(x, statistic, replicates, level))
        calls.clear()
        assert_close(ends(candidate.bca_interval(x, statistic, replicates, level)), expected)
        wanted = [x, *(np.delete(x, i, axis=0) for i in range(len(x)))]
        ordered = [sorted(some, key=lambda rows: (-len(rows), rows.tolist())) for some in (calls, wanted)]
        assert_close(*ordered)


@pytest.mark.task("bca")
def test_short_numbers_of_the_statistic(candidate, reference, rng):
    """Everything is calculated in float64, also where the statistic returns a float32 scalar.

    统计量返回 float32 标量时，计算仍使用 float64。
    """
    shifted = lambda rows: np.float32(1000.0 + np.mean(rows))  # noqa: E731
    for size in (7, 11):
        drawn = (rng.exponential(8.0, size) for _ in range(200))
        x = next(x for x in drawn if abs(off_in_float32([shifted(np.delete(x, i)) for i in range(size)])) > 1e-5)
        replicates = float(shifted(x)) + 3000.0 * rng.normal(0.2, 1.0, 40)
        expected = ends(reference.bca_interval(x, shifted, replicates, 0.8))
        assert_close(ends(candidate.bca_interval(x, shifted, replicates, 0.8)), expected)


@pytest.mark.task("corners")
def test_equal_without_each_row(candidate, reference, rng):
    """A statistic that no single row changes has no acceleration, whatever the mean of equal numbers is rounded to.

    去掉任何一行都不改变的统计量没有加速系数，无论相等的数求平均时如何舍入。
    """
    median = lambda rows: float(np.sort(rows)[len(rows) // 2])  # noqa: E731
    for size in rng.permutation([7, 11, 13])[:2].tolist():  # with 8 or 16 nothing is rounded
        value = next(float(v) for v in rng.uniform(-9.0, 9.0, 500) if np.full(size, v).mean() != v)
        x = rng.permutation(np.append(np.full(size - 2, value), [-50.0, 50.0]))
        replicates = value + rng.normal(0.5, 1.0, 31)
        replicates[:2] = value - 1, value + 1
        expected = ends(reference.bca_interval(x, median, replicates, 0.9))
        assert_close(ends(candidate.bca_interval(x, median, replicates, 0.9)), expected)
    x, replicates, level = a_problem(rng, 2)  # values that are almost equal are not equal
    far = lambda rows: spread(rows) + 1e9  # noqa: E731
    replicates[replicates == spread(x)] -= 1.0
    expected = ends(reference.bca_interval(x, far, replicates + 1e9, level)) - 1e9
    assert_close(ends(candidate.bca_interval(x, far, replicates + 1e9, level)) - 1e9, expected, rtol=0.0, atol=1e-3)
    x, replicates, level = a_problem(rng)  # nor are values that are all very small
    tiny = lambda rows: spread(rows) * 1e-15  # noqa: E731
    expected = ends(reference.bca_interval(x, tiny, replicates * 1e-15, level)) * 1e15
    assert_close(ends(candidate.bca_interval(x, tiny, replicates * 1e-15, level)) * 1e15, expected)


@pytest.mark.task("corners")
def test_infinite_bias(candidate, reference, rng):
    """No replicate below the estimate, or none above, gives NaN twice; half of one on that side gives an interval.

    估计值的一侧没有自助统计量时得到两个 NaN；那一侧哪怕只有半个也有区间。
    """
    x = np.array([0.0, 0.0, 0.0, *rng.uniform(1, 9, 3)])
    for sign, statistic in itertools.product(
        (1.0, -1.0), (lambda rows: float(rows.mean()), lambda rows: float(rows.min()))
    ):
        replicates = statistic(x) + sign * rng.uniform(0.1, 1.0, int(rng.integers(1, 30)))
        assert_close(ends(candidate.bca_interval(x, statistic, replicates, 0.9)), np.full(2, np.nan))
        replicates = rng.permutation(np.append(replicates, statistic(x)))
        expected = ends(reference.bca_interval(x, statistic, replicates, 0.9))
        assert_close(ends(candidate.bca_interval(x, statistic, replicates, 0.9)), expected)


@pytest.mark.task("contract")
def test_bad_arguments(candidate, rng):
    """Bad shapes, counts and levels raise ValueError, alone and two at a time.

    形状、个数或置信水平无效时抛出 `ValueError`，单独或同时出现两种都一样。
    """
    x, replicates = draw_rows(rng, *distinct_sizes(rng, 2, 3, 6)), rng.normal(size=9)
    mean = lambda rows: float(np.mean(rows))  # noqa: E731
    shapes, levels = [np.array(2.0), x[:0], x[:0, 0], x[None]], [0.0, 1.0, -0.5, 1.5, float("nan"), 95.0]
    sound = {"x": x, "statistic": mean, "n_resamples": 1, "rng": fresh(rng)}
    result = assert_refuses(candidate.bootstrap_replicates, sound, {"x": shapes, "n_resamples": [0, -1]})
    assert_close(np.shape(result), (1,))
    sound = {"replicates": replicates, "level": 0.9}
    ends(assert_refuses(candidate.percentile_interval, sound, {"replicates": [replicates[:0]], "level": levels}))
    bad = {"x": [*shapes, x[:1], x[:1, 0]], "replicates": [replicates[:0]], "level": levels}
    sound = {"x": x[:2], "statistic": mean, "replicates": replicates, "level": 0.9}
    ends(assert_refuses(candidate.bca_interval, sound, bad))
    ends(assert_refuses(candidate.bca_interval, {**sound, "x": x[:2, 0]}, {"x": [x[:1, 0]], "level": [1.0]}))


@pytest.mark.task("contract")
def test_arguments_stay(candidate, reference, rng):
    """Arguments and global random states are as they were, after results that are right.

    在结果正确的前提下，参数和全局随机状态保持原样。
    """
    x, replicates, level = a_problem(rng, int(rng.integers(2, 4)))
    order = np.sort(replicates)[::-1].copy()
    expected = [
        ends(reference.percentile_interval(order, level)),
        ends(reference.bca_interval(x, spread, order, level)),
    ]
    assert_leaves_no_state(candidate.bootstrap_replicates, x, spread, 3, fresh(rng))
    assert_close(ends(candidate.percentile_interval(order, level)), expected[0])
    assert_close(ends(assert_leaves_no_state(candidate.bca_interval, x, spread, order, level)), expected[1])
    assert_unchanged(x, order)
