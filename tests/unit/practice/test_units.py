"""Units in two languages."""

from __future__ import annotations

import re
import time

import pytest

from grader import wiring
from grader.model.entry import NumericEntry
from grader.practice.bank import PackBank
from grader.practice.numbers import read_number
from grader.practice.units import unit_name


@pytest.mark.parametrize(
    ("unit", "name"),
    [("million euros", "百万欧元"), ("GiB", "GiB"), ("billion tokens", "十亿 token"), ("million", "百万"), ("", "")],
)
def test_a_unit_has_a_chinese_name(unit: str, name: str) -> None:
    """Words are translated, symbols stay."""
    assert (unit_name(unit, "en"), unit_name(unit, "zh")) == (unit, name)


def test_every_unit_of_the_bank_is_known() -> None:
    """No English word is left in a Chinese screen, and what the screen says can be typed."""
    bank = PackBank(wiring.open_packs(()))
    numbers = [entry.numeric for head in bank.heads() if isinstance(entry := bank.entry(head.id), NumericEntry)]
    for unit in {numeric.unit for numeric in numbers}:
        name = unit_name(unit, "zh")
        assert not re.search(r"[a-z]{4}", name.replace("token", "")), f"give {unit!r} a Chinese name"
        assert read_number(f"3.5 {name}", unit) == read_number(f"3.5 {unit}", unit) == 3.5


@pytest.mark.parametrize("typed", ["1*" * 49, "1 111" * 20, "1,111" * 20, "1." * 50, " " * 100, "1 " * 50, "9e9" * 33])
def test_nothing_takes_long_to_be_refused(typed: str) -> None:
    """A line of a hundred characters is read, or not, at once."""
    began = time.perf_counter()
    with pytest.raises(Exception, match=r"quiz\.unreadable"):
        read_number(f"{typed}!"[-100:], "ms")
    assert time.perf_counter() - began < 0.2
