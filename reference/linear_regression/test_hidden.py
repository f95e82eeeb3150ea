"""Hidden cases of linear_regression: designs, targets and penalties are drawn anew for every verdict."""

import numpy as np
import pytest

from grader.judge import assert_close, assert_refuses, assert_unchanged, distinct_sizes

NAN, INF = float("nan"), float("inf")


def draw_design(rng, n, p, *, center=2.0):
    """X (n, p) of independent columns; means, other than 0, and deviations differ from column to column."""
    deviations = rng.permutation(np.linspace(0.5, 2.0, p))
    means = center * rng.uniform(0.5, 1.0, p) * rng.choice([-1.0, 1.0], p)
    while True:  # about once in ten thousand the narrowest of n - 1 directions is too narrow for the statement
        X = rng.normal(size=(n, p)) * deviations + means
        s = np.linalg.svd(X - X.mean(axis=0), compute_uv=False)[: n - 1]
        if s[-1] > 0.01 * s[0]:
            return X


def draw_target(rng, X):
    """y (n,), related to the columns, with noise and a mean of its own."""
    w = rng.normal(size=X.shape[1])
    return (X - X.mean(axis=0)) @ w + rng.normal(size=len(X)) + rng.choice([-5.0, 5.0])


def draw_tall(rng):
    """(X, y) with several more rows than columns."""
    n, p = int(rng.integers(12, 20)), int(rng.integers(2, 6))
    X = draw_design(rng, n, p)
    return X, draw_target(rng, X)


@pytest.mark.task("fit")
def test_ordinary_least_squares(candidate, reference, rng):
    """Without a ridge: least squares with an intercept, for one column and for several.

    不带 `ridge`：一列或多列的带截距最小二乘。
    """
    for n, p in ((int(rng.integers(15, 25)), int(rng.integers(3, 6))), (7, 1), (2, 1)):
        X = draw_design(rng, n, p)
        y = draw_target(rng, X)
        assert_close(candidate.linear_regression(X, y), reference.linear_regression(X, y, 0.0))


@pytest.mark.task("fit")
def test_large_means(candidate, reference, rng):
    """Columns and targets with a mean of up to a million lose no digits.

    均值大到一百万的列和目标不损失有效数字。
    """
    for center in (1e3, 1e5, 1e6):
        X = draw_design(rng, 15, 3, center=center)
        y = draw_target(rng, X) + center
        expected = reference.linear_regression(X, y)
        assert_close(candidate.linear_regression(X, y), expected)


@pytest.mark.task("fit")
def test_units(candidate, reference, rng):
    """Columns that vary by a hundred-millionth or by a hundred million are fitted as well as any.

    标准差为一亿分之一或一亿的列，拟合得一样准。
    """
    for unit, center in ((1e-8, 2.0), (1e-4, 2.0), (4e7, 500.0)):
        X = draw_design(rng, 14, 4, center=center)
        X[:, np.argmin(X.std(axis=0))] *= 0.1  # in the smallest unit, a deviation below 1e-9
        y = draw_target(rng, X) * max(unit, 1e-4)
        for design in (X * unit, np.column_stack([X, X[:, 0] - X[:, 1] / 3]) * unit):
            assert_close(candidate.linear_regression(design, y), reference.linear_regression(design, y))


@pytest.mark.task("penalty")
def test_ridge_values(candidate, reference, rng):
    """The penalty is ridge times the sum of squared coefficients, beside the sum of squared errors.

    惩罚是 `ridge` 乘以系数的平方和，与平方误差之和相加。
    """
    for ridge in (1e-3, float(rng.uniform(2.0, 9.0)), 3, 40.5):
        X, y = draw_tall(rng)
        expected = reference.linear_regression(X, y, ridge)
        assert_close(candidate.linear_regression(X, y, ridge=ridge), expected)


@pytest.mark.task("penalty")
def test_intercept_is_free(candidate, reference, rng):
    """The largest ridge leaves the intercept where it was: predictions go to the mean of y, not to 0.

    最大的 `ridge` 也不压低截距：预测趋于 y 的均值，而不是 0。
    """
    X, y = draw_tall(rng)
    for ridge in (1e3, 1e6):
        expected = reference.linear_regression(X, y + 100, ridge)
        assert_close(candidate.linear_regression(X, y + 100, ridge), expected)


@pytest.mark.task("penalty")
def test_ridge_of_dependent_columns(candidate, reference, rng):
    """With a ridge, dependent columns and more columns than rows have one answer.

    有 `ridge` 时，即使列线性相关或列数多于行数，答案也唯一。
    """
    ridge = float(rng.uniform(0.5, 3.0))
    tall, wide = draw_design(rng, 13, 3), draw_design(rng, 4, 7)
    for X in (np.hstack([tall, tall[:, :1], np.full((13, 1), 6.0)]), wide):
        y = draw_target(rng, X)
        assert_close(candidate.linear_regression(X, y, ridge), reference.linear_regression(X, y, ridge))


@pytest.mark.task("rank")
def test_more_columns_than_rows(candidate, reference, rng):
    """Where several coefficients fit equally well, the shortest are returned; the intercept does not count.

    多组系数拟合得一样好时，返回最短的一组；截距不计入长度。
    """
    for n, p in (distinct_sizes(rng, 2, 3, 5)[:1] + (9,), (6, 6), (2, 4)):
        X = draw_design(rng, n, p)
        y = draw_target(rng, X)
        assert_close(candidate.linear_regression(X, y), reference.linear_regression(X, y))


@pytest.mark.task("rank")
def test_dependent_columns(candidate, reference, rng):
    """Repeated columns, one-hot columns and constant columns share or get nothing.

    重复的列、one-hot 列平分系数，常数列的系数为 0。
    """
    n = 18
    X = draw_design(rng, n, 2)
    kinds = np.eye(3)[rng.permutation(n) % 3]
    for extra in (X[:, :1], kinds, np.full((n, 1), 0.75), 2.0 * X[:, 1:], np.zeros((n, 2))):
        design = np.hstack([extra, X])
        y = draw_target(rng, X) + extra @ rng.normal(size=extra.shape[1])
        assert_close(candidate.linear_regression(design, y), reference.linear_regression(design, y))


@pytest.mark.task("rank")
def test_dependent_up_to_rounding(candidate, reference, rng):
    """A column that is a combination of others only up to rounding counts as dependent.

    只在舍入误差范围内是其他列组合的列，按线性相关处理。
    """
    for center in (10.0, 1000.0):
        X = draw_design(rng, 16, 3, center=center)
        sums = [X[:, 0] + X[:, 1] / 3, X[:, 1] * 0.7 - X[:, 2], np.full(16, center / 3)]
        design = np.column_stack([X, *sums])
        y = draw_target(rng, X)
        assert_close(candidate.linear_regression(design, y), reference.linear_regression(design, y))


@pytest.mark.task("rank")
def test_nearly_dependent(candidate, reference, rng):
    """A direction in which rows differ by a few thousandths of the largest counts.

    只有最大方向千分之几的差异，也是有效的方向。
    """
    X = draw_design(rng, 17, 3)
    narrow = X[:, :1] + 0.015 * rng.normal(size=(17, 1))
    design = np.hstack([X, narrow])
    y = draw_target(rng, X) + rng.normal(size=17)
    assert_close(candidate.linear_regression(design, y), reference.linear_regression(design, y))


@pytest.mark.task("rank")
def test_equal_rows(candidate, rng):
    """Rows that are all equal, one row included, say nothing: coefficients of 0 and the mean of y.

    各行全都相同（包括只有一行）时什么也说明不了：系数为 0，截距为 y 的均值。
    """
    for n, ridge in ((1, 0.0), (4, 0.0), (8, 0), (1, 2.0), (4, 2.0)):
        p = int(rng.integers(1, 5))
        X = np.tile(rng.integers(1, 80, p) / 8, (n, 1))
        y = rng.normal(size=n) + 3.0
        assert_close(candidate.linear_regression(X, y, ridge), (np.zeros(p), y.mean()))


@pytest.mark.task("contract")
def test_no_columns(candidate, rng):
    """No columns give no coefficients and the mean of y.

    没有列时没有系数，截距为 y 的均值。
    """
    for n, ridge in ((5, 0.0), (1, 0.0), (6, 3.0)):
        y = rng.normal(size=n) + 2.0
        assert_close(candidate.linear_regression(np.zeros((n, 0)), y, ridge), (np.zeros(0), y.mean()))


@pytest.mark.task("contract")
def test_integers(candidate, reference, rng):
    """Integer features and targets, in either place, give float64 coefficients.

    特征或目标是整数时，系数都是 `float64`。
    """
    X, y = rng.integers(-9, 10, (15, 3)), rng.integers(-50, 50, 15)
    for design, target in ((X, y), (X * 1.0, y), (X, y * 1.0), (X[:3], y[:3])):
        for ridge in (0, 2):
            expected = reference.linear_regression(design * 1.0, target * 1.0, ridge)
            assert_close(candidate.linear_regression(design, target, ridge), expected)


@pytest.mark.task("contract")
def test_bad_arguments(candidate, reference, rng):
    """Wrong shapes, no rows, numbers that are not finite and a bad ridge raise ValueError, alone or together.

    形状不对、没有行、数值不有限或 `ridge` 不合法时抛出 `ValueError`，单独或同时出现都一样。
    """
    X, y = draw_design(rng, 6, 4), rng.normal(size=6)

    def spoiled(array, value):
        array = array.copy()
        array.flat[int(rng.integers(array.size))] = value
        return array

    bad = {
        "X": [X[:1], X[0], X.T, X[:, :, None], X[:, 0], X[:5], spoiled(X, NAN), spoiled(X, INF), spoiled(X, -INF)],
        "y": [y[:, None], y[None], y[:5], np.array(1.0), y[:1], X, spoiled(y, NAN), spoiled(y, -INF), spoiled(y, INF)],
        "ridge": [-1e-9, -1.0, NAN, INF, -INF, -3],
        ("X", "y"): [(X[:0], y[:0]), (X[:0, :0], y[:0]), (np.array(2.0), np.array(1.0)), (X[:1], y[0])],
    }
    for n, p in ((1, 3), (6, 0)):  # where the answer is the mean of y, and X and ridge seem not to matter
        spoilt = {"y": [y[:n] * NAN, y[:n] + INF], "ridge": [-1.0, NAN, INF]} | ({"X": [X[:1, :3] * NAN]} if p else {})
        sound = {"X": X[:n, :p], "y": y[:n], "ridge": 1.5}
        expected = np.zeros(p), y[:n].mean()
        assert_close(assert_refuses(candidate.linear_regression, sound, spoilt, pairs=False), expected)
    sound = {"X": X, "y": y, "ridge": 1.5}
    assert_close(assert_refuses(candidate.linear_regression, sound, bad), reference.linear_regression(X, y, 1.5))


@pytest.mark.task("contract")
def test_arguments_stay(candidate, reference, rng):
    """X and y are as they were, after a result that is right.

    在结果正确的前提下，`X` 和 `y` 保持原样。
    """
    X, y = draw_tall(rng)
    for ridge in (0.0, 2.0):
        expected = reference.linear_regression(X, y, ridge)
        assert_close(candidate.linear_regression(X, y, ridge), expected)
        assert_unchanged(X, y)
