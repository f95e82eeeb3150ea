"""Public cases of exact_shapley: small ones, worked out by hand."""

import numpy as np
import pytest

from grader.judge import assert_close


@pytest.mark.task("game")
def test_one_left_glove_and_two_right(candidate):
    """A pair of gloves is worth 1; the only left glove gets two thirds of it.

    一双手套价值为 1；唯一的左手套分得三分之二。
    """
    phi = candidate.exact_shapley(lambda c: (c[:, 0] & (c[:, 1] | c[:, 2])).astype(float), 3)
    assert_close(phi, np.array([2 / 3, 1 / 6, 1 / 6]))


@pytest.mark.task("game")
def test_a_single_player(candidate):
    """A player alone gets what it adds to nothing.

    只有一个玩家时，他得到的是相对于空联盟的增量。
    """
    assert_close(candidate.exact_shapley(lambda c: np.where(c[:, 0], 7.0, 5.0), 1), np.array([2.0]))


@pytest.mark.task("coalitions")
def test_four_coalitions(candidate):
    """Two players have four coalitions; more are not asked for.

    两个玩家有四个联盟，不会再求更多。
    """
    asked = []

    def value(coalitions):
        asked.extend(tuple(map(bool, row)) for row in coalitions)
        return coalitions @ np.array([1.0, 2.0])

    assert_close(candidate.exact_shapley(value, 2), np.array([1.0, 2.0]))
    assert len(asked) <= 4, f"{len(asked)} coalitions were evaluated\n求了 {len(asked)} 个联盟的值"


@pytest.mark.task("model")
def test_a_product(candidate):
    """Two features that only work together share what they do.

    两个特征只有合在一起才起作用，各得一半。
    """
    base, phi = candidate.explain_row(lambda rows: rows[:, 0] * rows[:, 1], np.array([2.0, 3.0]), np.zeros((2, 2)))
    assert_close((float(base), phi), (0.0, np.array([3.0, 3.0])))


@pytest.mark.task("contract")
def test_a_feature_too_many(candidate):
    """Rows of two features explain x with two, and not with three.

    背景有两个特征时，只能解释两个特征的 `x`，三个则不行。
    """
    total, background = (lambda rows: rows.sum(axis=1)), np.ones((3, 2))
    base, phi = candidate.explain_row(total, np.array([1.0, 5.0]), background)
    assert_close((float(base), phi), (2.0, np.array([0.0, 4.0])))
    with pytest.raises(ValueError):
        candidate.explain_row(total, np.array([1.0, 5.0, 2.0]), background)
