"""Public cases of customer_spend."""

import pandas as pd
import pytest

from grader.judge import assert_close


@pytest.mark.task("values")
def test_three_orders(candidate):
    """Two customers, one of them twice.
    两位客户，其中一位下了两单。
    """
    days = pd.to_datetime(["2026-01-02", "2026-01-05", "2026-01-03"])
    orders = pd.DataFrame({"customer": ["b", "a", "b"], "day": days, "amount": [1.0, 2.0, 0.5]})
    expected = {"customer": ["a", "b"], "orders": [1, 2], "spent": [2.0, 1.5], "last_day": days[1:]}
    assert_close(candidate.customer_spend(orders), pd.DataFrame(expected))
