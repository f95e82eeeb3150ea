"""The progress page for a terminal, and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from rich.cells import cell_len
from rich.console import Console

from grader.model.progress import Overview, Standing
from grader.model.text import Lang
from grader.report.escaping import to_json
from grader.report.layout import pad
from grader.report.page import Page, Span
from grader.report.quantities import long_time, percent

SCHEMA: Final = "viva.progress-page/1"
PAGE_WIDTH: Final = 120
MARGIN: Final = "  "
NAME_LEAST: Final = 16  # cells: with less room for names, all stand above their rows
LOWEST, HIGHEST = 1, 10  # the bank's scale of difficulty
WEEKDAYS: Final = {"en": ("Mon", "Wed", "Fri", "Sun"), "zh": ("周一", "周三", "周五", "周日")}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Glyphs:
    """Characters of the graphics."""

    shades: str
    columns: str
    line: str
    dot: str
    axis: str


_UNICODE = _Glyphs(shades="·░▒▓█", columns="·▁▂▃▄▅▆▇█", line="━", dot="●", axis="·")
_ASCII = _Glyphs(shades=".:+#@", columns=".:-=+*%#@", line="=", dot="O", axis=".")


def render_progress(overview: Overview, console: Console, lang: Lang) -> None:
    """Print the page; of a person who never answered, one sentence."""
    page = Page(console, lang, PAGE_WIDTH)
    if not overview.answers and not overview.tally.solved:
        page.hang([(MARGIN, "")], page.say("progress.nothing"))
        return
    glyphs = _UNICODE if page.unicode else _ASCII
    _write_head(page, overview)
    _write_due(page, overview, glyphs)
    _write_weeks(page, overview, glyphs)
    _write_ability(page, overview, glyphs)
    _write_time(page, overview)


def progress_document(overview: Overview, lang: Lang) -> str:
    """The page as JSON; times in seconds, abilities on the bank's scale of difficulty."""
    document = {
        "schema": SCHEMA,
        "day": overview.today.isoformat(),
        "answers": overview.answers,
        "exercises": {"solved": overview.tally.solved, "all": overview.tally.exercises},
        "questions": {"right": overview.tally.right, "all": overview.tally.questions},
        "entries": {"seen": overview.entries_seen, "well_known": overview.entries_known},
        "streak_days": overview.streak,
        "longest_streak_days": overview.longest_streak,
        "due": overview.due,
        "next_due": overview.next_due and overview.next_due.isoformat(),
        "due_by_day": list(overview.forecast),
        "answers_by_day": _by_day(overview),
        "seconds": {"today": overview.seconds_today, "week": overview.seconds_week, "all": overview.seconds},
        "overall": _standing(overview.overall, lang),
        "areas": [_standing(area, lang) for area in overview.areas],
        "weakest": [_standing(topic, lang) for topic in overview.weakest],
        "kinds": {kind: _standing(standing, lang) for kind, standing in overview.kinds.items()},
    }
    return to_json(document)


def _by_day(overview: Overview) -> Mapping[str, int]:
    first = overview.today - timedelta(days=len(overview.daily) - 1)
    return {(first + timedelta(days=n)).isoformat(): count for n, count in enumerate(overview.daily) if count}


def _standing(standing: Standing, lang: Lang) -> dict[str, Any]:
    return {
        "id": standing.id,
        "title": standing.title.get(lang),
        "level": round(standing.level, 3),
        "spread": round(standing.spread, 3),
        "answers": standing.answers,
        "share": round(standing.share, 4),
        "seconds": round(standing.seconds, 1),
    }


def _write_head(page: Page, overview: Overview) -> None:
    page.write((page.say("progress.title"), "bold"), (page.dot + overview.today.isoformat(), "dim"))
    fields = {"seen": str(overview.entries_seen), "known": str(overview.entries_known)}
    tally = overview.tally
    parts = [
        page.say("progress.exercises", done=str(tally.solved), all=str(tally.exercises)),
        page.say("progress.questions", done=str(tally.right), all=str(tally.questions)),
    ]
    page.flow(MARGIN, parts, "bold")
    parts = [
        page.say("progress.streak", days=str(overview.streak), longest=str(overview.longest_streak)),
        page.say("progress.answers", count=str(overview.answers)),
        page.say("progress.entries", **fields),
    ]
    page.flow(MARGIN, parts, "")


def _write_due(page: Page, overview: Overview, glyphs: _Glyphs) -> None:
    """How many entries are due today, and a column for each of the days after."""
    page.write()
    due = page.say("progress.due_today", count=str(overview.due))
    style = "bold yellow" if overview.due else "bold green"
    days = overview.forecast[1:]
    highest = max(days) or 1
    columns = "".join(glyphs.columns[-(-count * (len(glyphs.columns) - 1) // highest)] for count in days)
    ahead = page.say("progress.forecast", days=str(len(days)), count=str(sum(days)))
    lead = [(f"{MARGIN}{page.say('progress.due')}  ", "bold"), (f"{due}  ", style), (columns, "cyan"), ("  ", "")]
    page.hang(lead, ahead, "dim")
    if overview.due:
        page.write((MARGIN * 2 + "viva quiz --mode review", "dim"))


def _write_weeks(page: Page, overview: Overview, glyphs: _Glyphs) -> None:
    """A column for each week and a row for each day of it; the darker, the more answers."""
    days = whole_weeks(overview.daily, overview.today)
    weeks = [days[start : start + 7] for start in range(0, len(days), 7)]
    page.write()
    page.write((MARGIN + page.say("progress.weeks", count=str(len(weeks))), "bold"))
    highest = max(overview.daily) or 1
    names = WEEKDAYS[page.lang]
    for weekday in range(7):
        name = names[weekday // 2] if weekday % 2 == 0 else ""
        spans: list[Span] = [(MARGIN * 2 + pad(name, 5), "dim")]
        spans += [_shade(week[weekday], highest, glyphs) for week in weeks if weekday < len(week)]
        page.write(*spans)


def _shade(count: int, highest: int, glyphs: _Glyphs) -> Span:
    level = -(-count * (len(glyphs.shades) - 1) // highest)
    return (glyphs.shades[level] * (2 if level else 1) + (" " if level else "  "), "green" if level else "dim")


def _write_ability(page: Page, overview: Overview, glyphs: _Glyphs) -> None:
    page.write()
    page.hang([(MARGIN, "")], page.say("progress.ability"), "bold")
    width = 4 if page.width >= 100 else 3 if page.width >= 76 else 2
    standings = [(page.say("progress.overall"), overview.overall)]
    standings += [(page.text(area.title), area) for area in overview.areas]
    weakest = [(page.text(topic.title), topic) for topic in overview.weakest]
    room = page.width - (HIGHEST - LOWEST) * width - 33  # what else stands in a row
    widest = min(max(cell_len(name) for name, _ in (*standings, *weakest)), room if room >= NAME_LEAST else 0)
    scale = "".join(pad(str(number), width) for number in range(LOWEST, HIGHEST + 1))
    page.write((MARGIN * 2 + " " * (widest + 2) + scale, "dim"))
    for name, standing in standings:
        _write_standing(page, name, standing, (widest, width), glyphs)
    if weakest:
        page.write()
        page.write((MARGIN + page.say("progress.weakest"), "bold"))
    for name, standing in weakest:
        _write_standing(page, name, standing, (widest, width), glyphs)
    if weakest:
        page.write((MARGIN * 2 + f"viva quiz --topic {overview.weakest[0].id}", "dim"))


def _write_standing(page: Page, name: str, standing: Standing, widths: tuple[int, int], glyphs: _Glyphs) -> None:
    widest, step = widths
    met = standing.answers > 0
    style = "" if met else "dim"
    if not met:
        page.write((MARGIN * 2 + pad(name, widest) + "  ", style), (page.say("progress.no_answers"), "dim"))
        return
    if cell_len(name) > widest:  # above its row
        page.write((MARGIN * 2 + name, style))
        name = ""
    spans: list[Span] = [(MARGIN * 2 + pad(name, widest) + "  ", style)]
    spans += _interval(standing, step, glyphs)
    spans.append((f"  {standing.level:4.1f} {'±' if page.unicode else '+-'} {standing.spread:.1f}", ""))
    told = page.say("progress.share", percent=percent(standing.share), count=str(standing.answers))
    page.write(*spans, (f"  {told}", "dim"))


def _interval(standing: Standing, step: int, glyphs: _Glyphs) -> Iterator[Span]:
    """The scale as a row of cells: where the ability is, and one standard deviation to both sides."""
    cells = (HIGHEST - LOWEST) * step + 1

    def place(value: float) -> int:
        return min(max(round((value - LOWEST) * step), 0), cells - 1)

    low, at, high = (place(standing.level + shift) for shift in (-standing.spread, 0.0, standing.spread))
    yield glyphs.axis * low, "dim"
    yield glyphs.line * (at - low), "cyan"
    yield glyphs.dot, "bold cyan"
    yield glyphs.line * (high - at), "cyan"
    yield glyphs.axis * (cells - 1 - high), "dim"


def _write_time(page: Page, overview: Overview) -> None:
    page.write()
    spent = {"today": overview.seconds_today, "week": overview.seconds_week, "all": overview.seconds}
    parts = [page.say(f"progress.time_{name}", time=long_time(seconds, page.lang)) for name, seconds in spent.items()]
    page.hang([(f"{MARGIN}{page.say('progress.time')}  ", "bold")], page.dot.join(parts))


def whole_weeks(days: Sequence[int], today: date) -> Sequence[int]:
    """The last of `days` (today last) that begin on a Monday."""
    surplus = (len(days) - (today.weekday() + 1)) % 7
    return days[surplus:]
