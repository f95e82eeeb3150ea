"""The interviewer's ticked rubric: written by hand as YAML, or saved by the form in the HTML guide as JSON.

It names the session's code, the candidate (as `viva session grade` calls them, or as they call themselves) and the
interviewer. `questions` maps a number to marks such as

    "2": {criteria: {variance: 1, shapes: 0.5}, red_flags: [1], minutes: 9, note: "…"}

and `recommendation` says what a person would do: strong hire, hire, lean hire, lean no hire, or no hire.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from grader.content.yaml_source import Document, content_error, decode, parse_document, read_bytes
from grader.errors import ContentError, UsageError
from grader.files import decode_text
from grader.model.session import Question, Session
from grader.model.session_results import RECOMMENDATIONS, Sheet, Ticks
from grader.model.text import Lang
from grader.report.session_page import phrase

SCHEMA = "viva.rubric/1"
SUFFIXES = (".yaml", ".yml", ".json")
MAX_NOTE = 10_000
LANGS: tuple[Lang, ...] = ("en", "zh")
_FIELDS = {"criteria", "score", "red_flags", "minutes", "note"}


def read_sheet(path: Path, session: Session, at: str) -> Sheet:
    """Read one ticked rubric and check it against the session. Raises ContentError and UsageError."""
    document = _read(path)
    value = document.value
    if value.get("schema") != SCHEMA:
        raise _error(document, ("schema",), "it is not a ticked rubric", f"begin the file with `schema: {SCHEMA}`")
    if str(value.get("session", "")) not in (session.code, session.id):
        fix = f"this session is {session.code}; name the rubric of this one"
        raise _error(document, ("session",), f"it is of the session {value.get('session')!r}", fix)
    candidate = str(value.get("candidate") or "").strip()
    if not candidate:
        raise _error(document, ("candidate",), "nobody is named", "write the candidate's name")
    questions = value.get("questions")
    if not isinstance(questions, dict):
        raise _error(document, ("questions",), "no question is marked", "write `questions:` and marks below it")
    ticks = [(number, _ticks(document, session, number, marks)) for number, marks in questions.items()]
    return Sheet(
        candidate=candidate,
        interviewer=str(value.get("interviewer") or "").strip()[:80],
        at=at,
        questions={int(number): marks for number, marks in ticks if marks is not None},
        note=str(value.get("note") or "")[:MAX_NOTE],
        recommendation=_recommendation(document, value.get("recommendation")),
    )


def session_of_sheet(path: Path) -> str:
    """The code of the session that a file says it is a rubric of. Raises ContentError."""
    return str(_read(path).value.get("session", ""))


def template(session: Session, lang: Lang) -> str:
    """A rubric to fill in by hand."""
    lines = [f"# {line}" for line in phrase("rubric_head", lang).splitlines()]
    lines += [f"schema: {SCHEMA}", f'session: "{session.code}"', 'candidate: ""', 'interviewer: ""', 'note: ""']
    lines += [f'recommendation: ""   # {phrase("enumeration", lang).join(_recommended(lang).values())}', "questions:"]
    for question in session.questions:
        lines.append(f'  "{question.number}":   # {question.title.get(lang)}')
        if question.rubric:
            lines.append("    criteria:")
        for criterion in question.rubric:
            text = " ".join(criterion.text.get(lang).split())
            lines.append(f"      {criterion.id}:    # {criterion.weight:g}  {text}")
        if question.grades_itself:
            said = "rubric_score_code" if question.exercise else "rubric_score"
            lines.append(f"    score:   # {phrase(said, lang)}")
        if question.red_flags:
            lines.append("    red_flags: []")
            flags = (" ".join(flag.get(lang).split()) for flag in question.red_flags)
            lines += [f"      # {number}: {flag}" for number, flag in enumerate(flags, 1)]
        lines += ["    minutes:", '    note: ""']
    return "\n".join(lines) + "\n"


def _recommended(lang: Lang) -> dict[str, str]:
    """The words for each recommendation."""
    return {name: phrase(f"rec_{name}", lang) for name in RECOMMENDATIONS}


def _recommendation(document: Document, given: Any) -> str:
    """One of `RECOMMENDATIONS`, written in words of either language; empty where nothing was written."""
    if given is None or given == "":
        return ""
    known = {_plain(word): name for lang in LANGS for name, word in _recommended(lang).items()}
    found = known.get(_plain(given)) if isinstance(given, str) else None
    if found is None:
        fix = f"write one of: {', '.join(_recommended('en').values())}, or nothing"
        raise _error(document, ("recommendation",), f"found {given!r}", fix)
    return found


def _plain(word: str) -> str:
    return re.sub(r"[\s_-]+", " ", word.strip().lower())


def _read(path: Path) -> Document:
    data = read_bytes(path)
    text = decode_text(data) or decode(path, data)
    if path.suffix.lower() != ".json":
        return parse_document(path, text)
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ContentError(path, "", "it is not a JSON document", "save the guide's form again") from error
    if not isinstance(value, dict):
        raise ContentError(path, "", "it is not a ticked rubric", "save the guide's form again")
    return Document(path=path, value=value, lines={})


def _ticks(document: Document, session: Session, number: str, marks: Any) -> Ticks | None:
    """One question's marks; None where nothing was marked."""
    place = ("questions", number)
    question = session.question(int(number)) if number.isdecimal() and len(number) < 4 else None
    if question is None:
        fix = f"its questions are 1 to {len(session.questions)}"
        raise _error(document, place, f"the session has no question {number!r}", fix)
    if not isinstance(marks, dict):
        raise _error(document, place, "it is not a mapping", "write `criteria:`, `red_flags:`, `minutes:` or `note:`")
    unknown = sorted(set(marks) - _FIELDS)
    if unknown:
        fix = f"write one of {', '.join(sorted(_FIELDS))}"
        raise _error(document, (*place, unknown[0]), "there is no such field", fix)
    criteria = _criteria(document, (*place, "criteria"), question, marks.get("criteria") or {})
    flags = _flags(document, (*place, "red_flags"), question, marks.get("red_flags") or [])
    minutes = _minutes(document, (*place, "minutes"), marks.get("minutes"))
    note = str(marks.get("note") or "")[:MAX_NOTE]
    score = _share(document, (*place, "score"), marks.get("score"))
    if not criteria and score is None and not flags and minutes is None and not note:
        return None
    return Ticks(criteria=criteria, score=score, red_flags=flags, minutes=minutes, note=note)


def _criteria(document: Document, place: tuple[str, ...], question: Question, given: Any) -> Mapping[str, float]:
    known = {criterion.id for criterion in question.rubric}
    if not isinstance(given, dict):
        raise _error(document, place, "it is not a mapping", "write `criterion: 1` lines")
    ticked: dict[str, float] = {}
    for name, mark in given.items():
        if name not in known:
            fix = f"write one of {', '.join(sorted(known)) or 'none: this question has no rubric'}"
            raise _error(document, (*place, name), "there is no such criterion", fix)
        share = _share(document, (*place, name), mark)
        if share is not None:
            ticked[name] = share
    return ticked


def _share(document: Document, place: tuple[str, ...], mark: Any) -> float | None:
    """A mark from 0 to 1; None where nothing was written."""
    if mark is None or mark == "":
        return None
    if not isinstance(mark, (int, float)) or not 0 <= mark <= 1:
        raise _error(document, place, f"found {mark!r}", "write a number from 0 to 1, or nothing")
    return float(mark)


def _flags(document: Document, place: tuple[str, ...], question: Question, given: Any) -> tuple[int, ...]:
    count = len(question.red_flags)
    whole = isinstance(given, list) and all(type(flag) is int and 1 <= flag <= count for flag in given)
    if not whole:
        raise _error(document, place, "it is not a list of the red flags' numbers", f"write numbers from 1 to {count}")
    return tuple(sorted(set(given)))


def _minutes(document: Document, place: tuple[str, ...], given: Any) -> float | None:
    if given is None or given == "":
        return None
    if isinstance(given, bool) or not isinstance(given, (int, float)) or not 0 <= given <= 1440:
        raise _error(document, place, f"found {given!r}", "write minutes as a number")
    return float(given) or None


def _error(document: Document, place: tuple[str, ...], problem: str, fix: str) -> ContentError:
    line = document.line(place) if document.lines else None
    return content_error(document.path, place, line, problem, fix)


def find_sheets(paths: tuple[Path, ...]) -> list[Path]:
    """The rubric files that are named, and those in folders that are. Raises UsageError."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            found += sorted(p for p in path.iterdir() if p.suffix.lower() in SUFFIXES)
        elif path.is_file():
            found.append(path)
        else:
            raise UsageError(
                f"--rubric: {path} does not exist; name a ticked rubric, or a folder of them",
                f"--rubric：{path} 不存在；请指定填好的评分表，或存放它们的目录",
            )
    return found
