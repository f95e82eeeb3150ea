"""`viva engine`: an engine that stays warm between commands."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer

from grader.cli.lasting import IDLE_MINUTES
from grader.cli.options import Language
from grader.cli.sentences import tell

app = typer.Typer(
    help="Keep an engine warm in the background, so that every later command grades at once.", no_args_is_help=True
)


@app.command()
def start(
    slugs: Annotated[list[str] | None, typer.Argument(metavar="[SLUG...]", help="Exercises to warm up now.")] = None,
    idle_minutes: Annotated[
        float, typer.Option("--idle-minutes", min=0.01, help="It ends by itself after so long without a question.")
    ] = IDLE_MINUTES,
    gpu_lanes: Annotated[
        int, typer.Option("--gpu-lanes", min=1, max=64, help="How many submissions may be on the GPU at a time.")
    ] = 1,
    lang: Language = "auto",
) -> None:
    """Start the background engine; nothing happens when it runs already."""
    from grader import wiring

    place = wiring.background_place()
    from grader.cli.language import choose
    from grader.engine.remote import RemoteEngine, ask, is_there, launch
    from grader.report.catalogue import say

    exercises = [wiring.open_exercise(slug) for slug in slugs or ()]
    key = "engine.runs"
    if not is_there(place):
        launch(place, 60 * idle_minutes, gpu_lanes)
        key = "engine.started"
    for exercise in exercises:
        RemoteEngine(place).start(exercise)
    status = ask(place, {"ask": "status"})
    tell(say(key, choose(lang), pid=str(status["pid"]), minutes=f"{status['idle_limit_s'] / 60:g}"))


@app.command()
def stop(lang: Language = "auto") -> None:
    """Stop the background engine; verdicts in flight are called off."""
    from grader import wiring

    wiring.background_place()
    from grader.cli.language import choose
    from grader.engine.remote import end, find_all
    from grader.report.catalogue import say

    places = find_all()
    if not places:
        tell(say("engine.none", choose(lang)))
        return
    for place in places:
        end(place)
    tell(say("engine.stopped", choose(lang)))


@app.command()
def status(
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, and nothing else.")] = False,
    lang: Language = "auto",
) -> None:
    """Say whether the background engine runs, and what it keeps warm; exit status 1 when it does not."""
    from grader import wiring

    wiring.background_place()
    from grader.cli.language import choose
    from grader.engine.remote import ask, find
    from grader.report.catalogue import say

    place = find()
    found = None if place is None else ask(place, {"ask": "status"})
    if as_json:
        json.dump({"running": found is not None, **(found or {})}, sys.stdout)
        print()
    elif found is None:
        tell(say("engine.none", choose(lang)))
    else:
        spoken = choose(lang)
        figures = {"pid": str(found["pid"]), "verdicts": str(found["verdicts"]), "up": _minutes(found["up_s"])}
        tell(say("engine.status", spoken, **figures, left=_minutes(found["idle_limit_s"] - found["idle_s"])))
        for parent in found["parents"]:
            size = f"{parent['memory_bytes'] / 2**20:.0f}"
            tell("  " + say(f"engine.{parent['kind']}", spoken, name=parent["name"], size=size))
    raise typer.Exit(0 if found else 1)


def _minutes(seconds: float) -> str:
    return f"{max(0.0, seconds) / 60:.0f} min"
