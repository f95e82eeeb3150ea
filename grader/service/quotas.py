"""How much a tenant may ask for: requests a minute, submissions in flight, submissions a day."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from grader.model.service import Tenant

IN_FLIGHT_RETRY_S: Final = 30
DAY_S: Final = 86_400
MOST_WAITS: Final = 256
WAITS_RETRY_S: Final = 10


@dataclass(frozen=True, slots=True)
class Refusal:
    """Over a quota: which, its size, and in how many seconds it is worth asking again."""

    quota: str
    size: int
    retry_s: int


class Rates:
    """Requests a minute, by a bucket of tokens for each tenant; each process of the api has buckets of its own."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._buckets: dict[UUID, tuple[float, float]] = {}

    def take(self, tenant: Tenant) -> Refusal | None:
        """Take a token, or say when the next one comes. A full bucket holds a minute's worth."""
        now = self._clock()
        tokens, at = self._buckets.get(tenant.id, (float(tenant.per_minute), now))
        per_s = tenant.per_minute / 60
        tokens = min(float(tenant.per_minute), tokens + (now - at) * per_s)
        if tokens < 1:
            self._buckets[tenant.id] = (tokens, now)
            return Refusal("requests per minute", tenant.per_minute, max(1, int((1 - tokens) / per_s) + 1))
        self._buckets[tenant.id] = (tokens - 1, now)
        return None


class Waits:
    """How many requests of a tenant wait for a verdict in this process; each looks at the database again and again."""

    def __init__(self) -> None:
        self._waiting: Counter[UUID] = Counter()

    def is_full(self, tenant: UUID) -> bool:
        """Whether no further one may wait."""
        return self._waiting[tenant] >= MOST_WAITS

    @asynccontextmanager
    async def one(self, tenant: UUID) -> AsyncIterator[None]:
        """One that waits."""
        self._waiting[tenant] += 1
        try:
            yield
        finally:
            self._waiting[tenant] -= 1


def room_for(tenant: Tenant, in_flight: int, today: int, seconds_of_day: int) -> Refusal | None:
    """Whether one more submission fits; `seconds_of_day` (UTC) says when a day's quota begins anew."""
    if in_flight >= tenant.in_flight:
        return Refusal("submissions in flight", tenant.in_flight, IN_FLIGHT_RETRY_S)
    if today >= tenant.per_day:
        return Refusal("submissions per day", tenant.per_day, max(1, DAY_S - seconds_of_day))
    return None
