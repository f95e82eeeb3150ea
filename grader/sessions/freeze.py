"""Entries -> the questions of a session: numbers drawn, choices shuffled and relabelled, exercises copied in."""

from __future__ import annotations

import hashlib
import random
import re
import string
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from grader.content.numeric import instantiate
from grader.content.planted import repair_of_entry, shown_repair
from grader.content.syllabus import Syllabus
from grader.content.yaml_source import read_prose
from grader.model.entry import BugEntry, ChoiceEntry, CodeEntry, Entry, Numeric, NumericEntry, OpenEntry, OrderEntry
from grader.model.exercise import Exercise
from grader.model.repair import Repair
from grader.model.session import FrozenExercise, FrozenTask, Option, Question, Session, ShownStep
from grader.model.text import Text
from grader.report.repairs import with_preface
from grader.sessions.hands_on import aim_of
from grader.sessions.wishes import Wishes

_T = TypeVar("_T")
_CHINESE_TITLE = re.compile(r"^# [^\n]*[\u4e00-\u9fff]", re.MULTILINE)
FindExercise = Callable[[str], Exercise]
SEEDS_APART = 1_000_003


@dataclass(frozen=True, slots=True, kw_only=True)
class Making:
    """What a session has beside its questions: its title, which form of how many it is, and when it was made."""

    title: Text
    seed: int
    form: int
    forms: int
    created: str


def freeze_session(
    wishes: Wishes, entries: Sequence[Entry], making: Making, syllabus: Syllabus, find_exercise: FindExercise
) -> Session:
    """The session of `entries`, in that order."""
    seed = drawing_seed(making.seed, making.form)
    questions = tuple(freeze_entry(entry, number, seed, find_exercise) for number, entry in enumerate(entries, 1))
    session = Session(
        id="",
        title=making.title,
        role=wishes.role,
        level=wishes.level,
        minutes=wishes.minutes,
        opening=wishes.opening,
        closing=wishes.closing,
        seed=making.seed,
        form=making.form,
        forms=making.forms,
        created=making.created,
        wishes=wishes.written(),
        topics=topic_titles(questions, syllabus),
        questions=questions,
        weights=dict(wishes.weights),
        aim=aim_of(wishes),
    )
    return replace(session, id=session_id(session))


def drawing_seed(seed: int, form: int) -> int:
    """The seed of a form's numbers and shuffles: that of the session for the first form, far from it for others."""
    return seed + SEEDS_APART * (form - 1)


def session_id(session: Session) -> str:
    """12 hex digits over what was asked and drawn; two sessions share it only when a candidate sees the same."""
    parts = [f"{q.entry}@{q.digest}@{q.exercise.suite_digest if q.exercise else ''}" for q in session.questions]
    text = "\n".join([session.role, session.level, str(session.minutes), str(session.seed), str(session.form), *parts])
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def topic_titles(questions: Sequence[Question], syllabus: Syllabus) -> dict[str, Text]:
    """The title of each topic that a question is about."""
    known = syllabus.topics
    topics = sorted({topic for question in questions for topic in question.topics})
    return {topic: known[topic].title if topic in known else Text(en=topic, zh=topic) for topic in topics}


def freeze_entry(entry: Entry, number: int, seed: int, find_exercise: FindExercise) -> Question:
    """One entry as question `number`. Raises ContentError when its exercise is missing or broken."""
    if isinstance(entry, NumericEntry):
        entry = instantiate(entry, seed)
    plain = ("revision", "digest", "kind", "topics", "level", "difficulty", "minutes", "title", "prompt", "answer")
    slug = entry.exercise if isinstance(entry, (CodeEntry, BugEntry)) else None
    return Question(
        number=number,
        entry=entry.id,
        **{name: getattr(entry, name) for name in plain},
        rubric=entry.rubric if isinstance(entry, (OpenEntry, BugEntry, CodeEntry)) else (),
        red_flags=entry.red_flags,
        follow_ups=entry.follow_ups,
        options=_options(entry, seed),
        numeric=entry.numeric if isinstance(entry, NumericEntry) and isinstance(entry.numeric, Numeric) else None,
        steps=_steps(entry, seed),
        exercise=_frozen_exercise(entry, find_exercise(slug)) if slug else None,
        sources=entry.sources,
    )


def _frozen_exercise(entry: Entry, exercise: Exercise) -> FrozenExercise:
    """The exercise as it is put in this entry: to be written, or to be mended."""
    if isinstance(entry, BugEntry):
        return with_planted(freeze_exercise(exercise), repair_of_entry(exercise, entry))
    return freeze_exercise(exercise)


def with_planted(frozen: FrozenExercise, repair: Repair) -> FrozenExercise:
    """The exercise as a repair task: the planted code instead of the stub, and a statement that says so."""
    shown = shown_repair(repair)
    statement = Text(en=with_preface(frozen.statement.en, "en"), zh=with_preface(frozen.statement.zh, "zh"))
    return replace(frozen, files={**frozen.files, "solution.py": shown.source}, statement=statement, repair=shown)


def freeze_exercise(exercise: Exercise) -> FrozenExercise:
    """The public half, as text, and the interviewer's notes."""
    files = {"solution.py": exercise.stub, "test_public.py": exercise.public_suite}
    if exercise.driver:
        files["driver.py"] = exercise.driver
    statements = {lang: exercise.public_dir / f"statement.{lang}.md" for lang in ("en", "zh")}
    notes = exercise.private_dir / "notes.md"
    return FrozenExercise(
        id=exercise.id,
        version=exercise.version,
        suite_digest=exercise.suite_digest,
        title=exercise.title,
        tasks=tuple(FrozenTask(id=task.id, title=task.title, points=task.points) for task in exercise.tasks),
        files={name: read_prose(path) for name, path in files.items()},
        statement=Text(**{lang: read_prose(path) for lang, path in statements.items()}),
        tolerances={dtype: (limit.rtol, limit.atol) for dtype, limit in exercise.tolerance.items()},
        notes=split_notes(read_prose(notes)) if notes.is_file() else Text(en="", zh=""),
    )


def split_notes(text: str) -> Text:
    """Notes hold English, then Chinese under a title of its own; without one, both languages get the whole."""
    title = _CHINESE_TITLE.search(text)
    if title is None:
        return Text(en=text.strip(), zh=text.strip())
    english = text[: title.start()].strip().removesuffix("---").strip()
    return Text(en=english, zh=text[title.start() :].strip())


def _options(entry: Entry, seed: int) -> tuple[Option, ...]:
    choices = entry.choices if isinstance(entry, (ChoiceEntry, BugEntry)) else ()
    # A bug's choices name lines of the code, in their order; to shuffle them would only make them hard to read.
    shown = list(choices) if isinstance(entry, BugEntry) else _shuffled(choices, f"{seed}:{entry.id}")
    labelled = zip(string.ascii_uppercase, shown, strict=False)
    return tuple(
        Option(label=label, origin=choice.id, correct=choice.correct, text=choice.text, why=choice.why)
        for label, choice in labelled
    )


def _steps(entry: Entry, seed: int) -> tuple[ShownStep, ...]:
    if not isinstance(entry, OrderEntry):
        return ()
    places = {step.id: place for place, step in enumerate(entry.steps, 1)}
    shown = _shuffled(entry.steps, f"{seed}:{entry.id}")
    if shown == list(entry.steps):  # shuffled into the answer
        shown = shown[1:] + shown[:1]
    labelled = zip(string.ascii_uppercase, shown, strict=False)
    return tuple(
        ShownStep(label=label, origin=step.id, place=places[step.id], text=step.text) for label, step in labelled
    )


def _shuffled(things: Sequence[_T], key: str) -> list[_T]:
    shown = list(things)
    random.Random(key).shuffle(shown)  # noqa: S311 - an order that can be had again, not a secret
    return shown


def renumbered(session: Session, questions: Sequence[Question]) -> Session:
    """The session with other questions, numbered anew, under a new id."""
    numbered = tuple(replace(question, number=number) for number, question in enumerate(questions, 1))
    changed = replace(session, questions=numbered)
    return replace(changed, id=session_id(changed))
