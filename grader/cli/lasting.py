"""Whether an engine should outlive a command: a person at a terminal who grades once usually grades again."""

from __future__ import annotations

import os
import sys
import time
from typing import Final

from grader import wiring
from grader.errors import GraderError
from grader.model.text import Lang
from grader.report.catalogue import say

A_SITTING_S: Final = 20 * 60
IDLE_MINUTES: Final = 30.0
_MARK: Final = "graded"  # a file that is touched by every grading at a terminal


def open_lasting(level: str, lang: Lang, *, warm: bool, at_once: bool, gpu_lanes: int = 1) -> wiring.AnyEngine:
    """An engine; one that stays in the background where a person will grade again, which `at_once` says.

    Without it the second grading of a sitting says so. Scripts and `VIVA_ENGINE=own` never leave anything behind.
    Raises UsageError for a level that this system does not have.
    """
    wiring.require_level(level)
    if gpu_lanes == 1 and _is_a_person_s(level):
        try:
            if (_grades_again() or at_once) and wiring.keep_engine(60 * IDLE_MINUTES):
                _tell(say("engine.kept", lang, minutes=f"{IDLE_MINUTES:g}"))
        except (GraderError, OSError):  # it is a convenience: without it the command brings its own engine
            pass
    return wiring.open_engine(level, warm=warm, gpu_lanes=gpu_lanes)


def _tell(sentence: str) -> None:
    from grader.report.console import Console

    Console(stderr=True).print(sentence, style="dim", markup=False, highlight=False)


def _is_a_person_s(level: str) -> bool:
    wanted = level == "strict" and sys.platform == "linux" and os.environ.get("VIVA_ENGINE") != "own"
    return wanted and sys.stdout.isatty() and sys.stderr.isatty()


def _grades_again() -> bool:
    """Whether this user graded at a terminal a short while ago; notes that they do so now."""
    mark = wiring.background_place().folder / _MARK
    try:
        again = time.time() - mark.stat().st_mtime < A_SITTING_S
    except FileNotFoundError:
        again = False
    mark.touch()
    return again
