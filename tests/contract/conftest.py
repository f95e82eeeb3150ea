"""A module in this process and the same module in a strict guest."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from grader.box.parent import GuestParent, ParentSpec
from grader.judge.connection import BoxConnection, Usage
from grader.judge.handle import Bridge
from grader.judge.loopback import Loopback
from grader.judge.plugin import load_module
from grader.model.exercise import Limits
from grader.wire.frame import Caps

CANDIDATE = Path(__file__).with_name("parity_candidate.py")
CASE_WALL_S = 30.0


class Guests:
    """Boxes with the candidate's module in them; a box serves many programs, as it serves many cases."""

    def __init__(self, parent: GuestParent) -> None:
        self._client = parent.client()
        self._connection: BoxConnection | None = None
        self.bridge: Bridge | None = None
        self._module: Any = None

    def module(self) -> Any:
        """The handle, with nothing of the last program left."""
        if self.bridge is None or self.bridge.link.failure is not None:
            self.close()
            self._connection = BoxConnection(self._client, Limits(cpu_s=60.0), Usage(), Caps())
            self.bridge = Bridge(self._connection, Caps())
            self._start_clock()
            self._module = self.bridge.load("solution", CANDIDATE.read_text(encoding="utf-8"))
        else:
            self._start_clock()
            self.bridge.reset()
        self.bridge.seed(0)
        return self._module

    def _start_clock(self) -> None:
        assert self.bridge is not None
        self.bridge.link.deadline = time.monotonic() + CASE_WALL_S

    def close(self) -> None:
        """End the present box."""
        if self._connection is not None:
            self._connection.close()


@pytest.fixture(scope="session")
def guests() -> Iterator[Guests]:
    """Strict boxes with torch."""
    parent = GuestParent(ParentSpec(environment="torch", packages=("torch", "numpy"), strict=True))
    guests = Guests(parent)
    yield guests
    guests.close()
    parent.close()


@pytest.fixture
def there(guests: Guests) -> Any:
    """The candidate's module in a guest."""
    return guests.module()


@pytest.fixture
def nearby() -> Any:
    """The candidate's module in a guest that is this process, as under plain pytest."""
    loopback = Loopback()
    module = loopback.load("solution", CANDIDATE.read_text(encoding="utf-8"), str(CANDIDATE))
    loopback.bridge.seed(0)
    return module


@pytest.fixture
def here() -> Any:
    """The candidate's module, freshly loaded into this process."""
    return load_module(CANDIDATE, "solution")
