"""`viva session grade`: what candidates sent back, graded and recorded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Literal

from grader import wiring
from grader.box.installed import require
from grader.cli.exit_status import DONE, NOT_ACCEPTED, OUR_ERROR
from grader.cli.grading_bar import grading_bar
from grader.cli.language import choose
from grader.cli.session_names import ask_whether_same, settle
from grader.content.pack import find_exercise
from grader.errors import UsageError
from grader.grading.grade import Options, grade_all
from grader.grading.intake import admit_file, source_of
from grader.grading.own_modules import modules_among
from grader.model.exercise import Exercise
from grader.model.session import Session
from grader.model.session_figures import Resemblance
from grader.model.session_results import Sheet
from grader.model.text import Lang, Text
from grader.model.verdict import Verdict
from grader.report.console import Console
from grader.report.session_terminal import (
    render_account,
    render_left_alone,
    render_next_report,
    render_scores,
    render_torn,
)
from grader.sessions import session_file
from grader.sessions.archive import left_alone
from grader.sessions.bundle import ANSWERS, expected_files
from grader.sessions.collect import Account, Collector, Work
from grader.sessions.figures import results_of
from grader.sessions.forms import find_all, form_of_sheet, no_form, share_out
from grader.sessions.ledger import NAME as LEDGER
from grader.sessions.ledger import Ledger
from grader.sessions.names import fold, stranger
from grader.sessions.people import current, new_names
from grader.sessions.rubric import SUFFIXES as RUBRIC_SUFFIXES
from grader.sessions.rubric import find_sheets, read_sheet

WARM_FROM = 4  # submissions from which it pays to warm the parents first


@dataclass(frozen=True, slots=True, kw_only=True)
class GradeOrder:
    """What the command line asked for."""

    session: Path
    returned: tuple[Path, ...]
    rubrics: tuple[Path, ...]
    names_as_written: bool
    jobs: int
    regrade: bool
    allow_changed_suite: bool
    isolation: str
    lang: Literal["auto", "en", "zh"]
    packs: tuple[Path, ...]
    only_packs: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Share:
    """What one session, or one form of it, has to do: hand-ins, hand-ins of no form, rubrics with their files."""

    file: Path
    session: Session
    exercises: dict[str, Exercise]
    returned: list[Path]
    strays: list[Path]
    no_form: Text
    sheets: list[tuple[Path, Sheet]]


def run(order: GradeOrder) -> int:
    """Grade, merge and record; returns the exit status: 1 when something was refused, 2 when we failed."""
    lang = choose(order.lang)
    files = session_file.locate_all(order.session)
    order = _with_rubrics_told_apart(order)
    if not order.returned and not order.rubrics:
        raise UsageError(
            "name what candidates sent back (zips or folders), or ticked rubrics with --rubric FILE",
            "请指定候选人交回的内容（zip 或目录），或用 --rubric FILE 指定填好的评分表",
        )
    sessions = {session.code: (file, session) for file in files for session in [session_file.read_session(file)]}
    accounts = [(share, _grade(order, share, lang)) for share in _shares(order, list(sessions.values()))]
    for share, (account, rubrics) in accounts:
        named = share.session if len(accounts) > 1 else None
        render_account(account, rubrics, Console(), lang, named)
    expected = {name for _, session in sessions.values() for name in expected_files(session)}
    render_left_alone([path.name for path in left_alone(order.returned, expected)], Console(), lang)
    render_next_report(order.session, Console(), lang)
    if any(account.ours for _, (account, _) in accounts):
        return OUR_ERROR
    return NOT_ACCEPTED if any(account.refused for _, (account, _) in accounts) else DONE


def _with_rubrics_told_apart(order: GradeOrder) -> GradeOrder:
    """The order with every JSON or YAML file among the rubrics: a shell makes `--rubric a.json b.json` of a pattern."""
    documents = (path for path in order.returned if path.suffix.lower() in RUBRIC_SUFFIXES and path.name != ANSWERS)
    rubrics = tuple(path for path in documents if path.is_file())
    returned = tuple(path for path in order.returned if path not in rubrics)
    return replace(order, returned=returned, rubrics=(*order.rubrics, *rubrics))


def _shares(order: GradeOrder, found: Sequence[tuple[Path, Session]]) -> list[_Share]:
    """The work of each form that has some; nothing is recorded before all of it could be read."""
    sessions = [session for _, session in found]
    sheets = [(path, form_of_sheet(path, sessions)) for path in find_sheets(order.rubrics)]
    by_code: Mapping[str, list[Path]] = {sessions[0].code: list(order.returned)}
    strays: list[Path] = []
    if len(sessions) > 1:
        by_code, strays = share_out(find_all(order.returned, sessions), sessions)
    shares = [
        _Share(
            file=file,
            session=session,
            exercises=_exercises(order, session) if by_code[session.code] else {},
            returned=by_code[session.code],
            strays=strays if session is sessions[0] else [],
            no_form=no_form(sessions),
            sheets=[(path, read_sheet(path, session, _now())) for path, form in sheets if form is session],
        )
        for file, session in found
    ]
    return [share for share in shares if share.returned or share.strays or share.sheets] or shares[:1]


def _grade(order: GradeOrder, share: _Share, lang: Lang) -> tuple[Account, int]:
    """Take, grade and merge what one session has; what was done, and how many rubrics were merged."""
    with Ledger(share.file.parent / LEDGER) as ledger:
        if ledger.torn:
            render_torn(ledger.path, ledger.torn, Console(stderr=True), lang)
        collector = Collector(
            share.session,
            ledger,
            _now,
            regrade=order.regrade,
            is_same=partial(_is_same, lang),
            source_of=lambda piece: source_of(piece.file, piece.data, piece.beside),
            imported=lambda piece: modules_among(source_of(piece.file, piece.data), piece.beside),
        )
        work = collector.take(share.returned)
        for path in share.strays:
            collector.refuse(path, share.no_form)
        sheets = [_settled(order, path, sheet, ledger, lang) for path, sheet in share.sheets]
        if work:
            _judge(order, collector, work, share.exercises, lang)
        for sheet in sheets:
            said = stranger(sheet.candidate, current(ledger.records))
            if said is not None:
                collector.account.notes.append((sheet.candidate, said))
            ledger.add(sheet)
    render_scores(results_of(share.session, ledger.records, Resemblance()), Console(), lang)
    return collector.account, len(sheets)


def _settled(order: GradeOrder, path: Path, sheet: Sheet, ledger: Ledger, lang: Lang) -> Sheet:
    if order.names_as_written:
        return sheet
    renamed = new_names(ledger.records).get(fold(sheet.candidate))
    return replace(sheet, candidate=renamed) if renamed else settle(sheet, path, ledger.records, lang)


def _is_same(lang: Lang, name: str, near: str) -> bool | None:
    return ask_whether_same(name, near, lang)


def _exercises(order: GradeOrder, session: Session) -> dict[str, Exercise]:
    """Today's exercises of the session, by slug. Raises UsageError when a suite changed and nobody allowed it."""
    packs = wiring.open_packs(order.packs)
    packs = packs[: len(order.packs)] if order.only_packs and order.packs else packs
    coding = [question for question in session.questions if question.exercise]
    exercises = {q.exercise.id: find_exercise(packs, q.exercise.id) for q in coding if q.exercise}
    changed = [q for q in coding if q.exercise and exercises[q.exercise.id].suite_digest != q.exercise.suite_digest]
    if changed and not order.allow_changed_suite:
        slugs = [(q.exercise.id, q.number) for q in changed if q.exercise]
        names = ", ".join(f"{slug} (question {number})" for slug, number in slugs)
        names_zh = "、".join(f"{slug}（第 {number} 题）" for slug, number in slugs)
        raise UsageError(
            f"the suite of {names} is not the one that the session was made with; restore the pack of that day, or add "
            "--allow-changed-suite to grade with today's (both digests are recorded)",
            f"{names_zh} 的测试集与建立面试时不同；请恢复当时的题库包，或加 --allow-changed-suite 用今天的测试集判题"
            "（两个摘要都会记录）",
        )
    for exercise in exercises.values():
        require(exercise.environment)  # before anything is graded, and recorded
    return exercises


def _judge(
    order: GradeOrder, collector: Collector, work: Sequence[Work], exercises: dict[str, Exercise], lang: Lang
) -> None:
    options = Options(strict=order.isolation == "strict", lang=lang)
    suites = {slug: exercise.suite_digest for slug, exercise in exercises.items()}
    with (
        wiring.open_engine(order.isolation, warm=len(work) >= WARM_FROM) as engine,
        grading_bar(len(work), lang) as bar,
    ):

        def judge(slug: str, pieces: Sequence[Work]) -> Iterator[Verdict]:
            exercise = exercises[slug]
            # A verdict's sentences name the file, as in "solution.py lacks `f`"; whose it is, the ledger knows.
            admitted = [
                admit_file(PurePosixPath(piece.file).name, piece.data, exercise, piece.beside) for piece in pieces
            ]
            return grade_all(exercise, admitted, engine, options, order.jobs)

        collector.judge(work, judge, suites, bar.tell)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
