"""Skipping cases after time limits: what it saves, and that it pays nobody."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from grader.judge.patience import Patience
from grader.model.text import NOTHING
from grader.model.verdict import Outcome, Status

P, T, W = Status.ACCEPTED, Status.TIME_LIMIT, Status.WRONG_ANSWER
Case = tuple[str, Status]  # its task, and how it would end if it were run


def outcome(case: Case) -> Outcome:
    task, status = case
    return Outcome(id=task, task=task, visibility="hidden", title=NOTHING, status=status, duration_ms=1.0)


def run(cases: Sequence[Case]) -> list[Status | None]:
    """How each case ends; None where it is not run."""
    patience, ended = Patience(), list[Status | None]()
    for case in cases:
        if patience.refusal(case[0]) is not None:
            ended.append(None)
        else:
            patience.learn(outcome(case))
            ended.append(case[1])
    return ended


def earned(cases: Sequence[Case], ended: Sequence[Status | None]) -> set[str]:
    """The tasks of which every case passed."""
    lost = {task for (task, _), status in zip(cases, ended, strict=True) if status is not P}
    return {task for task, _ in cases} - lost


def ran(*cases: Case) -> int:
    return sum(status is not None for status in run(cases))


def test_an_endless_loop_is_waited_for_twice() -> None:
    """Once in each of two tasks, or twice in one."""
    assert ran(("a", T), ("b", T), ("c", T), ("a", T), ("b", T)) == 2
    assert ran(("a", T), ("a", T), ("a", T), ("a", T)) == 2
    assert ran(("a", T), ("a", T), ("a", T), ("b", T), ("b", T), ("c", T)) == 3


def test_the_points_of_what_works_are_kept() -> None:
    """One function loops, the other is right: in whatever order the cases come, where one of them passed before."""
    one = [("a", P), ("b", T), ("b", T), ("b", T), ("c", P), ("b", T), ("c", P)]
    assert run(one) == [P, T, T, None, P, None, P]
    other = [("a", T), ("b", P), ("a", T), ("a", T), ("b", P), ("c", T), ("c", P)]
    assert run(other) == [T, P, T, None, P, T, P]


def test_a_case_that_passed_in_between_begins_the_count_again() -> None:
    """Inputs for which the code is slow are no endless loop."""
    assert ran(("a", T), ("a", P), ("a", T), ("a", P), ("a", T)) == 5


def test_other_failures_are_no_loops() -> None:
    """Whatever else is wrong, every case is run."""
    assert ran(*[("a", W), ("b", W)] * 4, ("a", T), ("a", W)) == 10


SEQUENCES = st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from((P, T, W))), min_size=1, max_size=30)


@given(SEQUENCES)
def test_nobody_earns_more(cases: list[Case]) -> None:
    """What is earned is earned too where every case is run."""
    assert earned(cases, run(cases)) <= earned(cases, [status for _, status in cases])


@given(SEQUENCES)
def test_nobody_who_has_passed_anything_earns_less(cases: list[Case]) -> None:
    """After a first case that passed, the points are those of a run of everything."""
    begun = [("z", P), *cases]
    assert earned(begun, run(begun)) == earned(begun, [status for _, status in begun])


@given(SEQUENCES)
def test_what_is_late_nowhere_is_run_everywhere(cases: list[Case]) -> None:
    """And so a right solution is."""
    on_time = [(task, P if status is T else status) for task, status in cases]
    assert None not in run(on_time)
