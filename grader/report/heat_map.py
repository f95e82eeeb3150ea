"""How well the bank covers the syllabus, as a heat map: topics by level and by kind, darker where there is more.

Every cell holds its number, so that nothing is lost without colour; a dot is none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text as Line

from grader.model.coverage import ENTRIES_PER_WEIGHT, KINDS, LEVELS, TopicCoverage, by_need, weight_with
from grader.model.syllabus import Area
from grader.model.text import Lang
from grader.report.catalogue import say
from grader.report.layout import pad, wrap
from grader.report.page import Page

_SHADES: Final = ("", "black on color(194)", "black on color(157)", "black on color(114)", "white on color(28)")
_WIDE: Final = 120  # from here on columns have their full names
_NARROW: Final = 80  # below, names stand above their numbers
_SHORT: Final = 3
_STEPS: Final = (3, 5, 8, 10)  # entries of a topic, for the share of the weight that has as many
_NEEDIEST: Final = 10  # topics that are named

Counts = Mapping[str, int]


def print_heat_map(console: Console, areas: Sequence[Area], covered: Sequence[TopicCoverage], lang: Lang) -> None:
    """Print a line per topic under the headings of their areas, and the sums."""
    is_wide = console.width >= _WIDE and console.is_terminal
    is_narrow = console.is_terminal and console.width < _NARROW
    heads = _heads(lang, is_wide=is_wide)
    widths = [max(cell_len(head), _SHORT) for head in heads]
    names = max(cell_len(one.topic) for one in covered) if covered else 0
    lead = Line("" if is_narrow else "  " + pad("", names) + "   ", style="dim")
    _print(console, lead, _cells_of_heads(heads, widths))
    for area in areas:
        own = [one for one in covered if one.area == area.id]
        if own:
            _print(console, Line(area.title.get(lang), style="bold"))
        for one in own:
            mark = "!" if one.lacks else " "
            if is_narrow:
                _print(console, Line(f"{mark} {one.topic}"))
            lead = Line("" if is_narrow else f"{mark} {pad(one.topic, names)}   ")
            _print(console, lead, _cells(_numbers(one), widths))
    sums = [sum(column) for column in zip(*(_numbers(one) for one in covered), strict=True)]
    total = say("bank.column.total", lang)
    if is_narrow:
        _print(console, Line(f"  {total}"))
    lead = Line("" if is_narrow else f"  {pad(total, names)}   ")
    _print(console, lead, _cells(sums, widths, shaded=False))
    if not is_wide:
        _print_legend(console, lang)


def print_gaps(console: Console, covered: Sequence[TopicCoverage], lang: Lang) -> None:
    """Print what topics lack, a line for each."""
    gaps = [one for one in covered if one.lacks]
    lead = say("bank.uncovered", lang, count=str(len(gaps))) if gaps else say("bank.covered", lang)
    page = Page(console, lang, console.width)
    page.write((lead, ""))
    for one in gaps:
        what = say("bank.and", lang).join(_gap(name, lang) for name in one.lacks)
        page.write((f"! {one.topic}: {what}", ""))


def print_needs(console: Console, covered: Sequence[TopicCoverage], lang: Lang) -> None:
    """Print what share of the weight has enough entries, and the topics that need more, what is asked most first."""
    if not covered:
        return
    page = Page(console, lang, console.width)
    shares = (say("bank.weight.share", lang, entries=str(n), share=f"{weight_with(covered, n):.0%}") for n in _STEPS)
    page.write((say("bank.weight", lang, shares=say("bank.and", lang).join(shares)), ""))
    short = by_need(covered)
    if not short:
        page.write((say("bank.enough", lang, each=str(ENTRIES_PER_WEIGHT)), ""))
        return
    page.write((say("bank.short", lang, count=str(len(short)), each=str(ENTRIES_PER_WEIGHT)), ""))
    for one in short[:_NEEDIEST]:
        fields = {"weight": str(one.weight), "total": str(one.total), "wanted": str(one.wanted)}
        page.write((say("bank.short.one", lang, topic=one.topic, **fields), ""))
    if len(short) > _NEEDIEST:
        page.write((say("bank.short.more", lang, count=str(len(short) - _NEEDIEST)), ""))


def coverage_record(covered: Iterable[TopicCoverage], totals: Mapping[str, int]) -> dict[str, Any]:
    """All of it for JSON, `schema: viva.stats/1`."""
    listed = list(covered)
    topics = [
        {
            "topic": one.topic,
            "area": one.area,
            "weight": one.weight,
            "wanted": one.wanted,
            "total": one.total,
            "levels": dict(one.by_level),
            "kinds": dict(one.by_kind),
            "lacks": list(one.lacks),
        }
        for one in listed
    ]
    shares = {str(n): weight_with(listed, n) for n in _STEPS}
    return {"schema": "viva.stats/1", "totals": dict(totals), "weight_with": shares, "topics": topics}


def _heads(lang: Lang, *, is_wide: bool) -> list[str]:
    names = [f"bank.level.{level}" for level in LEVELS] + [f"bank.kind.{kind}" for kind in KINDS]
    texts = [say(name, lang) for name in names]
    if not is_wide:
        texts = [text[: 1 if lang == "zh" else _SHORT] for text in texts]
    return [*texts, say("bank.column.total", lang)]


def _numbers(one: TopicCoverage) -> list[int]:
    return [*(one.by_level[level] for level in LEVELS), *(one.by_kind[kind] for kind in KINDS), one.total]


def _cells_of_heads(heads: Sequence[str], widths: Sequence[int]) -> Line:
    line = Line(style="dim")
    for place, (head, width) in enumerate(zip(heads, widths, strict=True)):
        line.append(_gap_before(place)).append(" " * (width - cell_len(head)) + head)
    return line


def _cells(numbers: Sequence[int], widths: Sequence[int], *, shaded: bool = True) -> Line:
    line = Line()
    for place, (number, width) in enumerate(zip(numbers, widths, strict=True)):
        is_sum = place == len(numbers) - 1
        shade = "bold" if is_sum else _SHADES[min(number, len(_SHADES) - 1)] if shaded else ""
        line.append(_gap_before(place)).append(f"{number or '·':>{width}}", shade or ("dim" if not number else ""))
    return line


def _gap_before(place: int) -> str:
    """A bar between levels and kinds, and before the sum."""
    if place == 0:
        return ""
    return " │" if place in {len(LEVELS), len(LEVELS) + len(KINDS)} else " "


def _gap(name: str, lang: Lang) -> str:
    if name in {"open", "self_grading"}:
        return say(f"bank.lacks.{name}", lang)
    return say("bank.lacks.code", lang, slug=name)


def _print_legend(console: Console, lang: Lang) -> None:
    """What the short heads stand for."""
    levels = say("bank.and", lang).join(say(f"bank.level.{level}", lang) for level in LEVELS)
    kinds = say("bank.and", lang).join(say(f"bank.kind.{kind}", lang) for kind in KINDS)
    for line in wrap(say("bank.legend", lang, levels=levels, kinds=kinds), console.width):
        _print(console, Line(line, style="dim"))


def _print(console: Console, *lines: Line) -> None:
    line = Line(no_wrap=True, overflow="ignore")
    for part in lines:
        line.append_text(part)
    line.rstrip()
    console.print(line, soft_wrap=True, highlight=False)
