"""Token buckets with a lazy refill, in whole numbers: a token is `period` parts, and each tick brings `refill` of them."""


class RateLimiter:
    """For each key whose bucket was ever taken from: its level in parts, and the time of that level."""

    def __init__(self, capacity, refill, period):
        if min(capacity, refill, period) < 1:
            raise ValueError("capacity, refill and period must be at least 1")
        self.refill, self.period = refill, period
        self.full = capacity * period
        self.clock = 0
        self.buckets = {}

    def try_acquire(self, key, now, cost=1):
        """Take `cost` tokens if they are there."""
        left = self._left(key, now, cost)
        if left < 0:  # always so for a cost above the capacity
            return False
        self.buckets[key] = left, self.clock
        return True

    def wait_time(self, key, now, cost=1):
        """Ticks until the bucket holds `cost` tokens; None if it never can."""
        left = self._left(key, now, cost)
        if cost * self.period > self.full:
            return None
        return max(0, -(left // self.refill))  # the division rounds down, so the ticks are rounded up

    def reserve(self, key, now, cost=1):
        """Take `cost` tokens, be they there or not, and say how many ticks the caller has to wait; None if never."""
        wait = self.wait_time(key, now, cost)
        if wait is not None:
            self.buckets[key] = self._left(key, now, cost), self.clock
        return wait

    def drop_full(self, now):
        """Forget the buckets that are full, which no later answer can tell from new ones, and say how many."""
        self.clock = max(self.clock, now)
        full = [key for key in self.buckets if self._level(key) == self.full]
        for key in full:
            del self.buckets[key]
        return len(full)

    def held(self):
        """How many buckets are held."""
        return len(self.buckets)

    def _level(self, key):
        """Parts in the bucket at the clock's time; a bucket that is not held is full."""
        parts, since = self.buckets.get(key, (self.full, self.clock))
        return min(self.full, parts + (self.clock - since) * self.refill)

    def _left(self, key, now, cost):
        """Move the clock, and say how many parts would be left after the cost: below 0 if they do not suffice."""
        if cost < 1:
            raise ValueError("cost must be at least 1")
        self.clock = max(self.clock, now)
        return self._level(key) - cost * self.period
