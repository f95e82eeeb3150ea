"""Checks of what an entry consists of: rubric, red flags, follow-ups, patterns, sources, and a template's numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from grader.content.finding import Finding
from grader.content.numeric import instantiate
from grader.errors import ContentError
from grader.model.accept import occurs, parts
from grader.model.entry import Criterion, Entry, Numeric, NumericEntry, OpenEntry
from grader.model.exercise import Source
from grader.model.text import Lang

MORE_SEEDS: Final = range(8, 40)  # beyond those that a template is tried with when it is loaded
_WORDS: Final = re.compile(r"[a-z]{4}|[A-Za-z]\s+[A-Za-z]")  # of a unit; symbols have neither
_PLACE_IN_TITLE: Final = re.compile(r"[(,] ?(?:sections?|chapters?|equations?|tables?|algorithms?) [\d.]+[^)]*\)?$")
_LANGUAGES: Final[tuple[Lang, ...]] = ("en", "zh")
LEAST_WORDS: Final = 2  # of a pattern
OPEN_RUBRIC: Final = range(3, 7)


def check_parts(entry: Entry) -> Iterator[Finding]:
    """Everything that the parts of an entry have against them."""
    if entry.status == "active" and isinstance(entry, OpenEntry):
        yield from _check_open(entry)
    for place, criterion in enumerate(getattr(entry, "rubric", ())):
        yield from _check_patterns(entry, place, criterion)
    if isinstance(entry, NumericEntry):
        yield from _check_numbers(entry)
    yield from check_sources(entry.path, entry.sources)


def _check_open(entry: OpenEntry) -> Iterator[Finding]:
    """An interviewer needs 3 to 6 points to listen for, red flags, and a next question for either answer."""
    if len(entry.rubric) not in OPEN_RUBRIC:
        yield Finding("problem", entry.path, "rubric", f"{len(entry.rubric)} points; write 3 to 6")
    if not entry.red_flags:
        yield Finding("problem", entry.path, "red_flags", "there are none; write at least one")
    for when in ("strong", "weak"):
        if all(one.when != when for one in entry.follow_ups):
            yield Finding("problem", entry.path, "follow_ups", f"none after a {when} answer; write at least one")


def _check_patterns(entry: Entry, place: int, criterion: Criterion) -> Iterator[Finding]:
    """A pattern says something, and between them they find the point in what a strong candidate would say."""
    field = f"rubric.{place}.accept"
    for number, pattern in enumerate(criterion.accept):
        if occurs(pattern, ""):
            yield Finding("problem", entry.path, f"{field}.{number}", "it matches anything; write what it should find")
        elif len(parts(pattern)) < LEAST_WORDS:
            says = "it looks for one thing, which a wrong answer may hold too; join two that belong together with ` & `"
            yield Finding("warning", entry.path, f"{field}.{number}", says)
    for lang in _LANGUAGES:
        for what, text in _said_without_knowing(entry, lang):
            if _finds(criterion, text):
                says = f"the {lang} {what} ticks it; ask for what only an answer says"
                yield Finding("warning", entry.path, field, says)
        said = f"{entry.answer.get(lang)}\n{criterion.text.get(lang)}"
        if criterion.accept and said.strip() and not _finds(criterion, said):
            says = f"no pattern finds the point in the {lang} model answer or in the point itself; add one that does"
            yield Finding("warning", entry.path, field, says)


def _said_without_knowing(entry: Entry, lang: Lang) -> Iterator[tuple[str, str]]:
    """What may earn no point: the question itself, and each error that is listened for."""
    yield "prompt", entry.prompt.get(lang)
    for number, flag in enumerate(getattr(entry, "red_flags", ())):
        yield f"red flag {number + 1}", flag.get(lang)


def _finds(criterion: Criterion, said: str) -> bool:
    return any(occurs(pattern, said) for pattern in criterion.accept)


def _check_numbers(entry: NumericEntry) -> Iterator[Finding]:
    """A unit has its words in both languages; a template has a value for many seeds, and 0 is not missed by a hair."""
    unit = entry.numeric.unit
    if unit.en == unit.zh and _WORDS.search(unit.en):
        says = f"`{unit.en}` is in words; write `{{en: …, zh: …}}` (a symbol such as GiB may stand alone)"
        yield Finding("problem", entry.path, "numeric.unit", says)
    if isinstance(entry.numeric, Numeric):
        drawn = [entry.numeric]
    else:
        drawn = []
        for seed in MORE_SEEDS:
            try:
                numeric = instantiate(entry, seed).numeric
            except ContentError as error:
                yield Finding("problem", entry.path, error.field, f"{error.problem}; {error.fix}")
                return
            drawn += [numeric] if isinstance(numeric, Numeric) else []
    if any(numeric.value == 0 and numeric.atol == 0 for numeric in drawn):
        says = "the answer can be 0, and with `rtol` alone only an exact 0 is right; give an `atol`"
        yield Finding("warning", entry.path, "numeric.atol", says)
    if len({numeric.value for numeric in drawn}) == 1 and len(drawn) > 1:
        yield Finding("warning", entry.path, "numeric.parameters", "every seed gives the same answer; vary them more")


def check_sources(path: Path, sources: Sequence[Source]) -> Iterator[Finding]:
    """A title is a title, an address has a host, and is there once."""
    seen: set[str] = set()
    for number, source in enumerate(sources):
        field = f"sources.{number}.url"
        if _PLACE_IN_TITLE.search(source.title):
            says = f"`{source.title}` ends with a place; write that under `place`"
            yield Finding("problem", path, f"sources.{number}.title", says)
        problem = _address_problem(source.url)
        if problem:
            yield Finding("problem", path, field, f"{source.url}: {problem}")
        if source.url in seen:
            yield Finding("problem", path, field, f"{source.url} is there twice; keep one")
        seen.add(source.url)


def _address_problem(url: str) -> str:
    try:
        host = urlsplit(url).hostname or ""
    except ValueError as error:
        return f"not an address ({error}); mend it"
    if not re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", host):
        return f"{host or 'nothing'} is no host; write the whole address"
    if url[-1] in ".,;)>" and not (url.endswith(")") and "(" in url):
        return "it ends with a mark of punctuation; remove that"
    return ""
