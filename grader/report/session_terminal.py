"""A session for a person at a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final, Protocol

from rich.cells import cell_len
from rich.console import Console

from grader.model.session import Question, Session
from grader.model.session_figures import Item, Range, Results
from grader.model.session_results import Turned
from grader.model.text import Lang, Text
from grader.report.layout import pad
from grader.report.page import Page

WIDTH: Final = 140
_LEVELS: Final = {
    "junior": "session.level.junior",
    "mid": "session.level.mid",
    "senior": "session.level.senior",
    "staff": "session.level.staff",
}
_KINDS: Final = {
    "open": "session.kind.open",
    "choice": "session.kind.choice",
    "multi": "session.kind.multi",
    "numeric": "session.kind.numeric",
    "order": "session.kind.order",
    "bug": "session.kind.bug",
    "code": "session.kind.code",
    "debugging": "session.kind.debugging",
}
_TIMELINE_HEAD: Final = (
    "session.column.at",
    "session.column.minutes",
    "session.column.number",
    "session.column.kind",
    "session.column.difficulty",
    "session.column.question",
)
_RANKING_HEAD: Final = (
    "session.column.rank",
    "session.column.score",
    "session.column.range",
    "session.column.candidate",
)
_ITEMS_HEAD: Final = ("session.column.n", "session.column.p", "session.column.r", "session.column.entry")
TERMINAL_ROWS: Final = 25  # candidates that are listed; the report has all


class AccountLike(Protocol):
    """What a run of grading did: counts, what was refused, and notes by candidate."""

    taken: int
    graded: int
    skipped: int
    ours: int
    refused: list[Turned]
    notes: list[tuple[str, Text]]


def render_session(session: Session, console: Console, lang: Lang) -> None:
    """Print what is asked when, for how long, and how hard it is."""
    page = Page(console, lang, WIDTH)
    head = page.say(
        "session.head",
        title=page.text(session.title),
        level=page.say(_LEVELS[session.level]),
        minutes=str(session.minutes),
    )
    if session.forms > 1:
        head += page.dot + page.say("session.form", form=str(session.form), forms=str(session.forms))
    page.write((head, "bold"))
    _write_timeline(page, session)
    figures = {"value": f"{session.difficulty:.2f}", "minutes": str(session.planned)}
    page.write((page.say("session.difficulty", **figures), "dim"))
    identity = page.say("session.identity", id=session.id, seed=str(session.seed), code=session.code)
    page.write((identity, "dim"))
    over = session.opening + session.planned + session.closing - session.minutes
    if over > 0:
        page.write((page.say("session.over", minutes=str(over)), "yellow"))
    for note in session.notes:
        page.write((page.say("session.note", text=page.show(note)), "dim"))


def render_written(path: Path, console: Console, lang: Lang) -> None:
    """Print where a file is."""
    page = Page(console, lang, WIDTH)
    page.write((page.say("session.written", path=str(path)), ""))


def render_next_bundle(path: Path, console: Console, lang: Lang) -> None:
    """Print the next step after a session was made."""
    page = Page(console, lang, WIDTH)
    page.write((page.say("session.next_bundle", path=str(path)), "dim"))


def render_parallel(sessions: Sequence[Session], shared: int, console: Console, lang: Lang) -> None:
    """Print how far parallel forms are apart, as measured."""
    page = Page(console, lang, WIDTH)
    levels = [session.difficulty for session in sessions]
    lengths = [session.planned for session in sessions]
    sentence = page.say(
        "session.parallel",
        difficulty=f"{max(levels) - min(levels):.2f}",
        minutes=str(max(lengths) - min(lengths)),
        overlap=str(shared),
    )
    page.write((sentence, "bold"))


def render_swapped(question: Question, console: Console, lang: Lang) -> None:
    """Print what a question is now."""
    page = Page(console, lang, WIDTH)
    title = page.text(question.title)
    page.write((page.say("session.swapped", number=str(question.number), entry=question.entry, title=title), ""))


def _write_timeline(page: Page, session: Session) -> None:
    rows = [tuple(page.say(key) for key in _TIMELINE_HEAD)]
    at = session.opening
    if session.opening:
        rows.append(("0", str(session.opening), "", "", "", page.say("session.opening")))
    for question in session.questions:
        rows.append(_row(page, question, at))
        at += question.minutes
    spare = session.minutes - session.closing - at
    if spare > 0:
        rows.append((str(at), str(spare), "", "", "", page.say("session.spare")))
    if session.closing:
        begin = max(at, session.minutes - session.closing)
        rows.append((str(begin), str(session.closing), "", "", "", page.say("session.closing")))
    write_table(page, rows, right=(0, 1, 2, 4))


def _row(page: Page, question: Question, at: int) -> tuple[str, ...]:
    figures = (str(at), str(question.minutes), str(question.number), page.say(_KINDS[question.shown_kind]))
    topics = ", ".join(question.topics)
    return (*figures, str(question.difficulty), f"{page.text(question.title)}  [{topics}] {question.entry}")


def write_table(page: Page, rows: Sequence[tuple[str, ...]], *, right: Sequence[int]) -> None:
    """Rows in aligned columns, the first as a head; the last column takes as many lines as it needs."""
    widths = [max(cell_len(row[column]) for row in rows) for column in range(len(rows[0]) - 1)]
    for number, row in enumerate(rows):
        style = "dim" if number == 0 else ""
        spans = []
        for column, width in enumerate(widths):
            blanks = " " * (width - cell_len(row[column]))
            text = blanks + row[column] if column in right else pad(row[column], width)
            spans.append((text + "  ", style))
        page.hang(spans, row[-1], style)


def render_torn(path: Path, count: int, console: Console, lang: Lang) -> None:
    """Print that lines of a ledger were passed over."""
    page = Page(console, lang, WIDTH)
    page.write((page.say("session.torn", path=str(path), count=str(count)), "yellow"))


def render_account(account: AccountLike, rubrics: int, folder: Path, console: Console, lang: Lang) -> None:
    """Print what a run of grading did."""
    page = Page(console, lang, WIDTH)
    for turned in account.refused:
        reason = page.text(turned.reason)
        page.write((page.say("session.refused", name=page.one_line(turned.archive), reason=reason), "red"))
    for name, note in account.notes:
        page.write((page.say("session.warned", name=page.one_line(name), reason=page.text(note)), "yellow"))
    counts = {
        "taken": account.taken,
        "done": account.graded,
        "skipped": account.skipped,
        "refused": len(account.refused),
        "ours": account.ours,
    }
    figures = {name: str(count) for name, count in counts.items()}
    page.write((page.say("session.graded", rubrics=str(rubrics), **figures), "bold"))
    page.write((page.say("session.next_report", path=str(folder)), "dim"))


def render_bundled(archive: Path, private: Sequence[Path], console: Console, lang: Lang) -> None:
    """Print what goes to the candidate and what does not."""
    page = Page(console, lang, WIDTH)
    page.write((page.say("session.bundled", zip=str(archive)), "bold"))
    page.write((page.say("session.private", files=", ".join(str(path) for path in private)), ""))


def render_no_pdf(reason: str, console: Console, lang: Lang) -> None:
    """Print why there is no PDF."""
    page = Page(console, lang, WIDTH)
    page.write((page.say("session.no_pdf", reason=reason), "yellow"))


def render_report(results: Results, index: Path, console: Console, lang: Lang) -> None:
    """Print the candidates by rank, and where the report is."""
    page = Page(console, lang, WIDTH)
    rows = [tuple(page.say(key) for key in _RANKING_HEAD)]
    for candidate in results.candidates[:TERMINAL_ROWS]:
        found = candidate.range
        spread = f"{100 * found.low:.0f}–{100 * found.high:.0f}%" if found else ""
        score = "–" if candidate.total is None else f"{100 * candidate.total:.0f}%"
        rows.append((str(candidate.rank or ""), score, spread, page.one_line(candidate.name)))
    write_table(page, rows, right=(0, 1, 2))
    page.write((page.say("session.open_report", path=str(index)), "bold"))


def render_items(items: Sequence[Item], least: int, console: Console, lang: Lang) -> None:
    """Print figures of questions; those of too few candidates are left out."""
    page = Page(console, lang, WIDTH)
    rows = [tuple(page.say(key) for key in _ITEMS_HEAD)]
    for item in items:
        figures = (_figure(item.mean), _figure(item.discrimination))
        rows.append((str(item.n), *figures, f"{item.entry}  {page.text(item.title)}"))
    write_table(page, rows, right=(0, 1, 2))
    page.write((page.say("session.too_few", least=str(least)), "dim"))


def _figure(found: Range | None) -> str:
    return "–" if found is None else f"{found.value:.2f} ({found.low:.2f}–{found.high:.2f})"
