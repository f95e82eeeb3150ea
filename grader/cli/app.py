"""The commands of `viva` with their arguments and options; `grader.cli.run` runs them.

Only typer is imported here, so that `viva --help` answers at once; each command imports what it needs when it runs.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from grader.cli import completion
from grader.cli.engine import app as engine_app
from grader.cli.language import speak
from grader.cli.new import new_app
from grader.cli.optional_value import OptionalRepair
from grader.cli.panels import GRADE, INTERVIEW, PRACTISE, RUN, WRITE, InPanels
from grader.cli.path import path_app
from grader.cli.session import session_app

app = typer.Typer(
    name="viva",
    cls=InPanels,
    help="Interview exercises for machine learning that grade themselves; verdicts cannot be forged.",
    invoke_without_command=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Language = Annotated[
    Literal["auto", "en", "zh"], typer.Option("--lang", help="Language of what is shown; auto follows the locale.")
]
PackFolders = Annotated[
    list[Path] | None, typer.Option("--pack", metavar="DIR", help="Another pack to look in first; may be repeated.")
]
ProgressData = Annotated[
    Path | None, typer.Option("--data", metavar="FILE", help="Where progress is kept; default: your data folder.")
]
Topics = Annotated[
    list[str] | None,
    typer.Option(
        "--topic", help="Only this topic, or topics that begin so; may be repeated.", autocompletion=completion.topics
    ),
]
Areas = Annotated[list[str] | None, typer.Option("--area", help="Only this area, such as trust; may be repeated.")]
Levels = Annotated[
    list[str] | None, typer.Option("--level", help="Only junior, mid, senior or staff; may be repeated.")
]
Kinds = Annotated[
    list[str] | None, typer.Option("--kind", help="Only open, choice, multi, numeric, order, bug, code or exercise.")
]
MaxMinutes = Annotated[int | None, typer.Option("--minutes", min=1, metavar="MAX", help="At most so many minutes.")]
Statuses = Annotated[
    list[str] | None, typer.Option("--status", help="Only active (default), draft or retired, or `all`.")
]
Words = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[EXERCISE] [PATH...]",
        help="Default: the exercise of this folder, and its solution.py.",
        autocompletion=completion.exercises,
    ),
]
Isolation = Annotated[
    Literal["strict", "process"],
    typer.Option(help="How candidate code is confined; `process` is only for code that you trust."),
]


def _tell_version(wanted: bool) -> None:
    if wanted:
        from grader.model.version import own_version

        print(f"viva {own_version()}")
        raise typer.Exit


@app.callback()
def _before_any_command(
    context: typer.Context,
    _version: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=_tell_version, help="Show the version of viva and exit."),
    ] = False,
    lang: Language = "auto",
) -> None:
    if lang != "auto":
        speak(lang)
    if context.invoked_subcommand is None:
        from grader.cli.next_step import NextOrder, home

        raise typer.Exit(home(NextOrder(data=None, lang=lang, packs=())))


@app.command(rich_help_panel=GRADE)
def grade(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[EXERCISE] [PATH...]",
            help="Submissions are files, or folders of them; default: what this folder is for.",
            autocompletion=completion.exercises,
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One verdict per line as JSON, and nothing else.")] = False,
    seed: Annotated[int | None, typer.Option(help="Replay this seed instead of drawing a secret one.")] = None,
    device: Annotated[Literal["auto", "cpu", "cuda"], typer.Option(help="Where tensors live.")] = "auto",
    jobs: Annotated[int, typer.Option(min=1, max=256, help="How many submissions to grade at a time.")] = 1,
    feedback: Annotated[
        Literal["full", "titles", "score"], typer.Option(help="How much is shown; `score` for hiring.")
    ] = "full",
    junit: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the verdicts as JUnit XML too.")] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Every verdict whole, also of many.")] = False,
    data: ProgressData = None,
    isolation: Isolation = "strict",
    lang: Language = "auto",
    pack: PackFolders = None,
) -> None:
    """Grade submissions for an exercise against its hidden suite."""
    from grader.cli.grade import GradeOrder, run

    order = GradeOrder(
        words=tuple(words or ()),
        data=data,
        as_json=as_json,
        seed=seed,
        device=device,
        jobs=jobs,
        feedback=feedback,
        junit=junit,
        verbose=verbose,
        isolation=isolation,
        lang=lang,
        packs=tuple(pack or ()),
    )
    raise typer.Exit(run(order))


@app.command(rich_help_panel=PRACTISE)
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


@app.command(
    "test", context_settings={"allow_extra_args": True, "ignore_unknown_options": True}, rich_help_panel=PRACTISE
)
def run_public_cases(context: typer.Context, words: Words = None, pack: PackFolders = None) -> None:
    """Run the public cases of a workspace with plain pytest; options of pytest's, such as --pdb, are passed on."""
    from grader.cli.public_cases import run

    named = [word for word in words or () if not word.startswith("-")]
    options = [word for word in words or () if word.startswith("-")]
    raise typer.Exit(run(tuple(named), tuple(pack or ()), (*options, *context.args)))


@app.command(rich_help_panel=PRACTISE)
def hint(words: Words = None, data: ProgressData = None, lang: Language = "auto", pack: PackFolders = None) -> None:
    """Give one hint for an exercise, the weakest first; those that were taken are shown again."""
    from grader.cli.hint import hint as give

    raise typer.Exit(give(tuple(words or ()), tuple(pack or ()), data, lang))


@app.command(rich_help_panel=PRACTISE)
def reset(words: Words = None, lang: Language = "auto", pack: PackFolders = None) -> None:
    """Put back the code that a workspace began with; yours is kept beside it."""
    from grader.cli.hint import reset as put_back

    raise typer.Exit(put_back(tuple(words or ()), tuple(pack or ()), lang))


@app.command("next", rich_help_panel=PRACTISE)
def next_thing(data: ProgressData = None, lang: Language = "auto", pack: PackFolders = None) -> None:
    """Say what to practise next and why, and begin it: what is due, what was begun, your path, your weakest topic."""
    from grader.cli.next_step import NextOrder, run

    raise typer.Exit(run(NextOrder(data=data, lang=lang, packs=tuple(pack or ()))))


@app.command("list", rich_help_panel=PRACTISE)
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
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document per line, and nothing else.")] = False,
    data: ProgressData = None,
    lang: Language = "auto",
    pack: PackFolders = None,
) -> None:
    """List the entries of the bank and the exercises."""
    from grader.cli.catalogue import list_all
    from grader.cli.filters import wish_of

    wish = wish_of(topic, area, level, kind, minutes, status, lang, with_repairs=True)
    list_all(wish, lang, tuple(pack or ()), data, as_json=as_json)


@app.command(rich_help_panel=PRACTISE)
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


@app.command(rich_help_panel=WRITE)
def stats(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document, and nothing else.")] = False,
    lang: Language = "auto",
    pack: PackFolders = None,
) -> None:
    """Show how well the bank covers its topics, by level and kind."""
    from grader.cli.catalogue import show_stats

    show_stats(lang, tuple(pack or ()), as_json=as_json)


@app.command(rich_help_panel=WRITE)
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


@app.command("import", rich_help_panel=WRITE)
def import_questions(
    sheet: Annotated[Path, typer.Argument(metavar="FILE.csv", help="Questions, one in a row.")],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="DIR", help="The bank folder to write below.")],
    lang: Language = "auto",
    pack: PackFolders = None,
) -> None:
    """Make draft entries of a spreadsheet of questions."""
    from grader.cli.export import bring_in

    bring_in(sheet, output, lang, tuple(pack or ()))


@app.command(cls=OptionalRepair, rich_help_panel=PRACTISE)
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


@app.command(rich_help_panel=PRACTISE)
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
        work=work,
        data=data,
        isolation=isolation,
        lang=lang,
        packs=tuple(pack or ()),
    )
    raise typer.Exit(run(order))


@app.command(rich_help_panel=PRACTISE)
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


@app.command(rich_help_panel=PRACTISE)
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


@app.command(rich_help_panel=WRITE)
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
        bool, typer.Option("--record", help="With --mutate or --steady: keep the figures, and the table of exercises.")
    ] = False,
    bank: Annotated[bool, typer.Option("--bank", help="Only the entries, of the named packs or the built-in.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Warnings and figures of the bank too.")] = False,
    pack: PackFolders = None,
) -> None:
    """Check the bank's entries, and prove that exercises are sound: stubs earn nothing, mutants are caught."""
    from grader.cli.check import CheckOrder, run, run_bank

    packs = tuple(pack or ())
    if bank:
        raise typer.Exit(run_bank(packs, verbose=verbose))
    order = CheckOrder(
        slugs=tuple(slugs or ()), packs=packs, seeds=seeds, jobs=jobs, quick=quick, timing=timing, verbose=verbose,
        mutate=mutate, steady=steady, record=record,
    )  # fmt: skip
    raise typer.Exit(run(order))


@app.command(rich_help_panel=RUN)
def audit(
    slug: Annotated[str, typer.Argument(help="The exercise, such as f1_auc.", autocompletion=completion.exercises)],
    jobs: Annotated[int, typer.Option(min=1, max=256, help="How many submissions to grade at a time.")] = 2,
    pack: PackFolders = None,
) -> None:
    """Attack an exercise: the reference must get full marks, the stub and every hostile submission nothing."""
    from grader.cli.audit import run

    raise typer.Exit(run(slug, jobs, tuple(pack or ())))


@app.command(rich_help_panel=RUN)
def bench(
    slugs: Annotated[list[str] | None, typer.Argument(metavar="[SLUG...]", help="Exercises; default: all.")] = None,
    out: Annotated[Path | None, typer.Option("--json", metavar="FILE", help="Write all figures as JSON too.")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Fewer rounds: a first look, not a measurement.")] = False,
    lang: Language = "auto",
    pack: PackFolders = None,
) -> None:
    """Measure what a verdict costs here, side by side with a cold pytest and with the bare cases."""
    from grader.cli.bench import run

    raise typer.Exit(run(tuple(slugs or ()), out, quick=quick, wish=lang, packs=tuple(pack or ())))


@app.command(rich_help_panel=RUN)
def doctor(lang: Language = "auto") -> None:
    """Say how strongly this machine can confine candidate code, and what to switch on."""
    from grader.cli.doctor import run

    raise typer.Exit(run(lang))


@app.command(rich_help_panel=RUN)
def demo(lang: Language = "auto") -> None:
    """Grade a right, a half-right and a cheating submission for each exercise (from a checkout)."""
    from grader.cli.demo import run

    raise typer.Exit(run(lang))


app.add_typer(new_app, rich_help_panel=WRITE)
app.add_typer(session_app, rich_help_panel=INTERVIEW)
app.add_typer(path_app, rich_help_panel=PRACTISE)
app.add_typer(engine_app, name="engine", rich_help_panel=RUN)
