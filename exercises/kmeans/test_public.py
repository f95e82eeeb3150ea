"""Public cases of kmeans: small ones, worked out by hand."""

import numpy as np
import pytest

from grader.judge import assert_close

X = np.array([[0.0, 0.0], [0.0, 2.0], [10.0, 0.0], [10.0, 2.0], [10.0, 4.0]])


@pytest.mark.task("seeding")
def test_seeds_of_two_values(candidate):
    """Rows of two values: the second seed has the other value, and all rows are seeds where k is n.

    各行只有两种值：第二个种子取另一种值；`k` 等于 n 时每一行都是种子。
    """
    rows = np.array([[3.0], [3.0], [3.0], [8.0], [8.0]])
    for seed in range(5):
        seeds = candidate.kmeans_plus_plus(rows, 2, np.random.default_rng(seed))
        assert_close(np.sort(rows[seeds].ravel()), np.array([3.0, 8.0]))
        every = candidate.kmeans_plus_plus(rows, 5, np.random.default_rng(seed))
        assert_close(np.sort(every), np.arange(5))


@pytest.mark.task("iterations")
def test_two_clusters_by_hand(candidate):
    """One iteration from two close centers, and as many as it takes from two others.

    从两个很近的中心出发做一次迭代；从另外两个中心出发一直做到停止。
    """
    centers, labels, inertia = candidate.lloyd(X, np.array([[0.0, 0.0], [0.0, 2.0]]), 1)
    assert_close(centers, np.array([[5.0, 0.0], [20 / 3, 8 / 3]]))
    assert_close(labels, np.array([0, 0, 1, 1, 1]))
    assert_close(inertia, 290 / 3)
    centers, labels, inertia = candidate.lloyd(X, np.array([[0.0, 1.0], [10.0, 0.0]]), 50)
    assert_close(centers, np.array([[0.0, 1.0], [10.0, 2.0]]))
    assert_close(labels, np.array([0, 0, 1, 1, 1]))
    assert_close(inertia, 10.0)


@pytest.mark.task("empty")
def test_a_far_center(candidate):
    """A center that no row is nearest to takes the row farthest from its own center.

    没有一行离它最近的中心，会得到离自己中心最远的那一行。
    """
    centers, labels, _ = candidate.lloyd(X, np.array([[0.0, 1.0], [99.0, 99.0], [10.0, 1.0]]), 1)
    assert_close(centers, np.array([[0.0, 1.0], [10.0, 4.0], [10.0, 1.0]]))
    assert_close(labels, np.array([0, 0, 2, 2, 1]))


@pytest.mark.task("contract")
def test_too_many_clusters(candidate):
    """More clusters than rows raise ValueError; as many do not.

    簇数多于行数时抛出 `ValueError`，相等时不抛出。
    """
    assert_close(candidate.lloyd(X, X, 3)[2], 0.0)
    with pytest.raises(ValueError):
        candidate.kmeans_plus_plus(X, 6, np.random.default_rng(0))
    with pytest.raises(ValueError):
        candidate.lloyd(X, np.zeros((6, 2)), 3)
