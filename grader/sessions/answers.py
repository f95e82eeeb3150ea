"""What a candidate wrote in answers.yaml, read and scored without a person.

A score is a share from 0 to 1. One choice: right or wrong. Several: right picks less wrong ones, as a share of what is
right, never below 0. An order: right is 1; else pairs in the right order less those in the wrong one, as a share of all
pairs, never below 0. What cannot be understood has no score, so that a person looks at it.
"""

from __future__ import annotations

import contextlib
import itertools
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.content.numbers import read_number
from grader.content.unreadable import UnreadableAnswer
from grader.content.yaml_source import parse_document
from grader.errors import ContentError
from grader.files import decode_text
from grader.model.session import Question, Session
from grader.model.session_results import Answer
from grader.model.text import Text
from grader.sessions.archive import shown
from grader.sessions.bundle import ANSWERS

MAX_ANSWER = 20_000
MAX_NAME = 80
MAX_MINUTES = 24 * 60
MAX_KEYS = 5  # strange ones that a note lists
FIELDS = ("session", "name", "answers", "minutes")
UNREAD = "unread"  # the note of an answer that stands in a file, or a part of one, that could not be read
_SWAPPED = str.maketrans(",.", ".,")
_KEY = re.compile(r"(?:question|第|q)?\s*0*([1-9]\d{0,2})\s*[题.):、]?", re.IGNORECASE)
_WORDS = re.compile(r"\b(?:answers?|options?|and|then)\b|答案|选项|选择|[选答是为和与及]", re.IGNORECASE)
_SIGNS = re.compile(r"[\s,、;。.:()>\[\]{}'\"“”‘’「」&+→⇒=-]+")
MINUTES = Text(en="min", zh="分钟")


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """answers.yaml as it was understood; `session` is the code in it, `notes` tell what was not understood."""

    name: str = ""
    session: str = ""
    answers: Mapping[int, Answer]
    minutes: Mapping[int, float]
    notes: tuple[Text, ...] = ()


def read_written(data: bytes | None, session: Session) -> Written:
    """Score answers.yaml; where it is missing or cannot be read, every answer stays open and a note says so."""
    own = [q for q in session.questions if q.grades_itself and not q.exercise]
    if data is None:
        return _unread(own, _missing_file(len(own)))
    try:
        text = decode_text(data)
        if text is None:
            return _unread(own, _broken_file("neither UTF-8 nor GB18030", "既不是 UTF-8 也不是 GB18030"))
        document = parse_document(Path(ANSWERS), text).value
    except ContentError as error:
        return _unread(own, _broken_file(shown(str(error)), shown(str(error))))
    name, code = _name(document.get("name")), _text(document.get("session"))[:40]
    if own and not isinstance(document.get("answers"), dict):
        return _unread(own, _NO_ANSWERS, name, code)
    given, doubles = _by_number(document.get("answers"), session)
    answers = {q.number: _answer(q, given, doubles) for q in own}
    return Written(
        name=name,
        session=code,
        answers=answers,
        minutes=_minutes(document.get("minutes"), session),
        notes=tuple(_notes(document, given, answers)),
    )


def _unread(own: Sequence[Question], note: Text, name: str = "", session: str = "") -> Written:
    answers = {q.number: Answer(given="", score=None, note=UNREAD) for q in own}
    return Written(name=name, session=session, answers=answers, minutes={}, notes=(note,) if own else ())


def _by_number(value: Any, session: Session) -> tuple[dict[int, Any], set[int]]:
    """What was given by question (`1`, `Q1`, `第1题`), and the numbers that were there twice."""
    found: dict[int, Any] = {}
    doubles: set[int] = set()
    for key, given in value.items() if isinstance(value, dict) else ():
        number = _number_of(key)
        if number is None or session.question(number) is None:
            continue
        if number in found:
            doubles.add(number)
        found[number] = given
    return found, doubles


def _number_of(key: str) -> int | None:
    match = _KEY.fullmatch(unicodedata.normalize("NFKC", key).strip())
    return int(match[1]) if match else None


def _answer(question: Question, given: Mapping[int, Any], doubles: set[int]) -> Answer:
    """The answer to one question; a person must look where it stands there twice, or is no text."""
    number = question.number
    value = given.get(number)
    if number in doubles or isinstance(value, dict):
        return Answer(given=shown(str(value)), score=None, note="unclear")
    return score(question, _text(value))


def _notes(document: Mapping[str, Any], given: Mapping[int, Any], answers: Mapping[int, Answer]) -> Iterator[Text]:
    """What a person must look at, and what stands in the file and nobody asked for."""
    strange = list(_strange_keys(document, set(answers)))
    if strange:
        yield _strange(strange)
    without = [str(number) for number in answers if number not in given]
    if without:
        yield _no_lines(", ".join(without))
    yield from (_unclear(number) for number, answer in answers.items() if answer.score is None)


def _strange_keys(document: Mapping[str, Any], own: set[int]) -> Iterator[str]:
    """Keys that belong to no question which is answered there, or to nothing; a blank one harms nobody."""
    yield from (key for key in document if key not in FIELDS)
    answers = document.get("answers")
    for key, value in answers.items() if isinstance(answers, dict) else ():
        if _number_of(key) not in own and value not in (None, "", []):
            yield f"answers.{key}"


def score(question: Question, text: str) -> Answer:
    """One answer with its score; nothing written scores 0."""
    given = text.strip()
    if not given:
        return Answer(given="", score=0.0, note="blank")
    if question.numeric:
        return _number_score(question, given)
    if question.steps:
        return _order_score(question, given)
    return _pick_score(question, given)


def _number_score(question: Question, given: str) -> Answer:
    """Right or wrong; where another reading of the same figures would be right, a person must look."""
    assert question.numeric is not None
    unit = question.numeric.unit
    try:
        value = read_number(given, unit)
    except UnreadableAnswer:
        return Answer(given=given, score=None, note="unclear")
    if question.numeric.accepts(value):
        return Answer(given=given, score=1.0)
    doubtful = any(question.numeric.accepts(other) for other in _other_readings(given, value, unit))
    return Answer(given=given, score=None, note="unclear") if doubtful else Answer(given=given, score=0.0)


def _other_readings(given: str, value: float, unit: Text) -> Iterator[float]:
    """`3,750` may be 3.75 where commas are decimal, and `0.25` of a number in percent may mean 25%."""
    with contextlib.suppress(UnreadableAnswer):
        yield read_number(unicodedata.normalize("NFKC", given).translate(_SWAPPED), unit)
    if unit.en == "%" and "%" not in unicodedata.normalize("NFKC", given):
        yield 100 * value


def _order_score(question: Question, given: str) -> Answer:
    places = {step.label: step.place for step in question.steps}
    labels = _labels(given, places)
    if labels is None or sorted(labels) != sorted(places):
        return Answer(given=given, score=None, note="unclear")
    order = [places[label] for label in labels]
    pairs = list(itertools.combinations(order, 2))
    right = sum(first < second for first, second in pairs)
    return Answer(given=given, score=max(0.0, (2 * right - len(pairs)) / len(pairs)))


def _pick_score(question: Question, given: str) -> Answer:
    correct = {option.label: option.correct for option in question.options}
    labels = _labels(given, correct)
    if labels is None:
        return Answer(given=given, score=None, note="unclear")
    if question.kind != "multi" and len(labels) != 1:  # hedging is an answer, and not a right one
        return Answer(given=given, score=0.0)
    picked = set(labels)
    right = sum(correct[label] for label in picked)
    share = (right - (len(picked) - right)) / sum(correct.values())
    return Answer(given=given, score=max(0.0, share))


def _labels(given: str, known: Mapping[str, Any]) -> list[str] | None:
    """Labels such as `B`, `选Ｂ`, `b, d` or `CAB`; None when something else is there, or a label comes twice."""
    plain = _WORDS.sub(" ", unicodedata.normalize("NFKC", given))
    labels = list(_SIGNS.sub("", plain).upper())
    good = bool(labels) and len(labels) <= len(known) and all(label in known for label in labels)
    return labels if good and len(set(labels)) == len(labels) else None


def _text(value: Any) -> str:
    """A scalar, or a list of scalars, as a person would write it."""
    if isinstance(value, list):
        return " ".join(_text(item) for item in value)[:MAX_ANSWER]
    if value is None or isinstance(value, dict):
        return ""
    return str(value)[:MAX_ANSWER]


def _name(value: Any) -> str:
    """What a candidate calls themselves, in one harmless line."""
    return shown(" ".join(_text(value).split()))[:MAX_NAME]


def _minutes(value: Any, session: Session) -> dict[int, float]:
    found: dict[int, float] = {}
    for question in session.questions:
        given = value.get(str(question.number)) if isinstance(value, dict) else None
        try:
            minutes = read_number(_text(given), MINUTES)
        except UnreadableAnswer:
            continue
        if 0 < minutes <= MAX_MINUTES:
            found[question.number] = minutes
    return found


_NO_ANSWERS = Text(
    en=f"`answers:` in {ANSWERS} has no `number: answer` lines: nothing in it counts until you score it in the rubric",
    zh=f"{ANSWERS} 的 `answers:` 下没有“题号: 答案”这样的行，在你用评分表打分之前均不计分",
)


def _missing_file(count: int) -> Text:
    return Text(
        en=f"{ANSWERS} is missing: its {count} answers count as nothing until you score them in the rubric",
        zh=f"缺少 {ANSWERS}：其中 {count} 道题在你用评分表打分之前均不计分",
    )


def _broken_file(why: str, chinese: str) -> Text:
    return Text(
        en=f"{ANSWERS} is not understood, so nothing in it counts until you score it in the rubric: {why}",
        zh=f"{ANSWERS} 无法解析，在你用评分表打分之前均不计分：{chinese}",
    )


def _strange(keys: Sequence[str]) -> Text:
    listed = ", ".join(f"`{shown(key)[:40]}`" for key in keys[:MAX_KEYS])
    more = f" (+{len(keys) - MAX_KEYS})" if len(keys) > MAX_KEYS else ""
    return Text(
        en=f"{ANSWERS} has keys that belong to no question which is answered there: {listed}{more}; look at them",
        zh=f"{ANSWERS} 里有些键不对应任何在此作答的题：{listed}{more}；请人工查看",
    )


def _no_lines(numbers: str) -> Text:
    return Text(
        en=f"{ANSWERS} has no line for these questions, which count as left blank: {numbers}",
        zh=f"{ANSWERS} 里没有这些题的行，按未作答计：{numbers}",
    )


def _unclear(number: int) -> Text:
    return Text(
        en=f"the answer to question {number} is not understood; look at it and score it in the rubric",
        zh=f"第 {number} 题的答案无法识别；请人工查看并在评分表中打分",
    )


def essays(files: Mapping[str, bytes], expected: Mapping[str, Question | None]) -> dict[int, str]:
    """What was written to open questions, by number; undecodable bytes show as such."""
    written: dict[int, str] = {}
    for name, question in expected.items():
        if question is not None and not question.grades_itself and name in files:
            data = files[name]
            text = (decode_text(data) or data.decode("utf-8", "backslashreplace")).strip()
            if text:
                written[question.number] = text[:MAX_ANSWER]
    return written


def missing_code(files: Mapping[str, bytes], expected: Mapping[str, Question | None]) -> tuple[int, ...]:
    """Numbers of the coding questions without a file."""
    coding = {q.number for q in expected.values() if q is not None and q.exercise}
    there = {q.number for name, q in expected.items() if q is not None and name in files}
    return tuple(sorted(coding - there))
