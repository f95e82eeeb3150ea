"""The console draws on the stream itself, whatever stands in front of it."""

from __future__ import annotations

import io
import sys

import pytest

from grader.report.console import Console
from grader.report.printable import Printable


class _Window(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def test_what_moves_is_drawn_with_escapes_of_rich_s_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """A spinner is drawn over itself, though rich puts a proxy in front of the stream that makes texts printable."""
    window = _Window()
    monkeypatch.setattr(sys, "stderr", Printable(window))
    monkeypatch.setenv("TERM", "xterm")
    with Console(stderr=True, force_terminal=True).status("wait \x1b[2J"):
        pass
    drawn = window.getvalue()
    assert "\x1b[2K" in drawn
    assert "\\x0d" not in drawn
    assert "\x1b[2J" not in drawn
