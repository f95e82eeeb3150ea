"""An engine that answers what it is told to, for tests of what is built on engines."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from grader.judge.job import Job
from grader.model.exercise import Exercise


@dataclass
class FakeJudged:
    """What an engine returns for one submission."""

    cases: tuple[dict[str, Any], ...]
    expected_cases: int
    account: dict[str, Any]
    versions: dict[str, str] = field(default_factory=lambda: {"python": "3"})


def case(task: str, status: str = "accepted", name: str = "hidden::test_x") -> dict[str, Any]:
    """One outcome as plain data."""
    return {
        "id": name,
        "task": task,
        "visibility": "hidden",
        "title": {"en": "A claim.", "zh": "一个断言。"},
        "status": status,
        "duration_ms": 1.0,
        "message": {"en": "", "zh": ""} if status == "accepted" else {"en": "it is wrong", "zh": "它不对"},
        "output": "",
        "cause": None,
    }


class FakeEngine:
    """Gives the same outcomes to every job, or raises; remembers the jobs."""

    def __init__(
        self,
        cases: tuple[dict[str, Any], ...] = (),
        *,
        expected: int | None = None,
        error: Exception | None = None,
        mutants: tuple[str, ...] = (),
    ) -> None:
        self.jobs: list[Job] = []
        self._cases = cases
        self._expected = len(cases) if expected is None else expected
        self._error = error
        self._mutants = mutants

    def judge(self, exercise: Exercise, job: Job, *, late: object = None) -> FakeJudged:
        """The outcomes that were given."""
        self.jobs.append(job)
        if self._error is not None:
            raise self._error
        account = {
            "wall_ms": 5.0,
            "cpu_ms": 4.0,
            "peak_rss_bytes": 1024,
            "layers": ["seccomp"],
            "mutants": [[name, "behaves_like"] for name in self._mutants],
            "integrity": [],
        }
        return FakeJudged(self._cases, self._expected, account)
