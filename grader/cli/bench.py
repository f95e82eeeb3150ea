"""`viva bench`: what a verdict costs on this machine."""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import Any, Literal

from rich.table import Table

from grader import wiring
from grader.box.installed import is_installed, require
from grader.cli.checks import check_folder_of
from grader.cli.exit_status import DONE
from grader.cli.language import choose
from grader.files import write_text
from grader.grading.benchmark import Figures, Rounds, help_ms, measure
from grader.model.text import Lang
from grader.report.catalogue import say
from grader.report.console import Console

SCHEMA = "viva.bench/1"
QUICK = Rounds(cold=2, warm=6, throughput=6)
_HELP_ROUNDS = 5


def run(
    slugs: tuple[str, ...], out: Path | None, *, quick: bool, wish: Literal["auto", "en", "zh"], packs: tuple[Path, ...]
) -> int:
    """Measure each exercise and print tables; with `out`, write everything as JSON too."""
    lang = choose(wish)
    check_folder_of("--json", out)
    found = [
        pack.exercise(slug) for pack in wiring.open_packs(packs) for slug in pack.slugs if not slugs or slug in slugs
    ]
    for slug in slugs:
        wiring.open_exercise(slug, packs)  # says which names are near when there is no such exercise
    for exercise in found:
        require(exercise.environment)
    progress = Console(stderr=True)
    figures = []
    with progress.status("viva bench") as status, wiring.own_engine("strict", warm=True) as engine:
        for exercise in found:
            tell = _Teller(status.update, exercise.id)
            figures.append(measure(exercise, engine, QUICK if quick else Rounds(), tell))
        status.update("viva --help")
        shown_ms = help_ms(_HELP_ROUNDS)
    report = _report(figures, shown_ms)
    if out is not None:
        write_text(out, json.dumps(report, indent=2) + "\n")
    _print(figures, shown_ms, Console(file=sys.stdout, highlight=False), lang)
    return DONE


class _Teller:
    def __init__(self, update: Any, slug: str) -> None:
        self._update, self._slug = update, slug

    def __call__(self, what: str) -> None:
        self._update(f"{self._slug}: {what}")


def _report(figures: Sequence[Figures], shown_ms: float) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "machine": {"cores": os.cpu_count(), "system": platform.platform(), "python": platform.python_version()},
        "versions": {name: metadata.version(name) for name in ("numpy", "pytest", "torch") if is_installed(name)},
        "help_ms": round(shown_ms, 1),
        "exercises": [figure.to_data() for figure in figures],
    }


def _print(figures: Sequence[Figures], shown_ms: float, console: Console, lang: Lang) -> None:
    mib = 2**20
    ratios = [
        (
            f"{f.ratios['pytest_over_warm']:.1f}x",
            f"{f.ratios['pytest_over_floor']:.1f}x",
            f"{f.ratios['throughput_over_pytest']:.1f}x",
            f"{f.ratios['pytest_over_one_off']:.2f}x",
            f"{f.ratios['all_lanes_over_one']:.2f}x",
        )
        for f in figures
    ]
    times = [
        tuple(
            f"{value:.0f}"
            for value in (f.pytest_ms, f.one_off_ms, f.first_ms, f.warm_p50_ms, f.warm_p95_ms, f.floor_ms)
        )
        for f in figures
    ]
    over = [(f"{f.over_floor_ms:.0f}", f"{f.cases}", f"{f.over_floor_per_8_ms:.0f}") for f in figures]
    amounts = [
        (
            f"{f.pytest_per_minute:.0f}",
            f"{f.one_lane_per_minute:.0f}",
            f"{f.all_lanes_per_minute:.0f}",
            f"{f.parents_bytes / mib:.0f}",
            f"{f.verdict_bytes / mib:.0f}",
        )
        for f in figures
    ]
    for key, rows in (("ratios", ratios), ("times", times), ("over", over), ("amounts", amounts)):
        console.print(say(f"bench.{key}", lang), style="bold")
        console.print(_table(say(f"bench.{key}.heads", lang).split("|"), figures, rows))
        console.print()
    console.print(say("bench.help", lang, ms=f"{shown_ms:.0f}"))


def _table(heads: Sequence[str], figures: Sequence[Figures], rows: Sequence[Sequence[str]]) -> Table:
    table = Table(box=None, pad_edge=False)
    for number, head in enumerate(heads):
        table.add_column(head, justify="right" if number else "left", no_wrap=not number)
    for figure, row in zip(figures, rows, strict=True):
        table.add_row(figure.exercise, *row)
    return table
