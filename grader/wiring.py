"""Picks the adapters: which packs, which engine, how strictly isolated. Front ends ask here and nowhere else."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from grader.content.pack import Pack, builtin_pack_root, find_exercise
from grader.engine.engine import Engine
from grader.errors import UsageError
from grader.model.exercise import Exercise

LEVELS = ("strict", "process")


def open_packs(extra: Sequence[Path] = ()) -> list[Pack]:
    """The packs to look in: those that were named, then the built-in one."""
    return [*(Pack(path) for path in extra), Pack(builtin_pack_root())]


def open_exercise(slug: str, extra: Sequence[Path] = ()) -> Exercise:
    """The exercise `slug` of the first pack that has it; raises UsageError with the nearest slugs."""
    return find_exercise(open_packs(extra), slug)


def open_engine(level: str, *, warm: bool) -> Engine:
    """An engine at an isolation level; raises UsageError for a level that this system does not have."""
    if level not in LEVELS:
        raise UsageError(f"there is no isolation level {level!r}; choose one of {', '.join(LEVELS)}")
    if level == "strict" and sys.platform != "linux":
        raise UsageError("strict isolation needs Linux; for practice on your own machine add `--isolation process`")
    if sys.platform == "win32":
        raise UsageError("grading needs Linux or macOS; on Windows use WSL, or run the public cases with pytest")
    return Engine(strict=level == "strict", warm=warm)
