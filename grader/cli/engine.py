"""`viva engine`: an engine that stays warm between commands."""

from __future__ import annotations

import json
import sys
from typing import Annotated, Literal

import typer

DEFAULT_IDLE_MINUTES = 30.0

app = typer.Typer(
    help="Keep an engine warm in the background, so that every later command grades at once.", no_args_is_help=True
)
Language = Annotated[
    Literal["auto", "en", "zh"], typer.Option("--lang", help="Language of what is shown; auto follows the locale.")
]


@app.command()
def start(
    slugs: Annotated[list[str] | None, typer.Argument(metavar="[SLUG...]", help="Exercises to warm up now.")] = None,
    idle_minutes: Annotated[
        float, typer.Option("--idle-minutes", min=0.01, help="It ends by itself after so long without a question.")
    ] = DEFAULT_IDLE_MINUTES,
    lang: Language = "auto",
) -> None:
    """Start the background engine; nothing happens when it runs already."""
    from grader import wiring
    from grader.cli.language import choose
    from grader.engine.remote import RemoteEngine, ask, is_there, launch
    from grader.report.catalogue import say

    exercises = [wiring.open_exercise(slug) for slug in slugs or ()]
    place = wiring.background_place()
    key = "engine.runs"
    if not is_there(place):
        launch(place, 60 * idle_minutes)
        key = "engine.started"
    for exercise in exercises:
        RemoteEngine(place).start(exercise)
    status = ask(place, {"ask": "status"})
    print(say(key, choose(lang), pid=str(status["pid"]), minutes=f"{status['idle_limit_s'] / 60:g}"))


@app.command()
def stop(lang: Language = "auto") -> None:
    """Stop the background engine; verdicts in flight are called off."""
    from grader.cli.language import choose
    from grader.engine.remote import end, find_all
    from grader.report.catalogue import say

    places = find_all()
    if not places:
        print(say("engine.none", choose(lang)))
        return
    for place in places:
        end(place)
    print(say("engine.stopped", choose(lang)))


@app.command()
def status(
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, and nothing else.")] = False,
    lang: Language = "auto",
) -> None:
    """Say whether the background engine runs, and what it keeps warm; exit status 1 when it does not."""
    from grader.cli.language import choose
    from grader.engine.remote import ask, find
    from grader.report.catalogue import say

    place = find()
    found = None if place is None else ask(place, {"ask": "status"})
    if as_json:
        json.dump({"running": found is not None, **(found or {})}, sys.stdout)
        print()
    elif found is None:
        print(say("engine.none", choose(lang)))
    else:
        spoken = choose(lang)
        figures = {"pid": str(found["pid"]), "verdicts": str(found["verdicts"]), "up": _minutes(found["up_s"])}
        print(say("engine.status", spoken, **figures, left=_minutes(found["idle_limit_s"] - found["idle_s"])))
        for parent in found["parents"]:
            size = f"{parent['memory_bytes'] / 2**20:.0f}"
            print("  " + say(f"engine.{parent['kind']}", spoken, name=parent["name"], size=size))
    raise typer.Exit(0 if found else 1)


def _minutes(seconds: float) -> str:
    return f"{max(0.0, seconds) / 60:.0f} min"
