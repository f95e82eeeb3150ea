"""The reference of token_bucket against what others publish: tables of Go's rate package, and the rules of RFC 2697.

The tables are the calls and results of the tests of golang.org/x/time/rate, in steps of 100 ms at ten tokens a second.
RFC 2697 counts a token at a time, CIR of them per second; with an excess burst of 0, those that conform are green.
The third check is the virtual scheduling algorithm (GCRA) of ATM networks, which keeps a time and no level.
"""

from __future__ import annotations

import runpy
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

ROOT = Path(__file__).resolve().parents[2]
RateLimiter = runpy.run_path(str(ROOT / "reference" / "token_bucket" / "solution.py"))["RateLimiter"]
STEP = 100_000_000  # nanoseconds
BURST_1 = [(0, 1, 1), (0, 1, 0), (0, 1, 0), (1, 1, 1), (1, 1, 0), (1, 1, 0), (2, 2, 0), (2, 1, 1), (2, 1, 0)]
BURST_3 = [(0, 2, 1), (0, 2, 0), (0, 1, 1), (0, 1, 0), (1, 4, 0), (2, 1, 1), (3, 1, 1), (4, 1, 1), (4, 1, 1)]
BURST_3 += [(4, 1, 0), (4, 1, 0), (9, 3, 1)]


@pytest.mark.parametrize(("burst", "table"), [(1, BURST_1), (3, BURST_3)])
def test_table_of_calls(burst: int, table: list[tuple[int, int, int]]) -> None:
    """Step, tokens, granted or not."""
    limiter = RateLimiter(burst, 10, 10 * STEP)
    for step, tokens, granted in table:
        assert limiter.try_acquire("a", step * STEP, tokens) is bool(granted)


def test_table_of_reservations() -> None:
    """Reservations of two tokens at steps 0, 0 and 3 may act at steps 0, 2 and 4; three of two never."""
    limiter = RateLimiter(2, 10, 10 * STEP)
    acts = [(step, step + limiter.reserve("a", step * STEP, 2) // STEP) for step in (0, 0, 3)]
    assert acts == [(0, 0), (0, 2), (3, 4)]
    limiter = RateLimiter(2, 10, 10 * STEP)
    assert limiter.reserve("a", 0, 3) is None
    assert limiter.reserve("a", 0, 2) == 0
    assert not limiter.try_acquire("a", STEP, 2)
    assert limiter.reserve("a", STEP, 2) == STEP
    assert not limiter.try_acquire("a", STEP, 1)
    assert limiter.try_acquire("a", 3 * STEP, 1)


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(st.integers(1, 9), st.integers(1, 4), st.lists(st.tuples(st.integers(0, 9), st.integers(1, 9)), max_size=30))
def test_green_packets(cbs: int, cir: int, packets: list[tuple[int, int]]) -> None:
    """Tc starts at CBS, goes up by one CIR times a second unless it is CBS, and down by the bytes of a green packet."""
    limiter, tokens, now = RateLimiter(cbs, cir, 1), cbs, 0
    for seconds, size in packets:
        for _ in range(seconds * cir):
            tokens += tokens < cbs
        now += seconds
        green = tokens - size >= 0
        tokens -= size if green else 0
        assert limiter.try_acquire("", now, size) is green


@settings(max_examples=80, deadline=None, derandomize=True, database=None)
@given(
    st.integers(1, 8),
    st.integers(1, 7),
    st.integers(1, 40),
    st.lists(st.tuples(st.integers(0, 50), st.integers(1, 9), st.booleans()), max_size=40),
)
def test_virtual_scheduling(capacity: int, refill: int, period: int, calls: list[tuple[int, int, bool]]) -> None:
    """A call conforms unless it comes before the theoretical arrival time less the tolerance, or waits till then."""
    increment = Fraction(period, refill)
    limiter, arrival, now = RateLimiter(capacity, refill, period), Fraction(0), 0
    for gap, cost, reserves in calls:
        now += gap
        after = max(arrival, Fraction(now)) + cost * increment
        due = after - capacity * increment
        wait = max(0, -((now - due) // 1))
        if cost > capacity:
            assert (limiter.wait_time("a", now, cost), limiter.try_acquire("a", now, cost)) == (None, False)
            assert limiter.reserve("a", now, cost) is None
            continue
        assert limiter.wait_time("a", now, cost) == wait
        if reserves:
            assert limiter.reserve("a", now, cost) == wait
            arrival = after
        else:
            assert limiter.try_acquire("a", now, cost) is (now >= due)
            arrival = after if now >= due else arrival
        held, dropped = limiter.held(), limiter.drop_full(now)
        assert dropped == (held == 1 and arrival <= now)
