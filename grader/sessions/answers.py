"""What a candidate wrote in answers.yaml, read and scored without a person.

A score is a share from 0 to 1. One choice: right or wrong. Several: right picks less wrong ones, as a share of what is
right, never below 0. An order: right is 1; else pairs in the right order less those in the wrong one, as a share of all
pairs, never below 0. What cannot be understood has no score, so that a person looks at it.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.content.yaml_source import decode, parse_document
from grader.errors import ContentError
from grader.model.session import Question, Session
from grader.model.session_results import Answer
from grader.model.text import Text
from grader.sessions.archive import shown
from grader.sessions.bundle import ANSWERS

MAX_ANSWER = 20_000
MAX_NAME = 80
MAX_MINUTES = 24 * 60
_NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d{1,3})?")
_UNIT_SIGNS = str.maketrans({" ": "", "\N{NO-BREAK SPACE}": "", "·": "", "*": ""})


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """answers.yaml as it was understood; `session` is the code in it, `notes` tell what was not understood."""

    name: str = ""
    session: str = ""
    answers: Mapping[int, Answer]
    minutes: Mapping[int, float]
    notes: tuple[Text, ...] = ()


def read_written(data: bytes | None, session: Session) -> Written:
    """Score answers.yaml; a file that is missing or not YAML leaves every answer open and says so."""
    own = [q for q in session.questions if q.grades_itself and not q.exercise]
    if data is None:
        note = Text(en=f"{ANSWERS} is missing", zh=f"缺少 {ANSWERS}")
        return Written(answers={}, minutes={}, notes=(note,) if own else ())
    try:
        path = Path(ANSWERS)
        document = parse_document(path, decode(path, data)).value
    except ContentError as error:
        problem = shown(str(error))
        return Written(
            answers={},
            minutes={},
            notes=(
                Text(
                    en=f"not understood, so nothing in it counts yet: {problem}",
                    zh=f"无法解析，其中内容暂不计分：{problem}",
                ),
            ),
        )
    given = document.get("answers")
    given = given if isinstance(given, dict) else {}
    answers = {q.number: score(q, _text(given.get(str(q.number)))) for q in own}
    return Written(
        name=_name(document.get("name")),
        session=_text(document.get("session"))[:40],
        answers=answers,
        minutes=_minutes(document.get("minutes"), session),
        notes=tuple(_unclear(number) for number, answer in answers.items() if answer.score is None),
    )


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


def read_number(text: str, unit: str) -> float | None:
    """`1e9`, `1,000`, `1/8`, `12.5 %`, `3.5 GiB`; None for anything else, and for another unit than `unit`."""
    compact = text.strip().replace(",", "").replace("，", "").replace("_", "")
    wanted = unit.translate(_UNIT_SIGNS).casefold()
    match = re.match(r"^([-+0-9.eE/\s]*[0-9.])\s*(.*)$", compact, re.DOTALL)
    if match is None:
        return None
    figure, tail = match[1].strip(), match[2].translate(_UNIT_SIGNS).casefold()
    if tail and tail not in {wanted, wanted.rstrip("s"), wanted + "s"}:
        return None
    above, slash, below = figure.partition("/")
    if not _NUMBER.fullmatch(above.strip()) or (slash and not _NUMBER.fullmatch(below.strip())):
        return None
    divisor = float(below) if slash else 1.0
    value = float(above) / divisor if divisor else math.inf
    return value if math.isfinite(value) else None


def _number_score(question: Question, given: str) -> Answer:
    assert question.numeric is not None
    value = read_number(given, question.numeric.unit)
    if value is None:
        return Answer(given=given, score=None, note="unclear")
    return Answer(given=given, score=float(question.numeric.accepts(value)))


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
    """Labels such as `B`, `b, d`, `c a b` or `CAB`; None when something else is there, or a label comes twice."""
    text = re.sub(r"[\s,，、;；.。()（）>\[\]'\"-]+", "", given).upper()
    labels = list(text)
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
        minutes = read_number(_text(given), "min") if given is not None else None
        if minutes is not None and 0 < minutes <= MAX_MINUTES:
            found[question.number] = minutes
    return found


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
            text = files[name].decode("utf-8", "backslashreplace").strip()
            if text:
                written[question.number] = text[:MAX_ANSWER]
    return written


def missing_code(files: Mapping[str, bytes], expected: Mapping[str, Question | None]) -> tuple[int, ...]:
    """Numbers of the coding questions without a file."""
    coding: Sequence[tuple[str, Question]] = [(n, q) for n, q in expected.items() if q is not None and q.exercise]
    return tuple(question.number for name, question in coding if name not in files)
