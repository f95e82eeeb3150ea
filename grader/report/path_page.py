"""Learning paths for a terminal, and as JSON (`viva.path/1`, `viva.path-step/1`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from rich.console import Console

from grader.model.learning_path import PathStanding, StepStanding, StepState
from grader.model.text import Lang, Text
from grader.report.entry_record import text
from grader.report.page import Page
from grader.report.prose import inline

PATH_SCHEMA: Final = "viva.path/1"
STEP_SCHEMA: Final = "viva.path-step/1"
PAGE_WIDTH: Final = 100
MARGIN: Final = "  "
_MARKS: Final = {  # with and without Unicode
    StepState.DONE: ("✓", "+"),
    StepState.SEEN: ("○", "o"),
    StepState.OPEN: ("·", "."),
}
_NEXT_MARK: Final = ("→", ">")

Command = Callable[[StepStanding], str]


def path_head(standing: PathStanding) -> dict[str, Any]:
    """What a list tells of a path; both languages are there."""
    return {
        "schema": PATH_SCHEMA,
        "id": standing.path.id,
        "title": text(standing.path.title),
        "summary": text(standing.path.summary),
        "steps_total": len(standing.steps),
        "steps_done": standing.done,
        "minutes": standing.minutes,
        "minutes_left": standing.minutes_left,
    }


def path_record(standing: PathStanding) -> dict[str, Any]:
    """The whole path, each step with its state."""
    steps = [{**step_record(step), "next": step is standing.next} for step in standing.steps]
    return {**path_head(standing), "steps": steps, "left_out": list(standing.left_out)}


def next_record(standing: PathStanding, command: Command) -> Mapping[str, Any]:
    """The next step and the command for it; both null where every step is done."""
    step = standing.next
    return {
        "schema": STEP_SCHEMA,
        "path": standing.path.id,
        "step": None if step is None else step_record(step),
        "command": None if step is None else command(step),
    }


def step_record(step: StepStanding) -> dict[str, Any]:
    """One step; `entry` is what the quiz asks, `exercise` is null where the step is an entry."""
    return {
        "number": step.number,
        "entry": step.entry,
        "exercise": step.step.name if step.step.kind == "exercise" else None,
        "title": text(step.title),
        "minutes": step.minutes,
        "state": step.state.value,
        "why": text(step.step.why),
    }


def print_paths(console: Console, standings: Sequence[PathStanding], lang: Lang) -> None:
    """Print each path: its id and title, and how far along it is."""
    page = Page(console, lang, PAGE_WIDTH)
    if not standings:
        page.write((page.say("path.none"), ""))
    for standing in standings:
        page.hang([(f"{standing.path.id}  ", "bold")], _prose(page, standing.path.title))
        page.flow(MARGIN, _facts(page, standing), "dim")


def print_path(console: Console, standing: PathStanding, lang: Lang, whole: str) -> None:
    """Print a path with all steps, marked, and why each is where it is; `whole` is the command that follows it."""
    page = Page(console, lang, PAGE_WIDTH)
    page.hang([], _prose(page, standing.path.title), "bold")
    page.flow("", _facts(page, standing), "dim")
    page.write()
    page.hang([], _prose(page, standing.path.summary))
    for step in standing.steps:
        page.write()
        _write_step(page, standing, step)
    page.write()
    page.write((page.say("path.whole", command=whole) if standing.next else page.say("path.finished"), ""))


def print_next(console: Console, standing: PathStanding, lang: Lang, command: Command) -> None:
    """Print what comes next, why it does, and the command for it."""
    page, step = Page(console, lang, PAGE_WIDTH), standing.next
    title = _prose(page, standing.path.title)
    if step is None:
        page.hang([], title, "bold")
        page.hang([], page.say("path.finished"))
        return
    numbers = {"number": str(step.number), "count": str(len(standing.steps))}
    page.flow("", [title, page.say("path.number", **numbers)], "dim")
    page.write()
    page.hang([], _prose(page, step.title), "bold")
    page.flow("", _step_facts(page, step), "dim")
    page.hang([], _prose(page, step.step.why))
    page.write()
    page.write_whole(MARGIN * 2 + command(step), "bold")


def _prose(page: Page, words: Text) -> str:
    """A text of an author's as plain words on one line."""
    return page.show(inline(words.get(page.lang)))


def _facts(page: Page, standing: PathStanding) -> Iterator[str]:
    count = str(len(standing.steps))
    yield page.say("path.steps", count=count)
    yield page.say("path.minutes", count=str(standing.minutes))
    yield page.say("path.done", done=str(standing.done), count=count)
    if 0 < standing.done < len(standing.steps):
        yield page.say("path.left", count=str(standing.minutes_left))


def _step_facts(page: Page, step: StepStanding) -> list[str]:
    minutes = page.say("path.step_minutes", count=str(step.minutes))
    return [step.step.name, minutes, page.say(f"path.state.{step.state.value}")]


def _write_step(page: Page, standing: PathStanding, step: StepStanding) -> None:
    is_next, wide = step is standing.next, len(str(len(standing.steps)))
    mark = (_NEXT_MARK if is_next else _MARKS[step.state])[0 if page.unicode else 1]
    lead = f"{mark} {step.number:{wide}}  "
    page.hang([(lead, "bold" if is_next else "")], _prose(page, step.title), "bold")
    facts = [*([page.say("path.next")] if is_next else []), *_step_facts(page, step)]
    margin = " " * len(lead)
    page.flow(margin, facts, "dim")
    page.hang([(margin, "")], _prose(page, step.step.why))
