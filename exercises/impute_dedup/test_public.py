"""Public cases of impute_dedup: small ones, worked out by hand."""

import numpy as np
import pandas as pd
import pytest

from grader.judge import assert_close

DAYS = pd.to_datetime(["2026-01-03", "2026-01-01", "2026-01-03", None, "2026-01-05"])


def table(**columns):
    """A table with ids, days and further columns."""
    return pd.DataFrame({"id": pd.Series(["x", "x", "x", None, None], dtype="str"), "day": DAYS, **columns})


@pytest.mark.task("duplicates")
def test_newest_by_hand(candidate):
    """Of three rows of x the last of the newest stays; rows without an id stay both.

    三行 x 中保留最新且靠后的一行；没有 id 的两行都保留。
    """
    given = table(n=[1, 2, 3, 4, 5])
    train, test = candidate.clean_tables(given, given[:2], ["id"], "day")
    assert_close(train, given.iloc[[2, 3, 4]])
    assert_close(test, given.iloc[[0]])


@pytest.mark.task("filling")
def test_filled_by_hand(candidate):
    """The dropped 9 and red do not count: the median is 3, and of blue and green, once each, blue is smaller.

    被丢弃的 9 和 red 不算：中位数是 3；blue 与 green 各一次，blue 较小。
    """
    given = table(size=[9.0, 9.0, 2.0, np.nan, 4.0], color=["red", "red", "green", "blue", None])
    train, test = candidate.clean_tables(given, given[3:4], ["id"], "day")
    assert_close(train["size"].tolist(), [2.0, 3.0, 4.0])
    assert_close(train["color"].tolist(), ["green", "blue", "blue"])
    assert_close(test["size"].tolist(), [3.0])


@pytest.mark.task("contract")
def test_no_keys(candidate):
    """No keys raise ValueError; tables without rows stay without.

    没有键时抛出 `ValueError`；没有行的表仍没有行。
    """
    given = table(n=[1, 2, 3, 4, 5])
    train, test = candidate.clean_tables(given[:0], given[:0], ["id"], "day")
    assert_close(train, given[:0])
    assert_close(test, given[:0])
    with pytest.raises(ValueError):
        candidate.clean_tables(given, given, [], "day")
