"""Keeps for each key what is missing to a full bucket, in parts of a token, and when that was so."""


class RateLimiter:
    """A bucket of tokens for each key, refilled by `refill` tokens in `period` ticks; ValueError for a number below 1."""

    def __init__(self, capacity: int, refill: int, period: int) -> None:
        if min(capacity, refill, period) < 1:
            raise ValueError("capacity, refill and period must be at least 1")
        self.capacity, self.refill, self.period = capacity, refill, period
        self.clock = 0
        self.missing: dict[str, tuple[int, int]] = {}  # parts of 1 / period token, and when

    def _lack(self, key: str) -> int:
        """How many parts are missing to a full bucket."""
        parts, since = self.missing.get(key, (0, self.clock))
        return max(parts - self.refill * (self.clock - since), 0)

    def _ask(self, key: str, now: int, cost: int) -> tuple[int, int]:
        """What would be missing once `cost` tokens were taken, and how far that is more than a bucket holds."""
        if cost < 1:
            raise ValueError("cost must be at least 1")
        self.clock = max(self.clock, now)
        after = self._lack(key) + cost * self.period
        return after, after - self.capacity * self.period

    def _ticks(self, excess: int) -> int:
        return -(min(-excess, 0) // self.refill)

    def try_acquire(self, key: str, now: int, cost: int = 1) -> bool:
        """Take `cost` tokens if they are there."""
        after, excess = self._ask(key, now, cost)
        if excess > 0:
            return False
        self.missing[key] = (after, self.clock)
        return True

    def wait_time(self, key: str, now: int, cost: int = 1) -> int | None:
        """Ticks until the bucket holds `cost` tokens; None if it never can."""
        _, excess = self._ask(key, now, cost)
        return None if cost > self.capacity else self._ticks(excess)

    def reserve(self, key: str, now: int, cost: int = 1) -> int | None:
        """Take `cost` tokens, be they there or not, and say how many ticks the caller has to wait; None if never."""
        after, excess = self._ask(key, now, cost)
        if cost > self.capacity:
            return None
        self.missing[key] = (after, self.clock)
        return self._ticks(excess)

    def drop_full(self, now: int) -> int:
        """Forget the buckets that are full, and say how many."""
        self.clock = max(self.clock, now)
        full = [key for key in self.missing if self._lack(key) == 0]
        for key in full:
            del self.missing[key]
        return len(full)

    def held(self) -> int:
        """How many buckets are held."""
        return len(self.missing)
