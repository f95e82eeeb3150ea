"""Starting a guest parent, and handing out client sockets to it."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from grader.box import bubblewrap, root
from grader.errors import BoxError
from grader.wire.passing import receive_message, send_message
from grader.wire.threads import ONE_THREAD

START_WITHIN_S = 120.0  # a cold disk and a loaded machine included
_FIRST_UID = 700_000  # an unprivileged identity that belongs to nobody else, for parents that root starts
_UIDS = 65_536
_BASE = {"LANG": "C.UTF-8", **ONE_THREAD}
_BOOT = (
    "import sys; sys.path[:0] = {path!r}; from grader.guest.parent import main; "
    "main({control}, {environment!r}, strict={strict}, warm={warm})"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ParentSpec:
    """One kind of guest parent: what it imports, which packages are on disk, how strictly its children are confined."""

    environment: str
    packages: tuple[str, ...]
    strict: bool = True
    warm: bool = False


class GuestParent:
    """A running guest parent. `start` returns at once; the first use waits until it is ready."""

    def __init__(self, spec: ParentSpec) -> None:
        self.spec = spec
        self.versions: dict[str, str] = {}
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the process
        self._control, theirs = socket.socketpair()
        with theirs:
            self._process = self._launch(theirs.fileno())
        self._ready = False

    @property
    def pid(self) -> int:
        """Process id of the outermost process (bubblewrap's own where there is one)."""
        return self._process.pid

    def alive(self) -> bool:
        """Whether the process is still there."""
        return self._process.poll() is None

    def wait_ready(self) -> None:
        """Wait for the imports; raises BoxError with what the process said when it did not come up."""
        if self._ready:
            return
        self._control.settimeout(START_WITHIN_S)
        try:
            message = receive_message(self._control)
        except OSError:
            message = None
        if message is None:
            raise BoxError(f"the guest parent did not start: {last_words(self._process, self._stderr)}")
        self.versions = message[0]["versions"]
        self._ready = True

    def client(self) -> socket.socket:
        """A new socket over which one judge may ask for boxes; raises BoxError when the parent is gone."""
        self.wait_ready()
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                send_message(self._control, {"event": "client"}, (theirs.fileno(),))
            except OSError as error:
                ours.close()
                raise BoxError("the guest parent is gone") from error
        return ours

    def close(self) -> None:
        """End the parent and every box below it, and wait until it is gone."""
        self._control.close()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._stderr.close()

    def _launch(self, control: int) -> subprocess.Popen[bytes]:
        spec = self.spec
        path = [root.OWN, root.SITE] if spec.strict else [str(_package_folder()), *_site_folders()]
        boot = _BOOT.format(
            path=path, control=control, environment=spec.environment, strict=spec.strict, warm=spec.warm
        )
        if not spec.strict:
            command = [sys.executable, "-I", "-S", "-c", boot]
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._stderr,
                pass_fds=(control,),
                env=_BASE,
                cwd="/",
            )
        return self._launch_boxed(boot, control)

    def _launch_boxed(self, boot: str, control: int) -> subprocess.Popen[bytes]:
        program, libraries = bubblewrap.find()
        prepared = root.build(self.spec.packages)
        orders = {
            "bwrap": str(program),
            "libraries": str(libraries),
            "uid": _FIRST_UID + os.getpid() % _UIDS,
            "binds": [(str(bind.source), bind.target) for bind in prepared.binds],
            "links": prepared.links,
            "covered": prepared.covered,
            "environment": {"LD_LIBRARY_PATH": f"{root.PYTHON_HOME}/lib", "HOME": "/tmp", **_BASE},  # noqa: S108
            "command": [prepared.python, "-I", "-S", "-B", "-c", boot],
        }
        launcher = Path(__file__).with_name("launch.py")
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(launcher)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=self._stderr,
            pass_fds=(control,),
            cwd="/",
        )
        assert process.stdin is not None
        with contextlib.suppress(BrokenPipeError), process.stdin:
            process.stdin.write(json.dumps(orders).encode())
        return process


def last_words(process: subprocess.Popen[bytes], stderr: IO[bytes]) -> str:
    """The last line that a process of ours wrote to its standard error before it ended."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(timeout=2)
    stderr.seek(0)
    text = stderr.read().decode("utf-8", "replace").strip()
    return text.splitlines()[-1] if text else "it ended without a word"


def _package_folder() -> Path:
    return Path(__file__).resolve().parent.parent.parent


def _site_folders() -> list[str]:
    return [entry for entry in sys.path if entry.endswith(("site-packages", "dist-packages"))]
