"""Tenants, their keys, and who did what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from grader.database.connection import Connection, Pool, alone, as_service
from grader.database.rows import value_of
from grader.model.service import KeyRecord, NewKey, Tenant

_TENANT = """
    tenants.id AS tenant_id, tenants.name AS tenant_name, weight, feedback, per_minute, in_flight, per_day, secret,
    suspended IS NOT NULL AS is_suspended
"""
_KEYS = f"""
    SELECT keys.id, prefix, digest, scopes, label, expires, revoked, last_used, keys.created, {_TENANT}
    FROM keys JOIN tenants ON tenants.id = keys.tenant
"""  # noqa: S608 - text of ours
_SETTABLE = ("weight", "feedback", "per_minute", "in_flight", "per_day")


class Tenants:
    """Rows of tenants and keys, for the operator and for whoever lets requests in."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def add(self, tenant: Tenant) -> bool:
        """Add a tenant; False where the name is taken."""
        async with as_service(self._pool) as connection:
            cursor = await connection.execute(
                """INSERT INTO tenants (id, name, weight, feedback, per_minute, in_flight, per_day, secret)
                VALUES (%s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (name) DO NOTHING""",
                (
                    tenant.id,
                    tenant.name,
                    tenant.weight,
                    tenant.feedback,
                    tenant.per_minute,
                    tenant.in_flight,
                    tenant.per_day,
                    tenant.secret,
                ),
            )
            return cursor.rowcount == 1

    async def all(self) -> list[Tenant]:
        """Every tenant, by name."""
        async with as_service(self._pool) as connection:
            cursor = await connection.execute(f"SELECT {_TENANT} FROM tenants ORDER BY name")  # noqa: S608 - ours
            return [_tenant_of(row) for row in await cursor.fetchall()]

    async def named(self, name: str) -> Tenant | None:
        """The tenant of that name."""
        return next((tenant for tenant in await self.all() if tenant.name == name), None)

    async def change(self, tenant: UUID, settings: Mapping[str, Any]) -> None:
        """Set some of a tenant's weight, feedback and quotas."""
        async with as_service(self._pool) as connection:
            for name in (name for name in _SETTABLE if name in settings):
                await connection.execute(
                    f"UPDATE tenants SET {name} = %s WHERE id = %s",  # noqa: S608 - one of our own names
                    (settings[name], tenant),
                )

    async def suspend(self, tenant: UUID, *, on: bool) -> None:
        """Let nobody of a tenant in any more, or again; what is queued is graded all the same."""
        async with as_service(self._pool) as connection:
            await connection.execute(
                "UPDATE tenants SET suspended = CASE WHEN %s THEN now() END WHERE id = %s", (on, tenant)
            )

    async def add_key(self, tenant: UUID, key: NewKey) -> None:
        """Keep a new key."""
        async with as_service(self._pool) as connection:
            await connection.execute(
                """INSERT INTO keys (id, tenant, prefix, digest, scopes, label, expires)
                VALUES (%s, %s, %s, %s, %s, %s, %s)""",
                (key.id, tenant, key.prefix, key.digest, list(key.scopes), key.label, key.expires),
            )

    async def key_with(self, prefix: str) -> KeyRecord | None:
        """The key with a prefix."""
        async with alone(self._pool) as connection:
            cursor = await connection.execute(_KEYS + " WHERE prefix = %s", (prefix,))
        row = await cursor.fetchone()
        return _key_of(row) if row else None

    async def used(self, key: UUID) -> None:
        """Note that a key opened the door just now."""
        async with as_service(self._pool) as connection:
            await connection.execute("UPDATE keys SET last_used = now() WHERE id = %s", (key,))

    async def keys(self) -> list[KeyRecord]:
        """Every key, by tenant and age."""
        async with as_service(self._pool) as connection:
            cursor = await connection.execute(_KEYS + " ORDER BY tenants.name, keys.id")
            return [_key_of(row) for row in await cursor.fetchall()]

    async def revoke(self, prefix: str) -> bool:
        """Make a key worthless; False where there is none with that prefix."""
        async with as_service(self._pool) as connection:
            cursor = await connection.execute(
                "UPDATE keys SET revoked = coalesce(revoked, now()) WHERE prefix = %s", (prefix,)
            )
            return cursor.rowcount == 1

    async def note(self, actor: str, action: str, subject: str, tenant: UUID | None = None) -> None:
        """Write into the audit table who did what."""
        async with as_service(self._pool) as connection:
            await note(connection, actor, action, subject, tenant)


async def note(connection: Connection, actor: str, action: str, subject: str, tenant: UUID | None) -> None:
    """The same, within a transaction."""
    await connection.execute(
        "INSERT INTO audit (tenant, actor, action, subject) VALUES (%s, %s, %s, %s)", (tenant, actor, action, subject)
    )


def _tenant_of(row: Mapping[str, Any]) -> Tenant:
    return value_of(Tenant, row, id=row["tenant_id"], name=row["tenant_name"], suspended=row["is_suspended"])


def _key_of(row: Mapping[str, Any]) -> KeyRecord:
    return value_of(KeyRecord, row, tenant=_tenant_of(row), scopes=frozenset(row["scopes"]))
