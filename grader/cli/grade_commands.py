"""The command for who grades.

Only typer is imported here; each command imports what it needs when it runs.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from grader.cli import completion
from grader.cli.options import Isolation, Language, PackFolders, ProgressData
from grader.cli.panels import GRADE


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
    device: Annotated[
        Literal["auto", "cpu", "cuda"],
        typer.Option(help="Where tensors live; auto: on a GPU where the exercise lists it and one is there."),
    ] = "cpu",
    gpu_lanes: Annotated[
        int, typer.Option("--gpu-lanes", min=1, max=64, help="How many of them may be on the GPU at a time.")
    ] = 1,
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
        gpu_lanes=gpu_lanes,
        jobs=jobs,
        feedback=feedback,
        junit=junit,
        verbose=verbose,
        isolation=isolation,
        lang=lang,
        packs=tuple(pack or ()),
    )
    raise typer.Exit(run(order))


def register(app: typer.Typer) -> None:
    """Give `viva` these commands."""
    app.command(rich_help_panel=GRADE)(grade)
