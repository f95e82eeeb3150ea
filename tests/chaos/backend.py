"""The grading backend under disturbance: `viva serve` as a person runs it, and a worker at the far end of a line."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from psycopg.conninfo import make_conninfo

from tests.chaos.line import Line

ROOT = Path(__file__).parents[2]


@dataclass
class Backend:
    """`viva serve` on one port and folder, started again where it was killed."""

    folder: Path
    port: int
    process: subprocess.Popen[str] | None = None
    first_key: str = ""
    starts: int = 0

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it and wait until it is ready; what it says is kept in a file."""
        log = (self.folder / "log").open("a")
        self.process = subprocess.Popen(
            [
                *(
                    sys.executable,
                    "-m",
                    "grader",
                    "serve",
                    "--port",
                    str(self.port),
                    "--data",
                    str(self.folder / "data"),
                ),
                *("--workers", "2", "--lanes", "2", "--allow-inside", "--lang", "en"),
            ],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            cwd=ROOT,
        )
        self.starts += 1
        assert self.process.stdout is not None
        said = ""
        for line in self.process.stdout:
            said += line
            if line.startswith("ready"):
                break
        found = re.search(r"viva_[0-9a-f]{12}_[0-9a-f]{64}", said)
        self.first_key = found[0] if found else self.first_key
        if "ready" not in said:
            raise SystemExit(f"viva serve did not start:\n{said}\n{(self.folder / 'log').read_text()[-3000:]}")

    def alive(self) -> bool:
        """Whether it runs."""
        return self.process is not None and self.process.poll() is None

    def stop(self) -> int:
        """Ctrl-C, and its exit status."""
        assert self.process is not None
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(90)

    def tenant_key(self, name: str) -> str:
        """A key of a tenant that is added if need be, by the operator's commands."""
        for words in (
            ["tenant", "add", name, "--feedback", "full"],
            ["key", "new", "--tenant", name, "--scope", "submit,read,admin"],
        ):
            done = subprocess.run(
                [sys.executable, "-m", "grader", *words, "--data", str(self.folder / "data"), "--lang", "en"],
                capture_output=True,
                text=True,
                check=True,
                cwd=ROOT,
            )
        return done.stdout.split()[0]

    def line(self) -> Line:
        """A line to its database."""
        place = self.folder / "data" / "postgresql"
        return Line(make_conninfo(host=str(place), user="postgres", dbname="postgres"))

    def workers(self) -> list[psutil.Process]:
        """Its own worker processes."""
        if self.process is None or not self.alive():
            return []
        with suppress(psutil.Error):
            return [one for one in psutil.Process(self.process.pid).children() if "worker" in cmdline(one)]
        return []


@dataclass
class FarWorker:
    """`viva worker` at the far end of a line; started again where it ended, as an operator's supervisor would."""

    line: Line
    log: Path
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def keep(self) -> None:
        """Start it where it does not run."""
        if self.process is not None and self.process.poll() is None:
            return
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "grader", "worker", "--lanes", "2", "--lang", "en"],
                env={**os.environ, "VIVA_DATABASE": self.line.url},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=ROOT,
            )

    def end(self) -> None:
        """SIGTERM, and wait."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(90)


def cmdline(process: psutil.Process) -> str:
    """Its command line, empty where it is gone."""
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
