"""A list of entries and exercises as a table: cut to the screen on a terminal, whole lines in a pipe."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text as Line

from grader.model.entry import Entry
from grader.model.exercise import Exercise
from grader.model.progress import Mark
from grader.model.repair import Repair
from grader.model.syllabus import Area
from grader.model.text import Lang
from grader.report.catalogue import say
from grader.report.escaping import can_carry, for_terminal
from grader.report.layout import pad
from grader.report.prose import inline

_COLUMNS: Final = ("id", "kind", "level", "difficulty", "minutes", "title")
_NUMBERS: Final = frozenset({"difficulty", "minutes"})
_GAP: Final = "  "
_TITLE_ROOM: Final = 40  # cells

_SIGN: Final = 1  # cell
_UNICODE: Final = {Mark.DONE: "✓", Mark.DUE: "↻", Mark.TRIED: "·"}
_ASCII: Final = {Mark.DONE: "+", Mark.DUE: "!", Mark.TRIED: "."}
_STYLES: Final = {Mark.DONE: "green", Mark.DUE: "yellow", Mark.TRIED: ""}
NOTHING_MARKED: Final[Mapping[str, Mark]] = {}

Row = tuple[str, ...]


def print_list(
    console: Console,
    areas: Sequence[Area],
    entries: Sequence[Entry],
    exercises: Sequence[Exercise],
    lang: Lang,
    repairs: Sequence[Repair] = (),
    marks: Mapping[str, Mark] = NOTHING_MARKED,
) -> None:
    """Print a line per entry, under the headings of their areas, and then one per exercise and repair task.

    `marks`, by id or slug, say what the person has behind them.
    """
    if not entries and not exercises and not repairs:
        console.print(say("bank.nothing", lang), markup=False, highlight=False, soft_wrap=True)
        return
    groups = [group for group in _groups(areas, entries, exercises, lang) if group[1]]
    groups += [(say("bank.kind.repair", lang), [_repair_row(one, lang) for one in repairs])] if repairs else []
    head = tuple(say(f"bank.column.{name}", lang) for name in _COLUMNS)
    rows = [head, *(row for _, group in groups for row in group)]
    widths = [max(cell_len(row[column]) for row in rows) for column in range(len(_COLUMNS) - 1)]
    room = console.width - sum(widths) - len(_GAP) * len(widths)
    is_narrow = console.is_terminal and room < _TITLE_ROOM
    signs = _UNICODE if can_carry(console.encoding, "".join(_UNICODE.values())) else _ASCII
    margin = f"{' ' * _SIGN} " if marks else ""
    if not is_narrow:
        _print(console, margin + _line(head, widths), "dim")
    for title, group in groups:
        _print(console, title, "bold")
        for row in group:
            lines = _two_lines(row, lang) if is_narrow else [_line(row, widths)]
            sign = marks.get(row[0])
            _print(console, (f"{signs[sign]} " if sign else margin) + lines[0], _STYLES[sign] if sign else "")
            for line in lines[1:]:
                _print(console, margin + line, "")
    if marks:
        legend = {mark.value: f"{signs[mark]} {say(f'bank.mark.{mark.value}', lang)}" for mark in Mark}
        _print(console, "  ".join(legend.values()), "dim")
    counts = {"entries": str(len(entries)), "exercises": str(len(exercises))}
    if entries or exercises:
        _print(console, say("bank.found", lang, **counts), "dim")
    if repairs:
        first = {"slug": repairs[0].exercise.id, "handle": repairs[0].handle}
        _print(console, say("repair.found", lang, count=str(len(repairs)), **first), "dim")


def _groups(
    areas: Sequence[Area], entries: Sequence[Entry], exercises: Sequence[Exercise], lang: Lang
) -> Iterator[tuple[str, list[Row]]]:
    known = {topic.id for area in areas for topic in area.topics}
    for area in areas:
        topics = {topic.id for topic in area.topics}
        yield area.title.get(lang), [_row(entry, lang) for entry in entries if entry.topics[0] in topics]
    yield "—", [_row(entry, lang) for entry in entries if entry.topics[0] not in known]
    yield say("bank.kind.exercise", lang), [_row(exercise, lang) for exercise in exercises]


def _row(one: Entry | Exercise, lang: Lang) -> Row:
    kind = one.kind if isinstance(one, Entry) else "exercise"
    title = inline(one.title.get(lang) or one.title.get("en" if lang == "zh" else "zh"))
    if one.status != "active":
        title = f"({say(f'bank.status.{one.status}', lang)}) {title}"
    names = (say(f"bank.kind.{kind}", lang), say(f"bank.level.{one.level}", lang))
    return (one.id, *names, str(one.difficulty), str(one.minutes), title)


def _repair_row(repair: Repair, lang: Lang) -> Row:
    """A repair task by its handle: no name of the mistake, and the topics beside the title, which many share."""
    _, _, level, difficulty, _, title = _row(repair.exercise, lang)
    topics = ", ".join(repair.exercise.topics)
    return (repair.name, say("bank.kind.repair", lang), level, difficulty, str(repair.minutes), f"{title}  [{topics}]")


def _line(row: Row, widths: Sequence[int]) -> str:
    cells = [
        " " * (width - cell_len(cell)) + cell if name in _NUMBERS else pad(cell, width)
        for name, cell, width in zip(_COLUMNS, row, widths, strict=False)
    ]
    return _GAP.join([*cells, row[-1]])


def _two_lines(row: Row, lang: Lang) -> list[str]:
    """A row where a title beside the other columns would hardly be seen."""
    name, kind, level, difficulty, minutes, title = row
    facts = " · ".join((kind, level, f"{difficulty}/10", say("bank.minutes", lang, value=minutes)))
    return [f"{name}{_GAP}{facts}", f"    {title}"]


def _print(console: Console, text: str, style: str) -> None:
    """One line; on a terminal, cut with an ellipsis where it is too long, and whole elsewhere."""
    line = Line(for_terminal(text, console.encoding), style=style, no_wrap=True, overflow="ignore")
    if console.is_terminal:
        line.truncate(console.width, overflow="ellipsis")
    console.print(line, soft_wrap=True, highlight=False)
