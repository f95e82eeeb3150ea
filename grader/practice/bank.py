"""The entries of some packs as practice sees them: active ones, by id, the first pack that has an id wins."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cached_property

from grader.content.pack import Pack, find_entry, find_exercise
from grader.content.selection import names_topic
from grader.content.suggestion import SEE_LIST, suggestion
from grader.content.syllabus import Area, Topic
from grader.errors import ContentError, UsageError
from grader.model.entry import BugEntry, CodeEntry, Entry
from grader.model.exercise import Exercise
from grader.model.text import Text
from grader.practice.paths import Paths
from grader.practice.ports import Head


class PackBank:
    """Entries of packs; `broken` has the errors of those that could not be read and are left out."""

    def __init__(self, packs: Sequence[Pack]) -> None:
        self._packs = packs
        self._left_out: frozenset[str] = frozenset()
        self.broken: list[ContentError] = []

    @cached_property
    def _heads(self) -> Mapping[str, Entry]:
        found: dict[str, Entry | None] = {}
        for pack in self._packs:
            for entry_id in pack.entry_paths:
                if entry_id not in found:
                    found[entry_id] = self._read(pack, entry_id)
        return {name: entry for name, entry in found.items() if entry is not None and entry.status == "active"}

    def _read(self, pack: Pack, entry_id: str) -> Entry | None:
        try:
            return pack.entry(entry_id)
        except ContentError as error:
            self.broken.append(error)
            return None

    def heads(self) -> Sequence[Head]:
        """Every active entry that is not left out."""
        return tuple(entry for name, entry in self._heads.items() if name not in self._left_out)

    def leave_out(self, environments: Collection[str], but: Collection[str] = ()) -> int:
        """Have no entry whose exercise needs one of these, `but` those that were named; how many there are."""
        if environments:
            needing = (name for name in self._heads if self._environment_of(name) in environments)
            self._left_out = frozenset(needing) - set(but)
        return len(self._left_out)

    def _environment_of(self, entry_id: str) -> str | None:
        try:
            exercise = self.exercise_of(self._heads[entry_id])
        except (ContentError, UsageError):  # said when it is asked
            return None
        return exercise.environment if exercise else None

    @cached_property
    def paths(self) -> Paths:
        """The learning paths over these entries."""
        return Paths(self._packs, self._heads.values())

    def check_entries(self, wanted: Sequence[str]) -> tuple[str, ...]:
        """`wanted`, if each is an active entry; UsageError has the nearest ids."""
        for name in wanted:
            if name not in self._heads:
                fix = suggestion(name, self._heads, SEE_LIST, most=3, cutoff=0.5)
                raise UsageError(
                    f"--entry: there is no active entry {name!r}; {fix.en}",
                    f"--entry：没有启用的题目条目 {name!r}；{fix.zh}",
                )
        return tuple(wanted)

    def entry(self, entry_id: str) -> Entry:
        """One entry, whole; raises ContentError or UsageError."""
        return find_entry(self._packs, entry_id)

    def exercise_of(self, entry: Entry) -> Exercise | None:
        """The exercise that an entry links to, if it links to one; raises ContentError or UsageError."""
        slug = entry.exercise if isinstance(entry, BugEntry | CodeEntry) else None
        return None if slug is None else find_exercise(self._packs, slug)

    def slug_of(self, entry_id: str) -> str | None:
        """The exercise that an active entry asks, or plants a mistake in."""
        entry = self._heads[entry_id]
        return entry.exercise if isinstance(entry, BugEntry | CodeEntry) else None

    def is_code(self, entry_id: str) -> bool:
        """Whether an active entry asks for a whole exercise."""
        return isinstance(self._heads[entry_id], CodeEntry)

    @cached_property
    def areas(self) -> Sequence[Area]:
        """Areas of all packs' syllabuses, each once."""
        found: dict[str, Area] = {}
        for pack in self._packs:
            for area in pack.syllabus.areas:
                found.setdefault(area.id, area)
        return tuple(found.values())

    @cached_property
    def topics(self) -> Mapping[str, Topic]:
        """Topics by id."""
        return {topic.id: topic for area in self.areas for topic in area.topics}

    @property
    def weights(self) -> Mapping[str, int]:
        """How often each topic is asked in interviews, from 1 to 5."""
        return {topic.id: topic.weight for topic in self.topics.values()}

    @cached_property
    def area_by_topic(self) -> Mapping[str, str]:
        """The area of each topic."""
        return {topic.id: area.id for area in self.areas for topic in area.topics}

    def check_topics(self, wanted: Sequence[str]) -> frozenset[str]:
        """The topics and areas of `wanted`; UsageError has the nearest names.

        Each is a topic, an area, the word before topics' dots or, where none is called so, the beginning of a topic's
        name before or after its dot.
        """
        named: set[str] = set()
        known = list(
            dict.fromkeys([*(a.id for a in self.areas), *(t.partition(".")[0] for t in self.topics), *self.topics])
        )
        for name in wanted:
            alike = {name} if name in known else {topic for topic in self.topics if names_topic(name, topic)}
            named |= alike
            if not alike:
                areas = ", ".join(area.id for area in self.areas)
                otherwise = Text(en=f"the areas are {areas}", zh=f"领域有 {areas}")
                fix = suggestion(name, known, otherwise, most=3, cutoff=0.5)
                raise UsageError(
                    f"--topic: there is no topic or area {name!r}; {fix.en}",
                    f"--topic：没有主题或领域 {name!r}；{fix.zh}",
                )
        return frozenset(named)
