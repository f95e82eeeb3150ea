"""The door of the background engine: takes connections, and hands on the one question that each may ask.

Theory of operation. One thread waits for everybody. A connection is heard in parts, without waiting for any of it, and
gets a thread once its question is whole; so those who say nothing, or half of something, cost a descriptor and the
bytes that they sent, and both are bounded: the number of those who are heard, the length of a question, the seconds it
may take, and the number of questions at work. Who is over is shut out, and only that one. Descriptors that come along
are closed by the kernel, because nobody here asks for them. When somebody hangs up (or says more) while the answer is
made, what was asked for is called off. Only the door's thread closes connections, so that no descriptor is mistaken for
its successor.
"""

from __future__ import annotations

import contextlib
import errno
import os
import resource
import selectors
import socket
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from typing import Any

from grader.engine.cancellation import Cancellation
from grader.engine.place import user_of
from grader.wire.passing import LENGTH, BrokenMessage, framed, length_of

LONGEST = 2 * 1024**2  # bytes of a question: an order and the largest source that any exercise may allow (1 MiB)
MOST_HEARD = 512  # connections whose question has not arrived whole
MOST_HEARD_BYTES = 32 * 1024**2  # of all of them together
MOST_AT_WORK = 320  # questions; `viva grade` asks 256 at a time at most
SPEAKS_WITHIN_S = 5.0
_TAKES_WITHIN_S = 10.0  # a client its answer
_LOOK_EVERY_S = 1.0
_BACKLOG = 4096  # a client that finds it full is sent away by the kernel
_PART = 256 * 1024
_OWN_DESCRIPTORS = 256  # of parents, and of what is not a question
_PER_QUESTION = 6
_WISHED_DESCRIPTORS = 4096
_NO_ROOM = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}

Say = Callable[[dict[str, Any]], None]
Answer = Callable[[bytes, Cancellation, Say], None]


class _Caller:
    """One connection, what it has said so far, and since when it is listened to."""

    def __init__(self, stream: socket.socket) -> None:
        self.stream = stream
        self.said = bytearray()
        self.ends = time.monotonic() + SPEAKS_WITHIN_S
        self.cancellation = Cancellation()

    def question(self) -> bytes | None:
        """What it asks, without the length before it, or None while a part is missing; raises BrokenMessage."""
        if len(self.said) < LENGTH:
            return None
        whole = LENGTH + length_of(self.said, LONGEST)
        return bytes(self.said[LENGTH:whole]) if len(self.said) >= whole else None


class Door:
    """Listens on a socket that is bound; `answer` is called in a thread per question, with what says the answer."""

    def __init__(self, listener: socket.socket, answer: Answer) -> None:
        self._listener = listener
        self._answer = answer
        self._most_heard, self._most_at_work = _make_room()
        self._heard: OrderedDict[int, _Caller] = OrderedDict()  # by descriptor, the longest there first
        self._heard_bytes = 0
        self._at_work = 0
        self._answered: deque[_Caller] = deque()
        self._bell, self._rope = socket.socketpair()
        self._selector = selectors.DefaultSelector()
        listener.listen(_BACKLOG)
        for stream, attend in ((listener, self._admit), (self._bell, self._let_out)):
            stream.setblocking(False)
            self._selector.register(stream, selectors.EVENT_READ, attend)

    def serve(self, over: Callable[[], bool]) -> None:
        """Attend to everybody until it is `over`, which is asked every second and after every `ring`."""
        while not over():
            for key, _ in self._selector.select(_LOOK_EVERY_S):
                if key.fileobj.fileno() >= 0:  # type: ignore[union-attr] # else let go of a moment ago
                    key.data(key.fileobj)
            now = time.monotonic()
            for caller in [caller for caller in self._heard.values() if caller.ends < now]:
                self._drop(caller)

    def ring(self) -> None:
        """Have the door's thread look up; from any thread, and from a signal handler."""
        with contextlib.suppress(OSError):
            self._rope.send(b"!", getattr(socket, "MSG_DONTWAIT", 0))

    def close(self) -> None:
        """Let go of everybody; answers that are being made find nobody."""
        self._selector.close()
        for caller in self._heard.values():
            caller.stream.close()
        self._bell.close()

    def _admit(self, listener: socket.socket) -> None:
        try:
            stream, _ = listener.accept()
        except OSError as error:
            if error.errno in _NO_ROOM:
                self._drop_longest(or_wait=True)
            return
        if user_of(stream) != os.geteuid():
            stream.close()
            return
        if len(self._heard) >= self._most_heard:
            self._drop_longest()
        stream.setblocking(False)
        caller = self._heard[stream.fileno()] = _Caller(stream)
        self._selector.register(stream, selectors.EVENT_READ, lambda _: self._hear(caller))
        self._hear(caller)  # who asks at once is never among those who are dropped for saying nothing

    def _hear(self, caller: _Caller) -> None:
        try:
            part = caller.stream.recv(_PART)
            caller.said += part
            self._heard_bytes += len(part)
            question = caller.question()
        except BlockingIOError:
            return
        except BrokenMessage as error:
            with contextlib.suppress(OSError):
                caller.stream.send(framed({"failed": "judge", "message": str(error)}))
            self._drop(caller)
            return
        except OSError:
            part, question = b"", None
        if question is not None and self._at_work < self._most_at_work:
            self._put_to_work(caller, question)
        elif question is not None or not part:
            self._drop(caller)  # over the bound, the client does the work itself
        elif self._heard_bytes > MOST_HEARD_BYTES:
            self._drop(max(self._heard.values(), key=lambda caller: len(caller.said)))

    def _put_to_work(self, caller: _Caller, question: bytes) -> None:
        self._forget(caller)
        self._selector.modify(caller.stream, selectors.EVENT_READ, lambda _: self._call_off(caller))
        self._at_work += 1
        threading.Thread(target=self._work, args=(caller, question), daemon=True).start()

    def _work(self, caller: _Caller, question: bytes) -> None:
        """In a thread of the question's own."""

        def say(answer: dict[str, Any]) -> None:
            caller.stream.settimeout(_TAKES_WITHIN_S)
            with contextlib.suppress(OSError):  # it has gone
                caller.stream.sendall(framed(answer))

        try:
            self._answer(question, caller.cancellation, say)
        finally:
            self._answered.append(caller)
            self.ring()

    def _call_off(self, caller: _Caller) -> None:
        """It hung up, or said more than its question: either way nobody waits for the answer."""
        self._selector.unregister(caller.stream)
        caller.cancellation.cancel()

    def _let_out(self, bell: socket.socket) -> None:
        """Those who have their answer."""
        with contextlib.suppress(BlockingIOError):
            bell.recv(_PART)
        while self._answered:
            self._at_work -= 1
            self._drop(self._answered.popleft())

    def _forget(self, caller: _Caller) -> None:
        """Nobody waits for more of its question."""
        if self._heard.pop(caller.stream.fileno(), None) is not None:
            self._heard_bytes -= len(caller.said)
            caller.said.clear()

    def _drop(self, caller: _Caller) -> None:
        self._forget(caller)
        with contextlib.suppress(KeyError):  # called off before
            self._selector.unregister(caller.stream)
        caller.stream.close()

    def _drop_longest(self, *, or_wait: bool = False) -> None:
        """Make room for one; where nobody but those at work takes any, a moment must pass before it is tried again."""
        if self._heard:
            self._drop(next(iter(self._heard.values())))
        elif or_wait:
            self._bell.settimeout(0.05)  # a question that is done rings
            with contextlib.suppress(OSError):
                self._bell.recv(1, socket.MSG_PEEK)
            self._bell.setblocking(False)


def _make_room() -> tuple[int, int]:
    """Let this process have descriptors for many connections; how many may be heard, and be at work, at a time."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wished = _WISHED_DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, _WISHED_DESCRIPTORS)
    if 0 <= soft < wished:
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wished, hard))
            soft = wished
    room = _WISHED_DESCRIPTORS if soft == resource.RLIM_INFINITY else soft
    heard = min(MOST_HEARD, room // 4)
    return heard, max(8, min(MOST_AT_WORK, (room - _OWN_DESCRIPTORS - heard) // _PER_QUESTION))
