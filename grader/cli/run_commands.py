"""The commands for who runs viva and measures it.

Only typer is imported here; each command imports what it needs when it runs.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from grader.cli import completion, service_commands
from grader.cli.options import Language, PackFolders
from grader.cli.panels import RUN
from grader.wiring import require_linux


def audit(
    slug: Annotated[str, typer.Argument(help="The exercise, such as f1_auc.", autocompletion=completion.exercises)],
    jobs: Annotated[int, typer.Option(min=1, max=256, help="How many submissions to grade at a time.")] = 2,
    pack: PackFolders = None,
) -> None:
    """Attack an exercise: the reference must get full marks, the stub and every hostile submission nothing."""
    require_linux("audit")
    from grader.cli.audit import run

    raise typer.Exit(run(slug, jobs, tuple(pack or ())))


def bench(
    slugs: Annotated[list[str] | None, typer.Argument(metavar="[SLUG...]", help="Exercises; default: all.")] = None,
    out: Annotated[Path | None, typer.Option("--json", metavar="FILE", help="Write all figures as JSON too.")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Fewer rounds: a first look, not a measurement.")] = False,
    lang: Language = "auto",
    pack: PackFolders = None,
) -> None:
    """Measure what a verdict costs here, beside a cold pytest and the bare cases; `service` measures the backend."""
    if slugs == ["service"]:
        service_commands.require_service()
        from grader.cli.bench_service import run as run_service

        raise typer.Exit(run_service(out, quick=quick))
    require_linux("bench")
    from grader.cli.bench import run

    raise typer.Exit(run(tuple(slugs or ()), out, quick=quick, wish=lang, packs=tuple(pack or ())))


def doctor(lang: Language = "auto") -> None:
    """Say how strongly this machine can confine candidate code, and what to switch on."""
    from grader.cli.doctor import run

    raise typer.Exit(run(lang))


def demo(lang: Language = "auto") -> None:
    """Grade a right, a half-right and a cheating submission for each exercise (from a checkout)."""
    from grader.cli.demo import run

    raise typer.Exit(run(lang))


def register(app: typer.Typer) -> None:
    """Give `viva` these commands."""
    app.command(rich_help_panel=RUN)(audit)
    app.command(rich_help_panel=RUN)(bench)
    app.command(rich_help_panel=RUN)(doctor)
    app.command(rich_help_panel=RUN)(demo)
