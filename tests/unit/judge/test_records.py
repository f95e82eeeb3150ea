"""Records between forks: what comes out is what went in."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from grader.judge.likeness import Case, compare
from grader.judge.records import from_frame, to_frame
from grader.judge.run import CaseRecord
from tests.unit.judge.test_likeness import record


def passed_on(*records: CaseRecord) -> list[CaseRecord]:
    """Through a frame and back."""
    found, ended = from_frame(to_frame(records, "late"))
    assert ended == "late"
    return found


@pytest.mark.parametrize(
    "value",
    [
        1.5,
        np.arange(6.0).reshape(2, 3),
        torch.ones(2, 2, requires_grad=True),
        {"a": [1, None, "x"]},
        np.float32(2),
        True,
    ],
)
def test_what_was_compared_agrees_afterwards(value: Any) -> None:
    """Values keep type, dtype and shape, and the rule they were compared by."""
    before = record(value=value)
    (after,) = passed_on(before)
    assert after.outcome == before.outcome
    assert compare(after, before) is Case.VALUES


def test_what_is_not_plain_is_forgotten() -> None:
    """Better no evidence than another's."""
    (after,) = passed_on(record(value=object()))
    assert not after.observations.complete


def test_half_a_character_is_passed_on() -> None:
    """What a solution said may hold a lone surrogate."""
    (after,) = passed_on(record(message="odd \ud800"))
    assert "odd" in after.outcome.message.en
