"""`viva next`, and `viva` alone: where a person stands, and what to do now."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from grader import wiring
from grader.cli.exit_status import DONE
from grader.cli.language import choose
from grader.cli.sentences import prompt, tell
from grader.errors import GraderError
from grader.model.text import Lang
from grader.practice.bank import PackBank
from grader.practice.clock import SystemClock, day_of
from grader.practice.coming import Coming, coming, overview_of
from grader.practice.workspace import Workspace, workspace_around
from grader.report.catalogue import say
from grader.report.commands import command as shown
from grader.report.console import Console
from grader.report.page import Page

WIDTH = 100
Line = tuple[str, str]  # a command, and what it does


@dataclass(frozen=True, slots=True, kw_only=True)
class NextOrder:
    """What was asked for on the command line."""

    data: Path | None
    lang: Literal["auto", "en", "zh"]
    packs: tuple[Path, ...]

    def command(self, words: Sequence[str]) -> list[str]:
        """The words of a command, with the packs, the progress and the language of this one."""
        options = [word for folder in self.packs for word in ("--pack", str(folder))]
        options += ["--data", str(self.data)] if self.data is not None and words[0] != "start" else []
        options += [] if self.lang == "auto" else ["--lang", self.lang]
        return [*words, *options]


def run(order: NextOrder) -> int:
    """Say what comes next and why; at a terminal, begin it when the person presses Enter."""
    lang = choose(order.lang)
    bank, store = PackBank(wiring.open_packs(order.packs)), wiring.open_progress(order.data)
    first = coming(bank, store, day_of(SystemClock().now()))[0]
    command = order.command(first.command)
    tell(_why(first, lang))
    print(f"    {shown('viva', *command)}")
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return DONE
    answer = input(prompt(say("next.begin", lang))).strip()
    return _begin(command) if not answer else DONE


def home(order: NextOrder) -> int:
    """Where the person stands, and the three commands that matter now."""
    lang = choose(order.lang)
    page = Page(Console(file=sys.stdout, highlight=False), lang, WIDTH)
    workspace = workspace_around(Path())
    if workspace is not None:
        _write_workspace(page, workspace, order)
    else:
        _write_standing(page, order)
    page.write((say("home.help", lang), "dim"))
    return DONE


def _write_workspace(page: Page, workspace: Workspace, order: NextOrder) -> None:
    try:
        title = wiring.open_exercise(workspace.exercise, order.packs).title.get(page.lang)
    except GraderError:  # its pack is gone: the commands below will say so
        title = workspace.exercise
    page.hang([], page.say("home.here", title=title, slug=workspace.exercise), "bold")
    _write_commands(page, [(f"viva {name}", page.say(f"home.{name}")) for name in ("grade", "test", "hint")])


def _write_standing(page: Page, order: NextOrder) -> None:
    bank, store = PackBank(wiring.open_packs(order.packs)), wiring.open_progress(order.data)
    today = day_of(SystemClock().now())
    overview = overview_of(bank, store, today)
    tally = overview.tally
    if not overview.answers and not store.attempts():
        page.hang([], page.say("home.new"))
        page.write((page.say("home.begin"), "bold"))
        names = {"quiz": "viva quiz --count 5", "start": "viva start f1_auc", "list": "viva list"}
        _write_commands(page, [(command, page.say(f"home.{name}")) for name, command in names.items()])
        return
    parts = [
        page.say("progress.exercises", done=str(tally.solved), all=str(tally.exercises)),
        page.say("progress.questions", done=str(tally.right), all=str(tally.questions)),
        page.say("progress.streak", days=str(overview.streak), longest=str(overview.longest_streak)),
    ]
    page.flow("", parts, "")
    page.write((page.say("home.now"), "bold"))
    lines = [(shown("viva", *one.command), _why(one, page.lang)) for one in coming(bank, store, today)[:2]]
    _write_commands(page, [*lines, ("viva progress", page.say("home.progress"))])


def _write_commands(page: Page, lines: Sequence[Line]) -> None:
    widest = max(len(command) for command, _ in lines)
    for command, what in lines:
        page.hang([(f"  {command:<{widest}}  ", "bold")], what)


def _why(one: Coming, lang: Lang) -> str:
    return say(one.why, lang, **{name: text.get(lang) for name, text in one.fields.items()})


def _begin(command: Sequence[str]) -> int:
    """Run a command of ours in this process."""
    from grader.cli.app import app

    return int(app(list(command), prog_name="viva", standalone_mode=False) or DONE)
