"""What an interviewer asks for, checked and made plain."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import get_args

from grader.content.suggestion import one_of
from grader.content.syllabus import Syllabus
from grader.errors import UsageError
from grader.model.entry import Kind, Level
from grader.sessions.topics import find_topics

LEVELS: tuple[Level, ...] = get_args(Level)
KINDS: tuple[Kind, ...] = get_args(Kind)
TARGETS: Mapping[Level, float] = {"junior": 3.5, "mid": 5.0, "senior": 6.5, "staff": 7.5}
MIN_MINUTES, MAX_MINUTES, MAX_COUNT = 5, 480, 20
_COUNTED = re.compile(r"(?P<name>[^:]+?)(?:\s*:\s*(?P<count>[0-9]{1,3}))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicWish:
    """At least `count` questions about one of `topics`; `name` is what the interviewer wrote."""

    name: str
    topics: frozenset[str]
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """Everything that a choice of entries should meet.

    `minutes` is the whole interview. `weights` says how much each topic belongs to the role (1 where it is silent).
    `kinds` must be met; `mix` is what a role usually has and gives way first, as `usual_coding` does where nobody asked
    for `coding`, and `usual_topics` where nobody named `topics`. `debugging` is how many repair tasks there are.
    `avoid` holds ids of entries, or slugs of exercises, that were asked before. At most `per_topic` questions share
    their main topic unless a topic wish asks for more.
    """

    role: str
    level: Level
    minutes: int
    opening: int
    closing: int
    topics: tuple[TopicWish, ...] = ()
    usual_topics: tuple[TopicWish, ...] = ()
    coding: int | None = None
    usual_coding: int | None = None
    debugging: int = 0
    kinds: Mapping[Kind, int] = field(default_factory=dict)
    mix: Mapping[Kind, int] = field(default_factory=dict)
    weights: Mapping[str, float] = field(default_factory=dict)
    avoid: frozenset[str] = frozenset()
    per_topic: int = 1

    @property
    def budget(self) -> int:
        """Minutes for questions."""
        return self.minutes - self.opening - self.closing

    @property
    def target(self) -> float:
        """The mean difficulty that suits the level."""
        return TARGETS[self.level]

    def written(self) -> tuple[str, ...]:
        """The wishes as a person would type them, for the session's file."""
        parts = [f"role {self.role}", f"level {self.level}", f"minutes {self.minutes}"]
        parts += [f"topic {wish.name}:{wish.count} ({', '.join(sorted(wish.topics))})" for wish in self.topics]
        parts += [f"usual topic {wish.name}:{wish.count}" for wish in self.usual_topics]
        parts += [] if self.coding is None else [f"coding {self.coding}"]
        parts += [f"debugging {self.debugging}"] if self.debugging else []
        parts += [f"kind {kind}:{count}" for kind, count in self.kinds.items()]
        parts += [f"avoid {len(self.avoid)} entries"] if self.avoid else []
        return tuple(parts)


def read_topics(texts: Sequence[str], syllabus: Syllabus) -> tuple[TopicWish, ...]:
    """`attention:2,metrics` as wishes; a name without a number asks for one. Raises UsageError."""
    pairs = [_counted(part, "--topics") for text in texts for part in re.split("[,，]", text) if part.strip()]
    return tuple(TopicWish(name=name, topics=find_topics(name, syllabus), count=count) for name, count in pairs)


def read_kinds(texts: Sequence[str]) -> dict[Kind, int]:
    """`open:3,numeric` as counts. Raises UsageError."""
    counts: dict[Kind, int] = {}
    for part in (part for text in texts for part in re.split("[,，]", text) if part.strip()):
        name, count = _counted(part, "--kinds")
        kind = next((kind for kind in KINDS if kind == name.lower()), None)
        if kind is None:
            fix = one_of(KINDS)
            raise UsageError(f"--kinds: there is no kind {name!r}; {fix.en}", f"--kinds：没有题型 {name!r}；{fix.zh}")
        counts[kind] = count
    return counts


def read_level(text: str) -> Level:
    """A level by name. Raises UsageError."""
    level = next((level for level in LEVELS if level == text.strip().lower()), None)
    if level is None:
        fix = one_of(LEVELS)
        raise UsageError(f"--level: there is no level {text!r}; {fix.en}", f"--level：没有级别 {text!r}；{fix.zh}")
    return level


def check_minutes(minutes: int) -> int:
    """`minutes` if an interview can be that long. Raises UsageError."""
    if not MIN_MINUTES <= minutes <= MAX_MINUTES:
        raise UsageError(
            f"--minutes is {minutes}; write a number from {MIN_MINUTES} to {MAX_MINUTES}",
            f"--minutes 是 {minutes}；请写 {MIN_MINUTES} 到 {MAX_MINUTES} 之间的数",
        )
    return minutes


def frame_of(minutes: int) -> tuple[int, int]:
    """Minutes for the welcome and for the candidate's own questions in an interview of that length."""
    if minutes < 20:
        return 0, 0
    return (2, 3) if minutes < 45 else (3, 5)


def usual_mix(minutes: int, coding: int) -> dict[Kind, int]:
    """What to aim at where nobody said: talk in most of the time that coding leaves, with something quick to begin."""
    talk = minutes - 25 * coding
    if talk < 8:
        return {}
    return {"open": max(1, min(6, round(talk / 12))), **({"choice": 1} if talk >= 14 else {})}


def _counted(part: str, option: str) -> tuple[str, int]:
    match = _COUNTED.fullmatch(part.strip())
    if match is None:
        raise UsageError(
            f"{option}: {part.strip()!r} is not understood; write a name, or a name and a number (`name:2`)",
            f"{option}：看不懂 {part.strip()!r}；请写一个名称，或名称加数目（`name:2`）",
        )
    count = int(match["count"] or 1)
    if not 1 <= count <= MAX_COUNT:
        raise UsageError(
            f"{option}: {part.strip()!r} asks for {count}; write a number from 1 to {MAX_COUNT}",
            f"{option}：{part.strip()!r} 要求 {count} 道；请写 1 到 {MAX_COUNT} 之间的数",
        )
    return match["name"], count
