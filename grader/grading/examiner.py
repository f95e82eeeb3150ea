"""The examiner: a small process that looks at hostile sources so that the process which serves everyone need not.

Theory of operation. The client (`examiners`) starts this module in a fresh interpreter and holds `control`, a socket
over which it passes one stream for each source. The examiner never reads from a stream itself: it hands each to a
child, which was forked ahead and gave up all rights. The child reads the question until its end, writes READY, looks,
writes its answer, and ends. So whatever a source does to the child is done to nobody else, and a child that ends after
READY without an answer ended because of its source. When the client closes `control`, or dies, the examiner ends, and
with it its children.

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
    gc.disable()  # a child lives for one source, and looking through a growing tree again and again costs a third
    stream = socket.socket(fileno=control)
    stream.sendall(READY)
    while True:
        spare = _fork_spare(stream, rights)
        _, descriptors, _, _ = socket.recv_fds(stream, 1, 1)
        if not descriptors:
            os._exit(0)
        with spare:
            socket.send_fds(spare, [b"s"], descriptors)
        os.close(descriptors[0])


def _fork_spare(control: socket.socket, rights: Rights) -> socket.socket:
    """A child that has given up its rights and waits for its stream, which is to be sent over the socket returned."""
    ours, theirs = socket.socketpair()
    if os.fork() == 0:
        control.close()
        ours.close()
        _be_child(theirs, rights)
    theirs.close()
    return ours


def answer_once() -> None:
    """Answer the question on standard input."""
    question = sys.stdin.buffer.read()
    _answer(question, lambda data: (sys.stdout.buffer.write(data), sys.stdout.buffer.flush()))


def _be_child(orders: socket.socket, rights: Rights) -> None:
    """Never returns."""
    try:
        rights.give_up()
        _, descriptors, _, _ = socket.recv_fds(orders, 1, 1)
        if descriptors:
            stream = descriptors[0]
            _answer(b"".join(iter(lambda: os.read(stream, 1 << 16), b"")), lambda data: os.write(stream, data))
            os.close(stream)  # the client need not wait until this process is taken down
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
