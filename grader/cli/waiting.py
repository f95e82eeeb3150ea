"""Something to look at while nothing else happens."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from grader.report.console import Console

PATIENCE_S: Final = 0.5
Note = Callable[[str], None]


@contextmanager
def waiting(words: str) -> Iterator[Note]:
    """Show `words` on the error stream as soon as half a second has gone by; nothing where no terminal is.

    What it gives writes a line above them that stays, from any thread.
    """
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _line: None
        return
    status = console.status(words)
    lock, over = threading.Lock(), threading.Event()

    def begin() -> None:
        with lock:
            if not over.is_set():
                status.start()

    timer = threading.Timer(PATIENCE_S, begin)
    timer.daemon = True
    timer.start()
    try:
        yield lambda line: console.print(line, style="yellow", markup=False, highlight=False)
    finally:
        timer.cancel()
        with lock:
            over.set()
            status.stop()
