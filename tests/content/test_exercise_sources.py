"""What exercises cite: as the bank's entries are checked."""

from __future__ import annotations

import pytest

from grader import wiring
from grader.content.check_parts import check_sources

(PACK,) = wiring.open_packs()


@pytest.mark.parametrize("slug", PACK.slugs)
def test_sources(slug: str) -> None:
    """Places are said beside titles, addresses are whole, and none is there twice."""
    exercise = PACK.exercise(slug)
    found = [one.says for one in check_sources(exercise.public_dir / "exercise.yaml", exercise.sources)]
    assert exercise.sources
    assert not found
