"""`viva serve` as a process of its own."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from grader.client import Client

ROOT = Path(__file__).parents[2]


def serve(data: Path, log: Path, **environment: str) -> subprocess.Popen[str]:
    """`viva serve` with a worker; its log goes to a file."""
    with log.open("a") as stream:
        return subprocess.Popen(
            [
                *(sys.executable, "-m", "grader", "serve", "--port", "0", "--workers", "1", "--lanes", "2"),
                *("--lang", "en", "--data", str(data)),
            ],
            stdout=subprocess.PIPE,
            stderr=stream,
            text=True,
            env={**os.environ, **environment},
            cwd=ROOT,
        )


def said_until_ready(process: subprocess.Popen[str]) -> str:
    """All that it said until it was ready, or until its end."""
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if line.startswith("ready"):
            break
    return said


def until_ready(process: subprocess.Popen[str]) -> tuple[str, str, str]:
    """Where it listens, its first key, and all that it said until then."""
    said = said_until_ready(process)
    key, url = re.search(r"viva_[0-9a-f]{12}_[0-9a-f]{64}", said), re.search(r"http://[0-9.:]+", said)
    assert key is not None, said
    assert url is not None, said
    return url[0], key[0], said


def end(process: subprocess.Popen[str]) -> int:
    """Its exit status after Ctrl-C."""
    process.send_signal(signal.SIGINT)
    return process.wait(90)


@contextmanager
def served(data: Path, log: Path, **environment: str) -> Iterator[tuple[Client, str]]:
    """A client of it with its first key, and what it said; it ends as by Ctrl-C."""
    process = serve(data, log, **environment)
    try:
        url, key, said = until_ready(process)
        with Client(url, key) as client:
            yield client, said
    finally:
        end(process)
