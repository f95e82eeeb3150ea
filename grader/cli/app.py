"""The commands of `viva`, which stand in a module for each panel of its help page; `grader.cli.run` runs them.

Only typer is imported here, so that `viva --help` answers at once.
"""

from __future__ import annotations

from typing import Annotated

import typer

from grader.cli import grade_commands, practise_commands, run_commands, service_commands, write_commands
from grader.cli.engine import app as engine_app
from grader.cli.language import speak
from grader.cli.new import new_app
from grader.cli.options import Language
from grader.cli.panels import INTERVIEW, PRACTISE, RUN, WRITE, InPanels
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


for panel in (practise_commands, grade_commands, write_commands, run_commands):
    panel.register(app)
app.add_typer(new_app, rich_help_panel=WRITE)
app.add_typer(session_app, rich_help_panel=INTERVIEW)
app.add_typer(path_app, rich_help_panel=PRACTISE)
app.add_typer(engine_app, name="engine", rich_help_panel=RUN)
service_commands.register(app)
