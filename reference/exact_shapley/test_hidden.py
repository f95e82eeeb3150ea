"""Hidden cases of exact_shapley: games and models are the suite's own, and keep what they are asked."""

from math import comb, factorial

import numpy as np
import pytest

from grader.judge import assert_close, assert_refuses, assert_unchanged, distinct_sizes

MOST_CALLS = 100


class Game:
    """Values by coalition, (2**n,), whose bits are the members; keeps the numbers of the coalitions of each call."""

    def __init__(self, values, n):
        """A game of n players."""
        self.values, self.n, self.calls = np.asarray(values, np.float64), n, []

    def __call__(self, coalitions):
        """The value of each coalition; the candidate's code gets the error where these are none."""
        sound = isinstance(coalitions, np.ndarray) and coalitions.dtype == bool and coalitions.ndim == 2
        if not sound or coalitions.shape[1] != self.n or len(coalitions) == 0:
            raise TypeError(f"coalitions must be a bool array (m, {self.n})")
        self.calls.append(coalitions @ 2 ** np.arange(self.n))
        return self.values[self.calls[-1]]

    def check_calls(self):
        """No coalition twice, and not too many calls."""
        numbers, counts = np.unique(np.concatenate([[-1], *self.calls]), return_counts=True)
        twice = numbers[counts > 1].tolist()
        assert not twice, f"{len(twice)} coalitions were evaluated several times\n有 {len(twice)} 个联盟被多次求值"
        assert_few(len(self.calls))


class Model:
    """A model that is not linear, with steps and products; counts calls and rows."""

    def __init__(self, rng, d):
        """Weights are drawn."""
        self.first, self.second, self.d = rng.normal(size=(d, 4)), rng.normal(size=4), d
        self.calls, self.rows = 0, 0

    def __call__(self, rows):
        """Predictions (m,); the candidate's code gets the error where these are no rows."""
        sound = isinstance(rows, np.ndarray) and rows.dtype == np.float64 and rows.ndim == 2
        if not sound or rows.shape[1] != self.d or len(rows) == 0:
            raise TypeError(f"rows must be a float64 array (m, {self.d})")
        self.calls, self.rows = self.calls + 1, self.rows + len(rows)
        hidden = rows @ self.first
        return np.tanh(hidden) @ self.second + (hidden[:, 0] > 0.3) * hidden[:, 1] ** 2 + 4.0


def assert_few(calls):
    """At most as many calls as the statement allows."""
    assert calls <= MOST_CALLS, (
        f"{calls} calls, at most {MOST_CALLS} are allowed\n调用了 {calls} 次，最多 {MOST_CALLS} 次"
    )


def explained(result):
    """The base as a plain float, and the values."""
    pair = isinstance(result, tuple) and len(result) == 2 and isinstance(result[0], float)
    assert pair, "the result must be a tuple of a float and an array\n结果必须是由浮点数和数组组成的元组"
    return float(result[0]), result[1]


@pytest.mark.task("game")
def test_random_games(candidate, reference, rng):
    """Games of up to seven players, whose coalitions all have values of their own, the empty one too.

    最多七个玩家的博弈，每个联盟各有自己的值，空联盟也是。
    """
    for n in range(1, 8):
        values = rng.normal(rng.normal(0, 5), 3.0, 2**n)
        expected = reference.exact_shapley(Game(values, n), n)
        assert_close(candidate.exact_shapley(Game(values, n), n), expected)


@pytest.mark.task("game")
def test_no_players(candidate, rng):
    """Without players the result is an empty array of float64; with one it has one value.

    没有玩家时结果是空的 float64 数组；有一个玩家时结果有一个值。
    """
    for n in (0, 1):
        values = rng.normal(size=2**n)
        assert_close(candidate.exact_shapley(Game(values, n), n), np.diff(values))


@pytest.mark.task("game")
def test_airport(candidate, rng):
    """Who shares a stretch of the runway pays an equal part of it; equal planes pay the same.

    共用一段跑道的各方平摊这一段；相同的飞机付得一样多。
    """
    n = int(rng.integers(8, 12))
    cost = np.append(rng.integers(1, 40, n - 1), 0)  # the last one needs no runway
    cost[1] = cost[0]
    cost = rng.permutation(cost)
    members = np.arange(2**n)[:, None] >> np.arange(n) & 1
    ends = np.append(0, np.unique(cost[cost > 0]))
    share = np.diff(ends) / [(cost >= end).sum() for end in ends[1:]]
    expected = np.array([share[ends[1:] <= own].sum() for own in cost])
    assert_close(candidate.exact_shapley(Game((members * cost).max(axis=1), n), n), expected)


@pytest.mark.task("game")
def test_council_with_vetoes(candidate, rng):
    """Twelve seats, some with a veto, and a number of the others must agree: power is the share of orders one decides.

    十二个席位，其中若干个有否决权，其余的还须有一定数量同意：权力等于由自己决定结果的顺序所占的比例。
    """
    n, vetoes = 12, int(rng.integers(2, 5))
    others = n - vetoes
    needed = int(rng.integers(2, others))
    veto = rng.permutation(n) < vetoes
    members = (np.arange(2**n)[:, None] >> np.arange(n) & 1).astype(bool)
    passes = members[:, veto].all(axis=1) & (members[:, ~veto].sum(axis=1) >= needed)
    # One of the others decides if all with a veto and needed - 1 others came before.
    before = vetoes + needed - 1
    without = comb(others - 1, needed - 1) * factorial(before) * factorial(n - 1 - before) / factorial(n)
    expected = np.where(veto, (1 - others * without) / vetoes, without)
    assert_close(candidate.exact_shapley(Game(passes, n), n), expected)


@pytest.mark.task("coalitions")
def test_each_coalition_once(candidate, reference, rng):
    """No coalition is evaluated twice, in at most 100 calls, and the values are right.

    任何联盟都不会求值两次，调用不超过 100 次，并且结果正确。
    """
    for n in (1, 2, int(rng.integers(7, 11)), 12):
        values = rng.normal(size=2**n)
        expected = reference.exact_shapley(Game(values, n), n)
        game = Game(values, n)
        assert_close(candidate.exact_shapley(game, n), expected)
        game.check_calls()


@pytest.mark.task("coalitions")
def test_rows_of_predict(candidate, reference, rng):
    """The model predicts each coalition's rows once, in at most 100 calls, and those of the background are among them.

    模型对每个联盟的各行只预测一次，调用不超过 100 次；背景各行的预测也包含在内。
    """
    for d in (1, int(rng.integers(2, 4)), 8):
        b, model = int(rng.integers(9, 14)), Model(rng, d)
        x, background = rng.normal(size=d), rng.normal(size=(b, d))
        expected = explained(reference.explain_row(model, x, background))
        model.calls, model.rows = 0, 0
        assert_close(explained(candidate.explain_row(model, x, background)), expected)
        assert model.rows <= b * 2**d, (
            f"{model.rows} rows were predicted, at most {b * 2**d} are allowed\n预测了 {model.rows} 行，最多 {b * 2**d} 行"
        )
        assert_few(model.calls)


@pytest.mark.task("model")
def test_explanations(candidate, reference, rng):
    """A model with steps and products over backgrounds of any number of rows, some of them equal to each other or to x.

    带有阶跃与乘积的模型，背景行数任意，有的行彼此相同，或与 `x` 相同。
    """
    for d, b in ((1, 4), (2, 1), (3, 8), (5, 3), (4, 6)):
        model, x, background = Model(rng, d), rng.normal(size=d), rng.normal(1.0, 2.0, (b, d))
        if b > 3:
            background[rng.permutation(b)[:3]] = x, background[0], background[0]
        expected = explained(reference.explain_row(model, x, background))
        assert_close(explained(candidate.explain_row(model, x, background)), expected)


@pytest.mark.task("model")
def test_model_without_interactions(candidate, rng):
    """Where features act on their own, each gets its function at x less the mean over the background.

    特征之间没有交互时，每个特征得到的是它在 `x` 处的函数值减去背景上的平均。
    """
    d, b = distinct_sizes(rng, 2, 3, 7)
    x, background, slope = rng.normal(size=d), rng.normal(size=(b, d)), rng.normal(size=d)
    slope[int(rng.integers(d))] = 0.0  # a feature that the model does not use
    predict = lambda rows: np.exp(rows / 2) @ slope  # noqa: E731
    expected = slope * (np.exp(x / 2) - np.exp(background / 2).mean(axis=0))
    base = float((np.exp(background / 2) @ slope).mean())
    assert_close(explained(candidate.explain_row(predict, x, background)), (base, expected))


@pytest.mark.task("model")
def test_no_features(candidate, rng):
    """Without features there is a base and no value; with one that every row shares its value is 0.

    没有特征时只有 `base`，没有各特征的值；只有一个且各行都相同的特征时，它的值为 0。
    """
    for d in (0, 1):
        level, x = float(rng.normal()), rng.normal(size=d)
        background = np.tile(x, (int(rng.integers(2, 5)), 1))
        result = candidate.explain_row(lambda rows, level=level: np.full(len(rows), level), x, background)
        assert_close(explained(result), (level, np.zeros(d)))


@pytest.mark.task("contract")
def test_bad_arguments(candidate, rng):
    """A negative number of players and rows that do not fit raise ValueError, alone and two at a time.

    玩家数为负或各行对不上时抛出 `ValueError`，单独或同时出现两种都一样。
    """
    sound = {"value": lambda c: np.zeros(len(c)), "n": 0}
    assert_close(assert_refuses(candidate.exact_shapley, sound, {"n": [-1, -3]}), np.zeros(0))
    d, b = distinct_sizes(rng, 2, 2, 5)
    x, background = rng.normal(size=d), rng.normal(size=(b, d))
    sound = {"predict": lambda rows: rows.sum(axis=1), "x": x, "background": background}
    bad = {
        "x": [x[None], np.array(1.0), x[:1], np.append(x, 0.0), x[:0]],
        "background": [background[0], background[None], background[:, :1], background[:0], background[:, :0]],
        ("x", "background"): [(np.tile(x, (b, 1)), background), (x[:0], background[:0, :0])],
    }
    base, phi = explained(assert_refuses(candidate.explain_row, sound, bad, pairs=False))
    assert_close((base, phi), (float(background.sum(axis=1).mean()), x - background.mean(axis=0)))


@pytest.mark.task("contract")
def test_arguments_stay(candidate, reference, rng):
    """The row and the background are as they were, after values that are right.

    在结果正确的前提下，`x` 和背景保持原样。
    """
    d, b = distinct_sizes(rng, 2, 3, 7)
    model, x, background = Model(rng, d), rng.normal(size=d), rng.normal(size=(b, d))
    expected = explained(reference.explain_row(model, x, background))
    assert_close(explained(candidate.explain_row(model, x, background)), expected)
    assert_unchanged(x, background)
