"""Arguments and options that several commands have, with their help texts. Only typer is imported here."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from grader.cli import completion

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
