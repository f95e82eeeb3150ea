"""Hidden cases of nested_cv: scores that hang on every row of a fit show which rows took part in what."""

import itertools
import math

import numpy as np
import pytest
from sklearn.model_selection import GroupKFold, KFold, StratifiedKFold, TimeSeriesSplit

from grader.judge import assert_close, assert_leaves_no_state, assert_unchanged

APART = 1e-5  # the means of two candidates of which one is chosen


def splits(spec, x, y, groups):
    """The pairs of a splitter that is described as for the driver."""
    kind, k, seed = (*spec, None)[:3]
    if kind == "group":
        return list(GroupKFold(k).split(x, y, groups))
    if kind == "ordered":
        return list(TimeSeriesSplit(k).split(x, y))
    made = StratifiedKFold if kind == "stratified" else KFold
    return list(made(k, shuffle=seed is not None, random_state=seed).split(x, y))


def traced(x, y, train, test, params, fixed=0.25):
    """What the driver's Traced scores on `test` after a fit on `train`, alone or after a Centered (names with a step)."""
    if "trace__width" in params:
        x = x - params["center__share"] * x[train].mean(axis=0)
        params = {"width": params["trace__width"]}
    seen = x[train, 0].sum() + 3 * (x[train, 0] * y[train]).sum()
    turn = 1.7 * params["width"] + 0.9 * params.get("depth", 1) + fixed
    return math.sin(turn * (1 + 0.01 * seen) + 0.37 * x[test, 0].sum() + 0.11 * (x[test, 0] * y[test]).sum())


def expected_of(x, y, grid, outer, inner, groups, telling):
    """Scores and choices of Traced; None where candidates are too close, or (`telling`) another rule chooses the same."""
    names = sorted(grid)
    candidates = [dict(zip(names, values, strict=True)) for values in itertools.product(*(grid[n] for n in names))]
    scores, chosen, same = [], [], np.full(4, telling)
    for train, test in splits(outer, x, y, groups):
        pairs = splits(inner, x[train], y[train], None if groups is None else groups[train])
        table = np.array([[traced(x, y, train[a], train[b], params) for a, b in pairs] for params in candidates])
        means = table.mean(axis=1)
        others = [table @ [len(b) for _, b in pairs], table[:, 0], table.max(axis=1), table.min(axis=1)]
        if np.diff(np.sort(means)[-2:])[0] < APART:
            return None
        same &= np.argmax(others, axis=1) == means.argmax()
        chosen.append(candidates[int(np.argmax(means))])
        scores.append(traced(x, y, train, test, chosen[-1]))
    return None if same.any() else (np.array(scores), chosen)


def a_problem(rng, outer, inner, grouped=False, telling=False, names=("width", "depth")):
    """Rows, labels, groups, a grid and what comes of it; sizes of folds differ."""
    while True:
        n = int(rng.integers(13, 18))
        x = np.stack([rng.permutation(4 * n)[:n].astype(float), rng.normal(size=n)], axis=1)
        y = rng.permutation(np.arange(n) % 2)
        groups = rng.permutation(np.arange(n) % 8) * 7 - 20 if grouped else None
        grid = {name: (rng.permutation(30)[:size] + 1).tolist() for name, size in zip(names, (3, 2), strict=True)}
        expected = expected_of(x, y, grid, outer, inner, groups, telling)
        if expected is not None:
            return x, y, groups, grid, expected


def checked(result):
    """Scores and choices, whose types are as they must be."""
    pair = isinstance(result, tuple) and len(result) == 2 and isinstance(result[1], list)
    assert pair, "the result must be a tuple of scores and a list\n结果必须是由得分和列表组成的元组"
    return result


@pytest.mark.task("scores")
def test_pipeline(driver, rng):
    """A pipeline with parameters of its steps is searched, refitted on all outer training rows, and scored.

    对 pipeline 各步的参数做搜索，在全部外层训练行上重新拟合，再打分。
    """
    outer, inner = ("plain", 2, int(rng.integers(1000))), ("plain", 2)
    x, y, _, grid, expected = a_problem(rng, outer, inner, names=("trace__width", "center__share"))
    assert_close(checked(driver.run("steps", grid, x, y, outer, inner)), expected)


@pytest.mark.task("scores")
def test_fitted_and_scored_on_the_right_rows(driver, rng):
    """With one candidate, or an empty grid, scores are those of a fit on the outer training rows, for any numbers of folds.

    只有一个候选或网格为空时，得分来自在外层训练行上的拟合，折数任意。
    """
    seed = int(rng.integers(1000))
    for outer, grid in (
        (("plain", 2, seed), {"width": [3]}),
        (("plain", 5, seed), {"width": [4], "depth": [2]}),
        (("ordered", 3), {}),
    ):
        k, inner = outer[1], ("plain", 2)
        x, y, *_ = a_problem(rng, outer, inner)
        pairs, params = splits(outer, x, y, None), {name: values[0] for name, values in grid.items()}
        scores = np.array([traced(x, y, train, test, {"width": 1, **params}) for train, test in pairs])
        assert_close(checked(driver.run("traced", grid, x, y, outer, inner)), (scores, [params] * k))


@pytest.mark.task("selection")
def test_choices(driver, rng):
    """The choice is by the plain mean over inner pairs of the outer training rows, all of them, and of no other row.

    选择依据是外层训练行上全部内层划分的简单平均，不涉及其他任何一行。
    """
    for outer, inner in (
        (("plain", 3, int(rng.integers(1000))), ("plain", 3)),
        (("stratified", 2, int(rng.integers(1000))), ("stratified", 3, int(rng.integers(1000)))),
    ):
        x, y, _, grid, expected = a_problem(rng, outer, inner, telling=outer[0] == "plain")
        assert_close(checked(driver.run("traced", grid, x, y, outer, inner)), expected)


@pytest.mark.task("selection")
def test_first_of_equal_means(driver, rng):
    """Of equal means the first in the order of the parameter grid wins, whatever order the names were written in.

    平均相等时，网格顺序中最前的候选胜出，与参数名书写的先后无关。
    """
    x, y = rng.normal(size=(16, 1)), np.arange(16) % 2
    first = None
    while first is None or first == other:  # draw until it matters which name varies fastest
        depth, width = ([int(v) for v in rng.permutation(12)[:size]] for size in (3, 4))
        by_depth, by_width = itertools.product(depth, width), ((d, w) for w in width for d in depth)
        first, other = (min(pairs, key=lambda pair: min(abs(pair[0] - pair[1]), 2)) for pairs in (by_depth, by_width))
    score, best = -float(min(abs(first[0] - first[1]), 2)), {"depth": first[0], "width": first[1]}
    for grid in ({"width": width, "depth": depth}, {"depth": depth, "width": width}):
        result = checked(driver.run("stepped", grid, x, y, ("plain", 2), ("plain", 2)))
        assert_close(result, (np.full(2, score), [best] * 2))


@pytest.mark.task("selection")
def test_nearly_equal_means(driver, rng):
    """A candidate whose mean is larger by a few millionths wins, and so does one whose mean is larger by less than 0.001.

    平均只大百万分之几的候选胜出，大不到 0.001 的也一样。
    """
    x, y = rng.normal(size=(8, 1)), np.arange(8) % 2
    for apart in (2e-6, 4e-4):
        best = 1.5 - apart  # half from the depth of 1, as the others are nearly
        result = checked(driver.run("stepped", {"width": [1.5, best, 1.5 + apart]}, x, y, ("plain", 2), ("plain", 2)))
        assert_close(result, (np.full(2, 1 - best), [{"width": best}] * 2), rtol=0, atol=1e-9)


@pytest.mark.task("groups")
def test_groups(driver, rng):
    """Groups go to the outer splitter whole, and to the inner one for the outer training rows.

    `groups` 整体传给外层划分器；传给内层划分器的只有外层训练行的部分。
    """
    for outer, inner, named in (
        (("group", 3), ("plain", 2), False),
        (("plain", 2, int(rng.integers(1000))), ("group", 3), True),
    ):
        x, y, groups, grid, expected = a_problem(rng, outer, inner, grouped=True)
        assert_close(checked(driver.run("traced", grid, x, y, outer, inner, groups, named)), expected)
        assert_unchanged(groups)


@pytest.mark.task("estimator")
def test_never_fitted(driver, rng):
    """The estimator and its steps are not fitted, and their parameters are as they were, after a result that is right.

    在结果正确的前提下，估计器及其各步没有被拟合，参数保持原样。
    """
    outer, inner = ("plain", 2, int(rng.integers(1000))), ("plain", 2)
    # The first has seen other rows before, and goes on from them: only a clone forgets.
    for kind, names in (("used", ("width", "depth")), ("steps", ("trace__width", "center__share"))):
        x, y, _, grid, expected = a_problem(rng, outer, inner, names=names)
        assert_close(checked(driver.run(kind, grid, x, y, outer, inner)), expected)
        left, kept = driver.left(), {"width": 1, "depth": 1, "fixed": 0.25}
        if kind == "steps":
            kept = {"center__share": 1.0} | {f"trace__{name}": value for name, value in kept.items()}
        assert_close(
            (left["fitted"], {name: left["params"].get(name) for name in kept}),
            (["seen_"] if kind == "used" else [], kept),
        )


@pytest.mark.task("estimator")
def test_number_of_fits(driver, rng):
    """An outer pair takes no more fits than candidates times inner pairs, and one on all its training rows.

    每次外层划分的拟合次数不超过候选数乘以内层划分数，再加上在全部训练行上的一次。
    """
    outer, inner = ("plain", int(rng.integers(3, 5)), 1), ("ordered", 3)  # no pair trains on all the other rows
    x, y, _, grid, expected = a_problem(rng, outer, inner)
    assert_close(checked(driver.run("traced", grid, x, y, outer, inner)), expected)
    sizes = []
    for train, _ in splits(outer, x, y, None):
        sizes += [len(train), *(len(a) for a, _ in splits(inner, x[train], y[train], None) for _ in range(6))]
    assert_close(driver.left()["fits"], sorted(sizes))


@pytest.mark.task("contract")
def test_bad_arguments(driver, rng):
    """Numbers of rows that differ, and an empty list in the grid, raise ValueError; sound arguments do not.

    行数不一致、网格中有空列表时抛出 `ValueError`；参数有效时不会。
    """
    outer, inner = ("plain", 3), ("plain", 2)
    x, y, groups, grid, expected = a_problem(rng, outer, inner, grouped=True)
    assert_close(checked(driver.run("traced", grid, x, y, outer, inner, groups)), expected)
    for bad_x, bad_y, bad_groups, bad_grid in (
        (x, y[:-1], groups, grid),
        (x[:-1], y, None, grid),
        (x, y, groups[:-1], grid),
        (x, y, np.append(groups, 0), grid),
        (x, np.append(y, 0), None, grid),
        (x, y, None, grid | {"width": []}),
        (x, y, groups, {"depth": []}),
    ):
        with pytest.raises(ValueError):
            driver.run("traced", bad_grid, bad_x, bad_y, outer, inner, bad_groups)


@pytest.mark.task("contract")
def test_arguments_stay(driver, rng):
    """Rows, labels, groups, the grid and global random states are as they were, after a result that is right.

    在结果正确的前提下，各行、标签、分组、网格和全局随机状态保持原样。
    """
    outer, inner = ("group", 3), ("group", 2)
    x, y, groups, grid, expected = a_problem(rng, outer, inner, grouped=True)
    assert_close(checked(assert_leaves_no_state(driver.run, "traced", grid, x, y, outer, inner, groups)), expected)
    assert_unchanged(grid, x, y, groups)
