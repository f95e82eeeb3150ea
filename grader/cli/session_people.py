"""`viva session candidate …` and `viva session undo`: who takes part, and what was recorded by mistake."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from grader.cli.language import choose
from grader.cli.session_names import ask_whether_same
from grader.errors import UsageError
from grader.model.session_results import Correction, Record, Sheet, Turned
from grader.model.text import Lang
from grader.report.catalogue import say
from grader.report.console import Console
from grader.report.machine import print_document
from grader.report.session_people import People, people_document, render_people, render_said
from grader.sessions import session_file
from grader.sessions.ledger import NAME as LEDGER
from grader.sessions.ledger import Ledger
from grader.sessions.people import Person, check_free, current, find_person, people

Wish = Literal["auto", "en", "zh"]


def list_people(path: Path, wish: Wish, *, as_json: bool) -> None:
    """Print everybody who handed something in or has a rubric, and what was refused."""
    lang = choose(wish)
    found = [_people_of(file) for file in session_file.locate_all(path)]
    if as_json:
        print_document(people_document(found))
    else:
        render_people(found, Console(), lang)


def rename(path: Path, name: str, to: str, wish: Wish) -> None:
    """Call a candidate something else from now on, in everything that was and will be recorded."""
    lang = choose(wish)
    with Ledger(_ledger_of(path, name)) as ledger:
        everybody = people(ledger.records)
        person = _person(name, everybody, lang)
        to = " ".join(to.split())
        check_free(to, person, everybody)
        ledger.add(Correction(action="rename", name=person.key, to=to, at=_now()))
    render_said("session.renamed", Console(), lang, name=person.key, to=to)


def remove(path: Path, name: str, wish: Wish) -> None:
    """Drop all that was recorded of a candidate so far; handing in again brings them back."""
    lang = choose(wish)
    with Ledger(_ledger_of(path, name)) as ledger:
        person = _person(name, people(ledger.records), lang)
        ledger.add(Correction(action="remove", name=person.key, at=_now()))
    counts = {"attempts": str(len(person.attempts)), "rubrics": str(len(person.rubrics))}
    render_said("session.removed", Console(), lang, name=person.key, **counts)


def undo(path: Path, rubric: str | None, interviewer: str | None, refusal: str | None, wish: Wish) -> None:
    """Take back the last rubric for a candidate, or the refusals of an archive."""
    lang = choose(wish)
    if (rubric is None) == (refusal is None):
        raise UsageError(
            "say what to take back: --rubric CANDIDATE, or --refusal ARCHIVE; `viva session candidate list` names both",
            "请说明要撤销什么：--rubric 候选人，或 --refusal 文件名；二者都列在 `viva session candidate list` 里",
        )
    if rubric is not None:
        _undo_rubric(path, rubric, interviewer, lang)
    else:
        _undo_refusal(path, refusal or "", lang)


def _undo_rubric(path: Path, name: str, interviewer: str | None, lang: Lang) -> None:
    with Ledger(_ledger_of(path, name)) as ledger:
        person = _person(name, people(ledger.records), lang)
        sheet = _last_sheet(person, interviewer)
        ledger.add(Correction(action="rubric", name=person.key, to=sheet.interviewer, at=_now()))
    left = sum(one.interviewer == sheet.interviewer for one in person.rubrics) - 1
    key = "session.rubric_back_earlier" if left else "session.rubric_back"
    who = sheet.interviewer or say("session.nobody_named", lang)
    render_said(key, Console(), lang, name=person.key, interviewer=who)


def _last_sheet(person: Person, interviewer: str | None) -> Sheet:
    """The last rubric of an interviewer, who need not be named where there is only one."""
    by = list(dict.fromkeys(sheet.interviewer for sheet in person.rubrics))
    if not by:
        raise UsageError(f"{person.key} has no rubric that could be taken back", f"{person.key} 没有可撤销的评分表")
    if interviewer is None and len(by) > 1:
        names = ", ".join(repr(one) for one in by)
        raise UsageError(
            f"{person.key} has rubrics of {names}; say whose with --interviewer NAME",
            f"{person.key} 有 {names} 的评分表；请用 --interviewer 指明是谁的",
        )
    wanted = by[0] if interviewer is None else interviewer
    own = [sheet for sheet in person.rubrics if sheet.interviewer.casefold() == wanted.strip().casefold()]
    if not own:
        names = ", ".join(repr(one) for one in by)
        raise UsageError(
            f"--interviewer: {person.key} has no rubric of {wanted!r}; there are those of {names}",
            f"--interviewer：{person.key} 没有 {wanted!r} 的评分表；已有的是 {names}",
        )
    return own[-1]


def _undo_refusal(path: Path, archive: str, lang: Lang) -> None:
    refused = {name: file for file in session_file.locate_all(path) for name in _refused_in(file)}
    if archive not in refused:
        names = ", ".join(refused) or "-"
        raise UsageError(
            f"--refusal: nothing called {archive!r} was refused; refused were: {names}",
            f"--refusal：没有名为 {archive!r} 的拒收记录；已拒收的是：{names}",
        )
    with Ledger(refused[archive].parent / LEDGER) as ledger:
        ledger.add(Correction(action="refusal", name=archive, at=_now()))
    render_said("session.refusal_back", Console(), lang, name=archive)


def _person(name: str, everybody: Sequence[Person], lang: Lang) -> Person:
    """Whom a name means; a near one is asked about at a terminal and refused in a pipe. Raises UsageError."""
    found = find_person(name, everybody)
    if isinstance(found, Person):
        return found
    if found and ask_whether_same(name, found, lang):
        return next(person for person in everybody if person.key == found)
    hint = f"; did you mean {found!r}?" if found else "; `viva session candidate list SESSION` names everybody"
    hint_zh = f"；是否指 {found!r}？" if found else "；`viva session candidate list SESSION` 会列出所有人"
    raise UsageError(f"there is no candidate {name!r}{hint}", f"没有名为 {name!r} 的候选人{hint_zh}")


def _ledger_of(path: Path, name: str) -> Path:
    """The ledger in which a name is known; with several forms, that of the form which knows it."""
    files = session_file.locate_all(path)
    knowing = [f for f in files if isinstance(find_person(name, people(_records(f))), Person)]
    near = [f for f in files if find_person(name, people(_records(f)))]
    if len(knowing) > 1:
        folders = ", ".join(str(file.parent) for file in knowing)
        raise UsageError(
            f"{name!r} is in several forms; name one of them instead: {folders}",
            f"{name!r} 在多份试题中都有；请改为指定其中一份：{folders}",
        )
    return (knowing or near or files)[0].parent / LEDGER


def _people_of(file: Path) -> People:
    session = session_file.read_session(file)
    records = _records(file)
    return People(session=session, people=tuple(people(records)), refused=tuple(_turned(records)))


def _records(file: Path) -> list[Record]:
    return Ledger(file.parent / LEDGER).records


def _turned(records: Sequence[Record]) -> Iterator[Turned]:
    yield from (record for record in current(records) if isinstance(record, Turned))


def _refused_in(file: Path) -> list[str]:
    return [turned.archive for turned in _turned(_records(file))]


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
