"""A session for a person at a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, Protocol

from rich.cells import cell_len
from rich.console import Console

from grader.model.session import Question, Session, role_weight
from grader.model.session_figures import Candidate, Item, Range, Results
from grader.model.session_results import Turned
from grader.model.text import Lang, Text
from grader.report.commands import command
from grader.report.layout import pad
from grader.report.page import Page
from grader.report.session_clock import time_of
from grader.report.session_drawn import drawn_head, drawn_rows

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
_SCORES_HEAD: Final = ("session.column.score", "session.column.candidate", "session.column.by_question")
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
    times: list[tuple[str, Text]]


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
    _write_drawn(page, session)
    identity = page.say("session.identity", id=session.id, seed=str(session.seed), code=session.code)
    page.write((identity, "dim"))
    over = session.opening + session.planned + session.closing - session.minutes
    if over > 0:
        page.write((page.say("session.over", minutes=str(over)), "yellow"))
    for old in session.replaced:
        page.write((page.say("session.was", number=str(old.number), entry=page.show(old.entry)), "dim"))
    for note in session.notes:
        page.write((page.say("session.note", text=page.show(note)), "dim"))


def render_written(path: Path, console: Console, lang: Lang) -> None:
    """Print where a file is."""
    page = Page(console, lang, WIDTH)
    page.write((page.say("session.written", path=str(path)), ""))


def render_next_bundle(path: Path, console: Console, lang: Lang) -> None:
    """Print the next step after a session was made."""
    page = Page(console, lang, WIDTH)
    page.write((page.say("session.next_bundle", command=command("viva", "session", "bundle", path)), "dim"))


def render_parallel(sessions: Sequence[Session], shared: int, console: Console, lang: Lang) -> None:
    """Print how far parallel forms are apart, as measured."""
    page = Page(console, lang, WIDTH)
    levels = [session.difficulty for session in sessions]
    lengths = [session.planned for session in sessions]
    keyboard = [session.keyboard for session in sessions]
    sentence = page.say(
        "session.parallel",
        difficulty=f"{max(levels) - min(levels):.2f}",
        minutes=str(max(lengths) - min(lengths)),
        keyboard=str(max(keyboard) - min(keyboard)),
        overlap=str(shared),
    )
    page.write((sentence, "bold"))


def render_swapped(then: Session, now: Session, number: int, balance: int, console: Console, lang: Lang) -> None:
    """Print what a question is now, and what of the old one was kept."""
    page = Page(console, lang, WIDTH)
    old, new = then.questions[number - 1], now.questions[number - 1]
    page.write((page.say("session.swapped", number=str(number), entry=new.entry, title=page.text(new.title)), ""))
    figures = {"balance": str(balance)}
    for when, question in (("then", old), ("now", new)):
        figures[f"level_{when}"] = page.say(_LEVELS[question.level])
        figures[f"weight_{when}"] = f"{role_weight(question.topics, now.weights):g}"
        figures[f"minutes_{when}"] = str(question.minutes)
    page.hang([], page.say("session.kept", **figures), "dim")


def _write_drawn(page: Page, session: Session) -> None:
    """What was drawn against what was wanted."""
    figures = {"value": f"{session.difficulty:.2f}", "minutes": str(session.planned)}
    drawn = drawn_rows(session, page.lang)
    if not drawn:
        page.write((page.say("session.difficulty", **figures), "dim"))
        return
    off = page.say("session.drawn.off")
    rows = [(one.name, one.wanted, page.show(one.came) + (f"  {off}" if one.off else "")) for one in drawn]
    page.write()
    write_table(page, [drawn_head(page.lang), *rows], right=(1,))
    page.write()


def render_void(old: Session, new: Session, there: Sequence[Path], console: Console, lang: Lang) -> None:
    """Print that a bundle of the session as it was is void; `there` are the files of it that still lie about."""
    page = Page(console, lang, WIDTH)
    codes = {"old": old.code, "new": new.code}
    if there:
        files = ", ".join(str(path) for path in there)
        page.write((page.say("session.void_files", files=files, **codes), "yellow"))
    else:
        page.write((page.say("session.void", **codes), "dim"))


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


def render_account(account: AccountLike, rubrics: int, console: Console, lang: Lang, form: Session | None) -> None:
    """Print what a run of grading did, below the number of its `form` where there are several."""
    page = Page(console, lang, WIDTH)
    if form is not None:
        page.write((page.say("session.form", form=str(form.form), forms=str(form.forms)), "bold"))
    for turned in account.refused:
        reason = page.text(turned.reason)
        page.write((page.say("session.refused", name=page.one_line(turned.archive), reason=reason), "red"))
    for name, note in account.notes:
        page.write((page.say("session.warned", name=page.one_line(name), reason=page.text(note)), "yellow"))
    for name, used in account.times:
        page.write((page.say("session.time", name=page.one_line(name), time=page.text(used)), ""))
    counts = {
        "taken": account.taken,
        "done": account.graded,
        "skipped": account.skipped,
        "refused": len(account.refused),
        "ours": account.ours,
    }
    figures = {name: str(count) for name, count in counts.items()}
    page.write((page.say("session.graded", rubrics=str(rubrics), **figures), "bold"))


def render_left_alone(names: Sequence[str], console: Console, lang: Lang) -> None:
    """Print what lies among hand-ins and was not taken."""
    if names:
        page = Page(console, lang, WIDTH)
        listed = ", ".join(page.one_line(name) for name in names)
        page.write((page.say("session.left_alone", names=listed), "yellow"))


def render_next_report(path: Path, console: Console, lang: Lang) -> None:
    """Print the next step after grading."""
    page = Page(console, lang, WIDTH)
    page.write((page.say("session.next_report", command=command("viva", "session", "report", path)), "dim"))


def render_bundled(archive: Path, shared: Path, private: Sequence[Path], console: Console, lang: Lang) -> None:
    """Print what goes to the candidate, what may be shown to them, and what does not."""
    page = Page(console, lang, WIDTH)
    page.write((page.say("session.bundled", zip=str(archive)), "bold"))
    page.write((page.say("session.shared", path=str(shared)), ""))
    page.write((page.say("session.private", files=", ".join(str(path) for path in private)), ""))


def render_no_pdf(reason: Text, console: Console, lang: Lang) -> None:
    """Print why there is no PDF."""
    page = Page(console, lang, WIDTH)
    page.write((page.say("session.no_pdf", reason=page.text(reason)), "yellow"))


def render_no_font(path: Path, console: Console, lang: Lang) -> None:
    """Print that a PDF in Chinese was made where no font has Chinese."""
    page = Page(console, lang, WIDTH)
    page.write((page.say("session.no_font", path=str(path)), "yellow"))


def render_report(results: Results, index: Path, console: Console, lang: Lang) -> None:
    """Print the candidates by rank, and where the report is."""
    page = Page(console, lang, WIDTH)
    rows = [tuple(page.say(key) for key in _RANKING_HEAD)]
    for candidate in results.candidates[:TERMINAL_ROWS]:
        figures = (str(candidate.rank or ""), score_cell(candidate), spread_cell(candidate))
        used = f"  ({time_of(candidate).get(page.lang)})" if time_of(candidate).en else ""
        rows.append((*figures, page.one_line(candidate.name) + used))
    write_table(page, rows, right=(0, 1, 2))
    if any(candidate.provisional for candidate in results.candidates):
        page.write((page.say("session.provisional"), "yellow"))
    page.write((page.say("session.open_report", path=str(index)), "bold"))


def render_scores(results: Results, console: Console, lang: Lang) -> None:
    """Print each candidate's score so far, and what each question gave; a star marks what is not all assessed."""
    page = Page(console, lang, WIDTH)
    rows = [tuple(page.say(key) for key in _SCORES_HEAD)]
    shown = results.candidates[:TERMINAL_ROWS]
    rows += [(score_cell(one), page.one_line(one.name), "  ".join(_by_question(one))) for one in shown]
    if len(rows) == 1:
        return
    write_table(page, rows, right=(0,))
    if any(candidate.provisional for candidate in results.candidates):
        page.write((page.say("session.provisional"), "dim"))


def _by_question(candidate: Candidate) -> Iterator[str]:
    """Number and score of each question, without a space that a line could be broken at."""
    for mark in candidate.marks:
        score = "–" if mark.score is None else f"{100 * mark.score:.0f}%"
        yield f"{mark.question.number}:{score}"


def score_cell(candidate: Candidate) -> str:
    """A total in per cent, with a star where it may change."""
    return "–" if candidate.total is None else f"{100 * candidate.total:.0f}%" + "*" * candidate.provisional


def spread_cell(candidate: Candidate) -> str:
    """The range of a total in per cent, where there is one."""
    found = candidate.range
    return f"{100 * found.low:.0f}–{100 * found.high:.0f}%" if found else ""


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
