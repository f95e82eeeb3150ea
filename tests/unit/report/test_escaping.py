"""Candidate text on its way to readers that might obey it."""

from __future__ import annotations

import json
import re
import unicodedata
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.report.escaping import can_carry, for_json, for_terminal, for_xml, known_encoding

ANYTHING = st.text(st.characters(exclude_categories=()))


@given(ANYTHING)
def test_terminal_text_is_printable(text: str) -> None:
    """What is shown holds line ends and visible characters only."""
    hidden = {"Cc", "Cf", "Cs", "Cn"}
    shown = re.sub("[\U0001f000-\U0001faff]", "☺", for_terminal(text))  # some are of a newer Unicode than this Python's
    shown = re.sub("(?<=[☺\ufe0f])\u200d", "", shown)
    assert not [c for c in shown if c != "\n" and unicodedata.category(c) in hidden]


@given(ANYTHING, st.sampled_from(["ascii", "gbk", "latin-1", "utf-8"]))
def test_terminal_text_can_be_encoded(text: str, encoding: str) -> None:
    """What is shown fits the terminal's encoding."""
    assert can_carry(encoding, for_terminal(text, encoding))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred", r"\x1b[31mred"),
        ("\x9b2J", r"\x9b2J"),
        ("abc\u202edef", r"abc\u202edef"),
        ("\udc80", r"\udc80"),
        ("\U000e0041", r"\U000e0041"),
        ("10%\r20%\r\n", "10%\n20%\n"),
        ("a\tb", "a   b"),
        ("掩码 ✓", "掩码 ✓"),
        ("👨‍👩‍👧 🏳️‍🌈 👍🏽 🇨🇳 ❤️ \U0001fae8", "👨‍👩‍👧 🏳️‍🌈 👍🏽 🇨🇳 ❤️ \U0001fae8"),
        ("a\u200db 😀\u200d", r"a\u200db 😀\u200d"),
    ],
)
def test_terminal_text(text: str, shown: str) -> None:
    """Commands to a terminal are written out; ordinary text stays as it is."""
    assert for_terminal(text) == shown


def test_terminal_text_in_ascii() -> None:
    """What an encoding lacks is written out."""
    assert for_terminal("掩", "ascii") == r"\u63a9"


@given(ANYTHING)
def test_json_text_survives_json(text: str) -> None:
    """Text for JSON encodes as UTF-8 and is read back unchanged."""
    clean = for_json(text)
    assert json.loads(json.dumps(clean, ensure_ascii=False).encode("utf-8")) == clean


@given(ANYTHING)
def test_xml_text_survives_xml(text: str) -> None:
    """Text for XML can be parsed."""
    element = ET.Element("a", b=for_xml(text))
    element.text = for_xml(text)
    parsed = ET.fromstring(ET.tostring(element, encoding="utf-8"))
    assert (parsed.text or "").replace("\n", "") == for_xml(text).replace("\r", "").replace("\n", "")


def test_unknown_encodings_are_taken_for_ascii() -> None:
    """A terminal whose encoding nobody knows gets plain ASCII."""
    assert known_encoding("klingon-8") == "ascii"
