"""Numbers as people type them: `1e9`, `1,000`, `1/8`, `3.5 GiB`, `2^30`, `12.5%`."""

from __future__ import annotations

import math
import re
import unicodedata

from grader.practice.unreadable import UnreadableAnswer

MAX_CHARACTERS = 100
_PLAIN = r"(?:\d{1,3}(?:,\d{3})+(?:\.\d*)?|\d+(?:_\d+)*(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d{1,3})?"
_POWER = rf"{_PLAIN}(?:\s*(?:\^|\*\*)\s*-?\d{{1,4}})?"
_NUMBER = re.compile(rf"(?P<sign>[-+]?)\s*(?P<above>{_POWER})(?:\s*/\s*(?P<below>{_POWER}))?\s*(?P<unit>[^\d,.].*)?")


def read_number(text: str, unit: str) -> float:
    """The number in `text`. A unit may be left out; where one is given it must be `unit`.

    A number without a unit may be given in percent. Raises UnreadableAnswer.
    """
    text = unicodedata.normalize("NFKC", text).strip().lstrip("~≈= ").replace("−", "-")
    match = _NUMBER.fullmatch(text) if len(text) <= MAX_CHARACTERS else None
    if match is None:
        raise _no_number(unit)
    value = _value(match["above"])
    if match["below"]:
        below = _value(match["below"])
        value = value / below if below else math.inf
    if not math.isfinite(value):
        raise _no_number(unit)
    return (-value if match["sign"] == "-" else value) * _factor((match["unit"] or "").strip(), unit)


def _value(text: str) -> float:
    base, *power = re.split(r"\s*(?:\^|\*\*)\s*", text.replace(",", "").replace("_", ""))
    try:
        return float(base) ** int(power[0]) if power else float(base)
    except (OverflowError, ZeroDivisionError):
        return math.inf


def _factor(given: str, unit: str) -> float:
    """What a number in the unit `given` is multiplied with."""
    if not given or _bare(given) == _bare(unit):
        return 1.0
    if given == "%" and not unit:
        return 0.01
    if not unit:
        raise UnreadableAnswer("quiz.unreadable.no_unit", given=given)
    raise UnreadableAnswer("quiz.unreadable.unit", given=given, unit=unit)


def _no_number(unit: str) -> UnreadableAnswer:
    key = "quiz.unreadable.number_unit" if unit else "quiz.unreadable.number"
    return UnreadableAnswer(key, unit=unit)


def _bare(unit: str) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", unit)).casefold()
