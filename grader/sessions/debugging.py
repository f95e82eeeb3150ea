"""Debugging rounds: entries that are repair tasks, those made of mutants where there is none, and what they give away.

A repair task shows most of an exercise's reference, and who has written the exercise knows where to look; so nobody
gets both, whether in one session or after another.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import date
from typing import cast

from grader.content.planted import repairs_of
from grader.model.entry import BugEntry, CodeEntry, Criterion, Entry, FollowUp, Level
from grader.model.exercise import Exercise
from grader.model.repair import Repair
from grader.model.text import Text
from grader.report.repairs import repair_title

PREFIX = "repair-"
DEBUGGING = "debugging"  # what wishes and forms call it, beside the kinds of entries
_PROMPT = Text(
    en="This implementation of the statement is wrong somewhere. Find the mistake and mend it; say what you suspect "
    "before you change anything, and how you know that it is right afterwards.",
    zh="这份实现有一处与题面不符。请找到错误并改正：动手改之前先说出你的怀疑，改完再说明怎么确认已经正确。",
)
_ANSWER = Text(en="What is planted: {title}. {advice}", zh="埋下的错误：{title}。{advice}")
_RUBRIC = (
    Criterion(
        id="narrowing",
        weight=0.4,
        text=Text(
            en="Narrows it down by experiment: a smallest input that fails, or intermediate values held against the "
            "statement.",
            zh="用实验缩小范围：找出会失败的最小输入，或把中间结果与题面对照。",
        ),
    ),
    Criterion(
        id="cause",
        weight=0.35,
        text=Text(
            en="Says why the code gives what it gives, and for which inputs it goes unnoticed.",
            zh="说清代码为什么给出这样的结果，以及哪些输入下看不出问题。",
        ),
    ),
    Criterion(
        id="proof",
        weight=0.25,
        text=Text(
            en="Changes little, and shows with a case that failed before that it is mended.",
            zh="改动很小，并用先前失败的用例证明已经改好。",
        ),
    ),
)
_RED_FLAGS = (
    Text(en="Writes everything anew instead of looking for the mistake.", zh="不找错误，直接全部重写。"),
    Text(
        en="Changes lines until the cases pass, and cannot say which change did it.",
        zh="反复改到用例通过为止，却说不出是哪处改动起了作用。",
    ),
)
_FOLLOW_UPS = (
    FollowUp(
        when="strong",
        text=Text(
            en="Which test would have caught this before review? How would you find others like it?",
            zh="什么样的测试能在评审之前发现它？怎样找出同类的错误？",
        ),
    ),
    FollowUp(
        when="weak",
        text=Text(
            en="Take one sentence of the statement and an input of two or three items. What should come out, and "
            "what does?",
            zh="任取题面中的一句话和两三个元素的输入：应当得到什么，实际得到什么？",
        ),
    ),
)


def is_repair(entry: Entry) -> bool:
    """Whether an entry is a repair task."""
    return isinstance(entry, BugEntry) and entry.mutant is not None


def is_hands_on(entry: Entry) -> bool:
    """Whether an entry is answered at a keyboard, with an exercise."""
    return entry.kind == "code" or is_repair(entry)


def form_of(entry: Entry) -> str:
    """The kind of an entry, where a repair task is a kind of its own: wishes for bugs do not mean it."""
    return DEBUGGING if is_repair(entry) else entry.kind


def exercise_of(entry: Entry) -> str | None:
    """The slug of the exercise that an entry is worked on in."""
    return entry.exercise if isinstance(entry, BugEntry | CodeEntry) else None


def exposed(names: Collection[str], entries: Iterable[Entry]) -> frozenset[str]:
    """Slugs of the exercises that a person knows who was asked the entries of these names, ids or slugs."""
    slugs = {name.replace("-", "_") for name in names}
    seen = {exercise_of(entry) for entry in entries if entry.id in names or exercise_of(entry) in slugs}
    made = {_slug_of(name) for name in names if name.startswith(PREFIX)}
    return frozenset(slug for slug in seen | made if slug)


def made_entries(
    exercises: Iterable[Exercise], entries: Iterable[Entry], choose: Callable[[Repair], float], each: int | None
) -> list[BugEntry]:
    """Entries for repair tasks that have none: `each` per exercise without any, in the order that `choose` gives.

    With None, every repair task but those that an entry is about.
    """
    written = {(entry.exercise, entry.mutant) for entry in entries if isinstance(entry, BugEntry) and entry.mutant}
    covered = {slug for slug, _ in written} if each is not None else set()
    wanted = [one for one in exercises if one.status == "active" and one.id not in covered]
    return [
        made_entry(repair)
        for one in wanted
        for repair in sorted(repairs_of(one), key=choose)[:each]
        if (one.id, repair.mutant.id) not in written
    ]


def made_entry(repair: Repair) -> BugEntry:
    """The entry that a repair task makes by itself; its id names the exercise and the handle, not the mistake."""
    exercise, mutant = repair.exercise, repair.mutant
    return BugEntry(
        id=f"{PREFIX}{exercise.id.replace('_', '-')}-{repair.handle}",
        revision=exercise.version,
        status="active",
        kind="bug",
        topics=exercise.topics,
        level=cast(Level, exercise.level),
        difficulty=exercise.difficulty,
        minutes=repair.minutes,
        title=repair_title(exercise.title),
        prompt=_PROMPT,
        answer=_ANSWER.filled(title=mutant.title, advice=mutant.advice),
        red_flags=_RED_FLAGS,
        follow_ups=_FOLLOW_UPS,
        hints=(),
        sources=exercise.sources,
        license="",
        verified=date.min,
        path=exercise.private_dir / "mutants.yaml",
        digest=exercise.suite_digest,
        rubric=_RUBRIC,
        choices=(),
        exercise=exercise.id,
        mutant=mutant.id,
    )


def slug_meant(name: str) -> str:
    """The slug of the exercise that a name means, or of which a repair task was made; it need not be there."""
    return _slug_of(name) if name.startswith(PREFIX) else name.replace("-", "_")


def _slug_of(name: str) -> str:
    """The exercise of an id that `made_entry` gave."""
    return name.removeprefix(PREFIX).rpartition("-")[0].replace("-", "_")
