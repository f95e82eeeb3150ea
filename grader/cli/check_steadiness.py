"""`viva check --steady`: whether references are accepted on every seed while the machine is busy, and their floors."""

from __future__ import annotations

from collections.abc import Sequence

from grader import wiring
from grader.content.exercise_figures import record_figures
from grader.content.pack import Pack
from grader.grading.steadiness import FLOOR_WANTED_MS, Steadiness, steadiness
from grader.model.exercise import Exercise
from grader.report.console import Console


def steady(console: Console, chosen: Sequence[tuple[Pack, str]], *, record: bool) -> int:
    """Print each exercise with the seeds on which its reference failed; how many exercises have any.

    With `record`, each figure is kept as soon as it is there: a run over a whole pack takes long.
    """
    wiring.require_level("strict")
    unsteady = 0
    for pack, slug in chosen:
        exercise = pack.check_exercise(slug)
        with wiring.own_engine("strict", warm=True) as engine:
            found = steadiness(exercise, engine)
        _print(console, exercise, found)
        unsteady += bool(found.failed)
        if record:
            measured = {"verdicts": found.verdicts, "rejected": len(found.failed), "floor_ms": round(found.floor_ms, 1)}
            record_figures(pack, {slug: measured})
    return unsteady


def _print(console: Console, exercise: Exercise, found: Steadiness) -> None:
    mark, style = ("✗", "red") if found.failed else ("✓", "green")
    accepted = found.verdicts - len(found.failed)
    wanted = FLOOR_WANTED_MS[exercise.level]
    slow = f" · at most {wanted:.0f} ms is wanted" if found.floor_ms > wanted else ""
    line = (
        f"{mark} {exercise.id}: {accepted} of {found.verdicts} verdicts accepted · floor {found.floor_ms:.0f} ms{slow}"
    )
    console.print(line, style=style, markup=False, soft_wrap=True)
    for reason in found.failed:
        console.print(f"  ✗ {reason}", style="red", markup=False, soft_wrap=True)
