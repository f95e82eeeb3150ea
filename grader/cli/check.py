"""`viva check`: find what is wrong with banks, and prove that exercises are sound."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from grader import wiring
from grader.box.installed import lacking, missing, require
from grader.cli.check_bank import check_banks, print_line
from grader.cli.check_changed import Plan, Turn, keep, plan_all, plan_changed
from grader.cli.check_drafts import Chosen, print_drafts
from grader.cli.check_mutation import mutate
from grader.cli.check_steadiness import steady
from grader.cli.exit_status import DONE, NOT_ACCEPTED
from grader.content.pack import Pack
from grader.content.unfinished import first_of, marks_left
from grader.engine.engine import Engine
from grader.engine.processor import seconds_of_tree
from grader.errors import ContentError, UsageError
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
    changed: bool = False
    rotate: int | None = None
    turn: int | None = None


def run(order: CheckOrder) -> int:
    """Print each exercise with what speaks against it; 0 when nothing does. Raises UsageError."""
    _refuse_contradictions(order)
    turn = Turn.chosen(order.rotate, order.turn)
    console = Console(file=sys.stdout, highlight=False)  # bound now: examples run with another sys.stdout
    found = wiring.open_packs(order.packs)
    bank_is_meant = not (order.slugs or order.mutate or order.steady)
    problems = check_banks(found, console, verbose=order.verbose) if bank_is_meant else 0
    chosen = _named(found, order) if order.slugs else [(pack, slug) for pack in found for slug in pack.slugs]
    finished, broken = print_drafts(console, chosen)
    problems += broken
    finished = finished if order.slugs else _usable(console, finished)
    if order.mutate:
        problems += mutate(console, finished, seed=1, lanes=order.jobs, record=order.record)
    elif order.steady:
        problems += steady(console, finished, record=order.record)
    elif finished:
        problems += _prove(console, finished, order, turn)
    return DONE if problems == 0 else NOT_ACCEPTED


def _named(packs: Sequence[Pack], order: CheckOrder) -> list[tuple[Pack, str]]:
    """The exercises that were named, each of the first pack that has it.

    Raises UsageError with the nearest names, and PackageError.
    """
    homes = {slug: pack for pack in reversed(packs) for slug in pack.slugs}
    for slug in order.slugs:
        if slug not in homes:
            wiring.open_exercise(slug, order.packs)
        elif environment := _environment(homes[slug], slug):
            require(environment)
    return [(homes[slug], slug) for slug in dict.fromkeys(order.slugs)]


def _refuse_contradictions(order: CheckOrder) -> None:
    measures = order.mutate or order.steady
    if order.changed and (order.quick or measures):
        raise UsageError(
            "--changed proves; it does not go with --quick, --mutate or --steady",
            "--changed 用于证明，不能与 --quick、--mutate 或 --steady 合用",
        )
    if (order.rotate or order.turn) and not order.changed:
        raise UsageError(
            "--rotate and --turn say what --changed proves beside what has changed; give --changed too",
            "--rotate 和 --turn 指定 --changed 在改动之外再证明哪些题；请同时给出 --changed",
        )
    if order.record and order.quick and not measures:
        raise UsageError(
            "--quick proves only some claims, which is nothing to record; leave out --quick or --record",
            "--quick 只证明部分断言，不能记录；请去掉 --quick 或 --record",
        )


def _usable(console: Console, chosen: Sequence[tuple[Pack, str]]) -> list[tuple[Pack, str]]:
    """Those whose environments are installed here; of the others, how many there are and what to install."""
    environments = {(pack.root, slug): _environment(pack, slug) for pack, slug in chosen}
    lacked = lacking(environments.values())
    usable = [(pack, slug) for pack, slug in chosen if environments[pack.root, slug] not in lacked]
    for environment, package in lacked.items():
        count = sum(one == environment for one in environments.values())
        print_line(console, f"! exercises that were not checked: {count}; {missing(package)}", "yellow")
    return usable


def _environment(pack: Pack, slug: str) -> str:
    """Empty where the manifest cannot be read, which checking it will say."""
    try:
        return pack.exercise(slug).environment
    except ContentError:
        return ""


def _planned(console: Console, chosen: Chosen, order: CheckOrder, turn: Turn | None) -> list[Plan]:
    """What to prove of each exercise. Raises ContentError before anything is proven."""
    plans = plan_all(chosen, Claims(seeds=range(1, order.seeds + 1), quick=order.quick))
    return plan_changed(console, plans, order.seeds, turn) if order.changed else plans


def _prove(console: Console, chosen: Chosen, order: CheckOrder, turn: Turn | None) -> int:
    """Prove each exercise; how many claims do not hold."""
    problems = 0
    plans = _planned(console, chosen, order, turn)
    lanes = 1 if order.timing else order.jobs
    wiring.require_level("strict")
    with wiring.own_engine("strict", warm=True) as engine, ThreadPoolExecutor(max_workers=lanes) as pool:
        tasks = [(plan, pool.submit(_timed, plan, engine)) for plan in plans]
        failed = []
        for plan, task in tasks:
            findings, seconds = task.result()
            timing = f" · {seconds / len(plan.claims.seeds):.1f} s of CPU per seed" if order.timing else ""
            problems += _print(console, plan.slug, findings, timing + plan.vouched)
            failed += [(plan.slug, findings)] if _against(findings) else []
            if order.record:
                keep(plan, findings)
    _print_again(console, failed, len(plans))
    return problems


def _timed(plan: Plan, engine: Engine) -> tuple[list[Finding], float]:
    """The findings, and the processor time that went by in this process and all below it."""
    started = seconds_of_tree(os.getpid())
    findings = _findings(plan.pack, plan.slug, engine, plan.claims)
    return findings, seconds_of_tree(os.getpid()) - started


def _findings(pack: Pack, slug: str, engine: Engine, claims: Claims) -> list[Finding]:
    try:
        exercise = pack.check_exercise(slug)
        left = first_of(marks_left(pack, slug))
    except ContentError as error:
        return [Finding(claim="its files keep the format", against=(str(error), *getattr(error, "__notes__", ())))]
    if left:  # what is not written yet proves nothing
        return [Finding(claim="nothing of it is left to write", against=left)]
    return list(check(exercise, engine, claims))


def _against(findings: Sequence[Finding]) -> list[Finding]:
    return [finding for finding in findings if not finding.holds]


def _print_again(console: Console, failed: Sequence[tuple[str, list[Finding]]], of: int) -> None:
    """What failed, below dozens of lines on what did not: the end is what a person sees, and what logs keep."""
    if failed and of > 1:
        console.print(f"\n{len(failed)} of {of} exercises have claims that do not hold:", style="red", soft_wrap=True)
        for slug, findings in failed:
            _print(console, slug, findings, "")


def _print(console: Console, slug: str, findings: list[Finding], timing: str) -> int:
    bad = _against(findings)
    style = "red" if bad else "green"
    mark, held = "✗" if bad else "✓", len(findings) - len(bad)
    console.print(f"{mark} {slug}: {held} of {len(findings)} claims hold{timing}", style=style, soft_wrap=True)
    for finding in bad:
        console.print(f"  ✗ {finding.claim}", style="red", markup=False)
        for reason in finding.against:
            console.print(f"      {reason}", markup=False, soft_wrap=True)
    return len(bad)
