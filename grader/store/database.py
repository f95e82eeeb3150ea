"""Opening a progress file: one SQLite database, made and brought up to date when it is opened.

Theory of operation. The write-ahead log lets one terminal read while another writes, and with `synchronous=FULL` a
transaction that was reported as done survives a loss of power. A writing transaction takes the write lock when it
begins (`BEGIN IMMEDIATE`) and waits for another's to end, so what it reads is what it changes. Bringing a file up to
date is one such transaction too: two terminals may try at once, and a kill in the middle leaves the old format. A copy
of the file is laid beside it first. Every transaction has a connection of its own, which costs a fraction of a
millisecond and leaves nothing to share between threads.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from grader.errors import StoreError
from grader.model.text import Text
from grader.store.migrations import APPLICATION_ID, STEPS

PATIENCE_S = 15.0  # how long to wait for another terminal
SWITCH_AGAIN_S = 0.005  # between two attempts to switch a new file to the write-ahead log
Steps = Sequence[tuple[str, ...]]


class UnreadableRow(Exception):
    """A row holds what was never written there."""


class Database:
    """A progress file. Raises StoreError, when it is opened or used, for a file that cannot be used."""

    def __init__(self, path: Path, steps: Steps = STEPS) -> None:
        self.path = path
        self._make_folder()
        with self._explained():
            self._bring_up_to_date(steps)

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A transaction that sees one state of the file; what it changes is dropped."""
        with self._explained(), self._connected() as connection:
            connection.execute("BEGIN")
            yield connection
            connection.execute("ROLLBACK")

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction that happens as a whole or, when the body raises, not at all."""
        with self._explained(), self._connected() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self.path, timeout=PATIENCE_S, isolation_level=None)) as connection:
            connection.row_factory = sqlite3.Row
            _log_ahead(connection)
            connection.execute("PRAGMA synchronous = FULL")
            yield connection

    def _make_folder(self) -> None:
        if self.path.is_dir():
            raise StoreError(
                f"{self.path} is a folder; name a file with --data", f"{self.path} 是目录；请用 --data 指定一个文件"
            )
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(
                f"{self.path.parent} cannot be made ({error.strerror}); name another place with --data or VIVA_HOME",
                f"无法建立 {self.path.parent}（{error.strerror}）；请用 --data 或 VIVA_HOME 指定别处",
            ) from error

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """What SQLite raises, as a sentence that names the file."""
        try:
            yield
        except sqlite3.OperationalError as error:
            reason = _reason(str(error))
            raise StoreError(f"{self.path}: {reason.en}", f"{self.path}：{reason.zh}") from error
        except (sqlite3.DatabaseError, UnreadableRow) as error:
            raise StoreError(
                f"{self.path} is damaged or no database ({error}); move it away to start anew, then "
                "`viva progress import` what you exported",
                f"{self.path} 已损坏或不是数据库（{error}）；请把它移走以重新开始，"
                "再用 `viva progress import` 导入此前导出的内容",
            ) from error

    def _bring_up_to_date(self, steps: Steps) -> None:
        with closing(sqlite3.connect(self.path, timeout=PATIENCE_S, isolation_level=None)) as connection:
            connection.execute("BEGIN")  # one state of the file, though another terminal may be making it right now
            version = self._check(connection, steps)  # before a setting could change a file that is not ours
        if version == len(steps):
            return
        if version:
            self._keep_copy(version)
        with self.writing() as connection:
            version = self._check(connection, steps)  # another terminal may have been quicker
            for statement in (statement for step in steps[version:] for statement in step):
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {len(steps)}")

    def _check(self, connection: sqlite3.Connection, steps: Steps) -> int:
        """The version of the file; StoreError where it is newer than we are, or not ours."""
        owner, version, tables = (
            int(connection.execute(question).fetchone()[0])
            for question in ("PRAGMA application_id", "PRAGMA user_version", "SELECT count(*) FROM sqlite_master")
        )
        if owner != APPLICATION_ID and (owner or version or tables):
            raise StoreError(
                f"{self.path} is a database of another program; name another file with --data",
                f"{self.path} 是其他程序的数据库；请用 --data 指定另一个文件",
            )
        if version > len(steps):
            raise StoreError(
                f"{self.path} was written by a newer viva (format {version}; this one knows {len(steps)}); "
                "upgrade viva, or name another file with --data",
                f"{self.path} 由更新的 viva 写成（格式 {version}，本版本只认到 {len(steps)}）；"
                "请升级 viva，或用 --data 指定另一个文件",
            )
        return version

    def _keep_copy(self, version: int) -> None:
        """A copy of the file in its old format, beside it."""
        copy = self.path.with_name(f"{self.path.name}.format-{version}")
        with closing(sqlite3.connect(self.path)) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)


def _log_ahead(connection: sqlite3.Connection) -> None:
    """Turn the write-ahead log on, which the file then keeps.

    SQLite answers "locked" at once, without waiting, when two connections switch one new file: it is asked again.
    """
    patience_ends = time.monotonic() + PATIENCE_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if not _is_locked(str(error)) or time.monotonic() > patience_ends:
                raise
        time.sleep(SWITCH_AGAIN_S)


def _is_locked(text: str) -> bool:
    return "locked" in text or "busy" in text


def _reason(text: str) -> Text:
    if _is_locked(text):
        return Text(
            en="another program holds it locked; close that program and try again",
            zh="它正被另一个程序锁定；请关闭那个程序后再试",
        )
    if "readonly" in text or "unable to open" in text:
        return Text(
            en=f"it cannot be opened for writing ({text}); mend its permissions, or name another with --data",
            zh=f"无法以写入方式打开（{text}）；请修正其权限，或用 --data 指定另一个",
        )
    if "full" in text:
        return Text(en="the disk is full; make room and try again", zh="磁盘已满；请腾出空间后再试")
    return Text(
        en=f"{text}; name another file with --data if it stays so", zh=f"{text}；若一直如此，请用 --data 换一个文件"
    )
