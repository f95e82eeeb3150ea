"""`viva session bundle`: the candidate's zip, and the interviewer's guide and rubric."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePath
from typing import Literal

from grader.cli.language import choose
from grader.errors import UsageError, unwritable
from grader.files import write_file, write_text
from grader.model.session import Session
from grader.model.text import Lang
from grader.report.console import Console
from grader.report.session_guide import guide_html, guide_markdown
from grader.report.session_pdf import PdfError, lacks_chinese_font, print_pdf
from grader.report.session_share import share_html
from grader.report.session_terminal import render_bundled, render_no_font, render_no_pdf
from grader.sessions import session_file
from grader.sessions.bundle import NOBODY, Sender, candidate_files, root_name, sender_facts, to_zip
from grader.sessions.rubric import template

LONGEST_FACT = 120  # characters of a company, a contact or a deadline


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleOrder:
    """What the command line asked for."""

    session: Path
    lang: Literal["auto", "en", "zh"]
    guide_lang: Literal["same", "en", "zh"]
    out: Path | None
    folder: bool
    live: bool
    pdf: bool
    sender: Sender = NOBODY


def run(order: BundleOrder) -> None:
    """Write everything and say where it is."""
    lang = choose(order.lang)
    guide_lang: Lang = lang if order.guide_lang == "same" else order.guide_lang
    found = session_file.locate(order.session)
    session = session_file.read_session(found)
    out = order.out or found.parent
    console = Console()
    try:
        out.mkdir(parents=True, exist_ok=True)
        archive = _write_candidate(order, session, out, lang)
        shared = out / f"share.{lang}.html"
        write_text(shared, share_html(session, lang, sender_facts(order.sender, lang)))
        private = _write_guide(session, out, guide_lang)
    except OSError as error:
        raise unwritable(out, error.strerror, "name another folder with -o", "请用 -o 指定另一个目录") from error
    if order.pdf:
        page = out / f"guide.{guide_lang}.html"
        try:
            print_pdf(page, page.with_suffix(".pdf"))
            private.append(page.with_suffix(".pdf"))
            warn_of_boxes(page.with_suffix(".pdf"), guide_lang, console, lang)
        except PdfError as error:
            render_no_pdf(error.reason, console, lang)
    render_bundled(archive, shared, private, console, lang)


def sender_of(company: str, contact: str, deadline: str) -> Sender:
    """What the command line says of who asks. Raises UsageError."""
    for option, text in (("--company", company), ("--contact", contact), ("--deadline", deadline)):
        if not text.isprintable() or len(text) > LONGEST_FACT:
            raise UsageError(
                f"{option}: write one line of at most {LONGEST_FACT} characters",
                f"{option}：请写成一行，不超过 {LONGEST_FACT} 个字符",
            )
    return Sender(company=company.strip(), contact=contact.strip(), deadline=_day(deadline.strip()))


def _day(deadline: str) -> str:
    """A date, or a date and a time with its zone, that is still to come. Raises UsageError."""
    if not deadline:
        return ""
    try:
        when = datetime.fromisoformat(deadline)
    except ValueError:
        when = None
    whole_day = len(deadline) <= len("2026-12-04")
    if when is None or (not whole_day and when.tzinfo is None):
        raise UsageError(
            f"--deadline {deadline}: write a date such as 2026-12-04, or a time with its zone such as "
            "2026-12-04T18:00+08:00",
            f"--deadline {deadline}：请写日期，例如 2026-12-04；或带时区的时间，例如 2026-12-04T18:00+08:00",
        )
    if when.date() < datetime.now(UTC).date() - timedelta(days=1):  # it is still yesterday somewhere
        raise UsageError(
            f"--deadline {deadline} is over; name a day to come", f"--deadline {deadline} 已经过去；请指定将来的日期"
        )
    return when.date().isoformat() if whole_day else f"{when:%Y-%m-%d %H:%M} ({when.tzname()})"


def warn_of_boxes(pdf: Path, written_in: Lang, console: Console, lang: Lang) -> None:
    """Say so where a PDF in Chinese was printed without a font for it."""
    if written_in == "zh" and lacks_chinese_font():
        render_no_font(pdf, console, lang)


def _write_candidate(order: BundleOrder, session: Session, out: Path, lang: Lang) -> Path:
    files = candidate_files(session, lang, live=order.live, sender=order.sender)
    root = root_name(session)
    _require_inside(order.session, (root, *files))
    archive = out / f"{root}.zip"
    write_file(archive, to_zip(files, root))  # whole: half a zip must not lie there to be sent
    if order.folder:
        if (out / root).exists():
            raise UsageError(f"{out / root} is there already; move it away first", f"{out / root} 已存在；请先把它移走")
        write_folder(order.session, files, out / root)
    return archive


def write_folder(session: Path, files: Mapping[str, bytes], root: Path) -> None:
    """The candidate's files as a folder. Raises UsageError for names that lead out of it, and OSError."""
    _require_inside(session, (root.name, *files))
    for name, data in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        write_file(path, data)


def _require_inside(session: Path, names: Iterable[str]) -> None:
    """Raise UsageError for a session file, perhaps a stranger's, whose names lead out of the bundle's folder."""
    for name in names:
        if not name or PurePath(name).is_absolute() or ".." in PurePath(name).parts or "\\" in name or "\0" in name:
            raise UsageError(
                f"{session}: the file name {name[:60]!r} leads out of the bundle; make the session anew",
                f"{session}：文件名 {name[:60]!r} 指向材料包之外；请重新生成面试文件",
            )


def _write_guide(session: Session, out: Path, lang: Lang) -> list[Path]:
    texts = {
        f"guide.{lang}.html": guide_html(session, lang),
        f"guide.{lang}.md": guide_markdown(session, lang),
        f"rubric.{lang}.yaml": template(session, lang),
    }
    for name, text in texts.items():
        write_text(out / name, text)
    return [out / name for name in texts]
