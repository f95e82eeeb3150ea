"""`viva session report` and `viva session items`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from grader.cli.language import choose
from grader.errors import UsageError, unwritable
from grader.files import write_text
from grader.model.session_figures import Resemblance, Results
from grader.model.text import Lang
from grader.report.console import Console
from grader.report.escaping import to_json
from grader.report.session_data import items_document, report_csv, report_document
from grader.report.session_report import INDEX, report_pages
from grader.report.session_terminal import render_items, render_report, render_torn
from grader.sessions import session_file
from grader.sessions.figures import last_sources, results_of
from grader.sessions.items import Sitting, item_figures
from grader.sessions.ledger import NAME as LEDGER
from grader.sessions.ledger import Ledger
from grader.sessions.resemblance import find_resemblance
from grader.sessions.statistics import LEAST

Wish = Literal["auto", "en", "zh"]


def run(path: Path, out: Path | None, wish: Wish, *, as_json: bool, as_csv: bool) -> None:
    """Write the report's files, or print one of them."""
    lang = choose(wish)
    if as_json and as_csv:
        raise UsageError("--json and --csv both want stdout; choose one", "--json 与 --csv 都要写到标准输出；请选其一")
    found = session_file.locate(path)
    results = load_results(found, resemble=not as_csv)
    if as_json:
        print(to_json(report_document(results)))
        return
    if as_csv:
        print(report_csv(results), end="")
        return
    folder = out or found.parent / "report"
    _write(folder, results, lang)
    console = Console()
    if results.torn:
        render_torn(found.parent / LEDGER, results.torn, console, lang)
    render_report(results, folder / INDEX, console, lang)


def run_items(paths: tuple[Path, ...], out: Path | None, wish: Wish, *, as_json: bool) -> None:
    """Figures of questions over sessions: a table, or JSON on stdout or in a file."""
    files = list(dict.fromkeys(file for path in paths for file in _session_files(path)))
    sittings = []
    for file in files:
        results = load_results(file, resemble=False)
        sittings.append(Sitting(session=results.session, candidates=results.candidates))
    items = item_figures(sittings)
    text = to_json(items_document(items, LEAST), indent=1)
    if out is not None:
        try:
            write_text(out, text + "\n")
        except OSError as error:
            raise unwritable(out, error.strerror, "name another file with -o", "请用 -o 指定另一个文件") from error
    if as_json:
        print(text)
    elif out is None:
        render_items(items, LEAST, Console(), choose(wish))


def load_results(file: Path, *, resemble: bool) -> Results:
    """The figures of one session; with the comparison of submissions, which takes longer, if `resemble`."""
    session = session_file.read_session(file)
    ledger = Ledger(file.parent / LEDGER)
    resemblance = Resemblance()
    if resemble:
        resemblance = find_resemblance(session, last_sources(session, ledger.records))
    return results_of(session, ledger.records, resemblance, ledger.torn)


def _session_files(path: Path) -> Iterable[Path]:
    """The session of a file or a folder, or all sessions below a folder."""
    if path.is_dir() and not (path / session_file.NAME).is_file():
        below = sorted(path.rglob(session_file.NAME))
        if below:
            return below
    return [session_file.locate(path)]


def _write(folder: Path, results: Results, lang: Lang) -> None:
    try:
        (folder / "candidates").mkdir(parents=True, exist_ok=True)
        for name, page in report_pages(results, lang):
            write_text(folder / name, page)
        document = to_json(report_document(results), indent=1)
        write_text(folder / "report.json", document + "\n")
        # Spreadsheets take a CSV file for UTF-8 only when it begins with this mark.
        write_text(folder / "report.csv", "\ufeff" + report_csv(results))
        items = to_json(items_document(results.items, results.least), indent=1)
        write_text(folder / "items.json", items + "\n")
    except OSError as error:
        raise unwritable(folder, error.strerror, "name another folder with -o", "请用 -o 指定另一个目录") from error
