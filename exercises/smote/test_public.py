"""Public cases of smote: small literal data whose neighbours can be seen by eye."""

import numpy as np
import pytest

from grader.judge import assert_close

# six rows of class 0 on the left; class 7 has three rows: one far off, two close together
X = np.array([[-9, 0], [-8, 1], [-9, 2], [-7, 0], [-8, 3], [-7, 2], [10, 0], [0, 0], [2, 1]], dtype=float)
Y = np.array([0, 0, 0, 0, 0, 0, 7, 7, 7])


@pytest.mark.task("counts")
def test_fills_up_to_the_majority(candidate):
    """The given rows come first and unchanged, then as many minority rows as are missing.

    给定的行排在最前且保持不变，随后补足少数类所缺的行。
    """
    rows, labels = candidate.smote(X, Y, k=2, rng=np.random.default_rng(0))
    assert_close(labels, np.array([*Y, 7, 7, 7]))
    assert_close(rows.shape, (12, 2))
    assert_close(rows[:9], X)


@pytest.mark.task("counts")
def test_nothing_to_do(candidate):
    """When the ratio is met already, the rows come back as they are; a higher ratio adds rows.

    已经达到 `ratio` 时，各行原样返回；`ratio` 更高时则新增行。
    """
    rows, labels = candidate.smote(X, Y, ratio=0.5, rng=np.random.default_rng(0))
    assert_close(rows, X)
    assert_close(labels, Y)
    assert_close(len(candidate.smote(X, Y, k=2, ratio=0.75, rng=np.random.default_rng(0))[1]), 10)


@pytest.mark.task("segments")
def test_new_rows_lie_between_neighbours(candidate):
    """With k=1 every new row lies between (0, 0) and (2, 1), or between (10, 0) and its neighbour (2, 1).

    `k=1` 时，每个新行都在 (0, 0) 与 (2, 1) 之间，或在 (10, 0) 与其近邻 (2, 1) 之间。
    """
    majority = np.full((300, 2), -9.0)
    rows, _ = candidate.smote(
        np.concatenate([majority, X[6:]]), np.array([0] * 300 + [7] * 3), k=1, rng=np.random.default_rng(0)
    )
    new = rows[303:]
    assert_close(new.shape, (297, 2))
    left = new[:, 0] <= 2
    height = np.where(left, new[:, 0] / 2, (10 - new[:, 0]) / 8)
    assert_close(new[:, 1], height, atol=1e-12)
    assert (new[:, 0] >= 0).all(), "a new row lies beyond (0, 0)\n有新行超出了 (0, 0)"
    assert (new[:, 0] <= 10).all(), "a new row lies beyond (10, 0)\n有新行超出了 (10, 0)"
    assert left.any(), "no new row lies between (0, 0) and (2, 1)\n没有新行位于 (0, 0) 与 (2, 1) 之间"
    assert not left.all(), "no new row lies between (10, 0) and (2, 1)\n没有新行位于 (10, 0) 与 (2, 1) 之间"


@pytest.mark.task("tiny")
def test_two_minority_rows(candidate):
    """Two minority rows have one neighbour each, however large k is.

    只有两个少数类的行时，无论 `k` 多大，每行都只有一个近邻。
    """
    without_far = np.arange(9) != 6
    rows, labels = candidate.smote(X[without_far], Y[without_far], k=5, rng=np.random.default_rng(0))
    assert_close(labels[8:], np.array([7] * 4))
    assert_close(rows[8:, 1], rows[8:, 0] / 2, atol=1e-12)


@pytest.mark.task("generator")
def test_same_state_same_rows(candidate):
    """Generators in the same state give the same rows, others give other rows.

    状态相同的生成器给出相同的行，其他生成器给出不同的行。
    """
    first, again, other = (candidate.smote(X, Y, k=2, rng=np.random.default_rng(seed))[0] for seed in (1, 1, 2))
    assert_close(first.shape, (12, 2))
    assert_close(again, first, rtol=0.0, atol=0.0)
    assert not np.array_equal(first, other), (
        "two different generators gave the same rows\n两个不同的生成器给出了相同的新行"
    )


@pytest.mark.task("arguments")
def test_bad_arguments(candidate):
    """A k of 0, a ratio above 1 and a third class raise ValueError; good arguments do not.

    `k` 为 0、`ratio` 大于 1、出现第三个类别时，都抛出 `ValueError`；正确的参数不会。
    """
    assert_close(len(candidate.smote(X, Y, k=1, ratio=1.0)[0]), 12)
    for bad in ({"k": 0}, {"ratio": 1.5}, {"y": np.array([0, 0, 0, 0, 1, 1, 7, 7, 7])}):
        with pytest.raises(ValueError):
            candidate.smote(**{"X": X, "y": Y, **bad})
