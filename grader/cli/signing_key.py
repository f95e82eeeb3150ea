"""`viva key signing`: the keys that verdicts are signed with; which there are, another one, one that leaked."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from grader.cli.operate import Access, print_table, table_of
from grader.database.signing_keys import SigningKeys
from grader.database.tenants import Tenants
from grader.errors import UsageError
from grader.model.service import SigningKey
from grader.report.catalogue import say
from grader.service.signing import ENVIRONMENT, PrivateKey, Signer, has_key


def list_signing_keys(access: Access) -> None:
    """Print a table of keys, the newest first."""

    async def asked() -> list[SigningKey]:
        async with access.pool() as pool:
            return await SigningKeys(pool).all()

    table = table_of("key", "from", "until", "state")
    for key in asyncio.run(asked()):
        table.add_row(key.key_id, _minute(key.begun), _minute(key.until), _state(key))
    print_table(table, access.lang)


def rotate(access: Access) -> None:
    """Draw another key, publish its public half, and have the service sign with it."""
    if not has_key(access.folder):
        raise UsageError(
            f"there is no signing key in {access.folder} and none in {ENVIRONMENT}; name the service's --data, or set "
            f"{ENVIRONMENT} as for the service",
            f"{access.folder} 中没有签名密钥，环境变量 {ENVIRONMENT} 也未设置；请用 --data 指定服务的数据目录，"
            f"或像服务那样设置 {ENVIRONMENT}",
        )
    signer, key = Signer(access.folder), PrivateKey.drawn()

    async def published() -> None:
        async with access.pool() as pool:
            await SigningKeys(pool).in_use(key.key_id, key.public)
            await Tenants(pool).note("operator", "signing key made", key.key_id)

    asyncio.run(published())
    if signer.is_in_file:
        signer.replace(key)
        print(say("service.signing_rotated", access.lang, shown=key.key_id))
    else:
        print(say("service.signing_drawn", access.lang, shown=key.key_id, variable=ENVIRONMENT, value=key.text))


def revoke_signing_key(access: Access, key_id: str) -> None:
    """Have a key vouch for nothing any more. Raises UsageError for the one that signs, and for one that is unknown."""
    if has_key(access.folder) and Signer(access.folder).key_id == key_id:
        raise UsageError(
            f"{key_id} is the key that signs now; `viva key signing rotate` first",
            f"{key_id} 是当前签名用的密钥；请先执行 `viva key signing rotate`",
        )

    async def revoked() -> bool:
        async with access.pool() as pool:
            await Tenants(pool).note("operator", "signing key revoked", key_id)
            return await SigningKeys(pool).revoke(key_id)

    if not asyncio.run(revoked()):
        raise UsageError(
            f"there is no signing key {key_id!r}; `viva key signing list` shows them all",
            f"没有签名密钥 {key_id!r}；`viva key signing list` 会列出全部",
        )
    print(say("service.signing_revoked", access.lang, shown=key_id))


def _minute(at: datetime | None) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M") if at else ""


def _state(key: SigningKey) -> str:
    if key.revoked:
        return "revoked"
    return "in use" if key.until is None else "given up"
