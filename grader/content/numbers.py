"""Numbers as people type them: `1e9`, `1,000`, `1 000`, `3,5`, `1/8`, `7e9*2`, `2^30`, `10⁶`, `12.5%`, `3.5 GiB`.

A comma with three digits behind it separates thousands, as does a blank; any other comma is a decimal one. What could
be read in two ways that matter is shown as it was read, beside the answer.
"""

from __future__ import annotations

import math
import re
import unicodedata

from grader.content.units import factor
from grader.content.unreadable import UnreadableAnswer
from grader.model.text import Text

MAX_CHARACTERS = 100
_GROUPS = (
    r"[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?",  # 1,000.5
    r"[1-9]\d{0,2}(?:[ '’]\d{3})+(?:[.,]\d+)?",  # 1 000,5
    r"[1-9]\d{0,2}(?:\.\d{3})+,\d+",  # 1.000,5
    r"[1-9]\d{0,2}(?:\.\d{3}){2,}",  # 1.000.000
    r"\d+,\d+",  # 3,5
    r"\d+(?:_\d+)*(?:\.\d*)?",  # 1_000, 12.
    r"\.\d+",  # .5
)
_PLAIN = rf"(?:{'|'.join(_GROUPS)})(?![\d,]|\.\d)(?:[eE][-+]?\d{{1,3}}(?!\d))?"
_FACTOR = rf"{_PLAIN}(?:\s*(?:\^|\*\*)\s*-?\d{{1,4}})?"
_TIMES = r"\s*[*/×÷·xX]\s*"
_UNIT = r"(?:[^\W\d_]|[%°$€×])(?!\d).*"
_PRODUCT = rf"(?!0[xX]){_FACTOR}(?:{_TIMES}{_FACTOR})*"
_NUMBER = re.compile(rf"(?P<sign>[-+]?)\s*(?P<product>{_PRODUCT})\s*(?P<unit>{_UNIT})?", re.DOTALL)
_LEAD = re.compile(
    r"\A(?:[~≈=:\s]|大约|约|答案?(?:是|为)?|about\b|approximately\b|approx\b\.?|ca\b\.?|roughly\b|answer\b)+",
    re.IGNORECASE,
)
_TAIL = re.compile(r"\s*(?:左右|上下|[。;；])+\Z")
_QUOTES = "'\"“”‘’「」"
_RAISED = re.compile(r"[⁻⁺]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+")
_LOWERED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
_STRAIGHT = str.maketrans({"−": "-", "–": "-", "—": "-", "⁄": "/", "’": "'"})


def read_number(text: str, unit: Text) -> float:
    """The number in `text`, in `unit`; products, quotients and whole powers are worked out.

    A unit may be left out; one that is given must be `unit`, or `unit` on another scale (`3,5 thousand` where millions
    are wanted). A number without a unit may be given in percent. Raises UnreadableAnswer.
    """
    match = _NUMBER.fullmatch(_tidy(text)) if len(text) <= MAX_CHARACTERS else None
    value = _product(match["product"]) if match else math.nan
    if match is None or not math.isfinite(value):
        raise UnreadableAnswer("quiz.unreadable.number_unit" if unit.en else "quiz.unreadable.number", unit=unit)
    given = (match["unit"] or "").strip()
    times = factor(given, unit)
    if times is None:
        raise UnreadableAnswer("quiz.unreadable.unit" if unit.en else "quiz.unreadable.no_unit", given=given, unit=unit)
    return _finite((-value if match["sign"] == "-" else value) * times, unit)


def _finite(value: float, unit: Text) -> float:
    if math.isfinite(value):
        return value
    raise UnreadableAnswer("quiz.unreadable.number_unit" if unit.en else "quiz.unreadable.number", unit=unit)


def _tidy(text: str) -> str:
    """The text with plain digits, signs and blanks; raised digits become a power, ½ the quotient 1/2."""
    text = _RAISED.sub(lambda found: "^" + found[0].translate(_LOWERED).lstrip("+"), text)
    spaced = "".join(f" {one}" if unicodedata.category(one) == "No" else one for one in text)  # 1½ is not 11/2
    plain = unicodedata.normalize("NFKC", spaced).translate(_STRAIGHT)
    straight = re.sub(r"\s", " ", plain).strip(_QUOTES)
    return _TAIL.sub("", _LEAD.sub("", straight)).rstrip()


def _product(text: str) -> float:
    """A product of powers, from left to right; not a number where it divides by zero."""
    parts = re.split(rf"({_TIMES})", text.replace("**", "^"))
    value = _power(parts[0])
    for sign, part in zip(parts[1::2], parts[2::2], strict=True):
        by = _power(part)
        if sign.strip() in {"/", "÷"} and by == 0:
            return math.nan
        value = value / by if sign.strip() in {"/", "÷"} else value * by
    return value


def _power(text: str) -> float:
    base, *exponent = re.split(r"\s*\^\s*", text.strip())
    try:
        return _plain(base) ** int(exponent[0]) if exponent else _plain(base)
    except (OverflowError, ZeroDivisionError):
        return math.inf


def _plain(text: str) -> float:
    """One number, whatever separates its thousands and its decimals."""
    text = re.sub(r"[ '_]", "", text)
    if re.match(r"[1-9]\d{0,2}(?:,\d{3})+(?:\.|$|[eE])", text):
        return float(text.replace(",", ""))
    if "," in text or text.count(".") > 1:  # the dots, if there are any, separate thousands
        return float(text.replace(".", "").replace(",", "."))
    return float(text)
