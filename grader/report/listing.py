"""A list of entries and exercises as a table; what finds no room on a terminal's line goes on in the next."""

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
from grader.report.layout import pad, wrap
from grader.report.prose import inline

_COLUMNS: Final = ("id", "kind", "level", "difficulty", "minutes", "title")
_NUMBERS: Final = frozenset({"difficulty", "minutes"})
_GAP: Final = "  "
_INDENT: Final = "    "
_TITLE_ROOM: Final = 40  # cells

_SIGN: Final = 1  # cell
_UNICODE: Final = {Mark.DONE: "✓", Mark.DUE: "↻", Mark.TRIED: "·"}
_ASCII: Final = {Mark.DONE: "+", Mark.DUE: "!", Mark.TRIED: "."}
_STYLES: Final = {Mark.DONE: "green", Mark.DUE: "yellow", Mark.TRIED: ""}
NOTHING_MARKED: Final[Mapping[str, Mark]] = {}
NOTHING_NEEDED: Final[Mapping[str, str]] = {}

Row = tuple[str, ...]


def print_list(
    console: Console,
    areas: Sequence[Area],
    entries: Sequence[Entry],
    exercises: Sequence[Exercise],
    lang: Lang,
    repairs: Sequence[Repair] = (),
    marks: Mapping[str, Mark] = NOTHING_MARKED,
    needs: Mapping[str, str] = NOTHING_NEEDED,
) -> None:
    """Print a line per entry, under the headings of their areas, and then one per exercise and repair task.

    `marks`, by id or slug, say what the person has behind them; `needs` name a package that is not installed.
    """
    if not entries and not exercises and not repairs:
        console.print(say("bank.nothing", lang), markup=False, highlight=False, soft_wrap=True)
        return
    groups = [group for group in _groups(areas, entries, exercises, lang, needs) if group[1]]
    groups += [(say("bank.kind.repair", lang), [_repair_row(one, lang) for one in repairs])] if repairs else []
    _print_groups(console, groups, lang, marks)
    counts = {"entries": str(len(entries)), "exercises": str(len(exercises))}
    if entries or exercises:
        _print(console, say("bank.found", lang, **counts), "dim")
    if repairs:
        first = {"slug": repairs[0].exercise.id, "handle": repairs[0].handle}
        _print(console, say("repair.found", lang, count=str(len(repairs)), **first), "dim")


def print_hits(
    console: Console,
    hits: Sequence[Entry | Exercise],
    lang: Lang,
    marks: Mapping[str, Mark],
    needs: Mapping[str, str] = NOTHING_NEEDED,
) -> None:
    """Print a line for each of what was searched for, in the given order; `marks` and `needs` as in `print_list`."""
    _print_groups(console, [("", [_row(one, lang, needs) for one in hits])], lang, marks)


def print_areas(
    console: Console, areas: Sequence[Area], entries: Sequence[Entry], exercises: Sequence[Exercise], lang: Lang
) -> None:
    """Print how many entries and exercises each area has."""
    rows = []
    for area in areas:
        topics = {topic.id for topic in area.topics}
        counts = [sum(one.topics[0] in topics for one in items) for items in (entries, exercises)]
        rows.append(
            (area.id, area.title.get(lang), say("bank.found", lang, entries=str(counts[0]), exercises=str(counts[1])))
        )
    widths = [max(cell_len(row[column]) for row in rows) for column in range(2)]
    for row in rows:
        _print(console, _GAP.join([pad(row[0], widths[0]), pad(row[1], widths[1]), row[2]]), "", _INDENT)


def _print_groups(
    console: Console, groups: Sequence[tuple[str, Sequence[Row]]], lang: Lang, marks: Mapping[str, Mark]
) -> None:
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
        if title:
            _print(console, title, "bold")
        for row in group:
            sign = marks.get(row[0])
            lead, style = f"{signs[sign]} " if sign else margin, _STYLES[sign] if sign else ""
            if is_narrow:
                _print_below(console, lead, row, lang, style)
            else:
                _print(console, lead + _line(row, widths), style, margin + _line(("",) * len(_COLUMNS), widths))
    if marks:
        legend = {mark.value: f"{signs[mark]} {say(f'bank.mark.{mark.value}', lang)}" for mark in Mark}
        _print(console, "  ".join(legend.values()), "dim")


def _groups(
    areas: Sequence[Area],
    entries: Sequence[Entry],
    exercises: Sequence[Exercise],
    lang: Lang,
    needs: Mapping[str, str],
) -> Iterator[tuple[str, list[Row]]]:
    known = {topic.id for area in areas for topic in area.topics}
    for area in areas:
        topics = {topic.id for topic in area.topics}
        yield area.title.get(lang), [_row(entry, lang, needs) for entry in entries if entry.topics[0] in topics]
    yield "—", [_row(entry, lang, needs) for entry in entries if entry.topics[0] not in known]
    yield say("bank.kind.exercise", lang), [_row(exercise, lang, needs) for exercise in exercises]


def _row(one: Entry | Exercise, lang: Lang, needs: Mapping[str, str] = NOTHING_NEEDED) -> Row:
    kind = one.kind if isinstance(one, Entry) else "exercise"
    title = inline(one.title.get(lang) or one.title.get("en" if lang == "zh" else "zh"))
    if one.status != "active":
        title = f"({say(f'bank.status.{one.status}', lang)}) {title}"
    if one.id in needs:
        title = f"({say('bank.needs', lang, name=needs[one.id])}) {title}"
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


def _print_below(console: Console, lead: str, row: Row, lang: Lang, style: str) -> None:
    """A row where a title in a column of its own would hardly be seen: name and facts, and below them the title."""
    margin, name, facts = " " * cell_len(lead) + _INDENT, lead + row[0], _facts(row, lang)
    beside = name + _GAP + facts
    lines = [beside] if cell_len(beside) <= console.width else [name, margin + facts]
    for line in lines:
        _print(console, line, style, margin)
    _print(console, margin + row[-1], "", margin)


def _facts(row: Row, lang: Lang) -> str:
    """What stands in the columns between name and title."""
    _, kind, level, difficulty, minutes, _ = row
    return " · ".join((kind, level, f"{difficulty}/10", say("bank.minutes", lang, value=minutes)))


def _print(console: Console, text: str, style: str, margin: str = "") -> None:
    """One line; on a terminal, others below it where it is too long, each after `margin`."""
    text = for_terminal(text, console.encoding)
    lines = _below(text, console.width, margin) if console.is_terminal else [text]
    for line in lines:
        console.print(Line(line, style=style, no_wrap=True, overflow="ignore"), soft_wrap=True, highlight=False)


def _below(text: str, width: int, margin: str) -> list[str]:
    """`text` in lines that end between words."""
    if cell_len(text) <= width:
        return [text]
    first = wrap(text, width)[0]
    rest = wrap(text[len(first) :].strip(), width - cell_len(margin))
    return [first, *(margin + line for line in rest)]
