"""Keeps what each bucket lacks to be full, in whole parts of 1 / period of a token, instead of what it holds."""


class RateLimiter:
    def __init__(self, capacity: int, refill: int, period: int) -> None:
        if min(capacity, refill, period) < 1:
            raise ValueError("capacity, refill and period must be at least 1")
        self.size = capacity * period
        self.refill = refill
        self.period = period
        self.clock = 0
        self.lacking: dict[str, tuple[int, int]] = {}  # how much, and when that was

    def _advance(self, now: int) -> None:
        self.clock = max(self.clock, now)

    def _lacks(self, key: str) -> int:
        amount, then = self.lacking.get(key, (0, 0))
        return max(0, amount - self.refill * (self.clock - then))

    def _begin(self, now: int, cost: int) -> int:
        """Check the cost and advance the clock; the cost in parts."""
        if cost < 1:
            raise ValueError("cost must be at least 1")
        self._advance(now)
        return cost * self.period

    def _ticks(self, key: str, parts: int) -> int | None:
        """How long until the bucket lacks so little that `parts` are in it."""
        if parts > self.size:
            return None
        excess = self._lacks(key) + parts - self.size
        return max(0, -(-excess // self.refill))

    def _take(self, key: str, parts: int) -> None:
        self.lacking[key] = (self._lacks(key) + parts, self.clock)

    def try_acquire(self, key: str, now: int, cost: int = 1) -> bool:
        parts = self._begin(now, cost)
        granted = self._ticks(key, parts) == 0
        if granted:
            self._take(key, parts)
        return granted

    def wait_time(self, key: str, now: int, cost: int = 1) -> int | None:
        return self._ticks(key, self._begin(now, cost))

    def reserve(self, key: str, now: int, cost: int = 1) -> int | None:
        parts = self._begin(now, cost)
        ticks = self._ticks(key, parts)
        if ticks is not None:
            self._take(key, parts)
        return ticks

    def drop_full(self, now: int) -> int:
        self._advance(now)
        full = [key for key in self.lacking if self._lacks(key) == 0]
        for key in full:
            del self.lacking[key]
        return len(full)

    def held(self) -> int:
        return len(self.lacking)
