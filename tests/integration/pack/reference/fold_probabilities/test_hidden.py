"""Hidden cases of fold_probabilities."""

import numpy as np
import pytest

from grader.judge import assert_close, assert_unchanged


def data(rng, scale=1.0):
    """Rows (60, 3), labels that depend on them, and three folds of unequal scale."""
    folds = rng.permutation(np.arange(60) % 3)
    x = rng.normal(0, 1, (60, 3)) * np.where(folds == 0, scale, 1.0)[:, None]
    return x, (x[:, 0] + rng.normal(0, 0.5, 60) > 0).astype(np.int64), folds


@pytest.mark.task("values")
def test_random_rows(candidate, reference, rng):
    """Probabilities are those of a model per fold.
    概率来自每折各自的模型。
    """
    x, y, folds = data(rng)
    expected = reference.fold_probabilities(x, y, folds)
    assert_close(candidate.fold_probabilities(x, y, folds), expected)
    assert_unchanged(x, y, folds)


@pytest.mark.task("leak")
def test_a_fold_of_another_scale(candidate, reference, rng):
    """A fold does not take part in its own scaling.
    一折不参与自己的标准化。
    """
    x, y, folds = data(rng, scale=50.0)
    expected = reference.fold_probabilities(x, y, folds)
    assert_close(candidate.fold_probabilities(x, y, folds), expected)
