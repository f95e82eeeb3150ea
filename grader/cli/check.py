"""`viva check`: find what is wrong with banks, and prove that exercises are sound."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from grader import wiring
from grader.cli.check_drafts import print_drafts
from grader.cli.check_mutation import mutate
from grader.cli.check_steadiness import steady
from grader.cli.exit_status import DONE, NOT_ACCEPTED
from grader.content.bank_check import BankReport, check_bank
from grader.content.pack import Pack
from grader.content.unfinished import first_of, marks_left
from grader.engine.engine import Engine
from grader.engine.processor import seconds_of_tree
from grader.errors import ContentError
from grader.grading.proofs import Claims, Finding
from grader.grading.soundness import check
from grader.report.console import Console


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckOrder:
    """What was asked for on the command line."""

    slugs: tuple[str, ...]
    packs: tuple[Path, ...]
    seeds: int
    jobs: int
    quick: bool
    timing: bool
    verbose: bool
    mutate: bool = False
    steady: bool = False
    record: bool = False


def run(order: CheckOrder) -> int:
    """Print each exercise with what speaks against it; 0 when nothing does."""
    console = Console(file=sys.stdout, highlight=False)  # bound now: examples run with another sys.stdout
    found = wiring.open_packs(order.packs)
    bank_is_meant = not (order.slugs or order.mutate or order.steady)
    problems = _check_banks(found, console, verbose=order.verbose) if bank_is_meant else 0
    chosen = _named(found, order) if order.slugs else [(pack, slug) for pack in found for slug in pack.slugs]
    finished, broken = print_drafts(console, chosen)
    problems += broken
    if order.mutate:
        problems += mutate(console, finished, seed=1, lanes=order.jobs, record=order.record)
    elif order.steady:
        problems += steady(console, finished, record=order.record)
    elif finished:
        problems += _prove(console, finished, order)
    return DONE if problems == 0 else NOT_ACCEPTED


def _named(packs: Sequence[Pack], order: CheckOrder) -> list[tuple[Pack, str]]:
    """The exercises that were named, each of the first pack that has it. Raises UsageError with the nearest names."""
    homes = {slug: pack for pack in reversed(packs) for slug in pack.slugs}
    for slug in order.slugs:
        if slug not in homes:
            wiring.open_exercise(slug, order.packs)
    return [(homes[slug], slug) for slug in dict.fromkeys(order.slugs)]


def _prove(console: Console, chosen: Sequence[tuple[Pack, str]], order: CheckOrder) -> int:
    """Prove each exercise; how many claims do not hold."""
    problems = 0
    claims = Claims(seeds=range(1, order.seeds + 1), quick=order.quick)
    lanes = 1 if order.timing else order.jobs
    wiring.require_level("strict")
    with wiring.own_engine("strict", warm=True) as engine, ThreadPoolExecutor(max_workers=lanes) as pool:
        tasks = [(slug, pool.submit(_timed, pack, slug, engine, claims)) for pack, slug in chosen]
        for slug, task in tasks:
            findings, seconds = task.result()
            timing = f" · {seconds / order.seeds:.1f} s of CPU per seed" if order.timing else ""
            problems += _print(console, slug, findings, timing)
    return problems


def _timed(pack: Pack, slug: str, engine: Engine, claims: Claims) -> tuple[list[Finding], float]:
    """The findings, and the processor time that went by in this process and all below it."""
    started = seconds_of_tree(os.getpid())
    findings = _findings(pack, slug, engine, claims)
    return findings, seconds_of_tree(os.getpid()) - started


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


def _findings(pack: Pack, slug: str, engine: Engine, claims: Claims) -> list[Finding]:
    try:
        exercise = pack.check_exercise(slug)
        left = first_of(marks_left(pack, slug))
    except ContentError as error:
        return [Finding(claim="its files keep the format", against=(str(error), *getattr(error, "__notes__", ())))]
    if left:  # what is not written yet proves nothing
        return [Finding(claim="nothing of it is left to write", against=left)]
    return list(check(exercise, engine, claims))


def _print(console: Console, slug: str, findings: list[Finding], timing: str) -> int:
    bad = [finding for finding in findings if not finding.holds]
    style = "red" if bad else "green"
    mark, held = "✗" if bad else "✓", len(findings) - len(bad)
    console.print(f"{mark} {slug}: {held} of {len(findings)} claims hold{timing}", style=style)
    for finding in bad:
        console.print(f"  ✗ {finding.claim}", style="red", markup=False)
        for reason in finding.against:
            console.print(f"      {reason}", markup=False, soft_wrap=True)
    return len(bad)
