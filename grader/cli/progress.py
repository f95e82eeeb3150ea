"""`viva progress`: the progress page, and progress as a file to keep or to take along."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from grader import wiring
from grader.cli.exit_status import DONE
from grader.cli.language import choose
from grader.cli.sentences import tell_aside
from grader.errors import UsageError, unreadable, unwritable
from grader.files import LARGEST, read_text, write_text
from grader.practice.bank import PackBank
from grader.practice.clock import SystemClock, day_of
from grader.practice.coming import overview_of
from grader.practice.exchange import export, import_into
from grader.practice.ports import PracticeStore
from grader.report.catalogue import say
from grader.report.commands import command
from grader.report.console import Console
from grader.report.machine import print_plain
from grader.report.progress import progress_document, render_progress


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgressOrder:
    """What was asked for on the command line."""

    action: Literal["show", "export", "import"]
    file: Path | None
    as_json: bool
    data: Path | None
    lang: Literal["auto", "en", "zh"]
    packs: tuple[Path, ...]


def run(order: ProgressOrder) -> int:
    """Show, export or import; the exit status. Raises UsageError and StoreError."""
    if order.action == "show" and order.file is not None:
        raise UsageError(
            f"`viva progress` shows no file; say `{command('viva', 'progress', 'import', order.file)}`",
            f"`viva progress` 不显示文件；若要导入，请用 `{command('viva', 'progress', 'import', order.file)}`",
        )
    store = wiring.open_progress(order.data)
    if order.action == "export":
        return _export(order, store)
    if order.action == "import":
        return _import(order, store)
    lang = choose(order.lang)
    bank = PackBank(wiring.open_packs(order.packs))
    overview = overview_of(bank, store, day_of(SystemClock().now()))
    if order.as_json:
        print_plain(progress_document(overview, lang))
    else:
        render_progress(overview, Console(file=sys.stdout), lang)
    return DONE


def _export(order: ProgressOrder, store: PracticeStore) -> int:
    text = export(store)
    if order.file is None or str(order.file) == "-":
        print_plain(text, end="")
        return DONE
    _write_whole(order.file, text)
    count = str(len(store.answers()))
    tell_aside(say("progress.exported", choose(order.lang), count=count, file=str(order.file)))
    return DONE


def _import(order: ProgressOrder, store: PracticeStore) -> int:
    if order.file is None:
        raise UsageError(
            "name the file to import: `viva progress import FILE`, or `-` for standard input",
            "请指定要导入的文件：`viva progress import FILE`，或用 `-` 表示标准输入",
        )
    try:
        text = sys.stdin.buffer.read(LARGEST).decode() if str(order.file) == "-" else read_text(order.file)
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
        raise unreadable(order.file, reason, "give a file that export wrote", "请给出 export 写出的文件") from error
    new = import_into(store, text, order.file)
    total = str(len(store.answers()))
    tell_aside(say("progress.imported", choose(order.lang), count=str(new), total=total))
    return DONE


def _write_whole(path: Path, text: str) -> None:
    try:
        write_text(path, text)
    except OSError as error:
        raise unwritable(path, error.strerror, "name another file", "请指定另一个文件") from error
