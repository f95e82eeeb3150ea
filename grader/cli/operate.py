"""`viva tenant` and `viva key`: what an operator does on the service's database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, TypeVar, cast

from rich.table import Table

from grader.cli.language import choose
from grader.cli.serve import data_folder
from grader.database.connection import Pool, open_pool
from grader.database.embedded import EmbeddedServer
from grader.database.migrations import migrate
from grader.database.tenants import Tenants
from grader.errors import UsageError
from grader.model.service import SCOPES, KeyRecord, Scope, Tenant
from grader.model.text import Lang
from grader.report.catalogue import say
from grader.report.console import Console
from grader.service.operating import issue_key, new_tenant

_T = TypeVar("_T")
_WHOLE = (
    *("prefix", "tenant", "created", "used", "expires", "state", "key", "from", "until"),
    *("digest", "size", "proven", "added", "open"),
)
_SETTINGS = ("weight", "feedback", "per_minute", "in_flight", "per_day")


@dataclass(frozen=True, slots=True)
class Access:
    """Which database, and the language of what is said."""

    url: str | None
    folder: Path
    lang: Lang

    @classmethod
    def of(cls, database: str | None, folder: Path | None, lang: Literal["auto", "en", "zh"]) -> Access:
        """What options and environment say."""
        return cls(database, data_folder(folder), choose(lang))

    def ask(self, question: Callable[[Tenants], Awaitable[_T]]) -> _T:
        """Connect (to the embedded server where no database was named), ask, disconnect."""

        async def asked() -> _T:
            async with self.pool() as pool:
                return await question(Tenants(pool))

        return asyncio.run(asked())

    @asynccontextmanager
    async def pool(self) -> AsyncIterator[Pool]:
        """Connections to the database, which has the schema of this program."""
        async with AsyncExitStack() as stack:
            url = self.url or stack.enter_context(EmbeddedServer(self.folder / "postgresql")).url
            pool = await open_pool(url, 2)
            stack.push_async_callback(pool.close)
            await migrate(pool)
            yield pool


def add_tenant(access: Access, name: str, settings: Mapping[str, Any]) -> None:
    """Add a tenant, or change one."""
    if not name.isidentifier() and not name.replace("-", "_").isidentifier():
        raise UsageError(
            f"{name!r} is no name for a tenant; use letters, digits, - and _",
            f"{name!r} 不能作租户名；请用字母、数字、- 和 _",
        )

    async def add(rows: Tenants) -> bool:
        tenant = new_tenant(name, **settings)
        added = await rows.add(tenant)
        if not added:
            await rows.change((await _tenant(rows, name)).id, settings)
        await rows.note("operator", "tenant added" if added else "tenant changed", name, (await _tenant(rows, name)).id)
        return added

    added = access.ask(add)
    print(say("service.tenant_added" if added else "service.tenant_changed", access.lang, name=name))


def list_tenants(access: Access) -> None:
    """Print a table of tenants."""
    tenants = access.ask(lambda rows: rows.all())
    table = table_of("tenant", *_SETTINGS, "suspended")
    for one in tenants:
        table.add_row(one.name, *(str(getattr(one, name)) for name in _SETTINGS), "yes" if one.suspended else "")
    print_table(table, access.lang)


def suspend_tenant(access: Access, name: str, *, on: bool) -> None:
    """Suspend a tenant, or let it in again."""

    async def suspend(rows: Tenants) -> None:
        tenant = await _tenant(rows, name)
        await rows.suspend(tenant.id, on=on)
        await rows.note("operator", "tenant suspended" if on else "tenant resumed", name, tenant.id)

    access.ask(suspend)
    print(say("service.tenant_suspended" if on else "service.tenant_resumed", access.lang, name=name))


def make_key(access: Access, tenant: str, scopes: str, label: str, expires: datetime | None) -> None:
    """Make a key and print it, this once."""
    wanted = [word.strip() for word in scopes.split(",") if word.strip()]
    unknown = [word for word in wanted if word not in SCOPES]
    if unknown or not wanted:
        known = ", ".join(SCOPES)
        raise UsageError(f"--scope must name some of {known}", f"--scope 必须从 {known} 中选取")
    chosen = [cast(Scope, word) for word in wanted]
    until = expires.replace(tzinfo=UTC) if expires and expires.tzinfo is None else expires

    async def make(rows: Tenants) -> str:
        issued = await issue_key(rows, await _tenant(rows, tenant), scopes=chosen, label=label, expires=until)
        return issued.shown

    print(say("service.key", access.lang, shown=access.ask(make), tenant=tenant))


def list_keys(access: Access) -> None:
    """Print a table of keys, by their prefixes."""
    table = table_of("prefix", "tenant", "scopes", "label", "created", "used", "expires", "state")
    for key in access.ask(lambda rows: rows.keys()):
        table.add_row(
            key.prefix,
            key.tenant.name,
            ", ".join(sorted(key.scopes)),
            key.label,
            *(_day(one) for one in (key.created, key.last_used, key.expires)),
            _state(key),
        )
    print_table(table, access.lang)


def revoke_key(access: Access, prefix: str) -> None:
    """Make a key worthless."""
    wanted = prefix.removeprefix("viva_")[:12]

    async def revoke(rows: Tenants) -> bool:
        await rows.note("operator", "key revoked", wanted)
        return await rows.revoke(wanted)

    if not access.ask(revoke):
        raise UsageError(
            f"there is no key with the prefix {wanted!r}; `viva key list` shows them all",
            f"没有前缀为 {wanted!r} 的密钥；`viva key list` 会列出全部",
        )
    print(say("service.key_revoked", access.lang, prefix=wanted))


async def _tenant(rows: Tenants, name: str) -> Tenant:
    found = await rows.named(name)
    if found is None:
        raise UsageError(
            f"there is no tenant {name!r}; `viva tenant list` shows them all, `viva tenant add {name}` makes it",
            f"没有租户 {name!r}；`viva tenant list` 会列出全部，`viva tenant add {name}` 可新建",
        )
    return found


def table_of(*names: str) -> Table:
    """An empty table; what tells rows apart is never folded."""
    table = Table(box=None, header_style="dim", pad_edge=False, padding=(0, 1, 0, 0))
    for name in names:  # each has room at 80 columns: a state that is cut off reads as none
        table.add_column(name, overflow="fold", no_wrap=name in _WHOLE, min_width=len(name))
    return table


def print_table(table: Table, lang: Lang) -> None:
    """Print a table, or that there is nothing."""
    if table.row_count:
        Console().print(table)
    else:
        print(say("service.none", lang))


def _day(at: datetime | None) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d") if at else ""


def _state(key: KeyRecord) -> str:
    if key.revoked:
        return "revoked"
    return "expired" if key.expires and key.expires <= datetime.now(UTC) else ""
