"""Learning paths for one person: what each step asks, how far along they are, and which path they were on last."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from grader.content.pack import Pack
from grader.content.suggestion import suggestion
from grader.errors import ContentError, UsageError
from grader.model.entry import CodeEntry, Entry
from grader.model.exercise import Exercise
from grader.model.learning_path import LearningPath, PathStanding, PathStep, StepStanding, StepState
from grader.model.progress import Result
from grader.model.text import Text
from grader.practice.ports import ProgressStore

SEE_PATHS = Text(en="`viva path list` shows what there is", zh="`viva path list` 会列出所有路径")


@dataclass(frozen=True, slots=True, kw_only=True)
class Walked:
    """What a person has behind them, as far as paths are concerned.

    `right` are entries that were ever answered right, `solved` exercises that were accepted, and `latest` has, for each
    entry that was answered at all, when that was last.
    """

    right: frozenset[str]
    solved: frozenset[str]
    latest: Mapping[str, datetime]

    def state(self, entry: str | None, slug: str | None) -> StepState:
        """How far they are with a step that is asked by `entry`, or is about the exercise `slug`, or both."""
        if entry in self.right or slug in self.solved:
            return StepState.DONE
        return StepState.SEEN if entry in self.latest else StepState.OPEN


def walked(store: ProgressStore) -> Walked:
    """What the history says; a step that was right once stays done, however often it comes back."""
    answers = store.answers()
    return Walked(
        right=frozenset(answered.entry for answered in answers if answered.result is Result.RIGHT),
        solved=frozenset(store.solved()),
        latest={answered.entry: answered.at for answered in answers},
    )


class Paths:
    """The active paths of some packs, the first pack that has an id wins.

    `broken` has the errors of those that could not be read and are left out.
    """

    def __init__(self, packs: Sequence[Pack], entries: Iterable[Entry]) -> None:
        """`entries` are the active ones that may be asked."""
        self._packs = packs
        self._entries = {entry.id: entry for entry in entries}
        self.broken: list[ContentError] = []

    @cached_property
    def _homes(self) -> Mapping[str, Pack]:
        """The pack that each path is read from."""
        return {name: pack for pack in reversed(self._packs) for name in pack.path_files}

    @cached_property
    def _asking(self) -> Mapping[str, CodeEntry]:
        """The `code` entry of each exercise."""
        return {entry.exercise: entry for entry in self._entries.values() if isinstance(entry, CodeEntry)}

    def all(self) -> Sequence[LearningPath]:
        """Every active path, by id."""
        read = [path for name in sorted(self._homes) if (path := self._read(name)) is not None]
        return tuple(path for path in read if path.status == "active")

    def path(self, path_id: str) -> LearningPath:
        """The path `path_id`; raises ContentError when it is broken, UsageError when there is none."""
        found = self._homes[path_id].learning_path(path_id) if path_id in self._homes else None
        if found is None or found.status != "active":
            fix = suggestion(path_id, [path.id for path in self.all()], SEE_PATHS, most=3, cutoff=0.5)
            raise UsageError(f"there is no path {path_id!r}; {fix.en}", f"没有学习路径 {path_id!r}；{fix.zh}")
        return found

    def standing(self, path: LearningPath, walked: Walked) -> PathStanding:
        """How far along `path` somebody is."""
        steps: list[StepStanding] = []
        left_out: list[str] = []
        for step in path.steps:
            standing = self._step(step, len(steps) + 1, walked)
            if standing is None:
                left_out.append(step.name)
            else:
                steps.append(standing)
        return PathStanding(path=path, steps=tuple(steps), left_out=tuple(left_out))

    def _read(self, name: str) -> LearningPath | None:
        try:
            return self._homes[name].learning_path(name)
        except ContentError as error:
            self.broken.append(error)
            return None

    def _step(self, step: PathStep, number: int, walked: Walked) -> StepStanding | None:
        """The step for a person; None where what it names cannot be asked."""
        asked: Entry | Exercise | None
        if step.kind == "entry":
            asked = entry = self._entries.get(step.name)
            slug = entry.exercise if isinstance(entry, CodeEntry) else None
        else:
            asked, entry, slug = self._exercise(step.name), self._asking.get(step.name), step.name
        if asked is None:
            return None
        name = None if entry is None else entry.id
        return StepStanding(
            step=step,
            number=number,
            title=asked.title,
            minutes=asked.minutes,
            entry=name,
            state=walked.state(name, slug),
        )

    def _exercise(self, slug: str) -> Exercise | None:
        home = next((pack for pack in self._packs if slug in pack.slugs), None)
        try:
            found = None if home is None else home.exercise(slug)
        except ContentError:
            return None
        return found if found is not None and found.status == "active" else None


def last_walked(standings: Iterable[PathStanding], walked: Walked) -> PathStanding | None:
    """The unfinished path whose steps were answered last; None where no step of any was answered.

    Of two that share that answer, the one that is farther along, by its share of done steps.
    """
    begun = [(when, one) for one in standings if one.ahead and (when := _last_answer(one, walked)) is not None]
    found = max(begun, key=lambda pair: (pair[0], pair[1].done / len(pair[1].steps)), default=None)
    return None if found is None else found[1]


def _last_answer(standing: PathStanding, walked: Walked) -> datetime | None:
    answered = (walked.latest.get(step.entry) for step in standing.steps if step.entry is not None)
    return max((when for when in answered if when is not None), default=None)
