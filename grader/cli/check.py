"""`viva check`: prove that exercises are sound."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from rich.console import Console

from grader import wiring
from grader.cli.app import DONE, NOT_ACCEPTED
from grader.content.pack import Pack
from grader.engine.engine import Engine
from grader.errors import ContentError
from grader.grading.soundness import Claims, Finding, check


def run(slugs: tuple[str, ...], packs: tuple[Path, ...], *, seeds: int, jobs: int, quick: bool) -> int:
    """Print each exercise with what speaks against it; 0 when nothing does."""
    console = Console(file=sys.stdout, highlight=False)  # bound now: examples run with another sys.stdout
    found = wiring.open_packs(packs)
    problems = 0 if slugs else _check_bank(found, console)
    chosen = [(pack, slug) for pack in found for slug in pack.slugs if not slugs or slug in slugs]
    for slug in slugs:
        wiring.open_exercise(slug, packs)  # says which names are near when there is no such exercise
    claims = Claims(seeds=range(1, seeds + 1), quick=quick)
    with wiring.open_engine("strict", warm=True) as engine, ThreadPoolExecutor(max_workers=jobs) as pool:
        tasks = [(slug, pool.submit(_findings, pack, slug, engine, claims)) for pack, slug in chosen]
        for slug, task in tasks:
            problems += _print(console, slug, task.result())
    return DONE if problems == 0 else NOT_ACCEPTED


def _check_bank(packs: list[Pack], console: Console) -> int:
    """Entries: format, topics, links."""
    problems: list[str] = []
    count = 0
    for pack in packs:
        for name in pack.entry_paths:
            count += 1
            try:
                pack.check_entry(name)
            except ContentError as error:
                problems += [str(error), *getattr(error, "__notes__", ())]
    console.print(f"bank: {count} entries, {len(problems)} problems", markup=False)
    for problem in problems:
        console.print(f"  ✗ {problem}", style="red", markup=False)
    return len(problems)


def _findings(pack: Pack, slug: str, engine: Engine, claims: Claims) -> list[Finding]:
    try:
        exercise = pack.check_exercise(slug)
    except ContentError as error:
        return [Finding(claim="its files keep the format", against=(str(error), *getattr(error, "__notes__", ())))]
    return list(check(exercise, engine, claims))


def _print(console: Console, slug: str, findings: list[Finding]) -> int:
    bad = [finding for finding in findings if not finding.holds]
    style = "red" if bad else "green"
    mark, held = "✗" if bad else "✓", len(findings) - len(bad)
    console.print(f"{mark} {slug}: {held} of {len(findings)} claims hold", style=style)
    for finding in bad:
        console.print(f"  ✗ {finding.claim}", style="red", markup=False)
        for reason in finding.against:
            console.print(f"      {reason}", markup=False)
    return len(bad)
