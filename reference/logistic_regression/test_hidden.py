"""Hidden cases of logistic_regression: features, labels, weights and penalties are drawn anew for every verdict."""

import numpy as np
import pytest

from grader.judge import assert_close, assert_refuses, assert_unchanged

NAN, INF = float("nan"), float("inf")

# Two sets on which Newton steps never arrive, be they full ones or cut to a length of 0.3, 1 or 5: rows with huge entries
# contradict each other, and the small ones decide. They stay so when all entries are moved by some percent.
OVERSHOOTS = [
    (
        [[-703, 134], [510, -259], [528, 0], [582, 651], [-146, -482], [3, -2], [-1, -1], [0, 3], [0, 1], [1, 0]],
        [1, 0, 0, 1, 0, 0, 1, 1, 1, 0],
    ),
    (
        [[74, 177], [-563, 191], [-246, 333], [80, -548], [0, -1], [-3, 1], [4, -1], [2, 0], [0, 2], [-6, -1]],
        [1, 0, 0, 0, 1, 0, 1, 1, 0, 0],
    ),
]


def draw_labels(rng, logits):
    """Labels drawn with the odds of the logits; both occur, twice at least."""
    while True:
        y = (rng.random(len(logits)) < 1 / (1 + np.exp(-logits))).astype(np.int64)
        if 2 <= y.sum() <= len(y) - 2:
            return y


def draw_data(rng, n=30, p=3):
    """(X, y): columns of different mean and spread, labels that overlap and are not balanced."""
    X = rng.normal(size=(n, p)) * rng.permutation(np.linspace(0.5, 2.0, p)) + rng.uniform(-1.0, 1.0, p)
    return X, draw_labels(rng, X @ rng.uniform(-1.0, 1.0, p) + rng.choice([-1.0, 1.0]))


def mirrored(rng, X, y):
    """The same problem in another guise: rows and columns in another order, signs and labels turned, entries moved."""
    X, y = np.array(X, float), np.array(y)
    rows, columns = rng.permutation(len(X)), rng.permutation(X.shape[1])
    X = X[rows][:, columns] * rng.choice([-1.0, 1.0], X.shape[1]) * (1 + 0.02 * rng.normal(size=X.shape))
    return X, y[rows] if rng.random() < 0.5 else 1 - y[rows]


@pytest.mark.task("fit")
def test_minimizer(candidate, reference, rng):
    """Overlapping labels, one column and several, with the default l2 of 1.

    标签有重叠，一列或多列，`l2` 取默认值 1。
    """
    for n, p in ((int(rng.integers(30, 50)), int(rng.integers(3, 6))), (25, 1)):
        X, y = draw_data(rng, n, p)
        expected = reference.logistic_regression(X, y, 1.0)
        assert_close(candidate.logistic_regression(X, y), expected)


@pytest.mark.task("fit")
def test_penalties(candidate, reference, rng):
    """Half of l2 times the squared coefficients, beside the sum of losses, from the weakest to the strongest l2.

    `l2` 的一半乘以系数的平方和，与损失之和相加；`l2` 从最小到最大。
    """
    for l2 in (1e-3, float(rng.uniform(0.1, 0.5)), 5, 1e3):
        X, y = draw_data(rng)
        expected = reference.logistic_regression(X, y, l2)
        assert_close(candidate.logistic_regression(X, y, l2=l2), expected)


@pytest.mark.task("fit")
def test_intercept_is_free(candidate, reference, rng):
    """Under a strong penalty the intercept still tells how rare a label is, also where columns have a mean.

    惩罚很强时，截距仍然反映标签有多罕见；列的均值不为零时也一样。
    """
    X = rng.normal(size=(50, 2)) + rng.uniform(1.0, 3.0, 2)
    y = (rng.permutation(50) < 4).astype(np.int64)
    for l2, labels in ((20.0, y), (1e3, 1 - y)):
        expected = reference.logistic_regression(X, labels, l2)
        assert_close(candidate.logistic_regression(X, labels, l2), expected)


@pytest.mark.task("fit")
def test_different_units(candidate, reference, rng):
    """Columns of about 0.001, 1 and 1000 in one table.

    同一张表里各列的量级约为 0.001、1 和 1000。
    """
    for l2 in (1e-3, 1.0):
        X, y = draw_data(rng)
        X *= rng.permutation([1e-3, 1.0, 999.0]) / np.abs(X).max(axis=0)
        expected = reference.logistic_regression(X, y, l2)
        assert_close(candidate.logistic_regression(X, y, l2), expected)


@pytest.mark.task("hard")
def test_separable(candidate, reference, rng):
    """Labels that a hyperplane separates, more columns than rows included, have one finite minimizer.

    标签可被超平面分开时（包括列数多于行数），最小点唯一且有限。
    """
    for n, p, l2 in ((20, 1, 1e-3), (30, 3, 1e-3), (4, 6, 0.1), (30, 2, 1.0)):
        X = rng.normal(size=(n, p)) * 3.0
        score = X @ rng.uniform(0.5, 1.0, p)
        y = (score > np.median(score) + 1e-9).astype(np.int64)
        expected = reference.logistic_regression(X, y, l2)
        assert_close(candidate.logistic_regression(X, y, l2), expected)


@pytest.mark.task("hard")
def test_large_logits(candidate, reference, rng):
    """A few rows with entries of up to a thousand, right or wrong, beside many ordinary ones.

    少数几行的元素大到一千，标签或对或错，其余各行正常。
    """
    signs = rng.choice([-1, 1], 2)
    for l2, labels in ((1e-3, [1, 0, 1, 0]), (0.1, [1, 0, 1, 0]), (1e-3, [0, 1, 1, 0])):
        X = rng.normal(size=(40, 2))
        X[:4] = rng.uniform(700.0, 1000.0, (4, 2)) * np.array([[1, 0], [-1, 0], [0, 1], [0, -1]])
        y = draw_labels(rng, np.clip(X @ rng.uniform(2.0, 3.0, 2), -10, 10))
        y[:4] = labels
        expected = reference.logistic_regression(X * signs, y, l2)
        assert_close(candidate.logistic_regression(X * signs, y, l2), expected)


@pytest.mark.task("hard")
def test_overshooting_steps(candidate, reference, rng):
    """Data on which full Newton steps do not converge have a minimizer like any other.

    完整的牛顿步不收敛的数据，同样有最小点。
    """
    for data in OVERSHOOTS:
        X, y = mirrored(rng, *data)
        expected = reference.logistic_regression(X, y, 1.0)
        assert_close(candidate.logistic_regression(X, y, 1.0), expected)


@pytest.mark.task("weights")
def test_weights(candidate, reference, rng):
    """Each row's loss counts as often as its weight says, from a thousandth to a thousand.

    每行的损失按权重计入，权重从千分之一到一千。
    """
    X, y = draw_data(rng)
    for weight in (rng.uniform(0.2, 4.0, 30), 10.0 ** rng.uniform(-3, 3, 30), np.full(30, 1e-3)):
        expected = reference.logistic_regression(X, y, 0.5, weight)
        assert_close(candidate.logistic_regression(X, y, l2=0.5, sample_weight=weight), expected)


@pytest.mark.task("weights")
def test_weights_are_copies(candidate, reference, rng):
    """Whole weights are copies of rows, and rows of weight 0 are absent, whatever they hold.

    整数权重等于重复的行；权重为 0 的行无论内容是什么都不计入。
    """
    X, y = draw_data(rng, 12, 2)
    far = rng.uniform(700.0, 900.0, 2) * rng.choice([-1.0, 1.0], (2, 2))
    order = rng.permutation(16)
    X, y = np.vstack([X, far, far])[order], np.append(y, [0, 0, 1, 1])[order]
    copies = np.append(rng.permutation([1, 1, 2, 3, 5, 7] * 2), [0, 0, 0, 0])[order]
    expected = reference.logistic_regression(X.repeat(copies, axis=0), y.repeat(copies), 0.3)
    assert_close(candidate.logistic_regression(X, y, 0.3, copies.astype(float)), expected)


@pytest.mark.task("contract")
def test_no_columns(candidate, rng):
    """No columns give no coefficients and the log of the weighted odds, and what is bad is still refused.

    没有列时没有系数，截距为加权的对数几率；无效的参数同样会被拒绝。
    """
    for n, ones in ((9, 2), (2, 1), (12, 11)):
        y = (rng.permutation(n) < ones).astype(np.int64)
        assert_close(candidate.logistic_regression(np.zeros((n, 0)), y), (np.zeros(0), np.log(ones / (n - ones))))
        weight = rng.uniform(0.5, 2.0, n)
        odds = weight[y == 1].sum() / weight[y == 0].sum()
        assert_close(candidate.logistic_regression(np.zeros((n, 0)), y, 2, weight), (np.zeros(0), np.log(odds)))
    sound = {"X": np.zeros((n, 0)), "y": y, "l2": 2.0, "sample_weight": weight}
    bad = {"y": [y + 1, y * 0, y[1:]], "l2": [0.0, NAN], "sample_weight": [weight * y, weight * NAN]}
    assert_close(assert_refuses(candidate.logistic_regression, sound, bad, pairs=False), (np.zeros(0), np.log(odds)))


@pytest.mark.task("contract")
def test_bad_arguments(candidate, reference, rng):
    """Wrong shapes, bad numbers, other labels and a bad l2 raise ValueError, alone or together.

    形状不对、数值不合法、标签不对或 `l2` 不合法时抛出 `ValueError`，单独或同时出现都一样。
    """
    X, y = draw_data(rng, 7, 4)
    weight = rng.uniform(0.5, 2.0, 7)
    absent = int(rng.integers(7))  # a row of weight 0, which may hold no nonsense either
    weight[absent] = 0.0

    def spoiled(array, value, place=None):
        array = array.copy()
        array.flat[int(rng.integers(array.size)) if place is None else place] = value
        return array

    bad = {
        "X": [spoiled(X, NAN), spoiled(X, INF), X.T, X[:1], X[:, :, None], X[:, 0], spoiled(X, NAN, 4 * absent)],
        "y": [spoiled(y, 2), 2 * y - 1, y[:, None], y[None], y[:1], np.array(1), spoiled(y, 2, absent)],
        "l2": [0.0, -1.0, NAN, INF, -INF, 0, -1e-9],
        "sample_weight": [weight[:, None], spoiled(weight, NAN), spoiled(weight, INF), weight[:1]]
        + [spoiled(weight, -1e-9), spoiled(weight, -INF), np.array(1.0)],
    }
    sound = {"X": X, "y": y, "l2": 0.7, "sample_weight": weight}
    expected = reference.logistic_regression(X, y, 0.7, weight)
    assert_close(assert_refuses(candidate.logistic_regression, sound, bad), expected)


@pytest.mark.task("contract")
def test_one_label(candidate, reference, rng):
    """Rows of one label only, after those of weight 0 are left out, raise ValueError; so do no rows.

    去掉权重为 0 的行之后只剩一种标签，或一行都没有时，抛出 `ValueError`。
    """
    X, y = draw_data(rng, 8, 2)
    ones, weight = np.ones(8), rng.uniform(0.5, 2.0, 8)
    bad = {
        "y": [y * 0, y * 0 + 1],
        "sample_weight": [weight * y, weight * (1 - y), weight * 0],
        ("X", "y", "sample_weight"): [(X[:0], y[:0], ones[:0]), (X[:1], y[:1], ones[:1])],
    }
    sound = {"X": X, "y": y, "l2": 2.0, "sample_weight": weight}
    expected = reference.logistic_regression(X, y, 2.0, weight)
    assert_close(assert_refuses(candidate.logistic_regression, sound, bad), expected)
    with pytest.raises(ValueError):
        candidate.logistic_regression(X[:0], y[:0])


@pytest.mark.task("contract")
def test_arguments_stay(candidate, reference, rng):
    """X, y and sample_weight are as they were, after a result that is right.

    在结果正确的前提下，`X`、`y` 和 `sample_weight` 保持原样。
    """
    X, y = draw_data(rng)
    weight = rng.uniform(0.5, 2.0, 30) * (rng.random(30) < 0.8)
    weight[:2], y[:2] = 1.0, (0, 1)
    expected = reference.logistic_regression(X, y, 0.7, weight)
    assert_close(candidate.logistic_regression(X, y, 0.7, weight), expected)
    assert_unchanged(X, y, weight)
