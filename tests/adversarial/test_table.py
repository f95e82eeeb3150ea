"""Every hostile submission of the table gets the verdict that it must earn, and leaves nothing behind."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

import pytest

from grader.grading.grade import Options, grade
from grader.grading.intake import Rejection, admit
from grader.model.exercise import Exercise
from grader.model.submission import Submission
from grader.model.verdict import Status, Verdict

from .conftest import Bench, exercise_with
from .table import SUBMISSIONS, TABLE, Row

SLACK_S = 1.0  # a verdict is there within one second of the limit, on a machine that has a core for it


def slack_s() -> float:
    """The slack, as much longer as other work on this machine makes everything take."""
    return SLACK_S * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


FAMILIES = {"f1_auc": "numpy", "smote": "numpy", "laplace_mechanism": "numpy", "ddp_step": "ranks"}


def _family(exercise: str) -> str:
    return FAMILIES.get(exercise, "torch")


def _bench_of(family: str, request: pytest.FixtureRequest) -> Bench:
    return request.getfixturevalue(f"{family}_bench")


def _params() -> Iterator[object]:
    """The rows, family by family and group by group; each group ends with an honest submission (None)."""
    groups: dict[tuple[str, str, bool], list[Row]] = {}
    for row in TABLE:
        groups.setdefault((_family(row.exercise), row.group, row.slow), []).append(row)
    for (family, group, slow), rows in sorted(groups.items()):
        marks = [pytest.mark.slow] if slow else []
        for row in rows:
            yield pytest.param(family, row, id=row.id, marks=marks)
        yield pytest.param(family, None, id=f"honest after {group} ({family}{', slow' if slow else ''})", marks=marks)


def _admitted(row: Row, exercise: Exercise) -> Submission | Rejection:
    return admit(f"{row.name}.py", row.path.read_bytes(), exercise)


def _reasons(verdict: Verdict) -> list[str]:
    failed = [case.message.en for case in verdict.cases if case.status is not Status.ACCEPTED]
    return [text for text in (verdict.message, *failed) if text.strip()]


def _took_mb(verdict: Verdict) -> int:
    return max((int(n) for case in verdict.cases for n in re.findall(r"took (\d+) MiB", case.output)), default=0)


def _check(row: Row, exercise: Exercise, verdict: Verdict) -> None:
    summary = f"{verdict.status} with {verdict.score} points: {_reasons(verdict)[:3]}"
    assert verdict.status in row.statuses, summary
    assert verdict.score <= row.most, f"{summary}; tasks {[task.id for task in verdict.tasks if task.score]}"
    assert any(row.says in reason for reason in _reasons(verdict)), summary
    assert verdict.resources.wall_ms <= 1000 * (exercise.limits.wall_s + slack_s()), "the verdict came too late"
    slowest = max((case.duration_ms for case in verdict.cases), default=0.0)
    assert slowest <= 1000 * (exercise.limits.case_wall_s + slack_s()), f"a case took {slowest:.0f} ms"
    if row.takes_at_most_mb is not None:
        assert _took_mb(verdict) <= row.takes_at_most_mb, f"took {_took_mb(verdict)} MiB"


@pytest.mark.parametrize(("family", "row"), list(_params()))
def test_a_cheat_gains_nothing_and_the_grader_goes_on(
    family: str, row: Row | None, request: pytest.FixtureRequest
) -> None:
    """The right status, no more points than the honest part earned, a reason, in time, and nothing is left behind."""
    bench = _bench_of(family, request)
    if row is None:
        verdict = bench.grade_honest()
        assert verdict.status is Status.ACCEPTED, _reasons(verdict)
        return
    exercise = exercise_with(row.exercise, row.limits, native=row.native)
    # Built by hand: the static look is skipped, so that the box alone is tested.
    submission = Submission(name=row.name, source=row.path.read_text(encoding="utf-8"))
    _check(row, exercise, bench.grade(exercise, submission))


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.id)
def test_the_static_look_says_what_the_table_says(row: Row) -> None:
    """Plain uses of what is forbidden are turned away with their line; everything else is let through to the box."""
    outcome = _admitted(row, exercise_with(row.exercise, None))
    assert getattr(outcome, "reason", "admitted") == row.policy
    if isinstance(outcome, Rejection):
        assert re.search(r"on line \d+", outcome.message.en)


@pytest.mark.parametrize("row", [row for row in TABLE if row.policy != "admitted"], ids=lambda row: row.id)
def test_a_forbidden_submission_is_rejected(row: Row, numpy_bench: Bench) -> None:
    """Through the static look the verdict is `rejected`, without points, and says why; nothing is run."""
    exercise = exercise_with(row.exercise, None)
    verdict = grade(exercise, _admitted(row, exercise), numpy_bench.engine, Options(seed=1))
    assert (verdict.status, verdict.score, verdict.cases) == (Status.REJECTED, 0.0, ())
    assert "forbids" in verdict.message


def test_the_table_and_the_folder_agree() -> None:
    """Each file of `submissions/` has one row, and each row a file."""
    files = sorted(str(path.relative_to(SUBMISSIONS).with_suffix("")) for path in SUBMISSIONS.glob("*/*.py"))
    assert files == sorted(row.id for row in TABLE)


def test_every_submission_says_what_it_tries() -> None:
    """Each file starts with a docstring of one line."""
    assert [row.id for row in TABLE if not re.fullmatch(r'""".+[^"]"""', row.path.read_text().splitlines()[0])] == []


def test_the_table_is_long_enough() -> None:
    """There are at least 130 hostile submissions."""
    assert len(TABLE) >= 130
