"""`viva check`: find what is wrong with banks, and prove that exercises are sound."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from grader import wiring
from grader.cli.check_drafts import print_drafts
from grader.cli.exit_status import DONE, NOT_ACCEPTED
from grader.content.bank_check import BankReport, check_bank
from grader.content.pack import Pack
from grader.content.unfinished import first_of, marks_left
from grader.errors import ContentError
from grader.grading.soundness import Claims, Finding, check
from grader.report.console import Console


def run(
    slugs: tuple[str, ...], packs: tuple[Path, ...], *, seeds: int, jobs: int, quick: bool, verbose: bool = False
) -> int:
    """Print each exercise with what speaks against it; 0 when nothing does."""
    console = Console(file=sys.stdout, highlight=False)  # bound now: examples run with another sys.stdout
    found = wiring.open_packs(packs)
    problems = 0 if slugs else _check_banks(found, console, verbose=verbose)
    chosen = [(pack, slug) for pack in found for slug in pack.slugs if not slugs or slug in slugs]
    for slug in [slug for slug in slugs if slug not in {known for _, known in chosen}]:
        wiring.open_exercise(slug, packs)  # says which names are near
    finished, broken = print_drafts(console, chosen)
    problems += broken
    if not finished:
        return DONE if problems == 0 else NOT_ACCEPTED
    claims = Claims(seeds=range(1, seeds + 1), quick=quick)
    with wiring.open_engine("strict", warm=True) as engine, ThreadPoolExecutor(max_workers=jobs) as pool:
        tasks = [(slug, pool.submit(_findings, pack, slug, engine, claims)) for pack, slug in finished]
        for slug, task in tasks:
            problems += _print(console, slug, task.result())
    return DONE if problems == 0 else NOT_ACCEPTED


def run_bank(packs: tuple[Path, ...], *, verbose: bool) -> int:
    """Print what is wrong with the entries of the packs that are named, else of the built-in one; 0 when nothing is."""
    found = wiring.open_packs(packs)
    problems = _check_banks(found[: len(packs)] or found, Console(file=sys.stdout, highlight=False), verbose=verbose)
    return DONE if problems == 0 else NOT_ACCEPTED


def _check_banks(packs: list[Pack], console: Console, *, verbose: bool) -> int:
    """Print each bank's problems, and with `verbose` its warnings and statistics; how many problems there are."""
    problems = 0
    for pack in packs:
        report = check_bank(pack)
        problems += len(report.problems)
        _print_bank(console, pack, report, verbose=verbose)
    return problems


def _print_bank(console: Console, pack: Pack, report: BankReport, *, verbose: bool) -> None:
    counts = f"entries: {report.entries}, problems: {len(report.problems)}, warnings: {len(report.warnings)}"
    more = "" if verbose or not report.warnings else " (--verbose shows them)"
    _print_line(console, f"bank {pack.root} · {counts}{more}", "red" if report.problems else "")
    for problem in report.problems:
        _print_line(console, f"  ✗ {problem}", "red")
    if verbose:
        for warning in report.warnings:
            _print_line(console, f"  ! {warning}", "yellow")
        for figure in report.statistics:
            _print_line(console, f"    {figure}", "")


def _print_line(console: Console, text: str, style: str) -> None:
    console.print(text, style=style, markup=False, soft_wrap=True)


def _findings(pack: Pack, slug: str, engine: wiring.AnyEngine, claims: Claims) -> list[Finding]:
    try:
        exercise = pack.check_exercise(slug)
        left = first_of(marks_left(pack, slug))
    except ContentError as error:
        return [Finding(claim="its files keep the format", against=(str(error), *getattr(error, "__notes__", ())))]
    if left:  # what is not written yet proves nothing
        return [Finding(claim="nothing of it is left to write", against=left)]
    return list(check(exercise, engine, claims))


def _print(console: Console, slug: str, findings: list[Finding]) -> int:
    bad = [finding for finding in findings if not finding.holds]
    style = "red" if bad else "green"
    mark, held = "✗" if bad else "✓", len(findings) - len(bad)
    console.print(f"{mark} {slug}: {held} of {len(findings)} claims hold", style=style)
    for finding in bad:
        console.print(f"  ✗ {finding.claim}", style="red", markup=False)
        for reason in finding.against:
            console.print(f"      {reason}", markup=False, soft_wrap=True)
    return len(bad)
