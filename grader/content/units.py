"""Units as people write them beside a number: other spellings, scales such as `thousand` or `万`, in both languages."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Final

from grader.model.text import Text

# Letters are scales only beside things that are counted: "3 M" of something measured in MB is not three million MB.
_LETTERS: Final[Mapping[str, float]] = {"k": 1e3, "K": 1e3, "M": 1e6, "B": 1e9, "G": 1e9, "T": 1e12}
_WORDS: Final[Mapping[str, float]] = {
    "thousand": 1e3,
    "million": 1e6,
    "billion": 1e9,
    "bn": 1e9,
    "trillion": 1e12,
    "百万": 1e6,
    "十亿": 1e9,
    "万亿": 1e12,
    "千": 1e3,
    "万": 1e4,
    "亿": 1e8,
}
_SCALED: Final = re.compile(rf"(?P<scale>{'|'.join(_WORDS)})\s*(?P<rest>.*)", re.IGNORECASE | re.DOTALL)
_LETTERED: Final = re.compile(rf"(?P<scale>[{''.join(_LETTERS)}])(?:\s+(?P<rest>\S.*))?", re.DOTALL)
_COUNTED_FROM: Final = 4  # letters; shorter names are symbols of units
_SAME: Final[Mapping[str, frozenset[str]]] = {  # further spellings, as `_bare` leaves them
    "%": frozenset({"percent", "pct", "percentage"}),
    "percentagepoint": frozenset({"%", "pp", "point", "percent"}),
    "time": frozenset({"x", "×", "fold", "倍"}),
    "x": frozenset({"time", "fold", "倍"}),
    "×": frozenset({"x", "time", "fold", "倍"}),
    "min": frozenset({"minute"}),
    "ms": frozenset({"millisecond", "msec", "毫秒"}),
    "s": frozenset({"second", "sec", "秒"}),
    "byte": frozenset({"b", "字节"}),
    "nat": frozenset({"奈特"}),
    "usd": frozenset({"$", "dollar", "usdollar"}),
    "euro": frozenset({"€", "eur"}),
}


def factor(given: str, unit: Text) -> float | None:
    """What a number in the unit `given` is multiplied with to be one in `unit`; None where they do not go together.

    A unit may be given in either language, whichever the question was asked in.
    """
    if not given or _is_same(given, unit.en) or _is_same(given, unit.zh):
        return 1.0
    if not unit.en and _is_same(given, "%"):
        return 0.01
    if not unit.en and _is_same(given, "time"):  # a ratio
        return 1.0
    scale, rest = _parts(unit.en)
    given_scale, given_rest = _parts(given)
    if not given_scale and _is_counted(rest):
        given_scale, given_rest = _letter(given)
    names = (rest, _parts(unit.zh)[1])
    if not given_scale or (given_rest and not any(_is_same(given_rest, name) for name in names)):
        return None  # `3.5 euros` of so many million euros may be a slip: it is asked again
    return _size(given_scale) / _size(scale)


def _parts(unit: str) -> tuple[str, str]:
    """A word for a scale, if there is one, and what is counted."""
    match = _SCALED.fullmatch(unit.strip())
    return (match["scale"].lower(), match["rest"].strip()) if match else ("", unit.strip())


def _letter(given: str) -> tuple[str, str]:
    match = _LETTERED.fullmatch(given.strip())
    return (match["scale"], match["rest"] or "") if match else ("", given.strip())


def _is_counted(name: str) -> bool:
    return not name or len(name) >= _COUNTED_FROM or _bare(name) == "usd"


def _size(scale: str) -> float:
    return _LETTERS.get(scale) or _WORDS.get(scale, 1.0)


def _is_same(given: str, unit: str) -> bool:
    one, other = _bare(given), _bare(unit)
    return one == other or one in _SAME.get(other, ())


def _bare(unit: str) -> str:
    """Without blanks, capitals, the kinds of µ, and the s of a plural."""
    text = re.sub(r"\s", "", unicodedata.normalize("NFKC", unit)).casefold().replace("μ", "u")
    return text[:-1] if len(text) > 3 and text.endswith("s") and not text.endswith("/s") else text
