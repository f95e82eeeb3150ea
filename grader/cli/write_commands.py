"""The commands for who writes questions and exercises.

Only typer is imported here; each command imports what it needs when it runs.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from grader.cli.options import Areas, Kinds, Language, Levels, MaxMinutes, PackFolders, Statuses, Topics
from grader.cli.panels import WRITE
from grader.wiring import require_linux


def stats(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document, and nothing else.")] = False,
    lang: Language = "auto",
    pack: PackFolders = None,
) -> None:
    """Show how well the bank covers its topics, by level and kind."""
    from grader.cli.catalogue import show_stats

    show_stats(lang, tuple(pack or ()), as_json=as_json)


def export(
    name: Annotated[str, typer.Argument(metavar="FORMAT", help="markdown, html, anki, csv, json or moodle.")],
    output: Annotated[Path | None, typer.Option("--output", "-o", metavar="FILE", help="Default: stdout.")] = None,
    answers: Annotated[
        bool, typer.Option("--answers", help="For interviewers; anki and moodle have them always.")
    ] = False,
    seed: Annotated[int, typer.Option(min=0, help="Draw the numbers of numeric entries from it.")] = 0,
    topic: Topics = None,
    area: Areas = None,
    level: Levels = None,
    kind: Kinds = None,
    minutes: MaxMinutes = None,
    status: Statuses = None,
    lang: Language = "auto",
    pack: PackFolders = None,
) -> None:
    """Write the bank as a book, a deck of cards, a table, or questions for Moodle."""
    from grader.cli.export import export as write
    from grader.cli.filters import wish_of

    wish = wish_of(topic, area, level, kind, minutes, status, lang)
    write(name, output, wish, lang, tuple(pack or ()), answers=answers, seed=seed)


def import_questions(
    sheet: Annotated[Path, typer.Argument(metavar="FILE.csv", help="Questions, one in a row.")],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="DIR", help="The bank folder to write below.")],
    lang: Language = "auto",
    pack: PackFolders = None,
) -> None:
    """Make draft entries of a spreadsheet of questions."""
    from grader.cli.export import bring_in

    bring_in(sheet, output, lang, tuple(pack or ()))


def check(
    slugs: Annotated[list[str] | None, typer.Argument(metavar="[SLUG...]", help="Exercises; default: all.")] = None,
    seeds: Annotated[int, typer.Option(min=1, max=100, help="How many seeds to try each claim on.")] = 3,
    jobs: Annotated[int, typer.Option(min=1, max=256, help="How many exercises to check at a time.")] = 2,
    quick: Annotated[bool, typer.Option("--quick", help="Leave out mutants and bad submissions.")] = False,
    timing: Annotated[
        bool, typer.Option("--timing", help="Processor time of each exercise and seed; one exercise at a time.")
    ] = False,
    mutate: Annotated[
        bool, typer.Option("--mutate", help="Change the references automatically: which change does no case notice?")
    ] = False,
    steady: Annotated[
        bool, typer.Option("--steady", help="Grade each reference on 200 seeds, all cores busy: is one ever rejected?")
    ] = False,
    record: Annotated[
        bool, typer.Option("--record", help="Keep in the pack what was proven, or the figures of --mutate or --steady.")
    ] = False,
    changed: Annotated[
        bool, typer.Option("--changed", help="All claims only where no record vouches for them; the quick ones of all.")
    ] = False,
    rotate: Annotated[
        int | None, typer.Option("--rotate", min=1, max=1000, help="With --changed: also one in N; another each day.")
    ] = None,
    turn: Annotated[
        int | None, typer.Option("--turn", min=1, help="With --rotate: this turn instead of that of today.")
    ] = None,
    bank: Annotated[bool, typer.Option("--bank", help="Only the entries, of the named packs or the built-in.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Warnings and figures of the bank too.")] = False,
    pack: PackFolders = None,
) -> None:
    """Check the bank's entries, and prove that exercises are sound: stubs earn nothing, mutants are caught."""
    packs = tuple(pack or ())
    if bank:
        from grader.cli.check_bank import run_bank

        raise typer.Exit(run_bank(packs, verbose=verbose))
    require_linux("check")
    from grader.cli.check import CheckOrder, run

    order = CheckOrder(
        slugs=tuple(slugs or ()), packs=packs, seeds=seeds, jobs=jobs, quick=quick, timing=timing, verbose=verbose,
        mutate=mutate, steady=steady, record=record, changed=changed, rotate=rotate, turn=turn,
    )  # fmt: skip
    raise typer.Exit(run(order))


def register(app: typer.Typer) -> None:
    """Give `viva` these commands."""
    app.command(rich_help_panel=WRITE)(stats)
    app.command(rich_help_panel=WRITE)(export)
    app.command("import", rich_help_panel=WRITE)(import_questions)
    app.command(rich_help_panel=WRITE)(check)
