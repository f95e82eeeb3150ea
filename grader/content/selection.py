"""Which entries and exercises a person wishes to see, out of all packs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from grader.content.pack import Pack
from grader.content.planted import repairs_of
from grader.content.suggestion import SEE_STATS, suggestion
from grader.errors import ContentError, UsageError
from grader.model.entry import Entry
from grader.model.exercise import Exercise
from grader.model.repair import Repair
from grader.model.syllabus import Area
from grader.model.text import Lang

EXERCISE = "exercise"  # what the filter by kind calls exercises
REPAIR = "repair"  # and repair tasks, which are many and shown only where they are wished for


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is wished for; an empty tuple and None wish for nothing in particular.

    A topic is named by its id, by the beginning of it (`arch`), or by the beginning of its part after the dot
    (`attention`). `lang` leaves out what has no title in that language.
    """

    topics: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    minutes: int | None = None
    statuses: tuple[str, ...] = ("active",)
    lang: Lang | None = None

    def admits(self, item: Entry | Exercise, area: str) -> bool:
        """Whether `item`, whose first topic is in `area`, is wished for."""
        kind = item.kind if isinstance(item, Entry) else EXERCISE
        fits_in = self.minutes is None or item.minutes <= self.minutes
        return _is_among(kind, self.kinds) and fits_in and self._is_meant(item, area)

    def admits_repair(self, repair: Repair, area: str) -> bool:
        """Whether a repair task of an exercise whose first topic is in `area` is wished for."""
        fits_in = self.minutes is None or repair.minutes <= self.minutes
        return REPAIR in self.kinds and fits_in and self._is_meant(repair.exercise, area)

    def _is_meant(self, item: Entry | Exercise, area: str) -> bool:
        """Whether level, status, area, language and topics are those wished for."""
        return (
            _is_among(item.level, self.levels)
            and _is_among(item.status, self.statuses)
            and _is_among(area, self.areas)
            and (self.lang is None or item.title.get(self.lang) != "")
            and (not self.topics or any(names_topic(name, topic) for name in self.topics for topic in item.topics))
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What was found: entries in the order of their topics, exercises and repair tasks by name, and their areas."""

    areas: tuple[Area, ...]
    entries: tuple[Entry, ...]
    exercises: tuple[Exercise, ...]
    repairs: tuple[Repair, ...] = ()
    broken: tuple[ContentError, ...] = ()


def select(packs: Sequence[Pack], wish: Wish) -> Selection:
    """Everything that `wish` admits; of two entries with one id, that of the first pack.

    An entry that breaks its format does not hide the others: what it has against it is among `broken`. Raises
    UsageError for a topic or an area that no syllabus has, and ContentError for an exercise that breaks its format.
    """
    areas = all_areas(packs)
    _require_known(areas, wish)
    area_of = {topic.id: area.id for area in areas for topic in area.topics}
    wants_exercises = not wish.kinds or EXERCISE in wish.kinds
    wants_repairs = REPAIR in wish.kinds
    wants_entries = not wish.kinds or bool(set(wish.kinds) - {EXERCISE, REPAIR})
    broken: list[ContentError] = []
    entries = _all_entries(packs, broken) if wants_entries else iter(())
    exercises = tuple(_all_exercises(packs)) if wants_exercises or wants_repairs else ()
    repairs = (repair for one in exercises if wants_repairs for repair in repairs_of(one))
    place = {topic: number for number, topic in enumerate(area_of)}
    found = [entry for entry in entries if wish.admits(entry, area_of.get(entry.topics[0], ""))]
    found.sort(key=lambda entry: (place.get(entry.topics[0], len(place)), entry.id))
    return Selection(
        areas=areas,
        entries=tuple(found),
        exercises=tuple(one for one in exercises if wish.admits(one, area_of.get(one.topics[0], ""))),
        repairs=tuple(one for one in repairs if wish.admits_repair(one, area_of.get(one.exercise.topics[0], ""))),
        broken=tuple(broken),
    )


def all_areas(packs: Sequence[Pack]) -> tuple[Area, ...]:
    """The areas of every pack's syllabus; of two with one id, that of the first pack."""
    found: dict[str, Area] = {}
    for pack in packs:
        for area in pack.syllabus.areas:
            found.setdefault(area.id, area)
    return tuple(found.values())


def names_topic(name: str, topic: str) -> bool:
    """Whether a person who says `name` means `topic`, among others."""
    return topic.startswith(name) or topic.partition(".")[2].startswith(name)


def _all_entries(packs: Sequence[Pack], broken: list[ContentError]) -> Iterator[Entry]:
    seen: set[str] = set()
    for pack in packs:
        for name in pack.entry_paths:
            if name not in seen:
                seen.add(name)
                try:
                    yield pack.entry(name)
                except ContentError as error:
                    broken.append(error)
        pack.remember()


def _all_exercises(packs: Sequence[Pack]) -> Iterator[Exercise]:
    seen: set[str] = set()
    for pack in packs:
        for exercise in pack.exercises():
            if exercise.id not in seen:
                seen.add(exercise.id)
                yield exercise


def _is_among(value: str, wished: tuple[str, ...]) -> bool:
    return not wished or value in wished


def _require_known(areas: Sequence[Area], wish: Wish) -> None:
    """Refuse a topic or an area that there is not, with the nearest one."""
    topics = [topic.id for area in areas for topic in area.topics]
    for name in wish.topics:
        if not any(names_topic(name, topic) for topic in topics):
            fix = suggestion(name, [*topics, *(topic.partition(".")[2] for topic in topics)], SEE_STATS)
            raise UsageError(f"there is no topic {name!r}; {fix.en}", f"没有主题 {name!r}；{fix.zh}")
    for name in wish.areas:
        if all(name != area.id for area in areas):
            fix = suggestion(name, [area.id for area in areas], SEE_STATS)
            raise UsageError(f"there is no area {name!r}; {fix.en}", f"没有领域 {name!r}；{fix.zh}")
