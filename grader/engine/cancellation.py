"""Calling off a verdict that somebody else waits for."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator

from grader.errors import JudgeError


class Cancelled(JudgeError):
    """The verdict was called off before it was made."""


class Cancellation:
    """Handed to `Engine.judge`; `cancel`, from any thread, ends the judge and its box at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._stream: socket.socket | None = None
        self._called_off = False

    def cancel(self) -> None:
        """Call the verdict off; nothing happens when it has been made."""
        with self._lock:
            self._called_off = True
            if self._stream is not None:
                with contextlib.suppress(OSError):
                    self._stream.shutdown(socket.SHUT_RDWR)

    def check(self) -> None:
        """Raise Cancelled when it was called off."""
        if self._called_off:
            raise Cancelled("the verdict was called off")

    @contextlib.contextmanager
    def over(self, stream: socket.socket) -> Iterator[None]:
        """While the block runs, calling off closes `stream`, on which the judge reports."""
        with self._lock:
            self.check()
            self._stream = stream
        try:
            yield
        except JudgeError:
            self.check()
            raise
        finally:
            with self._lock:
                self._stream = None
