"""What a judge is told: once about its exercise, and once per submission. Plain data, sent between our processes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from grader.guest.native_code import NATIVE
from grader.model.exercise import Exercise, Limits, Tolerance

SCRATCH_PREFIX = "viva-judge-"  # of the temporary folder that a judge parent is given, and removes when it ends


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteSpec:
    """What of an exercise a judge needs: where its files are, and what its manifest allows."""

    exercise: str
    suites: tuple[str, ...]
    reference: str
    driver: str | None
    entry_points: tuple[str, ...]
    forbid: tuple[str, ...]
    limits: Limits
    tolerance: Mapping[str, Tolerance]
    mutants: tuple[tuple[str, str, str], ...]  # id or id[value], source, task
    environment: str

    @classmethod
    def of(cls, exercise: Exercise) -> SuiteSpec:
        """The spec of an exercise's public and hidden suites."""
        suites = tuple(str(p) for p in (exercise.public_suite, exercise.hidden_suite) if p.is_file())
        return cls(
            exercise=exercise.id,
            suites=suites,
            reference=str(exercise.solution),
            driver=str(exercise.driver) if exercise.driver else None,
            entry_points=exercise.entry_points,
            forbid=exercise.forbid if exercise.native else (*exercise.forbid, *NATIVE),
            limits=exercise.limits,
            tolerance=exercise.tolerance,
            mutants=tuple((name, source, m.task) for m in exercise.mutants for name, source in m.sources),
            environment=exercise.environment,
        )

    def to_data(self) -> dict[str, Any]:
        """Plain data for a message."""
        plain = asdict(replace(self, tolerance={}))  # a frozen mapping cannot be copied deeply
        return {**plain, "tolerance": {name: asdict(t) for name, t in self.tolerance.items()}}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> SuiteSpec:
        """The inverse of `to_data`."""
        return cls(
            **{
                **data,
                "limits": Limits(**data["limits"]),
                "tolerance": {name: Tolerance(**figures) for name, figures in data["tolerance"].items()},
                "suites": tuple(data["suites"]),
                "entry_points": tuple(data["entry_points"]),
                "forbid": tuple(data["forbid"]),
                "mutants": tuple((m[0], m[1], m[2]) for m in data["mutants"]),
            }
        )

    @property
    def reference_path(self) -> Path:
        """The reference solution as a path."""
        return Path(self.reference)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """Trusted solutions (name, source) to run without a box, `lanes` at a time; perhaps only to the first failure."""

    seed: int
    solutions: tuple[tuple[str, str], ...]
    first_failure: bool = False
    lanes: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One submission to be judged; `diagnose` asks for a comparison with the exercise's mutants when it fails."""

    source: str
    seed: int
    device: str = "cpu"
    diagnose: bool = True
