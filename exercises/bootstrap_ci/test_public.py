"""Public cases of bootstrap_ci: small ones, worked out by hand."""

import numpy as np
import pytest

from grader.judge import assert_close, fresh


def ends(interval):
    """The interval as an array (2,), whatever kind of float its ends are."""
    assert isinstance(interval, tuple) and len(interval) == 2, (
        "the interval must be a tuple (low, high)\n区间必须是元组 (low, high)"
    )
    return np.array([float(end) for end in interval])


@pytest.mark.task("resampling")
def test_one_row_only(candidate, rng):
    """All resamples of a single row are that row.

    只有一行时，每个自助样本都是这一行。
    """
    replicates = candidate.bootstrap_replicates(np.array([3.5]), lambda rows: float(rows.sum()), 4, fresh(rng))
    assert_close(replicates, np.full(4, 3.5))


@pytest.mark.task("percentile")
def test_quartiles_of_five(candidate):
    """At level 0.5 the ends of five replicates are the second and the fourth.

    置信水平为 0.5 时，五个自助统计量的两端是第二个和第四个。
    """
    assert_close(ends(candidate.percentile_interval(np.array([3.0, 1.0, 4.0, 2.0, 5.0]), 0.5)), np.array([2.0, 4.0]))


@pytest.mark.task("bca")
def test_no_bias_and_no_skewness(candidate):
    """Symmetric data and as many replicates below as above: the percentile interval comes back.

    数据对称，且大于和小于估计值的自助统计量一样多：得到的就是百分位区间。
    """
    x, replicates = np.array([-1.0, 0.0, 1.0]), np.array([0.5, -0.25, -0.5, 0.25, 0.0])
    interval = candidate.bca_interval(x, lambda rows: float(rows.mean()), replicates, 0.5)
    assert_close(ends(interval), np.array([-0.25, 0.25]))


@pytest.mark.task("corners")
def test_all_replicates_above(candidate):
    """With no replicate at or below the estimate there is no interval; with one there is.

    没有任何自助统计量小于或等于估计值时区间不存在；有一个时存在。
    """
    x, replicates = np.array([-1.0, 0.0, 1.0]), np.array([2.0, 1.0, 3.0])
    interval = candidate.bca_interval(x, lambda rows: float(rows.mean()), replicates, 0.9)
    assert_close(ends(interval), np.full(2, np.nan))
    interval = candidate.bca_interval(x, lambda rows: float(rows.mean()), replicates - 1.0, 0.9)
    assert np.isfinite(ends(interval)).all(), "the interval is not finite\n区间不是有限数"


@pytest.mark.task("contract")
def test_level_of_one(candidate):
    """A level of 0.5 is accepted, levels of 0 and 1 raise ValueError.

    `level` 为 0.5 可以，为 0 或 1 时抛出 `ValueError`。
    """
    assert_close(ends(candidate.percentile_interval(np.array([7.0]), 0.5)), np.array([7.0, 7.0]))
    for level in (0.0, 1.0):
        with pytest.raises(ValueError):
            candidate.percentile_interval(np.array([7.0]), level)
