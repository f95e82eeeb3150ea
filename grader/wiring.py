"""Picks the adapters: which packs, which engine, how strictly isolated. Front ends ask here and nowhere else."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from grader.errors import UsageError
from grader.model.exercise import Exercise

# Content and engine are imported where they are used: an engine can then come up while the rest is still loading.
if TYPE_CHECKING:
    from grader.content.pack import Pack
    from grader.engine.engine import Engine
    from grader.engine.place import Place
    from grader.engine.remote import RemoteEngine
    from grader.store.progress import StoredProgress

AnyEngine: TypeAlias = "Engine | RemoteEngine"
LEVELS = ("strict", "process")
PROGRESS_FILE = "progress.sqlite"


def open_packs(extra: Sequence[Path] = ()) -> list[Pack]:
    """The packs to look in: those that were named, then the built-in one."""
    from grader.content.pack import Pack, builtin_pack_root

    return [*(Pack(path) for path in extra), Pack(builtin_pack_root())]


def open_exercise(slug: str, extra: Sequence[Path] = ()) -> Exercise:
    """The exercise `slug` of the first pack that has it; raises UsageError with the nearest slugs."""
    from grader.content.pack import find_exercise

    return find_exercise(open_packs(extra), slug)


def slug_named(name: str, extra: Sequence[Path] = ()) -> str | None:
    """The slug of the exercise that `name` means, however it is written; None where it means none."""
    from grader.content.pack import slug_named as named

    return named(open_packs(extra), name)


def open_engine(level: str, *, warm: bool) -> AnyEngine:
    """An engine at an isolation level: the background one where it runs, else one that ends with this command.

    Raises UsageError for a level that this system does not have.
    """
    require_level(level)
    if level == "strict" and os.environ.get("VIVA_ENGINE") != "own":
        from grader.engine.remote import RemoteEngine, find

        place = find()
        if place is not None:
            return RemoteEngine(place)
    return own_engine(level, warm=warm, early=True)


def require_level(level: str) -> None:
    """Raise UsageError for an isolation level that this system does not have."""
    if level not in LEVELS:
        from grader.content.suggestion import one_of

        fix = one_of(LEVELS)
        raise UsageError(f"there is no isolation level {level!r}; {fix.en}", f"没有隔离级别 {level!r}；{fix.zh}")
    if level == "strict" and sys.platform != "linux":
        raise UsageError(
            "strict isolation needs Linux; for practice on your own machine add `--isolation process`",
            "strict 隔离需要 Linux；若只是在自己的机器上练习，请加 `--isolation process`",
        )
    if sys.platform == "win32":
        raise UsageError(
            "grading needs Linux or macOS; on Windows use WSL, or run the public cases with pytest",
            "判题需要 Linux 或 macOS；在 Windows 上请用 WSL，或用 pytest 运行公开用例",
        )


def background_place() -> Place:
    """Where a background engine of this user listens; raises UsageError where there can be none."""
    if sys.platform != "linux":
        raise UsageError(
            "the background engine needs Linux; grading works here without it",
            "后台引擎需要 Linux；在这里不用它也能判题",
        )
    from grader.engine.place import Place

    return Place.of_user()


def own_engine(level: str, *, warm: bool, early: bool = False) -> Engine:
    """An engine of this process's own."""
    from grader.engine.engine import Engine  # numpy comes with it: not for a command that grades nothing

    return Engine(strict=level == "strict", warm=warm, early=early)


def open_progress(path: Path | None = None) -> StoredProgress:
    """The progress in the file `path`, else in that of the folder VIVA_HOME or of the platform; raises StoreError."""
    from grader.store.progress import StoredProgress

    return StoredProgress.at(path or progress_path())


def progress_path() -> Path:
    """Where progress is kept when nobody says otherwise."""
    home = os.environ.get("VIVA_HOME")
    if home:
        return Path(home).expanduser() / PROGRESS_FILE
    from platformdirs import user_data_path

    return user_data_path("viva", appauthor=False) / PROGRESS_FILE
