"""A disk that is full, at every place that the service writes to; then there is room again."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest

from grader.client import Client, ServiceError
from grader.errors import StoreError
from grader.service.signing import Signer
from tests.service.command import end, serve, until_ready
from tests.service.running import EXERCISES

FULL = "disk of the database is full"
MOST_UNTIL_FULL = 100
pytestmark = [
    pytest.mark.skipif(
        os.geteuid() != 0 or shutil.which("mount") is None,
        reason="small disks are mounted as root (run these tests as root to see what a full one does)",
    )
]


@dataclass
class Disk:
    """A small disk."""

    folder: Path

    def fill(self) -> None:
        """Leave no room on it."""
        with suppress(OSError), (self.folder / "ballast").open("ab", buffering=0) as file:
            while True:
                file.write(bytes(4096))

    def clear(self) -> None:
        """Let there be room again."""
        (self.folder / "ballast").unlink()


@contextmanager
def disk(folder: Path, size: str) -> Iterator[Disk]:
    """A disk of so many bytes, mounted on a folder."""
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=755", "none", folder], check=True)
    try:
        yield Disk(folder)
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def test_half_a_signing_key_is_never_kept(place: Path) -> None:
    """The sentence names the file; with room again, a key is drawn as if nothing had been."""
    with disk(place / "data", "16k") as data:
        data.fill()
        with pytest.raises(StoreError, match=re.escape(str(data.folder / "signing.key"))):
            Signer(data.folder)
        assert [one.name for one in data.folder.iterdir()] == ["ballast"]
        data.clear()
        first = Signer(data.folder)
        assert Signer(data.folder).key.key_id == first.key.key_id


@pytest.mark.slow
def test_a_first_start_on_a_full_disk_says_where_and_works_later(place: Path) -> None:
    """`viva serve` ends with status 2 and one sentence that names the folder; with room it starts."""
    with disk(place / "data", "20m") as data:
        failed = serve(data.folder, place / "log")
        assert failed.wait(120) == 2
        sentence = (place / "log").read_text().strip().splitlines()[-1]
        assert str(data.folder / "postgresql") in sentence
        assert "room" in sentence
        subprocess.run(["mount", "-o", "remount,size=400m", data.folder], check=True)
        started = serve(data.folder, place / "log")
        until_ready(started)
        assert end(started) == 0


@pytest.mark.slow
def test_what_was_acknowledged_survives_full_disks(place: Path) -> None:
    """The database's, the temporary folder's and the log's, in turn; each is full for a while.

    What was acknowledged has its verdict, what was refused left nothing, and nobody starts anything again.
    """
    source = EXERCISES["f1_auc"].solution.read_text("utf-8")
    with (
        disk(place / "data", "400m") as data,
        disk(place / "tmp", "64m") as temporary,
        disk(place / "log", "1m") as log,
    ):
        temporary.folder.chmod(0o1777)
        service = serve(data.folder, log.folder / "log", TMPDIR=str(temporary.folder))
        try:
            url, key, _ = until_ready(service)
            with Client(url, key) as client:
                sent: list[str] = []
                refusals: list[str] = []
                for full in (None, log, temporary, data):
                    if full is not None:
                        full.fill()
                    # Files have room of their own left where the disk has none: the database's goes on for a while.
                    for tried in range(MOST_UNTIL_FULL):
                        one = submit(client, source, refusals)
                        sent += [one] if one else []
                        if tried >= 3 and (full is not data or any(FULL in one for one in refusals)):
                            break
                    time.sleep(3)
                    if full is not None:
                        full.clear()
                    after = None
                    while after is None:
                        after = submit(client, source, refusals)
                    sent.append(after)
                    verdicts = [verdict_of(client, one) for one in sent]
                    assert verdicts == ["accepted"] * len(sent), (full, refusals)
                kept = {one.id for one in client.submissions()}
            assert kept == set(sent)
            assert service.poll() is None
            assert any(FULL in one for one in refusals), refusals
        finally:
            status = end(service)
        assert status == 0


def submit(client: Client, source: str, refusals: list[str]) -> str | None:
    """The id of what was acknowledged; None where it was refused, which is noted."""
    try:
        return client.submit("f1_auc", source, idempotency_key=uuid4().hex).id
    except ServiceError as error:
        if error.status not in {0, 500, 503}:
            raise
        refusals.append(str(error))
        time.sleep(0.5)
        return None


def verdict_of(client: Client, submission: str) -> str | None:
    """How it ended, when it has; asked again while the service cannot answer."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        with suppress(ServiceError):
            found = client.get(submission, wait_s=10)
            if found.verdict is not None:
                return str(found.verdict["status"])
    return None
