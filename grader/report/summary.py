"""A table of many verdicts for a person at a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rich.cells import cell_len
from rich.console import Console

from grader.model.text import Lang
from grader.model.verdict import Status, Verdict
from grader.report.catalogue import say_status
from grader.report.layout import keep_end, pad
from grader.report.page import NAME_WIDTH, Page, Span, colour, duration, is_measured, points

TABLE_WIDTH: Final = 160
REMARK_CHARACTERS: Final = 500
REMARK_WIDTH: Final = 24  # below it, the last column gets lines of its own


def render_summary(verdicts: Sequence[Verdict], console: Console, lang: Lang) -> None:
    """Print one row per verdict, and a line that counts them."""
    page = Page(console, lang, TABLE_WIDTH)
    rows = [_row(page, verdict) for verdict in verdicts]
    with_exercise = len({verdict.exercise_id for verdict in verdicts}) > 1
    _write_table(page, rows, with_exercise=with_exercise)
    _write_totals(page, verdicts)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """One verdict in the table; every text is ready to print."""

    exercise: str
    name: str
    status: str
    score: str
    time: str
    remark: str
    colour: str

    def cells(self, *, with_exercise: bool) -> tuple[str, ...]:
        """Texts of all columns but the last."""
        own = (self.name, self.status, self.score, self.time)
        return (self.exercise, *own) if with_exercise else own


def _row(page: Page, verdict: Verdict) -> _Row:
    ours = verdict.status is Status.JUDGE_ERROR
    wall_ms = verdict.resources.wall_ms
    return _Row(
        exercise=page.show(verdict.exercise_id),
        name=keep_end(page.one_line(verdict.submission), NAME_WIDTH, page.ellipsis),
        status=f"{page.mark(verdict.status)} {say_status(verdict.status, page.lang)}",
        score="" if ours else f"{points(verdict.score)}/{points(verdict.max_score)}",
        time=duration(wall_ms) if is_measured(wall_ms) else "",
        remark=_remark(page, verdict),
        colour=colour(verdict.status),
    )


def _remark(page: Page, verdict: Verdict) -> str:
    """The first diagnosis; where there is none, the first line of the verdict's message."""
    if verdict.diagnosis:
        return page.text(verdict.diagnosis[0].title)
    return page.show(verdict.message).strip().partition("\n")[0][:REMARK_CHARACTERS]


def _write_table(page: Page, rows: Sequence[_Row], *, with_exercise: bool) -> None:
    header = _header_row(page)
    table = [row.cells(with_exercise=with_exercise) for row in (header, *rows)]
    widths = [max(cell_len(cell) for cell in column) for column in zip(*table, strict=True)]
    for row, cells in zip((header, *rows), table, strict=True):
        _write_row(page, row, cells, widths)


def _header_row(page: Page) -> _Row:
    return _Row(
        exercise=page.say("column.exercise"),
        name=page.say("column.name"),
        status="  " + page.say("column.status"),
        score=page.say("column.score"),
        time=page.say("column.time"),
        remark=page.say("column.diagnosis"),
        colour="",
    )


def _write_row(page: Page, row: _Row, cells: Sequence[str], widths: Sequence[int]) -> None:
    """Names and status to the left, figures to the right, the remark in what room is left or below."""
    is_header = row.colour == ""
    base = "dim" if is_header else ""
    *names, status, score, time = zip(cells, widths, strict=True)
    spans: list[Span] = [(pad(text, width) + "  ", base) for text, width in names]
    spans.append((pad(*status) + "  ", row.colour or base))
    spans += [(" " * (width - cell_len(text)) + text + "  ", base) for text, width in (score, time)]
    if page.width - sum(cell_len(text) for text, _ in spans) >= REMARK_WIDTH:
        page.hang(spans, row.remark, base)
        return
    page.write(*spans)
    if row.remark and not is_header:
        page.hang([("    ", "")], row.remark, "dim")


def _write_totals(page: Page, verdicts: Sequence[Verdict]) -> None:
    counts = Counter(verdict.status for verdict in verdicts)
    parts = [page.say("submissions", count=str(len(verdicts)))]
    parts += [f"{say_status(status, page.lang)} {counts[status]}" for status in Status if counts[status]]
    scored = [v for v in verdicts if v.status is not Status.JUDGE_ERROR and v.max_score > 0]
    if scored:
        mean = sum(v.score / v.max_score for v in scored) / len(scored)
        parts.append(page.say("mean_score", value=f"{100 * mean:.0f}"))
    page.write()
    page.flow("", parts, "bold")
