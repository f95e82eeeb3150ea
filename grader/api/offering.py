"""The exercises that submissions are taken for: of the packs installed beside the api, and of those in the database."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Iterator, Mapping
from typing import Final

from grader.database.queue import AWAY
from grader.errors import GraderError
from grader.model.exercise import Exercise
from grader.model.service import StoredSuite
from grader.service.packs import PackRows, Shelf

LOOK_EVERY_S: Final = 1.0
_AGAIN_S: Final = 10.0  # after one could not be had
_log = logging.getLogger("viva.api")


class Offering(Mapping[str, Exercise]):
    """By slug. A pack named on the command line goes before one in the database, and that before the built-in one."""

    def __init__(self, own: Mapping[str, Exercise], named: Collection[str], rows: PackRows, shelf: Shelf) -> None:
        """`own` are installed here; `named` are the slugs of those that the command line named a pack for."""
        self._own = own
        self._named = {slug: own[slug] for slug in named}
        self._rows = rows
        self._shelf = shelf
        self._known: list[StoredSuite] = []
        self._lacks = False
        self._offered = dict(own)

    def __getitem__(self, slug: str) -> Exercise:
        return self._offered[slug]

    def __iter__(self) -> Iterator[str]:
        return iter(self._offered)

    def __len__(self) -> int:
        return len(self._offered)

    async def look(self) -> None:
        """Offer what is in force now. One that cannot be had is told, left out, and looked for again."""
        wanted = [one for one in await self._rows.suites() if one.in_force]
        if wanted == self._known and not self._lacks:
            return
        found: dict[str, Exercise] = {}
        for suite in wanted:
            try:
                found[suite.of.exercise] = await self._shelf.exercise(suite)
            except GraderError as error:
                _log.warning("%s", error)
        self._offered = {**self._own, **found, **self._named}
        self._known, self._lacks = wanted, len(found) < len(wanted)
        self._shelf.keep_only({one.pack for one in wanted})

    async def keep_looking(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            try:
                await self.look()
            except AWAY as error:
                _log.warning("the database is away (%s); packs are looked for again", type(error).__name__)
            await asyncio.sleep(_AGAIN_S if self._lacks else LOOK_EVERY_S)
