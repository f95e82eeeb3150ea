"""`viva check --mutate`: which automatic mutants of a reference no case notices, and what a case would have to see."""

from __future__ import annotations

from collections.abc import Sequence

from grader import wiring
from grader.content.exercise_figures import record_figures
from grader.content.pack import Pack
from grader.engine.engine import Engine
from grader.grading.mutation.score import ENOUGH, MutationScore, Survivor, mutation_score
from grader.report.console import Console


def mutate(console: Console, chosen: Sequence[tuple[Pack, str]], *, seed: int, lanes: int, record: bool) -> int:
    """Print the score of each exercise, with the survivors; how many suites hold too little in place."""
    wiring.require_level("strict")
    weak = 0
    with wiring.own_engine("strict", warm=True) as engine:
        for pack in dict.fromkeys(pack for pack, _ in chosen):
            slugs = [slug for own, slug in chosen if own is pack]
            weak += _mutate_pack(console, engine, pack, slugs, (seed, lanes), record=record)
    return weak


def _mutate_pack(
    console: Console, engine: Engine, pack: Pack, slugs: Sequence[str], run: tuple[int, int], *, record: bool
) -> int:
    """`run` is the seed, and how many mutants run at a time."""
    weak, measured = 0, {}
    for slug in slugs:
        exercise = pack.check_exercise(slug)
        score = mutation_score(exercise, engine, seed=run[0], lanes=run[1])
        _print(console, slug, score)
        weak += not score.is_enough
        measured[slug] = {"counted": score.counted, "survivors": len(score.survivors)}
    if record:
        record_figures(pack, measured)
    return weak


def _print(console: Console, slug: str, score: MutationScore) -> None:
    killed = score.counted - len(score.survivors)
    mark, style = ("✓", "green") if score.is_enough else ("✗", "red")
    listed = f", {score.equivalent} listed as equivalent" if score.equivalent else ""
    wanted = "" if score.score >= ENOUGH else f" · {ENOUGH:g} is wanted"
    line = (
        f"{mark} {slug}: {score.score:.3f} · {killed} of {score.counted} automatic mutants are noticed{listed}{wanted}"
    )
    console.print(line, style=style, markup=False, soft_wrap=True)
    for reason in score.stale:
        console.print(f"  ✗ listed as equivalent, but {reason}", style="red", markup=False, soft_wrap=True)
    for survivor in score.survivors:
        _print_survivor(console, survivor)


def _print_survivor(console: Console, survivor: Survivor) -> None:
    mutation = survivor.mutation
    where = f" in {survivor.inside}" if survivor.inside else ""
    what = mutation.operator.replace("_", " ")
    console.print(f"  no case notices, at line {mutation.line}{where} ({what}):", markup=False, soft_wrap=True)
    for line in mutation.diff().splitlines():
        style = {"+": "green", "-": "red"}.get(line[:1], "")
        if not line.startswith("@@"):
            console.print(f"      {line}", style=style, markup=False, soft_wrap=True)
