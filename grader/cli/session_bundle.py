"""`viva session bundle`: the candidate's zip, and the interviewer's guide and rubric."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Literal

from grader.cli.language import choose
from grader.errors import UsageError, unwritable
from grader.files import write_file, write_text
from grader.model.session import Session
from grader.model.text import Lang
from grader.report.console import Console
from grader.report.session_guide import guide_html, guide_markdown
from grader.report.session_pdf import PdfError, print_pdf
from grader.report.session_terminal import render_bundled, render_no_pdf
from grader.sessions import session_file
from grader.sessions.bundle import candidate_files, root_name, to_zip
from grader.sessions.rubric import template


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
        private = _write_guide(session, out, guide_lang)
    except OSError as error:
        raise unwritable(out, error.strerror, "name another folder with -o", "请用 -o 指定另一个目录") from error
    if order.pdf:
        page = out / f"guide.{guide_lang}.html"
        try:
            print_pdf(page, page.with_suffix(".pdf"))
            private.append(page.with_suffix(".pdf"))
        except PdfError as error:
            render_no_pdf(str(error), console, lang)
    render_bundled(archive, private, console, lang)


def _write_candidate(order: BundleOrder, session: Session, out: Path, lang: Lang) -> Path:
    files = candidate_files(session, lang, live=order.live)
    root = root_name(session)
    _require_inside(order.session, (root, *files))
    archive = out / f"{root}.zip"
    write_file(archive, to_zip(files, root))  # whole: half a zip must not lie there to be sent
    if order.folder:
        if (out / root).exists():
            raise UsageError(f"{out / root} is there already; move it away first", f"{out / root} 已存在；请先把它移走")
        for name, data in files.items():
            path = out / root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            write_file(path, data)
    return archive


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
