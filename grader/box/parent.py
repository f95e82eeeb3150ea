"""Starting a guest parent, and handing out client sockets to it."""

from __future__ import annotations

import contextlib
import json
import select
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from grader.box import bubblewrap, faults, gpu, root
from grader.box.delegation import NotDelegated, Subtree, make_subtree
from grader.box.identity import Identity
from grader.errors import BoxError, JudgeError
from grader.guest.environments import named
from grader.guest.placement import CPU
from grader.wire.passing import receive_message, send_message
from grader.wire.threads import ONE_THREAD

START_WITHIN_S = 120.0  # a cold disk and a loaded machine included
ANSWERS_WITHIN_S = 5.0  # a parent does nothing that takes long
_BASE = {"LANG": "C.UTF-8", **ONE_THREAD}
_BOOT = (
    "import sys; sys.path[:0] = {path!r}; from grader.guest.parent import main; "
    "main({control}, {environment!r}, {packages!r}, strict={strict}, warm={warm}, "
    "cgroups={cgroups}, without_cgroup={without_cgroup!r}, device={device!r}, gpu_lanes={gpu_lanes})"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ParentSpec:
    """One kind of guest parent: what it imports, which packages it has too, how strictly its children are confined.

    `device` is where the tensors of its children live; on a GPU, at most `gpu_lanes` of them wait with a context.
    """

    environment: str
    packages: tuple[str, ...]
    strict: bool = True
    warm: bool = False
    device: str = CPU
    gpu_lanes: int = 1

    def on_disk(self) -> tuple[str, ...]:
        """The environment's own packages and those that are allowed beside; raises BoxError when it does not exist."""
        try:
            return (*named(self.environment).packages, *self.packages)
        except ValueError as error:
            raise BoxError(str(error)) from error


class GuestParent:
    """A running guest parent. It is made at once; the first use waits until it is ready. Safe to use from threads.

    Where it is boxed, the kernel ends it together with the thread that made it: make it in one that lives on.
    """

    def __init__(self, spec: ParentSpec) -> None:
        self.spec = spec
        self._lock = threading.Lock()
        self.versions: dict[str, str] = {}
        self._cgroups: Subtree | None = None
        self._without_cgroup = ""
        self._gpu = None if spec.device == CPU else gpu.require()
        self._identity: Identity | None = None
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
        return still_there(self._process, self._control)

    def answers(self) -> bool:
        """Whether the parent itself still answers: a process that is being ended may be there for a while longer."""
        with self._lock:
            return answers(self._control)

    def wait_ready(self) -> None:
        """Wait for the imports; raises BoxError with what the process said when it did not come up."""
        with self._lock:
            if not self._ready:
                self._receive_state()

    def _receive_state(self) -> None:
        try:
            self._control.settimeout(START_WITHIN_S)
            message = receive_message(self._control)
        except OSError:
            message = None
        if message is None:
            raise BoxError(_refusal(last_words(self._process, self._stderr)))
        self.versions = {**message[0]["versions"], **(self._gpu.versions if self._gpu else {})}
        self._ready = True

    def client(self, forbid: Sequence[str] = ()) -> socket.socket:
        """A new socket over which one judge may ask for boxes, in which the names in `forbid` are out of reach.

        Raises BoxError when the parent did not come up, JudgeError when it has gone since.
        """
        self.wait_ready()
        ours, theirs = socket.socketpair()
        with theirs, self._lock:
            try:
                send_message(self._control, {"event": "client", "forbid": list(forbid)}, (theirs.fileno(),))
            except OSError as error:
                ours.close()
                raise JudgeError("the guest parent is gone") from error
        return ours

    def dismiss(self) -> None:
        """Tell the parent to end, without waiting for it."""
        dismiss(self._control)

    def close(self) -> None:
        """End the parent and every box below it, and wait until it is gone."""
        end(self._process, self._control)
        with self._lock:
            self._stderr.close()
            self._drop_cgroups("it was closed")
            if self._identity is not None:
                self._identity.close()

    def _launch(self, control: int) -> subprocess.Popen[bytes]:
        if self.spec.strict:
            return self._launch_boxed(control)
        command = [sys.executable, "-I", "-S", "-c", self._boot(control, [str(_package_folder()), *_site_folders()])]
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self._stderr,
            pass_fds=(control,),
            env=self._variables(),
            cwd="/",
            start_new_session=True,  # a Ctrl-C is the engine's to answer
        )

    def _boot(self, control: int, path: list[str]) -> str:
        """What the parent's interpreter is to run."""
        return _BOOT.format(
            path=path,
            control=control,
            environment=self.spec.environment,
            packages=self.spec.packages,
            strict=self.spec.strict,
            warm=self.spec.warm,
            cgroups=-1 if self._cgroups is None else self._cgroups.handle,
            without_cgroup=self._without_cgroup,
            device=self.spec.device,
            gpu_lanes=self.spec.gpu_lanes,
        )

    def _variables(self) -> dict[str, str]:
        """The parent's environment; on a GPU it names that one, elsewhere it hides them all."""
        return _BASE if self._gpu is None else {**_BASE, "CUDA_VISIBLE_DEVICES": self._gpu.uuid}

    def _launch_boxed(self, control: int) -> subprocess.Popen[bytes]:
        program, libraries = bubblewrap.find()
        prepared = root.build(self.spec.on_disk(), self._gpu.libraries if self._gpu else ())
        self._take_cgroups()
        self._identity = Identity()
        process = self._start_launcher(control)
        self._admit(process.pid)
        orders = {
            "bwrap": str(program),
            "libraries": str(libraries),
            "uids": self._identity.uids,
            "binds": [(str(bind.source), bind.target) for bind in prepared.binds],
            "links": prepared.links,
            "covered": prepared.covered,
            "environment": {"LD_LIBRARY_PATH": f"{root.PYTHON_HOME}/lib", "HOME": "/tmp", **self._variables()},  # noqa: S108
            "nodes": list(self._gpu.nodes) if self._gpu else [],
            "command": [prepared.python, "-I", "-S", "-B", "-c", self._boot(control, [root.OWN, root.SITE])],
            "cgroups": -1 if self._cgroups is None else self._cgroups.handle,
        }
        assert process.stdin is not None
        with contextlib.suppress(BrokenPipeError), process.stdin:
            process.stdin.write(json.dumps(orders).encode())
        return process

    def _start_launcher(self, control: int) -> subprocess.Popen[bytes]:
        """A process that waits for its orders on standard input."""
        launcher = Path(__file__).with_name("launch.py")
        return subprocess.Popen(
            [sys.executable, "-I", "-S", str(launcher)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=self._stderr,
            pass_fds=(control,) if self._cgroups is None else (control, self._cgroups.handle),
            cwd="/",
            start_new_session=True,
        )

    def _take_cgroups(self) -> None:
        try:
            self._cgroups = make_subtree()
        except NotDelegated as error:
            self._without_cgroup = str(error)

    def _admit(self, pid: int) -> None:
        """Move the process that will be the parent, which waits for its orders, into its control group."""
        if self._cgroups is not None:
            try:
                self._cgroups.admit(pid)
            except OSError as error:
                self._drop_cgroups(f"a guest parent could not be moved to its control group: {error}")

    def _drop_cgroups(self, reason: str) -> None:
        if self._cgroups is not None:
            self._cgroups.close()
            self._cgroups, self._without_cgroup = None, reason


def still_there(process: subprocess.Popen[bytes], control: socket.socket) -> bool:
    """Whether a parent's process runs and holds its end of `control`; its outermost process may outlive the parent."""
    if process.poll() is not None or control.fileno() < 0:
        return False
    poll = select.poll()
    poll.register(control, 0)
    return not poll.poll(0)


def answers(control: socket.socket) -> bool:
    """Whether a parent that is ready answers a question on its `control`; one that is on its way out never does."""
    ours, theirs = socket.socketpair()
    with ours:
        try:
            with theirs:
                send_message(control, {"event": "ping"}, (theirs.fileno(),))
            ours.settimeout(ANSWERS_WITHIN_S)
            return receive_message(ours) is not None
        except OSError:
            return False


def dismiss(control: socket.socket) -> None:
    """Close `control` for both sides, which ends a parent; who waits for its words hears that it ended."""
    with contextlib.suppress(OSError):
        control.shutdown(socket.SHUT_RDWR)


def end(process: subprocess.Popen[bytes], control: socket.socket) -> None:
    """End a parent, and wait until it is gone."""
    dismiss(control)
    control.close()
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def last_words(process: subprocess.Popen[bytes], stderr: IO[bytes]) -> str:
    """The last line that a process of ours wrote to its standard error before it ended."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(timeout=2)
    if stderr.closed:
        return "it was closed"
    stderr.seek(0)
    text = stderr.read().decode("utf-8", "replace").strip()
    return text.splitlines()[-1] if text else "it ended without a word"


def _refusal(words: str) -> str:
    """What a person should read when a guest parent did not come up; bubblewrap itself does not speak of layers."""
    named = faults.named(words)
    advice = "; `viva doctor` says what to switch on" if "the layer" in named else ""
    return f"the guest parent did not start: {named}{advice}"


def _package_folder() -> Path:
    return Path(__file__).resolve().parent.parent.parent


def _site_folders() -> list[str]:
    return [entry for entry in sys.path if entry.endswith(("site-packages", "dist-packages"))]
