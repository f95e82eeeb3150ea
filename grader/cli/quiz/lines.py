"""Answers read line by line: from a pipe, and from a terminal that can do no more."""

from __future__ import annotations

import sys
from typing import TextIO

from grader.cli.quiz.keys import Chosen, Command, EndOfInput, Interrupted, Menu, as_command, read_places
from grader.report.console import Console


class LineKeyboard:
    """Reads a stream; the options of a menu stand above the prompt already."""

    shows_menu = False
    waits = False

    def __init__(self, console: Console, stream: TextIO | None = None) -> None:
        self._console = console
        self._stream = stream or sys.stdin

    def choose(self, menu: Menu, commands: frozenset[Command]) -> Chosen | Command | str:
        """Letters of options; an empty line takes what is ticked."""
        text = self._ask(menu.prompt)
        if not text.strip() and menu.may_be_empty:
            return Chosen(tuple(sorted(menu.ticked)))
        return as_command(text, commands) or read_places(text, menu) or text

    def line(self, prompt: str, commands: frozenset[Command]) -> Command | str:
        """One line."""
        text = self._ask(prompt)
        return as_command(text, commands) or text

    def passage(self, prompt: str, commands: frozenset[Command], draft: str = "") -> Command | str:
        """Lines up to an empty one, or up to the end of the input; an empty line at once takes the draft."""
        first = self._ask(prompt)
        command = as_command(first, commands)
        if command is not None or not first.strip():
            return command or draft
        lines = [*draft.splitlines(), first]
        try:
            while (line := self._stream.readline()).strip():
                lines.append(line.rstrip("\r\n"))
        except KeyboardInterrupt:
            raise Interrupted("\n".join(lines)) from None
        return "\n".join(lines)

    def key(self, prompt: str, commands: frozenset[Command]) -> Command:
        """The command on the next line; anything else is asked again."""
        while True:
            command = as_command(self._ask(prompt), commands)
            if command is not None:
                return command

    def _ask(self, prompt: str) -> str:
        self._console.print(f"{prompt} ", end="", markup=False, highlight=False, soft_wrap=True)
        line = self._stream.readline()
        if not self._stream.isatty():
            self._console.print()  # what was typed elsewhere did not end the line here
        if not line:
            raise EndOfInput
        return line.rstrip("\r\n")
