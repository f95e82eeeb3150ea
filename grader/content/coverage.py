"""Entries of a bank -> how well each topic of the syllabus is covered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence

from grader.model.coverage import KINDS, LEVELS, SELF_GRADING, TopicCoverage
from grader.model.entry import CodeEntry, Entry
from grader.model.syllabus import Area, Topic


def measure_coverage(
    areas: Sequence[Area], entries: Iterable[Entry], slugs: Collection[str]
) -> tuple[TopicCoverage, ...]:
    """The coverage of every topic, in the syllabus's order; `slugs` are the exercises that exist."""
    active = [entry for entry in entries if entry.status == "active"]
    return tuple(_of_topic(area, topic, active, slugs) for area in areas for topic in area.topics)


def _of_topic(area: Area, topic: Topic, entries: Sequence[Entry], slugs: Collection[str]) -> TopicCoverage:
    own = [entry for entry in entries if entry.topics[0] == topic.id]
    levels, kinds = Counter(entry.level for entry in own), Counter(entry.kind for entry in own)
    return TopicCoverage(
        area=area.id,
        topic=topic.id,
        weight=topic.weight,
        by_level={level: levels[level] for level in LEVELS},
        by_kind={kind: kinds[kind] for kind in KINDS},
        lacks=tuple(_lacking(topic, own, entries, slugs)),
    )


def _lacking(topic: Topic, own: Sequence[Entry], entries: Sequence[Entry], slugs: Collection[str]) -> Iterator[str]:
    if not any(entry.kind == "open" for entry in own):
        yield "open"
    if not any(entry.kind in SELF_GRADING for entry in own):
        yield "self_grading"
    linked = {entry.exercise for entry in entries if isinstance(entry, CodeEntry)}
    yield from (slug for slug in topic.exercises if slug in slugs and slug not in linked)
