"""The check of a pack's bank: problems that must be mended, warnings to look at, and statistics.

every entry    format, topics, folder, exercise (`Pack.check_entry`), texts, parts, terms of the glossary
all of them    titles that are the same, near-duplicates, mentions, coverage, choices that give themselves away
every path     format, languages, steps that are not there, come twice or cannot be asked
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from grader.content.check_choices import measure_choices
from grader.content.check_parts import check_parts
from grader.content.check_paths import check_paths
from grader.content.check_texts import LANGUAGES, MAX_SENTENCE, TODO, check_texts, longest_sentence, mentions
from grader.content.coverage import measure_coverage
from grader.content.finding import Finding
from grader.content.glossary import check_terms, read_glossary
from grader.content.near_duplicates import find_near_duplicates
from grader.content.numeric import instantiate
from grader.content.pack import Pack
from grader.errors import ContentError
from grader.model.entry import CodeEntry, Entry, NumericEntry

WORST = 10  # long sentences that are named


@dataclass(frozen=True, slots=True, kw_only=True)
class BankReport:
    """What the check of one bank found; each of the problems and warnings is one sentence with its place."""

    entries: int
    problems: tuple[str, ...]
    warnings: tuple[str, ...]
    statistics: tuple[str, ...]


def check_bank(pack: Pack) -> BankReport:
    """Check every entry of `pack`, and all of them together; nothing of it where the syllabus cannot be read."""
    try:
        pack.syllabus  # noqa: B018 - reading it is the check
    except ContentError as error:
        return BankReport(entries=_count(pack), problems=tuple(_told(error)), warnings=(), statistics=())
    problems: list[str] = []
    entries = list(_readable(pack, problems))
    pack.remember()
    findings = [*_of_each(pack, entries), *_of_all(pack, entries)]
    shares = measure_choices(entry for entry in entries if entry.status == "active")
    given_away = [f"{share}; vary some of {', '.join(share.ids)}" for share in shares if share.is_suspicious]
    return BankReport(
        entries=_count(pack),
        problems=(
            *problems,
            *(str(finding) for finding in findings if finding.severity == "problem"),
            *check_paths(pack, entries),
        ),
        warnings=(*(str(finding) for finding in findings if finding.severity == "warning"), *given_away),
        statistics=(*_spread(entries), *(str(share) for share in shares if share.total)),
    )


def _count(pack: Pack) -> int:
    try:
        return len(pack.entry_paths)
    except ContentError:
        return 0


def _readable(pack: Pack, problems: list[str]) -> Iterator[Entry]:
    """Entries that keep the format; what the others have against them goes to `problems`."""
    try:
        names = tuple(pack.entry_paths)
    except ContentError as error:
        problems.append(str(error))
        return
    for name in names:
        try:
            yield pack.check_entry(name)
        except ContentError as error:
            problems += _told(error)


def _told(error: ContentError) -> list[str]:
    """The error, and the others that were found with it."""
    return [str(error), *getattr(error, "__notes__", ())]


def _of_each(pack: Pack, entries: Sequence[Entry]) -> Iterator[Finding]:
    terms = read_glossary(pack.root)
    for entry in entries:
        concrete = _concrete(entry)
        yield from check_texts(concrete)
        yield from check_parts(entry)
        yield from check_terms(concrete, terms)


def _concrete(entry: Entry) -> Entry:
    return instantiate(entry, 0) if isinstance(entry, NumericEntry) else entry


def _of_all(pack: Pack, entries: Sequence[Entry]) -> Iterator[Finding]:
    yield from _repeated_titles(entries)
    yield from _wrong_links(pack, entries)
    for pair in find_near_duplicates(entries):
        yield Finding("warning", pair.right.path, "", f"{pair}; do they ask the same?")
    if (pack.root / "bank" / "syllabus.yaml").is_file():
        yield from _uncovered(pack, entries)
    yield from _long_sentences(entries)


def _repeated_titles(entries: Sequence[Entry]) -> Iterator[Finding]:
    for lang in LANGUAGES:
        first: dict[str, Entry] = {}
        for entry in entries:
            title = entry.title.get(lang).strip().lower()
            other = first.setdefault(title, entry)
            if title and title != TODO.lower() and other is not entry:
                says = f"`{other.id}` has the same title; choose another"
                yield Finding("problem", entry.path, f"title.{lang}", says)


def _wrong_links(pack: Pack, entries: Sequence[Entry]) -> Iterator[Finding]:
    """Mentions of entries that are not there, ids that are slugs, and exercises that two `code` entries link to."""
    links: dict[str, Entry] = {}
    for entry in entries:
        for field, name in dict.fromkeys(mentions(entry)):
            if name not in pack.entry_paths:
                yield Finding("problem", entry.path, field, f"`entry:{name}`: there is no such entry; correct the id")
        if entry.id in pack.slugs:
            yield Finding("problem", entry.path, "id", f"`{entry.id}` is also an exercise; choose another id")
        if isinstance(entry, CodeEntry) and entry.status == "active":
            other = links.setdefault(entry.exercise, entry)
            if other is not entry:
                says = f"`{other.id}` links to `{entry.exercise}` too; one is enough"
                yield Finding("warning", entry.path, "exercise", says)


def _uncovered(pack: Pack, entries: Sequence[Entry]) -> Iterator[Finding]:
    place = pack.root / "bank" / "syllabus.yaml"
    for one in measure_coverage(pack.syllabus.areas, entries, pack.slugs):
        if one.lacks:
            lacks = ", ".join(_LACKS.get(name, f"a `code` entry for `{name}`") for name in one.lacks)
            yield Finding("warning", place, one.topic, f"lacks {lacks}")


_LACKS = {"open": "an `open` entry", "self_grading": "an entry that grades itself"}


def _long_sentences(entries: Sequence[Entry]) -> Iterator[Finding]:
    """The worst of the sentences that are hard to read."""
    for lang in LANGUAGES:
        unit = "words" if lang == "en" else "characters"
        found = [(entry, *longest_sentence(entry, lang)) for entry in entries]
        found = [one for one in found if one[1] > MAX_SENTENCE[lang]]
        for entry, length, field, sentence in sorted(found, key=lambda one: -one[1])[:WORST]:
            yield Finding("warning", entry.path, field, f"a sentence of {length} {unit}: “{sentence[:40]}…”; split it")


def _spread(entries: Sequence[Entry]) -> Iterator[str]:
    """How entries are spread over status, level and kind."""
    active = [entry for entry in entries if entry.status == "active"]
    for name in ("kind", "level", "difficulty"):
        counts = Counter(getattr(entry, name) for entry in active)
        yield f"{name}: " + ", ".join(f"{value} {count}" for value, count in sorted(counts.items(), key=_by_name))
    yield f"minutes in all: {sum(entry.minutes for entry in active)}"


def _by_name(pair: tuple[object, int]) -> tuple[bool, str]:
    return isinstance(pair[0], str), f"{pair[0]:>10}"
