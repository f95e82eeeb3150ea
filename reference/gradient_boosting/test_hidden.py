"""Hidden cases of gradient_boosting: rows, targets and probes are drawn anew for every verdict."""

import numpy as np
import pytest

from grader.judge import assert_close, assert_each_raises, assert_unchanged

NAN, INF = float("nan"), float("inf")


def is_clear(X, y, loss, rounds, rate, penalty):
    """Whether the two largest gains of every round are equal or well apart, the largest is not near 0, scores stay below 10."""
    X = X.astype(np.float64)
    left = np.array([X[:, j] <= value for j in range(X.shape[1]) for value in np.unique(X[:, j])[:-1]])  # (cuts, n)
    if not len(left):
        return True
    q = y.mean()
    scores = np.full(len(y), np.log(q / (1 - q)) if loss == "logistic" else q)
    for _ in range(rounds):
        p = 1 / (1 + np.exp(-scores))
        g, h = (scores - y, np.ones(len(y))) if loss == "squared" else (p - y, p * (1 - p))
        G, H = left @ g, left @ h + penalty
        other_G, other_H = g.sum() - G, h.sum() + 2 * penalty - H
        worth = G**2 / H + other_G**2 / other_H
        whole = g.sum() ** 2 / (h.sum() + penalty)
        gains, at = worth - whole, worth.argmax()
        if (g**2).sum() < 1e-20 or abs(gains[at]) < 1e-6 * worth[at]:
            return False
        short = 1 - gains / gains[at]
        if ((short > 1e-10) & (short < 1e-5)).any():
            return False
        if gains[at] < 0:
            return True
        scores = scores - rate * np.where(left[at], G[at] / H[at], other_G[at] / other_H[at])
        if loss == "logistic" and penalty == 0 and np.abs(scores).max() > 9:
            return False
    return True


def draw(rng, options, levels=None, n=None):
    """X (n, d) and y (n,) for these options; with `levels`, values repeat."""
    while True:
        size, d = n or int(rng.integers(18, 30)), int(rng.integers(2, 5))
        X = rng.normal(size=(size, d)) if levels is None else rng.integers(0, levels, (size, d)) / 2.0
        y = X[:, 0] * 2 - np.abs(X[:, -1]) + rng.normal(size=size)
        y = (y > np.quantile(y, 0.65)).astype(np.int64) if options[0] == "logistic" else 3 * y + 40
        if is_clear(X, y, *options):
            return X, y


def probes_of(rng, X, m=40):
    """Rows whose values are among those of X, in the middle of two of them, or near (m, d)."""
    columns = []
    for column in X.T.astype(np.float64):
        values = np.unique(column)
        middles = (values[1:] + values[:-1]) / 2
        columns.append(rng.choice(np.concatenate([values, middles, values + 0.1, values[:1] - 5, values[-1:] + 5]), m))
    return np.stack(columns, axis=1)


def assert_model(candidate, reference, rng, X, y, options):
    """Scores and predictions of drawn probes are the reference's."""
    probes = probes_of(rng, X)
    expected = reference.GradientBoosting(*options).fit(X, y)
    model = candidate.GradientBoosting(*options).fit(X, y)
    assert_close(model.raw_score(probes), expected.raw_score(probes))
    assert_close(model.predict(probes), expected.predict(probes))


@pytest.mark.task("squared")
def test_squared_loss(candidate, reference, rng):
    """Scores after one round and after many, for several rates and no penalty.

    一轮与多轮之后的分数，取几种学习率，不带正则项。
    """
    for rounds, rate in ((1, 1.0), (2, 0.7), (12, float(rng.uniform(0.1, 0.5)))):
        options = ("squared", rounds, rate, 0.0)
        X, y = draw(rng, options)
        assert_model(candidate, reference, rng, X, y, options)
    options = ("squared", 3, rate, 0.0)  # in another unit: no value is above 1e-5, and no gain above 1e-8
    assert_model(candidate, reference, rng, X, (y - 40.0) * 1e-5 / np.abs(y - 40.0).max(), options)


@pytest.mark.task("squared")
def test_penalty(candidate, reference, rng):
    """reg_lambda stands in every denominator, of gains and of values.

    `reg_lambda` 出现在每个分母里，增益和取值都是如此。
    """
    for penalty in (0.5, 3, float(rng.uniform(8.0, 20.0))):
        options = ("squared", 8, 0.4, penalty)
        assert_model(candidate, reference, rng, *draw(rng, options, levels=7), options)


@pytest.mark.task("squared")
def test_start_and_defaults(candidate, reference, rng):
    """No rounds give the mean everywhere; learning_rate is 0.1 and reg_lambda 1 unless given.

    零轮时处处为均值；`learning_rate` 默认 0.1，`reg_lambda` 默认 1。
    """
    X, y = draw(rng, ("squared", 5, 0.1, 1.0))
    for rounds in (0, 5):
        expected = reference.GradientBoosting("squared", rounds, 0.1, 1.0).fit(X, y).predict(X)
        assert_close(candidate.GradientBoosting("squared", rounds).fit(X, y).predict(X), expected)
        by_name = {"loss": "squared", "n_rounds": rounds, "reg_lambda": 1.0, "learning_rate": 0.1}
        assert_close(candidate.GradientBoosting(**by_name).fit(X, y).predict(X), expected)


@pytest.mark.task("logistic")
def test_logistic_loss(candidate, reference, rng):
    """Newton steps on the logistic loss: scores and probabilities after one round and after many.

    逻辑损失上的牛顿步：一轮与多轮之后的分数和概率。
    """
    for rounds, rate, penalty in ((1, 1.0, 0.0), (1, 0.5, 1.0), (6, 0.4, 0.0), (15, 0.3, 0.7)):
        options = ("logistic", rounds, rate, penalty)
        assert_model(candidate, reference, rng, *draw(rng, options), options)
    # Labels that one cut separates: scores come to 14, and second derivatives to a millionth.
    labels = np.repeat([0, 1], 5)
    assert_model(candidate, reference, rng, np.arange(10.0)[:, None], labels, ("logistic", 14, 1.0, 1e-6))


@pytest.mark.task("logistic")
def test_log_odds_at_the_start(candidate, reference, rng):
    """No rounds give the log odds of the share of ones, and that share as the probability.

    零轮时，分数为标签 1 占比的对数几率，概率就是这个占比。
    """
    X, y = draw(rng, ("logistic", 3, 0.5, 1.0))
    for labels in (y, 1 - y, y * 1.0):
        assert_model(candidate, reference, rng, X, labels, ("logistic", 0, 0.5, 1.0))
    rare = np.zeros(500)
    rare[int(rng.integers(500))] = 1.0
    model = candidate.GradientBoosting("logistic", 0).fit(np.zeros((500, 1)), rare)
    assert_close(model.predict(np.zeros((2, 1))), np.full(2, 0.002))


@pytest.mark.task("logistic")
def test_gain_of_second_order(candidate, reference, rng):
    """Splits are chosen by gradients and second derivatives together, which differ from row to row after a round.

    划分由一阶与二阶导数共同决定；一轮之后，各行的二阶导数已不相同。
    """
    options = ("logistic", 10, 0.9, 0.2)
    for levels in (None, 6):
        assert_model(candidate, reference, rng, *draw(rng, options, levels=levels, n=34), options)


@pytest.mark.task("splits")
def test_middle_and_equal_values(candidate, reference, rng):
    """Thresholds lie in the middle of different values; a row on one goes left; values that are neighbors are told apart.

    阈值在不同取值的中点，落在上面的行去左边；相邻的浮点数也能分开。
    """
    for loss in ("squared", "logistic"):
        options = (loss, 6, 0.5, 0.3)
        assert_model(candidate, reference, rng, *draw(rng, options, levels=3), options)
    low = float(rng.uniform(1.0, 2.0))
    for _ in range(2):  # one of two middles in a row rounds up
        low, high = float(np.nextafter(low, INF)), float(np.nextafter(np.nextafter(low, INF), INF))
        X = np.array([[low], [high], [low]])
        assert_close(candidate.GradientBoosting("squared", 1, 1.0, 0.0).fit(X, np.array([2.0, 5.0, 2.0])).predict(X), np.array([2.0, 5.0, 2.0]))  # fmt: skip


@pytest.mark.task("splits")
def test_ties(candidate, reference, rng):
    """Among equal gains the lowest feature wins, then the lowest threshold.

    增益相等时取下标最小的特征，再取最小的阈值。
    """
    options = ("squared", 1, 1.0, 0.0)
    X, y = draw(rng, options, n=15)
    order = np.argsort(X[:, 0])
    stretched = np.empty(15)
    stretched[order] = np.cumsum(rng.uniform(0.5, 3.0, 15))  # the same order of rows, other thresholds
    for columns in (
        (X[:, 0], stretched),
        (stretched, X[:, 0]),
        (-stretched, X[:, 0], stretched),
        (X[:, 0], -stretched),
    ):
        assert_model(candidate, reference, rng, np.stack(columns, axis=1), y, options)
    half = rng.permutation(np.arange(2, 7)) * 1.0
    mirrored = np.concatenate([half, [20.0], half[::-1]])  # both sides of the peak are worth the same
    assert_model(candidate, reference, rng, np.arange(11.0)[:, None], mirrored, options)
    assert_model(candidate, reference, rng, np.arange(11.0)[::-1, None] * 3, mirrored, options)
    # Ten features that put the same six rows to one side, in an order of their own: sums differ in the last digit. Column 0
    # is the largest of ten in one draw of ten or more, so that none of a hundred loses has probability 1e-20 at most.
    for _ in range(100):
        y = np.repeat([0.0, 9.0], 6) + rng.normal(size=12)
        orders = [np.concatenate([rng.permutation(6), 6 + rng.permutation(6)]) for _ in range(10)]
        sums = np.array([(y.mean() - y)[order].cumsum() for order in orders])
        gains = sums[:, 5] ** 2 / 6 + (sums[:, 11] - sums[:, 5]) ** 2 / 6
        if gains[0] < gains.max():
            break
    ranks = np.stack([order.argsort() * (j + 1.0) for j, order in enumerate(orders)], axis=1)
    assert_model(candidate, reference, rng, ranks, y, options)


@pytest.mark.task("splits")
def test_no_gain(candidate, reference, rng):
    """No threshold, or no gain above 0, ends the fit: nothing is added.

    没有阈值，或没有大于 0 的增益时，拟合结束：不再添加任何东西。
    """
    X, y = draw(rng, ("squared", 3, 0.5, 1.0))
    constant = np.tile(X[:1], (len(y), 1))
    for rows, target in ((constant, y), (X[:1], y[:1]), (X, np.full(len(y), 4.0))):
        assert_model(candidate, reference, rng, rows, target, ("squared", 4, 0.5, 1.0))
    # One binary feature: after a few steps both sides want the same, and with a penalty two sides are worth less than one.
    for left, right, ones, others, penalty, rate, rounds in (
        (4, 19, 2, 0, 0.25, 1.0, 12), (6, 15, 4, 10, 0.25, 0.5, 12), (12, 15, 8, 10, 4.0, 1.0, 12),
        (17, 4, 16, 2, 0.25, 1.0, 3), (14, 4, 0, 2, 0.25, 1.0, 3), (4, 19, 2, 18, 0.25, 1.0, 12),
    ):  # fmt: skip
        rows = np.repeat([0.0, 1.0], [left, right])
        labels = np.concatenate([np.arange(left) < ones, np.arange(right) < others]).astype(np.int64)
        order = rng.permutation(left + right)
        options = ("logistic", rounds, rate, penalty)
        assert_model(candidate, reference, rng, rows[order, None], labels[order], options)


@pytest.mark.task("contract")
def test_dtypes(candidate, reference, rng):
    """Integer and float32 rows, integer targets, and predictions of rows of another dtype.

    整数与 `float32` 的行、整数目标，以及用另一种 dtype 的行预测。
    """
    options = ("squared", 5, 0.5, 1.0)
    while True:
        X, y = draw(rng, options)
        ranks, target = X.argsort(axis=0).argsort(axis=0) * 3 + 2**50, np.rint(y * 9).astype(np.int64)
        single = X.astype(np.float32)
        if is_clear(ranks, target, *options) and is_clear(single, target, *options):
            break
    for rows in (ranks, single):
        expected = reference.GradientBoosting(*options).fit(rows, target)
        model = candidate.GradientBoosting(*options).fit(rows, target)
        for probes in (rows, probes_of(rng, rows, 300)):
            assert_close(model.predict(probes), expected.predict(probes))
        assert_close(model.predict(rows[:0]), np.zeros(0))
        assert_close(model.raw_score(rows[:0]), np.zeros(0))
    low = np.float32(rng.uniform(1.0, 2.0))
    for _ in range(2):  # neighbors in float32, whose middle only float64 holds
        low, high = np.nextafter(low, np.float32(9)), np.nextafter(np.nextafter(low, np.float32(9)), np.float32(9))
        rows = np.array([[low], [high], [low]], dtype=np.float32)
        model = candidate.GradientBoosting("squared", 1, 1.0, 0.0).fit(rows, np.array([2, 5, 2]))
        assert_close(model.predict(rows), np.array([2.0, 5.0, 2.0]))


@pytest.mark.task("contract")
def test_fit_again(candidate, reference, rng):
    """A second fit leaves nothing of the first, other objects are not touched, and arguments stay.

    再次拟合不留下上一次的内容，也不影响别的对象；参数保持原样。
    """
    options, other = ("squared", 4, 0.5, 0.5), ("logistic", 3, 0.3, 1.0)
    (X, y), (other_X, labels), (next_X, next_y) = draw(rng, options), draw(rng, other), draw(rng, options)
    next_X = next_X[:, :1]
    while not is_clear(next_X, next_y, *options):
        next_y = next_y + rng.normal(size=len(next_y))
    first, second = candidate.GradientBoosting(*options), candidate.GradientBoosting(*other)
    first.fit(X, y)
    fitted = second.fit(other_X, labels)
    assert_close(first.predict(X), reference.GradientBoosting(*options).fit(X, y).predict(X))
    expected = reference.GradientBoosting(*other).fit(other_X, labels)
    assert_close(fitted.predict(other_X), expected.predict(other_X))
    assert_unchanged(X, y, other_X, labels)
    again = first.fit(next_X, next_y)
    expected = reference.GradientBoosting(*options).fit(next_X, next_y)
    for model in (first, again):
        assert_close(model.predict(next_X), expected.predict(next_X))
        assert_close(model.predict(next_X), expected.predict(next_X))


@pytest.mark.task("contract")
def test_bad_arguments(candidate, reference, rng):
    """Bad options, rows and targets raise ValueError, alone or together.

    选项、行、目标不合要求时抛出 `ValueError`，单独或同时出现都一样。
    """
    bad = [("absolute", 3), ("", 3), ("squared", -1), ("logistic", 3, 0.0), ("squared", 3, -0.1), ("squared", 3, 1.01),
           ("squared", 3, NAN), ("squared", 3, 0.1, -1e-9), ("squared", 3, 0.1, NAN), ("logistic", 3, 0.1, INF),
           ("hinge", -1, 2.0, -1.0)]  # fmt: skip
    assert_each_raises(ValueError, candidate.GradientBoosting, bad)
    X, y = draw(rng, ("logistic", 2, 0.5, 1.0), n=20)
    at, one = np.arange(X.size).reshape(X.shape) == int(rng.integers(X.size)), np.arange(20) == int(rng.integers(20))
    odd = [np.where(at, value, X) for value in (NAN, INF, -INF)]
    rows = [*odd, X[:, 0], X[:, :, None], X[:0], X[:, :0], X[:5], X[:1]]
    shapes = [y[:, None], y[:6], y[:1], np.append(y, 1), y[None], y[:0]]
    targets = [np.where(one, value, y) for value in (NAN, INF)]
    labels = [y * 0, y * 0 + 1, y + 1, np.where(one, 2, y), np.where(one, 0.5, y), 2 * y - 1]
    pairs = [
        *((each, y) for each in rows),
        *((X, each) for each in (*shapes, *targets)),
        (odd[0], targets[0]),
        (X[:0], y[:0]),
    ]
    narrow = [*odd, X[:, :-1], np.hstack([X, X[:, :1]]), X[0], X[:, :, None], X[:0, :-1]]
    for loss, calls in (("squared", pairs), ("logistic", [(X, each) for each in (*labels, *targets)])):
        model = candidate.GradientBoosting(loss, 2, 0.5, 1.0)
        assert_each_raises(ValueError, model.fit, calls)
        model.fit(X, y)
        for method in (model.predict, model.raw_score)[: 2 if loss == "squared" else 1]:
            assert_each_raises(ValueError, method, [(each,) for each in narrow])
        assert_close(model.predict(X), reference.GradientBoosting(loss, 2, 0.5, 1.0).fit(X, y).predict(X))
