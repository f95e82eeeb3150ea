"""Units as people write them beside a number: other spellings, scales such as `thousand` or `万`, and Chinese names."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Final

from grader.model.text import Lang

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
    "time": frozenset({"x", "×", "fold"}),
    "min": frozenset({"minute"}),
    "ms": frozenset({"millisecond", "msec", "毫秒"}),
    "s": frozenset({"second", "sec", "秒"}),
    "byte": frozenset({"b", "字节"}),
    "usd": frozenset({"$", "dollar", "usdollar"}),
    "euro": frozenset({"€", "eur"}),
}
_CHINESE: Final[Mapping[str, str]] = {  # names that are words; symbols such as GiB and ms stay
    "thousand": "千",
    "million": "百万",
    "billion": "十亿",
    "euro": "欧元",
    "usd": "美元",
    "user": "用户",
    "token": " token",
    "mac": "次 MAC",
    "unit": "件",
    "time": "倍",
    "step": "步",
    "sample": "个样本",
    "replica": "个副本",
    "percentagepoint": "个百分点",
    "people": "人",
    "min": "分钟",
    "fit": "次训练",
    "epoch": "轮",
    "calls/s": "次/秒",
    "nat": "奈特",
    "attack": "次攻击",
    "parameter": "个参数",
    "bitsperbyte": "比特/字节",
    "request": "个请求",
    "tokenspersecond": " token/秒",
}


def unit_name(unit: str, lang: Lang) -> str:
    """A unit as it is called in a language; a symbol is called the same in all of them."""
    if lang == "en" or not unit:
        return unit
    scale, rest = _parts(unit)
    word = _CHINESE.get(scale, scale)
    name = _CHINESE.get(_bare(rest), rest)
    return f"{word}{name}".strip()


def factor(given: str, unit: str) -> float | None:
    """What a number in the unit `given` is multiplied with to be one in `unit`; None where they do not go together."""
    if not given or _is_same(given, unit) or _is_same(given, unit_name(unit, "zh")):
        return 1.0
    if not unit and _is_same(given, "%"):
        return 0.01
    scale, rest = _parts(unit)
    given_scale, given_rest = _parts(given)
    if not given_scale and _is_counted(rest):
        given_scale, given_rest = _letter(given)
    names = (rest, _CHINESE.get(_bare(rest), rest))
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
