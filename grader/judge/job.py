"""What a judge is told: once about its exercise, and once per submission. Plain data, sent between our processes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from grader.guest.native_code import NATIVE
from grader.guest.placement import CPU
from grader.guest.second_code import second_code
from grader.model.exercise import Exercise, Limits, Tolerance

TIMES_STOOD_IN = 15.0
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
    cuda_tolerance: Mapping[str, Tolerance]
    mutants: tuple[tuple[str, str, str, str], ...]  # id or id[value], source, task, device on which it shows
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
            forbid=(*exercise.forbid, *second_code(exercise.forbid), *(() if exercise.native else NATIVE)),
            limits=exercise.limits,
            tolerance=exercise.tolerance,
            cuda_tolerance=exercise.cuda_tolerance,
            mutants=tuple((name, source, m.task, m.device) for m in exercise.mutants for name, source in m.sources),
            environment=exercise.environment,
        )

    def to_data(self) -> dict[str, Any]:
        """Plain data for a message."""
        plain = asdict(replace(self, tolerance={}, cuda_tolerance={}))  # a frozen mapping cannot be copied deeply
        figures = {name: _figures(getattr(self, name)) for name in ("tolerance", "cuda_tolerance")}
        return {**plain, **figures}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> SuiteSpec:
        """The inverse of `to_data`."""
        return cls(
            **{
                **data,
                "limits": Limits(**data["limits"]),
                "tolerance": _tolerances(data["tolerance"]),
                "cuda_tolerance": _tolerances(data["cuda_tolerance"]),
                "suites": tuple(data["suites"]),
                "entry_points": tuple(data["entry_points"]),
                "forbid": tuple(data["forbid"]),
                "mutants": tuple((m[0], m[1], m[2], m[3]) for m in data["mutants"]),
            }
        )

    def tolerance_on(self, device: str) -> Mapping[str, Tolerance]:
        """By dtype, on a device: what is stated for it goes before what is stated for all."""
        return self.tolerance if device == CPU else {**self.tolerance, **self.cuda_tolerance}

    def mutants_on(self, device: str) -> list[tuple[str, str, str]]:
        """Name, source and task of those whose mistake shows on a device: some show on no CPU."""
        return [(name, source, task) for name, source, task, needs in self.mutants if needs in (CPU, device)]

    @property
    def reference_path(self) -> Path:
        """The reference solution as a path."""
        return Path(self.reference)


def _figures(stated: Mapping[str, Tolerance]) -> dict[str, Any]:
    return {name: asdict(tolerance) for name, tolerance in stated.items()}


def _tolerances(figures: Mapping[str, Any]) -> dict[str, Tolerance]:
    return {name: Tolerance(**each) for name, each in figures.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """Trusted solutions (name, source) to run without a box, `lanes` at a time; perhaps only to the first failure.

    With `driver`, the reference runs too, to see what the driver is told and is compared later.
    """

    seed: int
    solutions: tuple[tuple[str, str], ...]
    first_failure: bool = False
    lanes: int = 1
    device: str = CPU  # another one is stood in for
    driver: bool = False

    @property
    def patience(self) -> float:
        """How often the exercise's own time a solution may take: a device that is stood in for is slow."""
        return 1.0 if self.device == CPU else TIMES_STOOD_IN


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One submission to be judged; `diagnose` asks for a comparison with the exercise's mutants when it fails.

    `modules` are paths and sources of what else was handed in, which `source` imports.
    """

    source: str
    seed: int
    device: str = CPU
    diagnose: bool = True
    modules: Sequence[Sequence[str]] = ()
