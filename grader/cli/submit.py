"""`viva submit`: files to a grading backend, verdicts back, as often as it takes.

The idempotency key of a file is made of the exercise, the file and the key's public part, so a command that was
broken off
(Ctrl-C, a lost line) and is given again finds what it had sent.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from grader.cli.grade import WHOLE_UP_TO
from grader.cli.sentences import tell_aside
from grader.cli.verdicts import exit_status
from grader.client import Client, Graded, ServiceError
from grader.errors import UsageError, unreadable
from grader.grading.intake import Found, find_submissions
from grader.model.text import Lang
from grader.model.verdict import Verdict
from grader.report.as_json import from_document
from grader.report.catalogue import say
from grader.report.console import Console
from grader.report.machine import print_document
from grader.report.terminal import render_summary, render_verdict
from grader.service.addresses import is_safe_way
from grader.service.keys import prefix_of
from grader.wiring import open_exercise, slug_named

_LONGEST_KEY: Final = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitOrder:
    """What the command line asked for."""

    slug: str
    paths: tuple[Path, ...]
    server: str
    key: str
    as_json: bool
    seed: int | None
    lang: Lang
    insecure: bool = False


def run(order: SubmitOrder) -> int:
    """Send, wait, print; returns the exit status of `viva grade`."""
    found = find_submissions(order.paths)
    if not found.submissions:
        raise UsageError(
            "name the files to send: `viva submit EXERCISE PATH…`", "请给出要发送的文件：`viva submit EXERCISE PATH…`"
        )
    slug = slug_named(order.slug) or order.slug
    if order.insecure and not is_safe_way(order.server):
        tell_aside(say("service.key_in_the_open", order.lang, server=order.server))
    try:
        with Client(order.server, order.key, insecure=order.insecure) as client:
            graded = _graded(client, order, slug, found)
    except ServiceError as error:
        raise UsageError(str(error), f"服务端错误：{error}") from error
    verdicts = [from_document(_unsigned(one)) for one in graded]
    if order.as_json:
        for one in graded:
            print_document(one.verdict)
    else:
        _show(verdicts, slug, order.lang)
    return exit_status(verdicts)


def key_of(given: str | None, file: Path | None) -> str:
    """The key: of a file, of standard input where that is `-`, else as given. Raises UsageError where there is none."""
    key = (given if file is None else _read_key(file)) or ""
    if prefix_of(key) is None:
        raise UsageError(
            "name a key, viva_ and so on: set VIVA_KEY, or give --key-file FILE (- reads standard input)",
            "请给出以 viva_ 开头的密钥：设置环境变量 VIVA_KEY，或用 --key-file 指定文件（- 表示标准输入）",
        )
    return key


def _read_key(file: Path) -> str:
    try:
        text = sys.stdin.readline(_LONGEST_KEY) if file == Path("-") else file.read_text("utf-8")[:_LONGEST_KEY]
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "UTF-8"
        raise unreadable(file, reason, "name a file that holds the key", "请指定存有密钥的文件") from error
    return text.strip()


def _show(verdicts: list[Verdict], slug: str, lang: Lang) -> None:
    console = Console(file=sys.stdout)
    if len(verdicts) <= WHOLE_UP_TO:
        title = open_exercise(slug).title.get(lang)
        for verdict in verdicts:
            render_verdict(verdict, console, lang, title)
            console.print()
    if len(verdicts) > 1:
        render_summary(verdicts, console, lang)


def _graded(client: Client, order: SubmitOrder, slug: str, found: Found) -> list[Graded]:
    """Send all, then wait for all; a person at a terminal sees how far it is."""
    files = found.submissions
    console = Console(stderr=True)
    with console.status("") as status:
        sent = []
        for file in files:
            sent.append(_send(client, order, slug, file, found.modules.get(file, ())))
            status.update(_progress(order, len(sent), 0, len(files)))
        graded = []
        for one in sent:
            graded.append(one if one.verdict is not None else client.wait(one.id))
            status.update(_progress(order, len(sent), len(graded), len(files)))
    return graded


def _progress(order: SubmitOrder, sent: int, done: int, total: int) -> str:
    return say("service.submitting", order.lang, sent=str(sent), done=str(done), total=str(total))


def _send(client: Client, order: SubmitOrder, slug: str, file: Path, modules: Sequence[Path]) -> Graded:
    text = _text(file)
    files = {_name(file, alone=not modules): text}
    files |= {module.relative_to(file.parent).as_posix(): _text(module) for module in modules}
    told = [slug, file.name, str(order.seed), order.key[:17], text, *(part for pair in files.items() for part in pair)]
    key = hashlib.sha256("\0".join(told).encode()).hexdigest()
    seed = {} if order.seed is None else {"seed": order.seed}
    return client.submit(slug, text, files=files, external_id=str(file)[-200:], idempotency_key=key, **seed)


def _name(file: Path, *, alone: bool) -> str:
    """What a solution is called where it is sent; one with modules has a name of its own there."""
    if not alone:
        return "solution.py"
    return file.name if file.suffix.lower() in {".py", ".ipynb"} else f"{file.name}.py"


def _text(file: Path) -> str:
    try:
        return file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{file} is not UTF-8 (byte {error.start}); save it as UTF-8 and send it again",
            f"{file} 不是 UTF-8（第 {error.start} 个字节）；请另存为 UTF-8 后再发送",
        ) from error


def _unsigned(one: Graded) -> dict[str, object]:
    assert one.verdict is not None, "it was waited for"
    return {name: value for name, value in one.verdict.items() if name != "signature"}
