"""The soak in short."""

from __future__ import annotations

import pytest

from tests.soak.soak import pieces, soak


@pytest.mark.slow
def test_mixed_verdicts_are_those_of_lone_runs_and_nothing_leaks() -> None:
    """Right, wrong and hostile submissions of a numpy and a torch exercise, two at a time on one engine."""
    chosen = list(pieces(("smote", "early_stopping"), mutants=2, hostile=3))
    account = soak(chosen, verdicts=96, jobs=2, order=1)
    assert not account.different
    assert not account.leaks, account.footprints
