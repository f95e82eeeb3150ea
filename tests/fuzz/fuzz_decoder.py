"""Coverage-guided fuzzing of what reads a guest's bytes: the frame reader, the decoder and the exchange on top of it.

Run by `make fuzz`. Whatever arrives, only WireError, ConnectionLost and GuestFailure may come out, and memory stays
below a cap. The corpus is kept in `tests/fuzz/corpus`.
"""

from __future__ import annotations

import contextlib
import resource
import socket
import sys
import threading
import time
import traceback

import atheris
import pandas  # noqa: F401 - tables are read only where it is loaded

with atheris.instrument_imports(include=["grader.wire", "grader.judge"]):
    from grader.errors import WireError
    from grader.judge.failure import rebuild
    from grader.wire.budget import Budget
    from grader.wire.decoder import Decoder
    from grader.wire.frame import Caps, ConnectionLost, FrameReader

CAPS = Caps(blob_bytes=1 << 20)
MEMORY_BYTES = 4 << 30


def read(data: bytes) -> None:
    """Read one frame from `data` and decode it as a value and as the description of an exception."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        writer = threading.Thread(target=_write, args=(theirs, data), daemon=True)
        writer.start()
        with contextlib.suppress(WireError, ConnectionLost):
            budget = Budget.of(64)
            frame = FrameReader(ours, CAPS, budget=budget).read()
            with contextlib.suppress(WireError):
                Decoder(list(frame.blobs), budget=budget).decode(frame.structure)
            print_quickly(rebuild(frame.structure, Decoder(frame.blobs, budget=budget)))
        ours.close()
        writer.join()


def print_quickly(error: Exception) -> None:
    """Whatever the fields of an exception are made of, Python prints it, in little time and few characters."""
    started = time.process_time()
    printed = "".join(traceback.format_exception(error)) + repr(error)
    assert len(printed) < 1_000_000
    assert time.process_time() - started < 2


def _write(stream: socket.socket, data: bytes) -> None:
    with contextlib.suppress(OSError):
        stream.sendall(data)
        stream.shutdown(socket.SHUT_WR)


def main() -> None:
    """Fuzz until the time is up."""
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_BYTES, MEMORY_BYTES))
    atheris.Setup(sys.argv, read)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
