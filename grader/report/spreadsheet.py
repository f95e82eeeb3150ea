"""Entries as a table of CSV, a line for each, with the columns of `grader.model.columns`."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from grader.model.columns import BOTH, COLUMNS, as_cell
from grader.model.entry import BugEntry, Choice, ChoiceEntry, CodeEntry, Entry, Numeric, NumericEntry, OrderEntry
from grader.model.text import Lang, Text
from grader.report.entry_markdown import shuffled

_SECRET = frozenset({"correct", "value", "answer", "why", "rubric", "red_flags", "follow_ups", "hints", "sources"})
_LANGUAGES: tuple[Lang, ...] = ("en", "zh")


def entries_csv(entries: Sequence[Entry], *, answers: bool) -> str:
    """The table; without answers those columns are left out, and steps are shuffled. Entries are concrete."""
    columns = [name for name in COLUMNS if answers or _stem(name) not in _SECRET]
    stream = io.StringIO()
    writer = csv.DictWriter(stream, columns, lineterminator="\r\n")
    writer.writeheader()
    for entry in entries:
        cells = dict(_cells(entry, answers=answers))
        writer.writerow({name: as_cell(cells.get(name, "")) for name in columns})
    return stream.getvalue()


def _stem(column: str) -> str:
    stem = column.removesuffix("_en").removesuffix("_zh")
    return stem if stem in BOTH else column


def _cells(entry: Entry, *, answers: bool) -> Iterator[tuple[str, str]]:
    for name in ("id", "kind", "level", "difficulty", "minutes", "license", "verified", "status"):
        yield name, str(getattr(entry, name))
    yield "topics", ", ".join(entry.topics)
    yield "sources", _lines(" | ".join(filter(None, (one.title, one.place, one.url))) for one in entry.sources)
    for lang in _LANGUAGES:
        for name, value in _texts(entry, lang, answers=answers):
            yield f"{name}_{lang}", value
    yield from _key(entry)


def _texts(entry: Entry, lang: Lang, *, answers: bool) -> Iterator[tuple[str, str]]:
    yield from ((name, getattr(entry, name).get(lang)) for name in ("title", "prompt", "answer"))
    yield "red_flags", _lines(_flat(flag, lang) for flag in entry.red_flags)
    yield "hints", _lines(_flat(hint, lang) for hint in entry.hints)
    yield "follow_ups", _lines(f"{one.when}: {_flat(one.text, lang)}" for one in entry.follow_ups)
    rubric = getattr(entry, "rubric", ())
    yield "rubric", _lines(f"{criterion.weight * 100:g}% {_flat(criterion.text, lang)}" for criterion in rubric)
    if isinstance(entry, OrderEntry):
        steps = entry.steps if answers else shuffled(entry.steps, entry.id)
        yield "steps", _lines(_flat(step.text, lang) for step in steps)
    choices = _choices(entry)
    yield "choices", _lines(f"{choice.id}. {_flat(choice.text, lang)}" for choice in choices)
    yield "why", _lines(f"{choice.id}. {_flat(choice.why, lang)}" for choice in choices if choice.why)


def _key(entry: Entry) -> Iterator[tuple[str, str]]:
    yield "correct", ", ".join(choice.id for choice in _choices(entry) if choice.correct)
    if isinstance(entry, NumericEntry) and isinstance(entry.numeric, Numeric):
        numeric = entry.numeric
        yield from (("value", repr(numeric.value)), ("rtol", repr(numeric.rtol)))
        yield from (("unit", numeric.unit.en), ("unit_zh", numeric.unit.zh))
    if isinstance(entry, CodeEntry | BugEntry):
        yield "exercise", entry.exercise or ""


def _choices(entry: Entry) -> tuple[Choice, ...]:
    return entry.choices if isinstance(entry, ChoiceEntry | BugEntry) else ()


def _flat(text: Text, lang: Lang) -> str:
    """The text on one line."""
    return " ".join(text.get(lang).split())


def _lines(texts: Iterable[str]) -> str:
    return "\n".join(texts)
