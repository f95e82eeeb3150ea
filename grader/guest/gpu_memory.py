"""Memory of a GPU by process, as NVIDIA's management library (NVML) tells it, for the branch that watches boxes.

Theory of operation. A branch must not load the driver's libraries into a state that its boxes would inherit, so it
forks a *teller* first, which loads NVML, and writes every 50 ms what each process holds. The branch reads what has
arrived and adds up each box. Where there is no NVML, or it does not list a guest that is known to have a context (in a
pid namespace it may not), the memory is not watched: the layer `gpu-memory-watch` is then not among a box's, and nobody
says it holds.

    branch -- fork --> teller (viva-gpu-watch) -- NVML --> the driver
"""

from __future__ import annotations

import ctypes
import os
import socket
import time
from collections.abc import Iterable
from typing import NoReturn, Protocol

from grader.guest.confinement import call_itself, die_with_parent, keep_only
from grader.guest.namespaces import load_libc
from grader.wire.packing import pack, unpack

LAYER = "gpu-memory-watch"
LIBRARY = "libnvidia-ml.so.1"
_EVERY_S = 0.05
_MOST = 512  # processes on one GPU
_SIZE_UNKNOWN = 2**64 - 1
_WORDS = 65_536


class NoNvml(Exception):
    """The library cannot be had, or answers with an error; the words say which."""


class Teller(Protocol):
    """Who knows what processes hold on a GPU."""

    def held(self) -> dict[int, int]:
        """Bytes by pid; raises NoNvml."""


class _Process(ctypes.Structure):
    """`nvmlProcessInfo_t` of version 3."""

    _fields_ = (
        ("pid", ctypes.c_uint),
        ("bytes", ctypes.c_ulonglong),
        ("instance", ctypes.c_uint),
        ("compute", ctypes.c_uint),
    )


class Nvml:
    """The library, on the first GPU that it sees: a box's root has the nodes of one."""

    def __init__(self, library: str = LIBRARY) -> None:
        """Load and initialize it; raises NoNvml."""
        try:
            self._library = ctypes.CDLL(library)
        except OSError as error:
            raise NoNvml(str(error)) from error
        self._device = ctypes.c_void_p()
        self._ask("nvmlInit_v2")
        self._ask("nvmlDeviceGetHandleByIndex_v2", ctypes.c_uint(0), ctypes.byref(self._device))

    def held(self) -> dict[int, int]:
        """Bytes by pid, of processes whose number it knows."""
        count, rows = ctypes.c_uint(_MOST), (_Process * _MOST)()
        self._ask("nvmlDeviceGetComputeRunningProcesses_v3", self._device, ctypes.byref(count), rows)
        return {row.pid: row.bytes for row in rows[: count.value] if row.bytes != _SIZE_UNKNOWN}

    def _ask(self, name: str, *arguments: object) -> None:
        try:
            code = getattr(self._library, name)(*arguments)
        except AttributeError as error:
            raise NoNvml(f"{LIBRARY} has no {name}") from error
        if code != 0:
            raise NoNvml(f"{name} answered {code}")


class GpuMemory:
    """What processes hold, as the teller says; nothing where there is no teller."""

    def __init__(self, stream: socket.socket | None, reason: str = "") -> None:
        """`reason` says why there is none."""
        self._stream = stream
        self.reason = reason
        self._held: dict[int, int] = {}

    @classmethod
    def begin(cls, library: str = LIBRARY) -> GpuMemory:
        """Fork a teller and hear its first words, which say whether there is NVML."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        if os.fork() == 0:
            ours.close()
            _tell(theirs, library)
        theirs.close()
        ours.settimeout(10.0)
        try:
            first = unpack(ours.recv(_WORDS))
        except OSError as error:
            return cls(None, f"NVML did not answer: {error}")
        except Exception:  # noqa: BLE001 - an empty message: the teller died
            return cls(None, "NVML ended its process")
        if "absent" in first:
            ours.close()
            return cls(None, first["absent"])
        ours.setblocking(False)
        return cls(ours)

    def bytes_of(self, pids: Iterable[int]) -> int | None:
        """What these processes hold together; None where nobody can tell, or none of them is known."""
        self._hear()
        known = [self._held[pid] for pid in pids if pid in self._held]
        return sum(known) if self._stream is not None and known else None

    def sees(self, pid: int, within_s: float = 2.0) -> bool:
        """Whether a process that has a context is listed under the number that it has here."""
        ends = time.monotonic() + within_s
        while self._stream is not None and time.monotonic() < ends:
            self._hear()
            if pid in self._held:
                return True
            time.sleep(_EVERY_S)
        return False

    def give_up(self) -> None:
        """Ask nobody any more."""
        if self._stream is not None:
            self._stream.close()
            self._stream, self.reason, self._held = None, "NVML lists processes by numbers that mean nothing here", {}

    def _hear(self) -> None:
        while self._stream is not None:
            try:
                words = self._stream.recv(_WORDS)
            except BlockingIOError:
                return
            except OSError:
                words = b""
            if not words:
                self._stream.close()
                self._stream, self.reason, self._held = None, "NVML ended its process", {}
                return
            self._held = dict(unpack(words)["held"])


NONE = GpuMemory(None, "there is no GPU")


def _tell(stream: socket.socket, library: str) -> NoReturn:
    """The life of a teller, until the branch ends."""
    try:
        libc = load_libc()
        keep_only({2: 2, 3: stream.detach()})
        die_with_parent(libc)
        call_itself(libc, "viva-gpu-watch")
        with socket.socket(fileno=3) as mine:
            try:
                teller = Nvml(library)
                while True:
                    mine.send(pack({"held": list(teller.held().items())}))
                    time.sleep(_EVERY_S)
            except NoNvml as error:
                mine.send(pack({"absent": str(error)}))
    finally:
        os._exit(0)
