"""Hidden cases of customer_spend."""

import numpy as np
import pandas as pd
import pytest

from grader.judge import assert_close, assert_unchanged


def some_orders(rng, missing):
    """80 orders of six customers, with an index that is in no order; some of them lack a customer or an amount."""
    names = rng.choice(["ann", "bo", "chi", "di", "ed", "王"], 80).astype(object)
    amounts = rng.uniform(1, 100, 80).round(2)
    if missing:
        names[rng.choice(80, 9, replace=False)] = None
        amounts[rng.choice(80, 20, replace=False)] = np.nan
    days = pd.Timestamp("2026-01-01") + pd.to_timedelta(rng.integers(0, 90, 80), unit="D")
    return pd.DataFrame({"customer": names, "day": days, "amount": amounts}, index=rng.permutation(80))


@pytest.mark.task("values")
def test_many_orders(candidate, reference, rng):
    """Counts, sums and last days of random orders.
    随机订单的数量、金额与最后日期。
    """
    orders = some_orders(rng, missing=False)
    expected = reference.customer_spend(orders)
    assert_close(candidate.customer_spend(orders), expected)
    assert_unchanged(orders)


@pytest.mark.task("missing")
def test_orders_that_lack_something(candidate, reference, rng):
    """An order without a customer is left out, one without an amount is counted.
    没有客户的订单不计，没有金额的订单仍算一单。
    """
    orders = some_orders(rng, missing=True)
    expected = reference.customer_spend(orders)
    assert_close(candidate.customer_spend(orders), expected)
