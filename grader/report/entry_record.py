"""Entries, exercises and repair tasks as plain mappings for JSON.

Their schemas are `viva.entry/1`, `viva.exercise/1` and `viva.repair/1`. Without answers a record holds what a
candidate may see and nothing else; both languages are always there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from grader.model.entry import BugEntry, ChoiceEntry, CodeEntry, Entry, Numeric, NumericEntry, OrderEntry
from grader.model.exercise import Exercise, Source
from grader.model.repair import Repair, ShownRepair
from grader.model.text import Text
from grader.report.entry_markdown import shuffled
from grader.report.repairs import repair_title

ENTRY_SCHEMA: Final = "viva.entry/1"
EXERCISE_SCHEMA: Final = "viva.exercise/1"
REPAIR_SCHEMA: Final = "viva.repair/1"
_HEAD: Final = ("id", "revision", "status", "kind", "level", "difficulty", "minutes")

Record = dict[str, Any]


def entry_head(entry: Entry) -> Record:
    """What a list tells of an entry."""
    head = {name: getattr(entry, name) for name in _HEAD}
    return {"schema": ENTRY_SCHEMA, **head, "topics": list(entry.topics), "title": text(entry.title)}


def exercise_head(exercise: Exercise) -> Record:
    """What a list tells of an exercise."""
    names = ("id", "version", "status", "level", "difficulty", "minutes", "environment")
    head = {name: getattr(exercise, name) for name in names}
    topics, title = list(exercise.topics), text(exercise.title)
    return {"schema": EXERCISE_SCHEMA, "kind": "exercise", **head, "topics": topics, "title": title}


def repair_head(repair: Repair) -> Record:
    """What a list tells of a repair task: nothing that names the mistake."""
    exercise = repair.exercise
    head = {name: getattr(exercise, name) for name in ("version", "status", "level", "difficulty")}
    topics, title = list(exercise.topics), text(repair_title(exercise.title))
    names = {"id": repair.name, "exercise": exercise.id, "handle": repair.handle}
    return {
        "schema": REPAIR_SCHEMA,
        "kind": "repair",
        **names,
        **head,
        "minutes": repair.minutes,
        "topics": topics,
        "title": title,
    }


def entry_record(entry: Entry, *, answers: bool, seed: int | None = None, repair: ShownRepair | None = None) -> Record:
    """The whole entry, which is concrete; `seed` is kept where its numbers were drawn, `repair` has its code."""
    record = {**entry_head(entry), "prompt": text(entry.prompt), **_question(entry)}
    if repair:
        record["code"] = repair.source
    if seed is not None:
        record["seed"] = seed
    if not answers:
        return record
    planted = {"planted": _planted(repair)} if repair else {}
    return {**record, **planted, **_solution(entry)}


def exercise_record(exercise: Exercise, statement: Text, *, notes: str | None = None) -> Record:
    """The whole exercise: with `notes`, what an interviewer may see, else what a candidate may."""
    tasks = [{"id": task.id, "title": text(task.title), "points": task.points} for task in exercise.tasks]
    record = {
        **exercise_head(exercise),
        "entry_points": list(exercise.entry_points),
        "allow_packages": list(exercise.allow_packages),
        "forbid": list(exercise.forbid),
        "tasks": tasks,
        "statement": text(statement),
    }
    if notes is None:
        return record
    hints = [{"task": hint.task, "text": text(hint.text)} for hint in exercise.hints]
    return {**record, "hints": hints, "notes": notes, "sources": _sources(exercise.sources)}


def text(value: Text) -> Record:
    """Both languages of a text."""
    return {"en": value.en, "zh": value.zh}


def _question(entry: Entry) -> Record:
    """What there is to answer by."""
    found: Record = {}
    if isinstance(entry, ChoiceEntry | BugEntry) and entry.choices:
        found["choices"] = [{"id": choice.id, "text": text(choice.text)} for choice in entry.choices]
    if isinstance(entry, OrderEntry):
        found["steps"] = [{"id": step.id, "text": text(step.text)} for step in shuffled(entry.steps, entry.id)]
    if isinstance(entry, NumericEntry) and isinstance(entry.numeric, Numeric):
        numeric = entry.numeric
        found["numeric"] = {"unit": text(numeric.unit), "rtol": numeric.rtol, "atol": numeric.atol}
    if isinstance(entry, CodeEntry | BugEntry) and entry.exercise:
        found["exercise"] = entry.exercise
    return found


def _planted(repair: ShownRepair) -> Record:
    return {
        "mutant": repair.mutant,
        "title": text(repair.title),
        "advice": text(repair.advice),
        "edit": repair.edit,
    }


def _solution(entry: Entry) -> Record:
    return {
        "answer": text(entry.answer),
        "key": _key(entry),
        "rubric": [
            {"id": one.id, "weight": one.weight, "text": text(one.text), "accept": list(one.accept)}
            for one in getattr(entry, "rubric", ())
        ],
        "red_flags": _texts(entry.red_flags),
        "follow_ups": [{"when": one.when, "text": text(one.text)} for one in entry.follow_ups],
        "hints": _texts(entry.hints),
        "sources": _sources(entry.sources),
        "license": entry.license,
        "verified": entry.verified.isoformat(),
        "digest": entry.digest,
    }


def _key(entry: Entry) -> Mapping[str, Any] | None:
    match entry:
        case ChoiceEntry(choices=choices) | BugEntry(choices=choices) if choices:
            whys = {one.id: text(one.why) for one in choices if one.why is not None}
            return {"correct": [one.id for one in choices if one.correct], "why": whys}
        case NumericEntry(numeric=Numeric(value=value)):
            return {"value": value}
        case OrderEntry(steps=steps):
            return {"order": [step.id for step in steps]}
    return None


def _texts(values: Iterable[Text]) -> list[Record]:
    return [text(value) for value in values]


def _sources(values: Iterable[Source]) -> list[Record]:
    return [{"title": source.title, "place": source.place, "url": source.url} for source in values]
