"""Keeps one number for each key: the time at which its bucket will be full, as a fraction of a tick."""

from fractions import Fraction
from math import ceil


class RateLimiter:
    def __init__(self, capacity: int, refill: int, period: int) -> None:
        for number in (capacity, refill, period):
            if number < 1:
                raise ValueError(f"{number} is less than 1")
        self._per_token = Fraction(period, refill)  # ticks
        self._capacity = capacity
        self._now = None
        self._full_at: dict[str, Fraction] = {}

    def _advance(self, now: int) -> None:
        if self._now is None or now > self._now:
            self._now = now

    def _ready(self, key: str, now: int, cost: int) -> tuple[Fraction, int]:
        """When the bucket will be full after this cost, and the ticks until the cost can be met."""
        if not cost >= 1:
            raise ValueError("cost")
        self._advance(now)
        full_at = max(self._full_at.get(key, self._now), self._now) + cost * self._per_token
        return full_at, max(0, ceil(full_at - self._capacity * self._per_token) - self._now)

    def try_acquire(self, key: str, now: int, cost: int = 1) -> bool:
        full_at, ticks = self._ready(key, now, cost)
        if ticks == 0 and cost <= self._capacity:
            self._full_at[key] = full_at
            return True
        return False

    def wait_time(self, key: str, now: int, cost: int = 1) -> int | None:
        _, ticks = self._ready(key, now, cost)
        return ticks if cost <= self._capacity else None

    def reserve(self, key: str, now: int, cost: int = 1) -> int | None:
        full_at, ticks = self._ready(key, now, cost)
        if cost > self._capacity:
            return None
        self._full_at[key] = full_at
        return ticks

    def drop_full(self, now: int) -> int:
        self._advance(now)
        before = len(self._full_at)
        self._full_at = {key: at for key, at in self._full_at.items() if at > self._now}
        return before - len(self._full_at)

    def held(self) -> int:
        return len(self._full_at)
