"""`viva session grade`: what candidates sent back, graded and recorded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from grader import wiring
from grader.cli.exit_status import DONE, NOT_ACCEPTED, OUR_ERROR
from grader.cli.grading_bar import grading_bar
from grader.cli.language import choose
from grader.content.pack import find_exercise
from grader.errors import UsageError
from grader.grading.grade import Options, grade_all
from grader.grading.intake import admit
from grader.model.exercise import Exercise
from grader.model.session import Session
from grader.model.text import Lang
from grader.model.verdict import Verdict
from grader.report.console import Console
from grader.report.session_terminal import render_account, render_torn
from grader.sessions import session_file
from grader.sessions.collect import Collector, Work
from grader.sessions.ledger import NAME as LEDGER
from grader.sessions.ledger import Ledger
from grader.sessions.names import stranger
from grader.sessions.rubric import find_sheets, read_sheet

SOLUTION = "solution.py"
WARM_FROM = 4  # submissions from which it pays to warm the parents first


@dataclass(frozen=True, slots=True, kw_only=True)
class GradeOrder:
    """What the command line asked for."""

    session: Path
    returned: tuple[Path, ...]
    rubrics: tuple[Path, ...]
    jobs: int
    regrade: bool
    allow_changed_suite: bool
    isolation: str
    lang: Literal["auto", "en", "zh"]
    packs: tuple[Path, ...]
    only_packs: bool


def run(order: GradeOrder) -> int:
    """Grade, merge and record; returns the exit status: 1 when something was refused, 2 when we failed."""
    lang = choose(order.lang)
    found = session_file.locate(order.session)
    session = session_file.read_session(found)
    if not order.returned and not order.rubrics:
        raise UsageError(
            "name what candidates sent back (zips or folders), or ticked rubrics with --rubric FILE",
            "请指定候选人交回的内容（zip 或目录），或用 --rubric FILE 指定填好的评分表",
        )
    sheets = [read_sheet(path, session, _now()) for path in find_sheets(order.rubrics)]
    exercises = _exercises(order, session) if order.returned else {}
    with Ledger(found.parent / LEDGER) as ledger:
        if ledger.torn:
            render_torn(ledger.path, ledger.torn, Console(stderr=True), lang)
        collector = Collector(session, ledger, _now, regrade=order.regrade)
        work = collector.take(order.returned)
        if work:
            _judge(order, collector, work, exercises, lang)
        for sheet in sheets:
            said = stranger(sheet.candidate, ledger.records)
            if said is not None:
                collector.account.notes.append((sheet.candidate, said))
            ledger.add(sheet)
    render_account(collector.account, len(sheets), found.parent, Console(), lang)
    if collector.account.ours:
        return OUR_ERROR
    return NOT_ACCEPTED if collector.account.refused else DONE


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
    return exercises


def _judge(
    order: GradeOrder, collector: Collector, work: Sequence[Work], exercises: dict[str, Exercise], lang: Lang
) -> None:
    options = Options(strict=order.isolation == "strict", lang=lang)
    suites = {slug: exercise.suite_digest for slug, exercise in exercises.items()}
    with (
        wiring.open_engine(order.isolation, warm=len(work) >= WARM_FROM) as engine,
        grading_bar(len(work), lang) as tell,
    ):

        def judge(slug: str, sources: Sequence[tuple[str, bytes]]) -> Iterator[Verdict]:
            exercise = exercises[slug]
            # A verdict's sentences name the file, as in "solution.py lacks `f`"; whose it is, the ledger knows.
            admitted = [admit(SOLUTION, data, exercise) for _, data in sources]
            return grade_all(exercise, admitted, engine, options, order.jobs)

        collector.judge(work, judge, suites, tell)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
