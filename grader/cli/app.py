"""The commands of `viva`, and what every one of them shares: exit status and the wording of errors.

Only typer is imported here, so that `viva --help` answers at once; each command imports what it needs when it runs.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from grader.errors import GraderError

DONE, NOT_ACCEPTED, OUR_ERROR, INTERRUPTED = 0, 1, 2, 130

app = typer.Typer(
    name="viva",
    help="Interview exercises for machine learning that grade themselves; verdicts cannot be forged.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Language = Annotated[
    Literal["auto", "en", "zh"], typer.Option("--lang", help="Language of what is shown; auto follows the locale.")
]
PackFolders = Annotated[
    list[Path] | None, typer.Option("--pack", metavar="DIR", help="Another pack to look in first; may be repeated.")
]
Isolation = Annotated[
    Literal["strict", "process"],
    typer.Option(help="How candidate code is confined; `process` is only for code that you trust."),
]


@app.command()
def grade(
    slug: Annotated[str, typer.Argument(help="The exercise, such as f1_auc.")],
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Submissions: files, or folders of them.")],
    as_json: Annotated[bool, typer.Option("--json", help="One verdict per line as JSON, and nothing else.")] = False,
    seed: Annotated[int | None, typer.Option(help="Replay this seed instead of drawing a secret one.")] = None,
    device: Annotated[Literal["auto", "cpu", "cuda"], typer.Option(help="Where tensors live.")] = "auto",
    jobs: Annotated[int, typer.Option(min=1, max=256, help="How many submissions to grade at a time.")] = 1,
    feedback: Annotated[
        Literal["full", "titles", "score"], typer.Option(help="How much is shown; `score` for hiring.")
    ] = "full",
    junit: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the verdicts as JUnit XML too.")] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Every verdict whole, also of many.")] = False,
    isolation: Isolation = "strict",
    lang: Language = "auto",
    pack: PackFolders = None,
) -> None:
    """Grade submissions for an exercise against its hidden suite."""
    from grader.cli.grade import GradeOrder, run

    order = GradeOrder(
        slug=slug,
        paths=tuple(paths),
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


@app.command("list")
def list_exercises(lang: Language = "auto", pack: PackFolders = None) -> None:
    """List the exercises."""
    from grader.cli.catalogue import list_all

    list_all(lang, tuple(pack or ()))


@app.command()
def show(
    slug: Annotated[str, typer.Argument(help="The exercise, such as f1_auc.")],
    lang: Language = "auto",
    pack: PackFolders = None,
) -> None:
    """Show an exercise's statement."""
    from grader.cli.catalogue import show_one

    show_one(slug, lang, tuple(pack or ()))


@app.command()
def start(
    slug: Annotated[str, typer.Argument(help="The exercise, such as f1_auc.")],
    folder: Annotated[Path | None, typer.Argument(metavar="DIR", help="Where to work; default: ./SLUG.")] = None,
    lang: Language = "auto",
    pack: PackFolders = None,
) -> None:
    """Make a folder to work in: the stub as solution.py, the statement and the public cases."""
    from grader.cli.workspace import make

    make(slug, folder, lang, tuple(pack or ()))


@app.command()
def check(
    slugs: Annotated[list[str] | None, typer.Argument(metavar="[SLUG...]", help="Exercises; default: all.")] = None,
    seeds: Annotated[int, typer.Option(min=1, max=100, help="How many seeds to try each claim on.")] = 3,
    jobs: Annotated[int, typer.Option(min=1, max=256, help="How many exercises to check at a time.")] = 2,
    quick: Annotated[bool, typer.Option("--quick", help="Leave out mutants and bad submissions.")] = False,
    pack: PackFolders = None,
) -> None:
    """Prove that exercises are sound: references pass, stubs and bad submissions earn nothing, mutants are caught."""
    from grader.cli.check import run

    raise typer.Exit(run(tuple(slugs or ()), tuple(pack or ()), seeds=seeds, jobs=jobs, quick=quick))


@app.command()
def audit(
    slug: Annotated[str, typer.Argument(help="The exercise, such as f1_auc.")],
    jobs: Annotated[int, typer.Option(min=1, max=256, help="How many submissions to grade at a time.")] = 2,
    pack: PackFolders = None,
) -> None:
    """Attack an exercise: the reference must get full marks, the stub and every hostile submission nothing."""
    from grader.cli.audit import run

    raise typer.Exit(run(slug, jobs, tuple(pack or ())))


@app.command()
def doctor() -> None:
    """Say how strongly this machine can confine candidate code, and what to switch on."""
    from grader.cli.doctor import run

    raise typer.Exit(run())


@app.command()
def demo(lang: Language = "auto") -> None:
    """Grade a right, a half-right and a cheating submission for each exercise (from a checkout)."""
    from grader.cli.demo import run

    raise typer.Exit(run(lang))


def main() -> None:
    """Run the command line; what people do wrong and what we do wrong ends in one sentence and exit status 2."""
    try:
        app()
    except GraderError as error:
        print(f"viva: {error}", file=sys.stderr)
        for note in getattr(error, "__notes__", ()):
            print(f"      {note}", file=sys.stderr)
        sys.exit(OUR_ERROR)
    except SystemExit as end:
        if end.code == INTERRUPTED:  # typer has turned the Ctrl-C into this, without a word
            print("viva: interrupted; nothing is left running", file=sys.stderr)
        raise
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(OUR_ERROR)
