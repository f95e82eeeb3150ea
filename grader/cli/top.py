"""`viva top`: the queue and the workers of a grading backend, live."""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from rich.console import Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from grader.cli.operate import Access
from grader.database.standing import Standing
from grader.report.catalogue import say
from grader.report.console import Console

_RECENT_S = 60.0


@dataclass(frozen=True, slots=True)
class TopOrder:
    """What the command line asked for: where to look, how often, and whether only once."""

    access: Access
    every_s: float
    once: bool


def run(order: TopOrder) -> int:
    """Draw until Ctrl-C; once where nobody watches."""
    if order.once or not sys.stdout.isatty():
        Console().print(asyncio.run(_look_once(order)))
        return 0
    with suppress(KeyboardInterrupt):
        asyncio.run(_watch(order))
    return 0


async def _look_once(order: TopOrder) -> RenderableType:
    async with order.access.pool() as pool:
        return await _drawn(Standing(pool), order)


async def _watch(order: TopOrder) -> None:
    async with order.access.pool() as pool:
        with Live(console=Console(), screen=True, auto_refresh=False) as live:
            while True:
                live.update(await _drawn(Standing(pool), order), refresh=True)
                await asyncio.sleep(order.every_s)


async def _drawn(standing: Standing, order: TopOrder) -> RenderableType:
    lang = order.access.lang
    gauges = await standing.gauges()
    figures = {name: f"{value:.0f}" for name, value in gauges.items()}
    recent = await standing.recent(_RECENT_S)
    head = say("service.top", lang, rate=str(sum(row["count"] for row in recent)), **figures)
    parts: list[RenderableType] = [Text(head)]
    for key, rows in (
        ("nobodys", await standing.waiting_for_nobody()),
        ("workers", await standing.workers()),
        ("tenants", await standing.by_tenant()),
        ("running", await standing.running()),
        ("recent", recent),
    ):
        if rows:
            parts += [Text(), Text(say(f"service.top.{key}", lang), style="bold"), _table(rows)]
    return Group(*parts)


def _table(rows: list[Any]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in rows[0]:
        table.add_column(str(name), overflow="fold")
    for row in rows:
        table.add_row(*(f"{value:.1f}" if isinstance(value, float) else _plain(value) for value in row.values()))
    return table


def _plain(value: Any) -> str:
    return str(round(value, 1)) if hasattr(value, "as_tuple") else str(value)
