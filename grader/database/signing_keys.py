"""The public halves of the keys that verdicts are signed with, and were.

Every api that signs with a key says so once a minute, so nobody has to say when a key is given up: it is when the last
one that used it has stopped. Apis that are replaced one by one may thus sign with two keys side by side.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import Final

from grader.database.connection import Pool, as_service
from grader.database.queue import AWAY
from grader.model.service import SigningKey
from grader.service.signing import Signer

_EVERY_S: Final = 60.0
_LOOK_EVERY_S: Final = 1.0
_SILENT: Final = "10 min"  # so long without a word from an api, and its key is given up
_IN_USE: Final = """
    INSERT INTO signing_keys (key_id, public) VALUES (%s, %s)
    ON CONFLICT (key_id) DO UPDATE SET used = now() RETURNING revoked
"""
_ALL: Final = f"""
    SELECT key_id, public, begun, revoked,
    CASE WHEN used < now() - interval '{_SILENT}' THEN used + interval '{_SILENT}' END AS until
    FROM signing_keys ORDER BY begun DESC
"""  # noqa: S608 - text of ours
_log = logging.getLogger("viva.signing")


class SigningKeys:
    """Rows of public keys."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def in_use(self, key_id: str, public: bytes) -> bool:
        """Note that a key signs now, or is about to; False where it was revoked."""
        async with as_service(self._pool) as connection:
            row = await (await connection.execute(_IN_USE, (key_id, public))).fetchone()
        return row is not None and row["revoked"] is None

    async def all(self) -> list[SigningKey]:
        """Every key, the newest first."""
        async with as_service(self._pool) as connection:
            return [SigningKey(**row) for row in await (await connection.execute(_ALL)).fetchall()]

    async def revoke(self, key_id: str) -> bool:
        """Have a key vouch for nothing any more; False where there is no such key."""
        async with as_service(self._pool) as connection:
            cursor = await connection.execute(
                "UPDATE signing_keys SET revoked = coalesce(revoked, now()) WHERE key_id = %s", (key_id,)
            )
            return cursor.rowcount == 1

    async def keep_in_use(self, signer: Signer) -> None:
        """Say, until cancelled, which key signs here: at once where it is another one."""
        said, at = "", 0.0
        while True:
            key, now = signer.key, asyncio.get_running_loop().time()
            if key.key_id != said or now >= at + _EVERY_S:
                with suppress(*AWAY):
                    if not await self.in_use(key.key_id, key.public):
                        _log.error("the signing key %s was revoked, and signs all the same: change it", key.key_id)
                    said, at = key.key_id, now
            await asyncio.sleep(_LOOK_EVERY_S)
