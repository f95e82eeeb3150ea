"""Units in two languages."""

from __future__ import annotations

import time

import pytest

from grader import wiring
from grader.content.numbers import read_number
from grader.content.pack import Pack
from grader.content.unreadable import UnreadableAnswer
from grader.model.entry import NumericEntry
from grader.model.text import Text

USERS = Text(en="thousand users", zh="千名用户")


@pytest.mark.parametrize("pack", wiring.open_packs(()))
def test_every_unit_of_the_bank_can_be_typed(pack: Pack) -> None:
    """What the screen calls a unit can be typed after the number, in either language, and on no other scale."""
    units = {entry.numeric.unit for entry in pack.entries() if isinstance(entry, NumericEntry)}
    assert len(units) > 20
    for unit in units:
        assert [read_number(f"3.5 {name}", unit) for name in (unit.en, unit.zh)] == [3.5, 3.5], unit


@pytest.mark.parametrize(
    ("typed", "value"), [("2 thousand users", 2), ("2 千名用户", 2), ("2 k", 2), ("2 万", 20), ("2 万名用户", 20)]
)
def test_either_language_is_read(typed: str, value: float) -> None:
    """A unit may be given in the language that the question was not asked in, and on another scale."""
    assert read_number(typed, USERS) == value


@pytest.mark.parametrize("typed", ["2 nats", "2 nat", "2 奈特"])
def test_a_nat_goes_by_both_names(typed: str) -> None:
    """Chinese texts write nat; who knows the Chinese word may type it."""
    assert read_number(typed, Text(en="nats", zh="nat")) == 2


def test_what_is_told_of_a_wrong_unit_has_the_unit_of_the_language() -> None:
    """The sentence that asks back is filled with the unit in both languages."""
    with pytest.raises(UnreadableAnswer) as caught:
        read_number("2 小时", USERS)
    assert caught.value.fields["unit"] == USERS


@pytest.mark.parametrize("typed", ["1*" * 49, "1 111" * 20, "1,111" * 20, "1." * 50, " " * 100, "1 " * 50, "9e9" * 33])
def test_nothing_takes_long_to_be_refused(typed: str) -> None:
    """A line of a hundred characters is read, or not, at once."""
    began = time.perf_counter()
    with pytest.raises(Exception, match=r"quiz\.unreadable"):
        read_number(f"{typed}!"[-100:], Text.same("ms"))
    assert time.perf_counter() - began < 0.2
