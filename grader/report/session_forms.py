"""One report over all parallel forms of an interview: their candidates side by side, each with the form they had.

Forms are made to be equally hard, and no question is in two of them, so candidates of different forms are put in one
order by their totals alone; who is ahead of whom question by question is said within a form only.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from grader.model.session_figures import Candidate, Results
from grader.model.text import Lang
from grader.report.page import Page
from grader.report.session_data import csv_cell, report_document
from grader.report.session_page import phrases, render, style_sheet
from grader.report.session_report import page_name, percent, safe
from grader.report.session_terminal import TERMINAL_ROWS, WIDTH, score_cell, spread_cell, write_table

SCHEMA = "viva.session-forms/1"
_HEAD = (
    "session.column.rank",
    "session.column.score",
    "session.column.range",
    "session.column.form",
    "session.column.candidate",
)


def together(found: Sequence[Results]) -> Iterator[tuple[int | None, Results, Candidate]]:
    """Rank, form and candidate, the best total first; those without a score come last and have no rank."""
    everybody = [(results, candidate) for results in found for candidate in results.candidates]
    totals = [candidate.total for _, candidate in everybody if candidate.total is not None]
    everybody.sort(key=lambda one: (one[1].total is None, -(one[1].total or 0.0), one[1].name))
    for results, candidate in everybody:
        total = candidate.total
        rank = None if total is None else 1 + sum(other > total + 1e-9 for other in totals)
        yield rank, results, candidate


def render_forms(found: Sequence[Results], index: Path, console: Console, lang: Lang) -> None:
    """Print the candidates of all forms by rank, and where the report is."""
    page = Page(console, lang, WIDTH)
    rows = [tuple(page.say(key) for key in _HEAD)]
    for rank, results, candidate in list(together(found))[:TERMINAL_ROWS]:
        figures = (str(rank or ""), score_cell(candidate), spread_cell(candidate), str(results.session.form))
        rows.append((*figures, page.one_line(candidate.name)))
    write_table(page, rows, right=(0, 1, 2, 3))
    if any(candidate.provisional for results in found for candidate in results.candidates):
        page.write((page.say("session.provisional"), "yellow"))
    page.write((page.say("session.open_report", path=str(index)), "bold"))


def forms_document(found: Sequence[Results]) -> dict[str, Any]:
    """All forms as plain data: candidates together, and the whole report of each form."""
    return {
        "schema": SCHEMA,
        "candidates": [
            {
                "rank": rank,
                "form": results.session.form,
                "candidate": candidate.key,
                "name": candidate.name,
                "score": None if candidate.total is None else round(candidate.total, 6),
                "provisional": candidate.provisional,
            }
            for rank, results, candidate in together(found)
        ],
        "forms": [report_document(results) for results in found],
    }


def forms_csv(found: Sequence[Results]) -> str:
    """One row per candidate; questions have numbers only, since each form has its own."""
    most = max(len(results.session.questions) for results in found)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    head = ["rank", "form", "candidate", "name", "score", "low90", "high90", "assessed", "provisional", "minutes"]
    writer.writerow([*head, *(f"q{number}" for number in range(1, most + 1)), "mistakes", "notes"])
    for rank, results, candidate in together(found):
        spread = candidate.range
        scores = [mark.score for mark in candidate.marks]
        row: list[object] = [rank, results.session.form, candidate.key, candidate.name, candidate.total]
        row += [spread and spread.low, spread and spread.high, candidate.assessed]
        row += ["yes" if candidate.provisional else "no", candidate.minutes, *scores, *[None] * (most - len(scores))]
        row.append("; ".join(mistake.mutant for mistake in candidate.mistakes))
        row.append("; ".join(note.en for note in candidate.notes))
        writer.writerow([csv_cell(value) for value in row])
    return out.getvalue()


def forms_page(found: Sequence[Results], folders: Sequence[str], lang: Lang) -> str:
    """The page over the candidates of all forms, with links to the reports of each."""
    say = phrases(lang)
    folder = {results.session.code: name for results, name in zip(found, folders, strict=True)}
    rows = [
        _row(rank, results, candidate, folder[results.session.code]) for rank, results, candidate in together(found)
    ]
    forms = [
        {
            "page": f"{folder[results.session.code]}/index.html",
            "name": say["form_n"].format(form=results.session.form),
            "lead": say["report_lead"].format(
                count=len(results.candidates),
                questions=len(results.session.questions),
                minutes=results.session.minutes,
            ),
        }
        for results in found
    ]
    return render(
        "session_forms.html",
        lang,
        style=style_sheet(),
        title=found[0].session.title.get(lang),
        forms=forms,
        candidates=rows,
        partly=any(row["part"] for row in rows),
    )


def _row(rank: int | None, results: Results, candidate: Candidate, folder: str) -> dict[str, Any]:
    from urllib.parse import quote

    return {
        "rank": rank or "",
        "form": results.session.form,
        "name": safe(candidate.name),
        "page": f"{folder}/candidates/{quote(page_name(candidate.key))}",
        "total": percent(candidate.total),
        "range": spread_cell(candidate),
        "assessed": percent(candidate.assessed),
        "part": candidate.provisional,
    }
