"""Public cases of nested_cv: small ones, whose results can be worked out."""

import numpy as np
import pytest

from grader.judge import assert_close

X = np.arange(8.0)[:, None]
Y = np.arange(8) % 2


@pytest.mark.task("scores")
def test_a_line(driver):
    """On a straight line the least regularization wins in every outer pair, and leaves almost no error.

    数据是一条直线时，每次外层划分都选中最弱的正则化，几乎没有误差。
    """
    grid = {"ridge__alpha": [10.0, 1e-9], "scale__with_std": [True]}
    scores, chosen = driver.run("ridge", grid, X, 2 * X[:, 0] + 1, ("plain", 2), ("plain", 2))
    assert_close(scores, np.zeros(2), atol=1e-6)
    assert_close(chosen, [{"ridge__alpha": 1e-9, "scale__with_std": True}] * 2)


@pytest.mark.task("selection")
def test_ties(driver):
    """Of three candidates with the same mean the first one in the grid is chosen.

    三个候选平均相等时，选网格中的第一个。
    """
    grid = {"width": [4, 2, 3], "depth": [2]}
    assert_close(driver.run("stepped", grid, X, Y, ("plain", 2), ("plain", 2))[1], [{"width": 2, "depth": 2}] * 2)
    grid = {"width": [9, 4, 7], "depth": [2]}
    assert_close(driver.run("stepped", grid, X, Y, ("plain", 2), ("plain", 2))[1], [{"width": 9, "depth": 2}] * 2)


@pytest.mark.task("groups")
def test_two_rows_each(driver):
    """Groups reach both splitters: without them a splitter of groups raises an error.

    分组信息会传给两个划分器：没有它，按组划分就会报错。
    """
    groups = np.arange(8) // 2
    scores, chosen = driver.run("stepped", {"width": [1]}, X, Y, ("group", 4), ("group", 3), groups)
    assert_close((scores, chosen), (np.zeros(4), [{"width": 1}] * 4))


@pytest.mark.task("estimator")
def test_nothing_is_learned(driver):
    """The estimator that was handed in has learned nothing.

    传入的估计器没有学到任何东西。
    """
    scores, _ = driver.run("stepped", {"width": [1, 2]}, X, Y, ("plain", 2), ("plain", 2))
    assert_close((scores, driver.left()["fitted"]), (np.zeros(2), []))


@pytest.mark.task("contract")
def test_a_row_too_few(driver):
    """Labels for all rows are accepted, for all but one they raise ValueError.

    每行都有标签可以，少一个则抛出 `ValueError`。
    """
    assert_close(len(driver.run("stepped", {}, X, Y, ("plain", 2), ("plain", 2))[1]), 2)
    with pytest.raises(ValueError):
        driver.run("stepped", {}, X, Y[:-1], ("plain", 2), ("plain", 2))
