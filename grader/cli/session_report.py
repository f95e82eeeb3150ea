"""`viva session report` and `viva session items`."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from grader.cli.language import choose
from grader.cli.session_bundle import warn_of_boxes
from grader.errors import UsageError, unwritable
from grader.files import write_text
from grader.model.session_figures import Resemblance, Results
from grader.model.text import Lang
from grader.report.console import Console
from grader.report.escaping import to_json
from grader.report.machine import print_document, print_plain
from grader.report.session_data import items_document, report_csv, report_document
from grader.report.session_forms import forms_csv, forms_document, forms_page, render_forms
from grader.report.session_pdf import PdfError, print_pdf
from grader.report.session_report import INDEX, print_page, report_pages
from grader.report.session_terminal import render_items, render_report, render_torn, render_written
from grader.sessions import session_file
from grader.sessions.figures import last_sources, results_of
from grader.sessions.items import Sitting, item_figures
from grader.sessions.ledger import NAME as LEDGER
from grader.sessions.ledger import Ledger
from grader.sessions.resemblance import find_resemblance
from grader.sessions.statistics import LEAST

PDF = "report.pdf"
Wish = Literal["auto", "en", "zh"]


def run(path: Path, out: Path | None, wish: Wish, *, as_json: bool, as_csv: bool, pdf: bool = False) -> None:
    """Write the report's files, or print one of them; of all forms together, where there are several."""
    lang = choose(wish)
    if as_json and as_csv:
        raise UsageError("--json and --csv both want stdout; choose one", "--json 与 --csv 都要写到标准输出；请选其一")
    files = session_file.locate_all(path)
    found = [load_results(file, resemble=not as_csv) for file in files]
    if as_json:
        print_document(report_document(found[0]) if len(found) == 1 else forms_document(found))
    elif as_csv:
        print_plain(report_csv(found[0]) if len(found) == 1 else forms_csv(found), end="")
    elif len(found) == 1:
        _report_one(files[0], found[0], out or files[0].parent / "report", lang, pdf=pdf)
    else:
        _report_forms(path, files, found, out, lang, pdf=pdf)


def _report_one(file: Path, results: Results, folder: Path, lang: Lang, *, pdf: bool) -> None:
    _write(folder, results, lang)
    console = Console()
    if results.torn:
        render_torn(file.parent / LEDGER, results.torn, console, lang)
    render_report(results, folder / INDEX, console, lang)
    if pdf:
        write_pdf(folder, results, lang)


def _report_forms(
    path: Path, files: Sequence[Path], found: Sequence[Results], out: Path | None, lang: Lang, *, pdf: bool
) -> None:
    """A report for each form below the folder of its own name, and a page over all of them."""
    folder = out or path / "report"
    for file, results in zip(files, found, strict=True):
        _write(folder / file.parent.name, results, lang)
        if results.torn:
            render_torn(file.parent / LEDGER, results.torn, Console(), lang)
    with _explained(folder):
        write_text(folder / INDEX, forms_page(found, [file.parent.name for file in files], lang))
        write_text(folder / "report.json", to_json(forms_document(found), indent=1) + "\n")
        write_text(folder / "report.csv", "\ufeff" + forms_csv(found))
    render_forms(found, folder / INDEX, Console(), lang)
    for file, results in zip(files, found, strict=True) if pdf else ():
        write_pdf(folder / file.parent.name, results, lang)


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
        print_plain(text)
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


def write_pdf(folder: Path, results: Results, lang: Lang) -> None:
    """The whole report as one PDF beside its pages. Raises UsageError where nothing here can print."""
    target, console = folder / PDF, Console()
    with tempfile.TemporaryDirectory(prefix="viva-report-") as scratch:
        page = Path(scratch) / "report.html"
        write_text(page, print_page(results, lang))
        try:
            print_pdf(page, target)
        except PdfError as error:
            raise UsageError(
                f"no PDF: {error.reason.en}; {folder / INDEX} is written and can be printed from a browser",
                f"未生成 PDF：{error.reason.zh}；{folder / INDEX} 已写好，可用浏览器打印",
            ) from error
    render_written(target, console, lang)
    warn_of_boxes(target, lang, console, lang)


def _session_files(path: Path) -> Iterable[Path]:
    """The session of a file or a folder, or all sessions below a folder."""
    if path.is_dir() and not (path / session_file.NAME).is_file():
        below = sorted(path.rglob(session_file.NAME))
        if below:
            return below
    return [session_file.locate(path)]


@contextmanager
def _explained(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise unwritable(folder, error.strerror, "name another folder with -o", "请用 -o 指定另一个目录") from error


def _write(folder: Path, results: Results, lang: Lang) -> None:
    with _explained(folder):
        (folder / "candidates").mkdir(parents=True, exist_ok=True)
        for name, page in report_pages(results, lang):
            write_text(folder / name, page)
        document = to_json(report_document(results), indent=1)
        write_text(folder / "report.json", document + "\n")
        # Spreadsheets take a CSV file for UTF-8 only when it begins with this mark.
        write_text(folder / "report.csv", "\ufeff" + report_csv(results))
        items = to_json(items_document(results.items, results.least), indent=1)
        write_text(folder / "items.json", items + "\n")
