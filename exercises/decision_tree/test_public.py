"""Public cases of decision_tree: small ones, worked out by hand."""

import numpy as np
import pytest

from grader.judge import assert_close

X = np.array([[1.0, 5.0], [2.0, 5.0], [6.0, 5.0], [8.0, 5.0], [9.0, 5.0]])
Y = np.array([4, 4, 7, 7, 4])


@pytest.mark.task("split")
def test_a_split_by_hand(candidate):
    """Between 2 and 6: two rows of impurity 0 and three of 4/9 beat every other cut; the second column is constant.

    在 2 与 6 之间：两行不纯度为 0，三行为 4/9，优于其他划分；第二列是常数。
    """
    feature, threshold = candidate.best_split(X, Y)
    assert_close(int(feature), 0)
    assert_close(float(threshold), 4.0)
    assert candidate.best_split(X, Y * 0) is None, "labels that are all equal need no split\n标签全都相同，不需要划分"


@pytest.mark.task("tree")
def test_a_tree_by_hand(candidate):
    """Two levels separate the labels, one level leaves a leaf of three rows.

    两层可以分开所有标签；只有一层时，有一个叶子含三行。
    """
    probes = np.array([[4.0, 5.0], [4.5, 5.0], [8.5, 5.0], [8.6, 5.0]])
    assert_close(candidate.DecisionTree().fit(X, Y).predict(probes), np.array([4, 7, 7, 4]))
    stump = candidate.DecisionTree(max_depth=1).fit(X, Y)
    assert_close(stump.predict_proba(probes), np.array([[1.0, 0.0]] + [[1 / 3, 2 / 3]] * 3))


@pytest.mark.task("contract")
def test_bad_limits(candidate):
    """A leaf of no rows and a negative depth raise ValueError.

    叶子行数为 0 或深度为负时抛出 `ValueError`。
    """
    assert_close(candidate.DecisionTree(max_depth=0).fit(X, Y).predict(X), np.array([4] * 5))
    for limits in ({"min_samples_leaf": 0}, {"max_depth": -1}):
        with pytest.raises(ValueError):
            candidate.DecisionTree(**limits)
