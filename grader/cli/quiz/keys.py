"""What a person can say at the quiz, and the port through which it is heard."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

LABELS = "abcdefgijkmoprtuv"  # letters of options; keys that work beside options are left out


class Command(StrEnum):
    """A key that is not an answer."""

    HINT = "h"
    SKIP = "n"
    GIVE_UP = "x"
    LIST = "l"
    EDITOR = "e"
    GRADE = "g"
    HAND_IN = "d"
    WATCH = "w"
    STATEMENT = "s"
    AGAIN = "t"
    RETRY = "r"
    HELP = "?"
    QUIT = "q"
    GO_ON = ""  # Enter alone


class EndOfInput(Exception):
    """Nothing more will be typed: the pipe ended, or Ctrl-D."""


class Interrupted(KeyboardInterrupt):
    """Ctrl-C in the middle of an answer; `draft` is what was written so far."""

    def __init__(self, draft: str) -> None:
        super().__init__()
        self.draft = draft


@dataclass(frozen=True, slots=True, kw_only=True)
class Menu:
    """Options to choose from: plain texts, which may have several lines; `ticked` are chosen at the start.

    `missing` says what to do to who presses Enter before anything is chosen.
    """

    texts: tuple[str, ...]
    several: bool
    may_be_empty: bool = False
    ticked: frozenset[int] = frozenset()
    title: str = ""
    prompt: str = ""
    footer: str = ""
    missing: str = ""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Places of options in their menu."""

    places: tuple[int, ...]


class Keyboard(Protocol):
    """Where answers come from. Every method may raise EndOfInput and KeyboardInterrupt."""

    @property
    def shows_menu(self) -> bool:
        """Whether `choose` shows the options itself, and takes them away again."""

    @property
    def waits(self) -> bool:
        """Whether there is a person who wants to read before the next question comes."""

    def choose(self, menu: Menu, commands: frozenset[Command]) -> Chosen | Command | str:
        """Options of a menu; text that is neither an option nor a command comes back as it is."""

    def line(self, prompt: str, commands: frozenset[Command]) -> Command | str:
        """One line."""

    def passage(self, prompt: str, commands: frozenset[Command], draft: str = "") -> Command | str:
        """Several lines, ended by an empty one; `draft` is what they begin with. May raise Interrupted."""

    def key(self, prompt: str, commands: frozenset[Command]) -> Command:
        """One of the commands."""


def as_command(text: str, commands: frozenset[Command]) -> Command | None:
    """The command that a whole line is, if it is one of those."""
    word = text.strip().lower().replace("？", "?")
    return next((command for command in commands if word == command.value), None)


def read_places(text: str, menu: Menu) -> Chosen | None:
    """Options that were typed as letters (or numbers from 1), in the order of typing; None for anything else."""
    words = text.lower().replace(",", " ").replace("，", " ").replace("、", " ").split()
    labels = LABELS[: len(menu.texts)]
    if len(words) == 1 and len(words[0]) > 1 and not words[0].isdigit():
        words = list(words[0])  # `cabd`
    places = []
    for word in words:
        if len(word) == 1 and word in labels:
            places.append(labels.index(word))
        elif word.isascii() and word.isdigit() and 1 <= int(word) <= len(labels):
            places.append(int(word) - 1)
        else:
            return None
    return Chosen(tuple(places)) if places and len(set(places)) == len(places) else None
