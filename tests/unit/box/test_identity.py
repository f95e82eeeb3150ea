"""User ids of parents: each number has one holder at a time, also among engines of several processes."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys

import pytest

from grader.box import identity
from grader.box.identity import FIRST_UIDS, UIDS, Identity


@pytest.fixture
def from_seven(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each identity begins to look at number 7."""
    monkeypatch.setattr(identity, "_serial", itertools.repeat(7 - os.getpid()))


@pytest.mark.usefixtures("from_seven")
def test_two_holders_have_different_numbers() -> None:
    """Though both begin at the same one; a number that was let go of is given out again."""
    first, second = Identity(), Identity()
    freed = first.number
    assert first.number != second.number
    first.close()
    third = Identity()
    assert third.number == freed
    second.close()
    third.close()


@pytest.mark.usefixtures("from_seven")
def test_another_process_keeps_its_own() -> None:
    """Until it ends: the kernel takes the number back, whatever became of the process."""
    wanted = Identity()
    wanted.close()
    script = (
        "import itertools, os, sys\n"
        "from grader.box import identity\n"
        "identity._serial = itertools.repeat(7 - os.getpid())\n"
        "held = identity.Identity()\n"
        "print(held.number, flush=True)\n"
        "sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        theirs = int(other.stdout.readline())
        ours = Identity()
        assert ours.number != theirs
        ours.close()
        other.kill()
    again = Identity()
    assert again.number in (wanted.number, theirs, ours.number)
    again.close()


@pytest.mark.usefixtures("from_seven")
def test_where_all_are_taken_there_is_one_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits that are shared are better than no verdict; somebody could take all numbers."""
    monkeypatch.setattr(identity, "UIDS", 2)
    held = [Identity() for _ in range(3)]
    assert {one.number for one in held} == {0, 1}
    for one in held:
        one.close()


def test_the_ids_are_those_of_nobody() -> None:
    """Both ranges lie above what systems give to people and services, and do not meet."""
    one = Identity()
    assert one.uids == [first + one.number for first in FIRST_UIDS]
    assert 0 <= one.number < UIDS
    assert min(FIRST_UIDS) + UIDS < 65_534
    one.close()
