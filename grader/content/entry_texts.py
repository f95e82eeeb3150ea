"""Every text of an entry with the field that it stands in, for checks that look at all of them."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass

from grader.markup import dialect
from grader.model.entry import Entry
from grader.model.text import Lang, Text


@dataclass(frozen=True, slots=True)
class Placed:
    """A text, and the dotted field that it stands in, as in `choices.0.why`."""

    field: str
    text: Text


def texts_of(entry: Entry) -> tuple[Placed, ...]:
    """Every text, in the order of the fields."""
    return tuple(_walk("", entry))


def fences_of(entry: Entry, lang: Lang) -> Iterator[tuple[str, dialect.Fence]]:
    """(field, block of code) of every text in `lang`."""
    for placed in texts_of(entry):
        source = placed.text.get(lang)
        if "```" in source or "    " in source:
            yield from ((f"{placed.field}.{lang}", fence) for fence in dialect.fences(source))


def _walk(at: str, value: object) -> Iterator[Placed]:
    if isinstance(value, Text):
        yield Placed(at, value)
    elif isinstance(value, tuple):
        for number, member in enumerate(value):
            yield from _walk(f"{at}.{number}", member)
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        for field in dataclasses.fields(value):
            inner = getattr(value, field.name)
            if isinstance(inner, Text | tuple):
                yield from _walk(f"{at}.{field.name}".removeprefix("."), inner)
