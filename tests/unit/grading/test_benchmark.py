"""The arithmetic of the benchmark; what it runs is run by tests/acceptance/test_bench.py."""

from __future__ import annotations

import pytest

from grader.errors import JudgeError
from grader.grading.benchmark import Figures, Rounds, _percentile, _quietly, measure
from grader.wiring import open_exercise
from tests.fakes.engines import FakeEngine, case


def figures(**changes: float) -> Figures:
    """Round figures."""
    plain: dict[str, float] = {
        "pytest_ms": 2000.0,
        "one_off_ms": 1000.0,
        "first_ms": 900.0,
        "warm_p50_ms": 50.0,
        "warm_p95_ms": 80.0,
        "floor_ms": 10.0,
        "pytest_per_minute": 60.0,
        "one_lane_per_minute": 1200.0,
        "all_lanes_per_minute": 2400.0,
    }
    whole = {"cases": 8, "parents_bytes": 1, "verdict_bytes": 1}
    return Figures(exercise="x", **{**whole, **plain, **changes})  # type: ignore[arg-type]


def test_ratios_say_how_many_times_shorter_and_how_many_times_more() -> None:
    """All of them are better the larger they are, but for the one over the floor."""
    assert figures().ratios == {
        "pytest_over_warm": 40.0,
        "pytest_over_floor": 200.0,
        "pytest_over_one_off": 2.0,
        "warm_over_floor": 5.0,
        "throughput_over_pytest": 40.0,
        "all_lanes_over_one": 2.0,
    }


def test_data_carry_ratios_and_the_cost_over_the_floor() -> None:
    """What a reader of the JSON would compute otherwise."""
    data = figures(floor_ms=12.5).to_data()
    assert data["over_floor_ms"] == 37.5
    assert data["over_floor_per_8_ms"] == 37.5
    assert figures(floor_ms=12.5, cases=24).to_data()["over_floor_per_8_ms"] == 12.5
    assert data["ratios"]["pytest_over_warm"] == 40.0


@pytest.mark.parametrize(("share", "expected"), [(0.0, 1.0), (0.5, 3.0), (0.95, 5.0), (1.0, 5.0)])
def test_percentiles_are_values_that_were_measured(share: float, expected: float) -> None:
    """Of five values, the 95th percentile is the last."""
    assert _percentile([5.0, 1.0, 4.0, 2.0, 3.0], share) == expected


def test_a_command_that_fails_has_no_time() -> None:
    """Its time would be that of a failure."""
    with pytest.raises(JudgeError, match="ended with 3: because"):
        _quietly(["sh", "-c", "echo because >&2; exit 3"])


class MeasuredFake(FakeEngine):
    """A fake engine that takes nothing."""

    def start(self, exercise: object) -> None:
        """Nothing to start."""

    def standing_bytes(self) -> int:
        """Nothing stands."""
        return 0

    def in_flight_bytes(self) -> int:
        """Nothing flies."""
        return 0


def test_a_verdict_that_is_not_accepted_is_not_timed() -> None:
    """The reference is graded; if it does not pass, the figures would mean nothing."""
    engine = MeasuredFake((case("binary", "wrong_answer"),))
    with pytest.raises(JudgeError, match="f1_auc: wrong_answer"):
        measure(open_exercise("f1_auc"), engine, Rounds(), lambda _: None)
