"""Times of an interview: where minutes are from, and what a clock says to the candidate."""

from __future__ import annotations

import math
import shlex
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from rich.console import Console

from grader.model.session_figures import Candidate
from grader.model.session_results import Clock
from grader.model.text import Lang, Text
from grader.report.catalogue import CATALOGUE
from grader.report.page import Page

WIDTH = 100


class SittingLike(Protocol):
    """A candidate's folder with its clock."""

    @property
    def folder(self) -> Path: ...  # noqa: D102 - the class says it

    @property
    def minutes(self) -> int: ...  # noqa: D102

    @property
    def clock(self) -> Clock | None: ...  # noqa: D102


def time_told(clock: float | None, told: float | None, measured: float | None = None) -> Text | None:
    """Minutes by where they are from, apart from each other; None where nothing is known."""
    figures = {"clock": clock, "interviewer": measured, "told": told}
    parts = [
        CATALOGUE[f"session.time.{name}"].filled(minutes=f"{minutes:.0f}")
        for name, minutes in figures.items()
        if minutes is not None
    ]
    if not parts:
        return None
    return Text(en=", ".join(part.en for part in parts), zh="，".join(part.zh for part in parts))


def time_of(candidate: Candidate) -> Text:
    """The same of a candidate in a report; empty where nothing is known."""
    told = candidate.told
    measured = None if candidate.minutes is None else candidate.minutes - (told or 0.0)
    clock = candidate.clock.minutes if candidate.clock else None
    return time_told(clock, told, measured or None) or Text(en="", zh="")


def render_clock(sitting: SittingLike, left: float, now: datetime, console: Console, lang: Lang, *, new: bool) -> None:
    """Print how much time is left, and until when."""
    page = Page(console, lang, WIDTH)
    folder = page.show(shlex.quote(str(sitting.folder)))
    if sitting.clock and sitting.clock.minutes is not None:
        _write_closed(page, sitting.clock.minutes, sitting.minutes, folder)
        return
    end = _time_of_day(now + timedelta(minutes=left), now)
    figures = {"minutes": str(sitting.minutes), "end": end}
    if new:
        page.write((page.say("session.clock.started"), "bold"))
    if left > 0:
        page.write((page.say("session.clock.left", left=str(math.ceil(left)), **figures), "bold"))
    else:
        page.hang([], page.say("session.clock.over", over=str(math.floor(-left)), **figures), "yellow")
    page.hang([], page.say("session.clock.where", folder=folder), "dim")


def _time_of_day(moment: datetime, now: datetime) -> str:
    """A moment by the machine's own time, with its date where that is not today's."""
    here, today = moment.astimezone(), now.astimezone().date()
    return f"{here:%H:%M}" if here.date() == today else f"{here:%Y-%m-%d %H:%M}"


def _write_closed(page: Page, used: float, minutes: int, folder: str) -> None:
    page.write((page.say("session.clock.closed", used=f"{used:.0f}", minutes=str(minutes)), "bold"))
    page.hang([], page.say("session.clock.hand_in", folder=folder), "dim")
