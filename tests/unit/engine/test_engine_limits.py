"""How many parents an engine keeps, told on parents that are none."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field

import pytest

from grader.engine import memory
from grader.engine.engine import MAX_PARENTS, Engine


@dataclass(eq=False)
class FakeParent:
    """Takes as much memory as it says."""

    pid: int
    closed: list[int] = field(default_factory=list)

    def alive(self) -> bool:
        """It always is."""
        return True

    def dismiss(self) -> None:
        """Nothing waits."""

    def close(self) -> None:
        """Remember it."""
        self.closed.append(self.pid)


@pytest.fixture
def hundred_mib_each(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every process tree takes 100 MiB."""
    monkeypatch.setattr(memory, "of_tree", lambda pid: 100 << 20)


def _filled(engine: Engine, count: int) -> tuple[OrderedDict[str, FakeParent], list[int]]:
    closed: list[int] = []
    parents = OrderedDict((str(number), FakeParent(number, closed)) for number in range(count))
    engine._judges = parents  # type: ignore[assignment]
    return parents, closed


def test_parents_over_the_budget_are_ended_the_longest_unused_first(hundred_mib_each: None) -> None:
    """Room is made until what stays is within the budget."""
    with Engine(budget_bytes=250 << 20) as engine:
        parents, closed = _filled(engine, 5)
        engine._make_room(parents)
        assert closed == [0, 1, 2]


def test_busy_parents_stay(hundred_mib_each: None) -> None:
    """A verdict in flight is not ended for want of memory."""
    with Engine(budget_bytes=0) as engine:
        parents, closed = _filled(engine, 3)
        engine._busy[id(parents["0"])] = 1
        engine._make_room(parents)
        assert closed == [1, 2]
        assert list(parents) == ["0"]


def test_a_roomy_budget_still_has_a_limit_of_parents(hundred_mib_each: None) -> None:
    """There is room for one more when there are as many as there may be."""
    with Engine(budget_bytes=1 << 50) as engine:
        parents, closed = _filled(engine, MAX_PARENTS)
        engine._make_room(parents)
        assert closed == [0]
        assert len(parents) == MAX_PARENTS - 1
