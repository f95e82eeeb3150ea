"""`viva check --bank`: what is wrong with entries. It reads and runs nothing, so it works on every system."""

from __future__ import annotations

import sys
from pathlib import Path

from grader import wiring
from grader.cli.exit_status import DONE, NOT_ACCEPTED
from grader.content.bank_check import BankReport, check_bank
from grader.content.pack import Pack
from grader.report.console import Console


def run_bank(packs: tuple[Path, ...], *, verbose: bool) -> int:
    """Print what is wrong with the entries of the packs that are named, else of the built-in one; 0 when nothing is."""
    found = wiring.open_packs(packs)
    problems = check_banks(found[: len(packs)] or found, Console(file=sys.stdout, highlight=False), verbose=verbose)
    return DONE if problems == 0 else NOT_ACCEPTED


def check_banks(packs: list[Pack], console: Console, *, verbose: bool) -> int:
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
    print_line(console, f"bank {pack.root} · {counts}{more}", "red" if report.problems else "")
    for problem in report.problems:
        print_line(console, f"  ✗ {problem}", "red")
    if verbose:
        for warning in report.warnings:
            print_line(console, f"  ! {warning}", "yellow")
        for figure in report.statistics:
            print_line(console, f"    {figure}", "")


def print_line(console: Console, text: str, style: str) -> None:
    """One line, however long: it names files, which somebody will copy."""
    console.print(text, style=style, markup=False, soft_wrap=True)
