"""The short form of `make chaos`: what is acknowledged survives SIGKILL of everything."""

from __future__ import annotations

import pytest

from tests.chaos.chaos import run


@pytest.mark.slow
def test_nothing_is_lost_when_everything_is_killed() -> None:
    """A hundred submissions of four tenants; workers, engines, PostgreSQL and the service itself are killed."""
    assert run(100, seed=20261130) == []
