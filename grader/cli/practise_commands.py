"""The commands for who practises: a quiz, workspaces, looking around the bank, progress.

Only typer is imported here; each command imports what it needs when it runs.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from grader.cli import completion
from grader.cli.optional_value import OptionalRepair
from grader.cli.options import (
    Areas,
    Isolation,
    Language,
    Levels,
    MaxMinutes,
    PackFolders,
    ProgressData,
    Statuses,
    Topics,
    Words,
)
from grader.cli.panels import PRACTISE


def watch(
    words: Words = None,
    data: ProgressData = None,
    isolation: Isolation = "strict",
    lang: Language = "auto",
    pack: PackFolders = None,
) -> None:
    """Grade a file whenever it is saved, and say what changed; Ctrl-C ends."""
    from grader.cli.watch import run

    raise typer.Exit(run(tuple(words or ()), tuple(pack or ()), data=data, isolation=isolation, wish=lang))


def run_public_cases(context: typer.Context, words: Words = None, pack: PackFolders = None) -> None:
    """Run the public cases of a workspace with plain pytest; options of pytest's, such as --pdb, are passed on."""
    from grader.cli.public_cases import run

    named = [word for word in words or () if not word.startswith("-")]
    options = [word for word in words or () if word.startswith("-")]
    raise typer.Exit(run(tuple(named), tuple(pack or ()), (*options, *context.args)))


def hint(words: Words = None, data: ProgressData = None, lang: Language = "auto", pack: PackFolders = None) -> None:
    """Give one hint for an exercise, the weakest first; those that were taken are shown again."""
    from grader.cli.hint import hint as give

    raise typer.Exit(give(tuple(words or ()), tuple(pack or ()), data, lang))


def reset(words: Words = None, lang: Language = "auto", pack: PackFolders = None) -> None:
    """Put back the code that a workspace began with; yours is kept beside it."""
    from grader.cli.hint import reset as put_back

    raise typer.Exit(put_back(tuple(words or ()), tuple(pack or ()), lang))


def next_thing(data: ProgressData = None, lang: Language = "auto", pack: PackFolders = None) -> None:
    """Say what to practise next and why, and begin it: what is due, what was begun, your path, your weakest topic."""
    from grader.cli.next_step import NextOrder, run

    raise typer.Exit(run(NextOrder(data=data, lang=lang, packs=tuple(pack or ()))))


def list_entries(
    topic: Topics = None,
    area: Areas = None,
    level: Levels = None,
    kind: Annotated[
        list[str] | None,
        typer.Option("--kind", help="Only open, choice, multi, numeric, order, bug, code, exercise or repair."),
    ] = None,
    minutes: MaxMinutes = None,
    status: Statuses = None,
    whole: Annotated[bool, typer.Option("--all", help="Every line, at a terminal too.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document per line, and nothing else.")] = False,
    data: ProgressData = None,
    lang: Language = "auto",
    pack: PackFolders = None,
) -> None:
    """List the entries of the bank and the exercises; without a filter, at a terminal, how many each area has."""
    from grader.cli.catalogue import list_all
    from grader.cli.filters import wish_of

    wish = wish_of(topic, area, level, kind, minutes, status, lang, with_repairs=True)
    list_all(wish, lang, tuple(pack or ()), data, as_json=as_json, whole=whole)


def search(
    words: Annotated[list[str], typer.Argument(metavar="WORDS...", help="In English or Chinese.")],
    limit: Annotated[int, typer.Option("--limit", min=1, help="How many to show.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document per line, and nothing else.")] = False,
    data: ProgressData = None,
    lang: Language = "auto",
    pack: PackFolders = None,
) -> None:
    """Find entries and exercises by words of their titles, topics and prompts, in both languages, best first."""
    from grader.cli.catalogue import search_all

    found = search_all(tuple(words), lang, tuple(pack or ()), data, limit=limit, as_json=as_json)
    raise typer.Exit(found)


def show(
    name: Annotated[
        str,
        typer.Argument(
            metavar="ID",
            help="An entry or an exercise, as `viva list` names it.",
            autocompletion=completion.entries_and_exercises,
        ),
    ],
    answers: Annotated[bool, typer.Option("--answers", help="For interviewers: key, rubric, notes.")] = False,
    seed: Annotated[int | None, typer.Option(min=0, help="Draw the numbers of a numeric entry from it.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document, and nothing else.")] = False,
    lang: Language = "auto",
    pack: PackFolders = None,
) -> None:
    """Show an entry of the bank, or an exercise's statement."""
    from grader.cli.catalogue import show_one

    show_one(name, lang, tuple(pack or ()), answers=answers, seed=seed, as_json=as_json)


def start(
    slug: Annotated[str, typer.Argument(help="The exercise, such as f1_auc.", autocompletion=completion.exercises)],
    folder: Annotated[Path | None, typer.Argument(metavar="DIR", help="Where to work; default: ./SLUG.")] = None,
    repair: Annotated[
        str | None,
        typer.Option(
            "--repair",
            metavar="[ID]",
            help="Code with a mistake to mend, as `viva list --kind repair` names it; without ID, any.",
        ),
    ] = None,
    seed: Annotated[int | None, typer.Option(help="The same seed chooses the same repair task.")] = None,
    lang: Language = "auto",
    pack: PackFolders = None,
) -> None:
    """Make a folder to work in: the stub as solution.py, the statement and the public cases."""
    from grader.cli.workspace import StartOrder, make

    make(StartOrder(slug=slug, folder=folder, repair=repair, seed=seed, lang=lang, packs=tuple(pack or ())))


def quiz(
    mode: Annotated[
        Literal["learn", "mock", "review"],
        typer.Option(help="learn explains each answer, mock tells nothing until the end, review brings what is due."),
    ] = "learn",
    topic: Annotated[
        list[str] | None, typer.Option(help="A topic or an area; may be repeated.", autocompletion=completion.topics)
    ] = None,
    level: Annotated[list[str] | None, typer.Option(help="junior, mid, senior or staff; may be repeated.")] = None,
    kind: Annotated[
        list[str] | None,
        typer.Option(help="open, choice, multi, numeric, order, bug or code; may be repeated."),
    ] = None,
    path: Annotated[
        str | None,
        typer.Option(
            metavar="ID", help="Follow this learning path, leaving out what is done.", autocompletion=completion.paths
        ),
    ] = None,
    entry: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="Only this entry; may be repeated, and keeps their order.")
    ] = None,
    minutes: Annotated[int | None, typer.Option(min=1, max=600, help="How long to practise.")] = None,
    count: Annotated[int | None, typer.Option(min=1, max=1000, help="How many questions.")] = None,
    seed: Annotated[int | None, typer.Option(help="Draw questions, numbers and orders from this seed.")] = None,
    work: Annotated[Path, typer.Option(metavar="DIR", help="Where exercises get their folders.")] = Path(),
    data: ProgressData = None,
    isolation: Isolation = "strict",
    lang: Language = "auto",
    ask_goal: Annotated[
        bool, typer.Option("--ask-goal", help="Ask once more what you practise for, and for which level.")
    ] = False,
    pack: PackFolders = None,
) -> None:
    """Practise: questions one at a time, due ones first, new ones as hard as suits you."""
    from grader.cli.quiz.command import QuizOrder, run

    order = QuizOrder(
        mode=mode,
        topics=tuple(topic or ()),
        levels=tuple(level or ()),
        kinds=tuple(kind or ()),
        path=path,
        entries=tuple(entry or ()),
        minutes=minutes,
        count=count,
        seed=seed,
        ask_goal=ask_goal,
        work=work,
        data=data,
        isolation=isolation,
        lang=lang,
        packs=tuple(pack or ()),
    )
    raise typer.Exit(run(order))


def progress(
    action: Annotated[
        Literal["show", "export", "import"], typer.Argument(help="export writes JSON; import merges it.")
    ] = "show",
    file: Annotated[Path | None, typer.Argument(metavar="[FILE]", help="What to export to or import.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The page as one JSON document.")] = False,
    data: ProgressData = None,
    lang: Language = "auto",
    pack: PackFolders = None,
) -> None:
    """Show streak, what is due, ability by area, weakest topics and time spent; or export and import progress."""
    from grader.cli.progress import ProgressOrder, run

    order = ProgressOrder(action=action, file=file, as_json=as_json, data=data, lang=lang, packs=tuple(pack or ()))
    raise typer.Exit(run(order))


def solution(
    words: Words = None,
    yes: Annotated[bool, typer.Option("--yes", help="Show it even though you have not solved it.")] = False,
    data: ProgressData = None,
    isolation: Isolation = "strict",
    lang: Language = "auto",
    pack: PackFolders = None,
) -> None:
    """Show the reference and other right solutions; before you have solved the exercise, it asks twice."""
    from grader.cli.solution import SolutionOrder, run

    order = SolutionOrder(
        words=tuple(words or ()), yes=yes, data=data, isolation=isolation, lang=lang, packs=tuple(pack or ())
    )
    raise typer.Exit(run(order))


def register(app: typer.Typer) -> None:
    """Give `viva` these commands."""
    app.command(rich_help_panel=PRACTISE)(watch)
    app.command(
        "test", context_settings={"allow_extra_args": True, "ignore_unknown_options": True}, rich_help_panel=PRACTISE
    )(run_public_cases)
    app.command(rich_help_panel=PRACTISE)(hint)
    app.command(rich_help_panel=PRACTISE)(reset)
    app.command("next", rich_help_panel=PRACTISE)(next_thing)
    app.command("list", rich_help_panel=PRACTISE)(list_entries)
    app.command(rich_help_panel=PRACTISE)(search)
    app.command(rich_help_panel=PRACTISE)(show)
    app.command(cls=OptionalRepair, rich_help_panel=PRACTISE)(start)
    app.command(rich_help_panel=PRACTISE)(quiz)
    app.command(rich_help_panel=PRACTISE)(progress)
    app.command(rich_help_panel=PRACTISE)(solution)
