"""Drivers run beside candidate code: each says why it is there, and none is told what the suite then compares with."""

from __future__ import annotations

import dataclasses

import pytest

from grader.engine.engine import Engine
from grader.grading.soundness import _given_away, _stray
from grader.model.exercise import DriverNote
from grader.wiring import open_exercise, open_packs

SLUGS = [slug for pack in open_packs(()) for slug in pack.slugs if pack.exercise(slug).driver is not None]


@pytest.mark.parametrize("slug", SLUGS)
def test_a_driver_says_why_it_is_needed(slug: str) -> None:
    """In the manifest; one without a word is a finding, and so is a word without a driver."""
    exercise = open_exercise(slug)
    assert exercise.driver_note is not None
    assert exercise.driver_note.reason
    assert list(_stray(exercise)) == []
    silent = dataclasses.replace(exercise, driver_note=None)
    assert any("belong together" in problem for problem in _stray(silent))


@pytest.mark.slow
def test_what_a_driver_is_told_and_the_suite_compares_is_found() -> None:
    """The weights of early_stopping are such; its manifest says why that gives nothing away."""
    exercise = open_exercise("early_stopping")
    silent = dataclasses.replace(exercise, driver_note=DriverNote(reason="x", knows=""))
    with Engine(strict=False) as engine:
        assert list(_given_away(exercise, engine, 1)) == []
        found = list(_given_away(silent, engine, 1))
    assert any("test_best_parameters_and_buffers_come_back: torch.float32" in one for one in found)


@pytest.mark.parametrize("slug", [slug for slug in SLUGS if slug != "early_stopping"])
def test_the_other_drivers_are_told_nothing_of_the_kind(slug: str) -> None:
    """And have no excuse, so that `viva check` runs their suites and looks."""
    exercise = open_exercise(slug)
    assert exercise.driver_note is not None
    assert exercise.driver_note.knows == ""
