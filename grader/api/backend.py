"""What every route needs, made once when the api starts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Annotated, cast

from fastapi import Depends, Request

from grader import wiring
from grader.api.offering import Offering
from grader.database.connection import Pool, open_pool
from grader.database.deliveries import Deliveries
from grader.database.notices import Notices
from grader.database.packs import Packs
from grader.database.queue import Queue
from grader.database.signing_keys import SigningKeys
from grader.database.submissions import Submissions
from grader.database.tenants import Tenants
from grader.model.exercise import Exercise
from grader.service.packs import Shelf
from grader.service.quotas import Rates, Waits
from grader.service.signing import Signer

POOL: int = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Backend:
    """The rows, the exercises, the key that signs."""

    pool: Pool
    tenants: Tenants
    submissions: Submissions
    deliveries: Deliveries
    notices: Notices
    exercises: Mapping[str, Exercise]
    signer: Signer
    signing_keys: SigningKeys
    allow_inside: bool
    rates: Rates = field(default_factory=Rates)
    waits: Waits = field(default_factory=Waits)


@asynccontextmanager
async def open_backend(
    url: str,
    exercises: Mapping[str, Exercise],
    signer: Signer,
    *,
    named: Collection[str] = (),
    allow_inside: bool = False,
) -> AsyncIterator[Backend]:
    """Connect and listen; `allow_inside` lets callbacks point into private networks. Raises StoreError.

    `exercises` are installed here, and `named` the slugs that no pack in the database takes the place of.
    """
    pool = await open_pool(url, POOL)
    notices = Notices(url)
    signing_keys = SigningKeys(pool)
    await signing_keys.in_use(signer.key.key_id, signer.key.public)  # published before the first verdict leaves
    packs = Packs(pool)
    shelf = Shelf(packs, wiring.open_pack_cache())
    offering = Offering(exercises, named, packs, shelf)
    await offering.look()
    going = (notices.listen(), signing_keys.keep_in_use(signer), offering.keep_looking())
    beside = [asyncio.ensure_future(one) for one in going]
    try:
        queue = Queue(pool)
        await queue.open()
        yield Backend(
            pool=pool,
            tenants=Tenants(pool),
            submissions=Submissions(pool, queue),
            deliveries=Deliveries(pool, queue),
            notices=notices,
            exercises=offering,
            signer=signer,
            signing_keys=signing_keys,
            allow_inside=allow_inside,
        )
    finally:
        for one in beside:
            one.cancel()
            with suppress(asyncio.CancelledError):
                await one
        shelf.close()
        await pool.close()


def backend_of(request: Request) -> Backend:
    """The backend of the app that serves `request`."""
    return cast(Backend, request.app.state.backend)


Here = Annotated[Backend, Depends(backend_of)]
