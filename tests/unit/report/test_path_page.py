"""Learning paths on a screen and as JSON."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.console import Console

from grader.model.learning_path import LearningPath, PathStanding, PathStep, StepStanding, StepState
from grader.model.text import Lang
from grader.report.escaping import to_json
from grader.report.path_page import next_record, path_head, path_record, print_next, print_path, print_paths
from tests.fakes.entries import both

STATES = (StepState.DONE, StepState.SEEN, StepState.OPEN)
LONG = both("Now **write** it, with `numpy` and $x_i$. " * 6, "接着动手写，用 `numpy` 与 $x_i$，不用现成的库。" * 6)


def standing(*states: StepState) -> PathStanding:
    """A path of entries with those states; the last step is an exercise."""
    kinds = [*["entry"] * (len(states) - 1), "exercise"]
    steps = [
        StepStanding(
            step=PathStep(kind="exercise" if kind == "exercise" else "entry", name=f"step-{number}", why=LONG),
            number=number,
            title=both(f"Title {number}"),
            minutes=5,
            entry=f"step-{number}" if kind == "entry" else None,
            state=state,
        )
        for number, (kind, state) in enumerate(zip(kinds, states, strict=True), 1)
    ]
    path = LearningPath(
        id="first-steps",
        status="active",
        title=both("First steps", "入门"),
        summary=LONG,
        steps=tuple(step.step for step in steps),
        path=Path("first-steps.yaml"),
    )
    return PathStanding(path=path, steps=tuple(steps))


class Screen:
    """A console and what was printed on it."""

    def __init__(self, width: int = 80, encoding: str = "utf-8") -> None:
        self._bytes = io.BytesIO()
        stream = io.TextIOWrapper(self._bytes, encoding=encoding, write_through=True)
        self.console = Console(file=stream, width=width, color_system=None)

    @property
    def lines(self) -> list[str]:
        """Line by line."""
        return self._bytes.getvalue().decode().splitlines()


def command(step: StepStanding) -> str:
    return f"viva quiz --entry {step.entry}"


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("width", [40, 80, 200])
def test_a_path_fits_the_screen(width: int, lang: Lang) -> None:
    """No line of any page is wider than the screen, but for a command that must be whole."""
    screen = Screen(width)
    print_paths(screen.console, [standing(*STATES)], lang)
    print_path(screen.console, standing(*STATES), lang, "viva quiz")
    print_next(screen.console, standing(*STATES), lang, command)
    assert max(cell_len(line) for line in screen.lines) <= width


def test_each_step_is_marked() -> None:
    """Done, next and open are told apart by a mark and in words."""
    screen = Screen()
    print_path(screen.console, standing(*STATES), "en", "viva quiz --path first-steps")
    marks = [line[0] for line in screen.lines if "Title" in line]
    facts = [line.strip() for line in screen.lines if line.strip().startswith(("step-", "next"))]
    assert marks == ["✓", "→", "·"]
    assert facts == [
        "step-1 · 5 min · done",
        "next · step-2 · 5 min · answered, not right yet",
        "step-3 · 5 min · not answered yet",
    ]
    assert screen.lines[-1].endswith("viva quiz --path first-steps")


def test_marks_of_a_screen_without_unicode() -> None:
    """Where the encoding has no such marks, ASCII ones stand for them, and English for Chinese."""
    screen = Screen(encoding="ascii")
    print_path(screen.console, standing(StepState.DONE, StepState.OPEN, StepState.SEEN), "zh", "viva quiz")
    assert [line[0] for line in screen.lines if "Title" in line] == ["+", ">", "o"]


def test_the_next_step_has_its_reason_and_its_command() -> None:
    """What comes next is said with title, why and the command, alone on the last line."""
    screen = Screen()
    print_next(screen.console, standing(*STATES), "en", command)
    assert screen.lines[0] == "First steps · step 2 of 3"
    assert "Title 2" in screen.lines
    assert "Now write it, with numpy and xᵢ." in " ".join(screen.lines)
    assert screen.lines[-1] == "    viva quiz --entry step-2"


def test_the_end_of_a_path() -> None:
    """A finished path says so and names no command of its own."""
    screen = Screen()
    print_next(screen.console, standing(StepState.DONE), "en", command)
    print_path(screen.console, standing(StepState.DONE), "en", "viva quiz --path first-steps")
    assert sum("Every step of this path is done." in line for line in screen.lines) == 2
    assert not [line for line in screen.lines if "--path" in line]


def test_a_list_tells_how_far_one_is() -> None:
    """The facts of a path that was begun have what is left."""
    screen = Screen()
    print_paths(screen.console, [standing(*STATES), standing(StepState.OPEN)], "en")
    assert screen.lines == [
        "first-steps  First steps",
        "  steps: 3 · 15 min in all · done: 1 of 3 · 10 min left",
        "first-steps  First steps",
        "  steps: 1 · 5 min in all · done: 0 of 1",
    ]


def test_no_paths() -> None:
    """An empty list is a sentence."""
    screen = Screen()
    print_paths(screen.console, [], "zh")
    assert screen.lines == ["题库包中没有学习路径。"]


def test_records_have_both_languages() -> None:
    """As JSON, a path has figures, and its steps state, why and what asks them; the head has no steps."""
    record = json.loads(to_json(path_record(standing(*STATES))))
    assert path_head(standing(*STATES)).items() <= record.items()
    assert (record["schema"], record["steps_done"], record["minutes_left"]) == ("viva.path/1", 1, 10)
    assert [(one["state"], one["next"]) for one in record["steps"]] == [
        ("done", False),
        ("seen", True),
        ("open", False),
    ]
    assert [(one["entry"], one["exercise"]) for one in record["steps"]][1:] == [("step-2", None), (None, "step-3")]
    assert record["title"] == {"en": "First steps", "zh": "入门"}
    assert "steps" not in path_head(standing(*STATES))


def test_record_of_the_next_step() -> None:
    """The step and its command, both null at the end."""
    found = next_record(standing(*STATES), command)
    assert (found["step"]["number"], found["command"]) == (2, "viva quiz --entry step-2")
    ended = next_record(standing(StepState.DONE), command)
    assert (ended["step"], ended["command"], ended["path"]) == (None, None, "first-steps")
