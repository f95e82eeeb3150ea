"""Which language to speak."""

from __future__ import annotations

import os
from typing import Literal

from grader.model.text import Lang


def choose(wish: Literal["auto", "en", "zh"]) -> Lang:
    """The language that was asked for, else that of the locale, as POSIX orders its variables."""
    if wish != "auto":
        return wish
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name)
        if value:
            return "zh" if value.lower().startswith("zh") else "en"
    return "en"
