"""`viva path list|show|next`: learning paths, and what comes next along one. Typer alone until a command runs."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from grader.cli.options import Language, PackFolders, ProgressData
from grader.cli.sentences import tell_aside

if TYPE_CHECKING:
    from grader.model.learning_path import PathStanding, StepStanding
    from grader.practice.paths import Paths, Walked

path_app = typer.Typer(
    name="path", help="Learning paths: what to practise in which order, and why.", no_args_is_help=True
)

PathId = Annotated[str, typer.Argument(metavar="ID", help="A learning path, as `viva path list` names it.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document, and nothing else.")]


@path_app.command("list")
def list_paths(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document per line, and nothing else.")] = False,
    data: ProgressData = None,
    lang: Language = "auto",
    pack: PackFolders = None,
) -> None:
    """List the learning paths, and how far along each you are."""
    from grader.cli.language import choose
    from grader.report.console import Console
    from grader.report.path_page import path_head, print_paths

    standings = _Order(tuple(pack or ()), data, lang).standings()
    if as_json:
        _print_json(map(path_head, standings))
    else:
        print_paths(Console(file=sys.stdout), standings, choose(lang))


@path_app.command()
def show(
    path_id: PathId,
    as_json: AsJson = False,
    data: ProgressData = None,
    lang: Language = "auto",
    pack: PackFolders = None,
) -> None:
    """Show the steps of a path, which of them are done, and why each comes where it does."""
    from grader.cli.language import choose
    from grader.report.console import Console
    from grader.report.path_page import path_record, print_path

    order = _Order(tuple(pack or ()), data, lang)
    standing = order.standing(path_id)
    if as_json:
        _print_json([path_record(standing)])
    else:
        print_path(Console(file=sys.stdout), standing, choose(lang), order.command("quiz", "--path", path_id))


@path_app.command("next")
def next_step(
    path_id: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="A learning path; default: the one you practised last.")
    ] = None,
    as_json: AsJson = False,
    data: ProgressData = None,
    lang: Language = "auto",
    pack: PackFolders = None,
) -> None:
    """Say which step of a path comes next, why, and how to begin it."""
    from grader.cli.language import choose
    from grader.report.console import Console
    from grader.report.path_page import next_record, print_next

    order = _Order(tuple(pack or ()), data, lang)
    standing = order.last() if path_id is None else order.standing(path_id)
    if as_json:
        _print_json([next_record(standing, order.command_for)])
    else:
        print_next(Console(file=sys.stdout), standing, choose(lang), order.command_for)


@dataclass(frozen=True, slots=True)
class _Order:
    """What was asked for on the command line: where to look, where progress is kept, and the language."""

    packs: tuple[Path, ...]
    data: Path | None
    lang: Literal["auto", "en", "zh"]

    def standings(self) -> list[PathStanding]:
        """Every path; on stderr, that some are left out."""
        paths, walked = self._open()
        found = [paths.standing(path, walked) for path in paths.all()]
        if paths.broken:
            self._warn("path.broken", count=str(len(paths.broken)))
        return found

    def standing(self, path_id: str) -> PathStanding:
        """One path; on stderr, which of its steps are left out. Raises UsageError and ContentError."""
        paths, walked = self._open()
        found = paths.standing(paths.path(path_id), walked)
        if found.left_out:
            self._warn("path.left_out", names=", ".join(found.left_out))
        return found

    def last(self) -> PathStanding:
        """The unfinished path that was practised last; UsageError where there is none."""
        from grader.errors import UsageError
        from grader.practice.paths import last_walked
        from grader.report.catalogue import say_both

        paths, walked = self._open()
        found = last_walked((paths.standing(path, walked) for path in paths.all()), walked)
        if found is None:
            raise UsageError(*say_both("path.not_begun"))
        return found

    def command_for(self, step: StepStanding) -> str:
        """The command that begins a step."""
        if step.entry is None:
            return self.command("start", step.step.name, data=False)
        return self.command("quiz", "--entry", step.entry)

    def command(self, *words: str, data: bool = True) -> str:
        """A command of `viva` with the packs, and the progress, of this one."""
        from grader.report.commands import command

        options = [word for folder in self.packs for word in ("--pack", str(folder))]
        options += ["--data", str(self.data)] if data and self.data is not None else []
        options += [] if self.lang == "auto" else ["--lang", self.lang]
        return command("viva", *words, *options)

    def _open(self) -> tuple[Paths, Walked]:
        from grader import wiring
        from grader.practice.bank import PackBank
        from grader.practice.paths import walked

        return PackBank(wiring.open_packs(self.packs)).paths, walked(wiring.open_progress(self.data))

    def _warn(self, key: str, **fields: str) -> None:
        from grader.cli.language import choose
        from grader.report.catalogue import say

        tell_aside(say(key, choose(self.lang), **fields))


def _print_json(records: Iterable[Mapping[str, Any]]) -> None:
    from grader.report.machine import print_document

    for record in records:
        print_document(record)
