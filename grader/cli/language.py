"""Which language to speak."""

from __future__ import annotations

import itertools
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from grader.model.text import Lang


@dataclass(slots=True)
class _Spoken:
    """What was asked for before the command, for all that it says."""

    lang: Lang | None = None


_spoken = _Spoken()


def speak(lang: Lang) -> None:
    """From now on, `auto` means this language and not the locale's."""
    _spoken.lang = lang


def choose(wish: Literal["auto", "en", "zh"]) -> Lang:
    """The language that was asked for, else that of the locale, as POSIX orders its variables."""
    if wish != "auto":
        return wish
    if _spoken.lang is not None:
        return _spoken.lang
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name)
        if value:
            return "zh" if value.lower().startswith("zh") else "en"
    return "en"


def of_command_line(arguments: Sequence[str]) -> Lang:
    """The language that a command line asks for, also one that is wrong otherwise; else that of the locale."""
    words = [word for argument in arguments for word in argument.split("=", 1)]
    for option, value in itertools.pairwise(words):
        if option == "--lang" and value in ("en", "zh"):
            return "zh" if value == "zh" else "en"
    return choose("auto")
