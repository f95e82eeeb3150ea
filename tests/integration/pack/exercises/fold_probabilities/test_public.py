"""Public cases of fold_probabilities."""

import numpy as np
import pytest

from grader.judge import assert_close


@pytest.mark.task("values")
def test_classes_that_fall_apart(candidate):
    """Two folds of the same two points: each row is told apart.
    两折是同样的两个点：每一行都能分对。
    """
    x, y = np.array([[0.0], [1.0], [0.0], [1.0]]), np.array([0, 1, 0, 1])
    p = candidate.fold_probabilities(x, y, np.array([0, 0, 1, 1]))
    assert_close(p > 0.5, y == 1)
