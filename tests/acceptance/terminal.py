"""A person at a terminal: runs the real command in a pseudo-terminal and looks at the screen as it is drawn."""

from __future__ import annotations

import os
import re
import signal
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pexpect
import pyte

TIMEOUT_S = 30.0
ENTER, DOWN, UP, CTRL_C, CTRL_D = "\r", "\x1b[B", "\x1b[A", "\x03", "\x04"


def hear_signals() -> None:
    """As in a terminal, also where the tests run under nohup or in the background, which ignore some."""
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


class Terminal:
    """One command on a screen of so many columns; everything that it printed stays in `history`."""

    def __init__(self, arguments: list[str], folder: Path, env: Mapping[str, str], columns: int = 80) -> None:
        plain = {name: value for name, value in os.environ.items() if name not in {"NO_COLOR", "COLUMNS", "LINES"}}
        settings = {
            **plain,
            "TERM": "xterm-256color",
            "LANG": "C.UTF-8",
            "PROMPT_TOOLKIT_NO_CPR": "1",  # nobody here answers where the cursor is
            "PYTHONIOENCODING": "utf-8",
            **env,
        }
        self._screen = pyte.HistoryScreen(columns, 60, history=5000, ratio=1.0)
        self._stream = pyte.ByteStream(self._screen)
        self.child = pexpect.spawn(
            sys.executable,
            ["-m", "grader", *arguments],
            cwd=str(folder),
            env=settings,
            dimensions=(60, columns),
            timeout=TIMEOUT_S,
            preexec_fn=hear_signals,
        )
        self.raw = b""

    def press(self, *keys: str) -> None:
        """Type; a text counts as its characters."""
        for key in keys:
            self.child.send(key)

    def resize(self, columns: int) -> None:
        """Make the window so wide, as a person does with the mouse."""
        self._screen.resize(columns=columns)
        self.child.setwinsize(60, columns)

    def see(self, text: str, since: str | None = None) -> None:
        """Wait until `text` is on the screen or above it (below the last `since`)."""
        self._wait(lambda: text in self.text(since), f"{text!r} never appeared")

    def find(self, pattern: str) -> str:
        """Wait until a line of the visible screen matches; the first group of the lowest one that does."""
        self._wait(lambda: bool(self._found(pattern)), f"no line matches {pattern!r}")
        return self._found(pattern)[-1]

    def _found(self, pattern: str) -> list[str]:
        lines = (line.rstrip() for line in self._screen.display)
        return [match[1] for match in (re.fullmatch(pattern, line) for line in lines) if match]

    def text(self, since: str | None = None) -> str:
        """All lines, the scrolled ones too, without blanks at their ends."""
        above = ["".join(line[x].data for x in range(self._screen.columns)) for line in self._screen.history.top]
        lines = [line.rstrip() for line in [*above, *self._screen.display]]
        whole = "\n".join(lines).rstrip()
        return whole if since is None else whole[whole.rfind(since) :]

    def ends(self) -> int:
        """Wait for the end; the exit status, or minus the signal."""
        self._wait(lambda: False, "", at_end=True)
        self.child.close()
        status, killed = self.child.exitstatus, self.child.signalstatus
        return status if status is not None else -int(killed or 0)

    def press_at_random(self, key: Callable[[], str], count: int) -> None:
        """Type `count` keys, each when something was drawn since the last one, or after a moment; stop when it ends."""
        for _ in range(count):
            try:
                self.raw += self.child.read_nonblocking(65536, timeout=0.1)
                self.child.send(key())
            except pexpect.TIMEOUT:
                self.child.send(key())
            except (pexpect.EOF, OSError):
                return

    def kill(self, signal_number: int = signal.SIGKILL) -> None:
        """End it as a loss of power would, or less harshly."""
        self.child.kill(signal_number)
        self._wait(lambda: False, "", at_end=True)
        self.child.close()

    def _wait(self, done: Callable[[], bool], complaint: str, *, at_end: bool = False) -> None:
        deadline = time.monotonic() + TIMEOUT_S
        while not done():
            try:
                data = self.child.read_nonblocking(65536, timeout=1)
            except pexpect.TIMEOUT:
                data = b""
            except pexpect.EOF:
                if at_end or done():
                    return
                raise AssertionError(f"it ended; {complaint}:\n{self.text()}") from None
            self.raw += data
            self._stream.feed(data)
            if time.monotonic() > deadline:
                raise AssertionError(f"{complaint}:\n{self.text()}")
