"""Token bucket rate limiter; the contract is in statement.en.md (English) and statement.zh.md (Chinese)."""


class RateLimiter:
    """A bucket of tokens for each key, refilled by `refill` tokens in `period` ticks; ValueError for a number below 1."""

    def __init__(self, capacity: int, refill: int, period: int) -> None:
        raise NotImplementedError

    def try_acquire(self, key: str, now: int, cost: int = 1) -> bool:
        """Take `cost` tokens if they are there."""
        raise NotImplementedError

    def wait_time(self, key: str, now: int, cost: int = 1) -> int | None:
        """Ticks until the bucket holds `cost` tokens; None if it never can."""
        raise NotImplementedError

    def reserve(self, key: str, now: int, cost: int = 1) -> int | None:
        """Take `cost` tokens, be they there or not, and say how many ticks the caller has to wait; None if never."""
        raise NotImplementedError

    def drop_full(self, now: int) -> int:
        """Forget the buckets that are full, and say how many."""
        raise NotImplementedError

    def held(self) -> int:
        """How many buckets are held."""
        raise NotImplementedError
