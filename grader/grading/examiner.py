"""The examiner: a small process that looks at hostile sources so that the process which serves everyone need not.

Theory of operation. The client (`examiners`) starts this module in a fresh interpreter and holds `control`, a socket
over which it passes one stream for each source. The examiner forks a child for each stream, and never reads from one
itself. The child reads the question until its end, gives up all rights, writes READY, looks, writes its answer, and
ends. So whatever a source does to the child is done to nobody else, and a child that ends after READY without an
answer ended because of its source. When the client closes `control`, or dies, the examiner ends, and with it its
children.

Where there is no `fork`, a fresh interpreter answers one question, from standard input to standard output.

Questions and answers are JSON; this process imports as little as it can, for `viva grade` waits until it is there.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import signal
import socket
import sys
from collections.abc import Callable

from grader.grading.examination import Question, examine
from grader.grading.examiner_rights import Rights

READY = b"\x01"


def main(control: int) -> None:
    """Fork a child for each stream that comes over `control`, until it closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the client decides when to end
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the children, so the kernel need not keep them
    rights = Rights()
    examine(Question(source="é: int = (1,)", entry_points=("x",), forbid=("x*",), native=False))  # all is imported now
    gc.collect()
    gc.freeze()
    with socket.socket(fileno=control) as stream:
        stream.sendall(READY)
        while True:
            _, descriptors, _, _ = socket.recv_fds(stream, 1, 1)
            if not descriptors:
                os._exit(0)
            if os.fork() == 0:
                stream.close()
                _be_child(descriptors[0], rights)
            os.close(descriptors[0])


def answer_once() -> None:
    """Answer the question on standard input."""
    question = sys.stdin.buffer.read()
    _answer(question, lambda data: (sys.stdout.buffer.write(data), sys.stdout.buffer.flush()))


def _be_child(stream: int, rights: Rights) -> None:
    """Never returns."""
    try:
        question = b"".join(iter(lambda: os.read(stream, 1 << 16), b""))
        rights.give_up()
        _answer(question, lambda data: os.write(stream, data))
    except BaseException as error:  # noqa: BLE001 - the client shows what an examiner said last
        with contextlib.suppress(OSError):
            os.write(2, f"a child of the examiner failed: {type(error).__name__}: {error}\n".encode(errors="replace"))
    finally:
        os._exit(0)


def _answer(question: bytes, write: Callable[[bytes], object]) -> None:
    source, entry_points, forbid, native = json.loads(question)
    write(READY)
    answer = examine(Question(source, tuple(entry_points), tuple(forbid), native))
    write(json.dumps(answer).encode())
