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
    from grader.content.pack_cache import PackCache
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


def open_engine(level: str, *, warm: bool, gpu_lanes: int = 1) -> AnyEngine:
    """An engine at an isolation level: the background one where it runs, else one that ends with this command.

    More than one of `gpu_lanes` is an engine of its own: how many the background one has was said when it was started.
    Raises UsageError for a level that this system does not have.
    """
    require_level(level)
    if level == "strict" and gpu_lanes == 1 and os.environ.get("VIVA_ENGINE") != "own":
        from grader.engine.remote import RemoteEngine, find

        place = find()
        if place is not None:
            return RemoteEngine(place)
    return own_engine(level, warm=warm, early=True, gpu_lanes=gpu_lanes)


def keep_engine(idle_s: float) -> bool:
    """See to it that a background engine runs; whether it was started for that. Raises UsageError where none can be."""
    from grader.engine.remote import find, launch

    if find() is not None:
        return False
    launch(background_place(), idle_s)
    return True


def require_level(level: str) -> None:
    """Raise UsageError for an isolation level that this system does not have."""
    if level not in LEVELS:
        from grader.content.suggestion import one_of

        fix = one_of(LEVELS)
        raise UsageError(f"there is no isolation level {level!r}; {fix.en}", f"没有隔离级别 {level!r}；{fix.zh}")
    if sys.platform == "win32":
        raise UsageError(
            "grading needs Linux or macOS; on Windows use WSL; without it `viva test` runs the public cases",
            "判题需要 Linux 或 macOS；在 Windows 上请用 WSL；不装 WSL 时可用 `viva test` 运行公开用例",
        )
    if level == "strict" and sys.platform != "linux":
        raise UsageError(
            "strict isolation needs Linux; for practice on your own machine add `--isolation process`",
            "strict 隔离需要 Linux；若只是在自己的机器上练习，请加 `--isolation process`",
        )


def require_linux(command: str) -> None:
    """Raise UsageError, which says what works instead, for a command that has boxes or nothing."""
    if sys.platform != "linux":
        raise UsageError(
            f"`viva {command}` needs Linux (on Windows: WSL); here `viva check --bank` looks at entries, and "
            "`viva test` runs public cases",
            f"`viva {command}` 需要 Linux（Windows 上请用 WSL）；在这里可用 `viva check --bank` 检查条目，"
            "用 `viva test` 运行公开用例",
        )


def device_for(wish: str, exercise: Exercise) -> str:
    """`cpu` or `cuda` for a wish (`auto` too): a GPU where the exercise is for one and there is one.

    Raises UsageError where `cuda` is wished for and cannot be had, with what is missing.
    """
    if wish == "cpu" or (wish == "auto" and "cuda" not in exercise.devices):
        return "cpu"
    if "cuda" not in exercise.devices:
        raise UsageError(
            f"{exercise.id} is graded on the CPU only; leave --device out or use `--device cpu`",
            f"{exercise.id} 只在 CPU 上判题；请省略 --device，或用 `--device cpu`",
        )
    try:
        require_gpu()
    except UsageError:
        if wish == "auto":
            return "cpu"
        raise
    return "cuda"


def require_gpu() -> None:
    """Raise UsageError with what is missing where this machine has no GPU for a box."""
    from grader.box.gpu import NoGpu, find

    try:
        find()
    except NoGpu as error:
        raise UsageError(
            f"--device cuda: {error.why.en}; use `--device cpu` meanwhile",
            f"--device cuda：{error.why.zh}；可先用 `--device cpu`",
        ) from error


def background_place() -> Place:
    """Where a background engine of this user listens; raises UsageError where there can be none."""
    if sys.platform != "linux":
        raise UsageError(
            "the background engine needs Linux; leave it out, no command needs it",
            "后台引擎需要 Linux；不必启动它，各命令都不依赖它",
        )
    from grader.engine.place import Place

    return Place.of_user()


def own_engine(level: str, *, warm: bool, early: bool = False, gpu_lanes: int = 1) -> Engine:
    """An engine of this process's own."""
    from grader.engine.engine import Engine  # numpy comes with it: not for a command that grades nothing

    return Engine(strict=level == "strict", warm=warm, early=early, gpu_lanes=gpu_lanes)


def open_pack_cache() -> PackCache:
    """Where this machine keeps packs of the grading backend; for this process alone where that cannot be written."""
    import atexit
    import shutil
    import tempfile

    from grader.content.cache_file import cache_folder
    from grader.content.pack_cache import PackCache

    folder = cache_folder()
    if folder is not None:
        try:
            return PackCache(folder / "packs")
        except OSError:
            pass
    own = Path(tempfile.mkdtemp(prefix="viva-packs-"))
    atexit.register(shutil.rmtree, own, ignore_errors=True)
    return PackCache(own)


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
