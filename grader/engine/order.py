"""What an engine must know of an exercise: plain data, so that an engine may be another process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from grader.box.installed import require
from grader.guest.placement import CPU
from grader.judge.job import SuiteSpec
from grader.model.exercise import Exercise


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Which suite is to be run (its digest tells versions apart), and what the box of a submission is made of."""

    suite: SuiteSpec
    digest: str
    environment: str
    packages: tuple[str, ...]
    device: str = CPU  # where the tensors of a submission live

    @classmethod
    def of(cls, exercise: Exercise, device: str = CPU) -> Order:
        """The order for an exercise; raises PackageError where what its environment is made of is not installed."""
        require(exercise.environment)
        return cls(
            suite=SuiteSpec.of(exercise),
            digest=exercise.suite_digest,
            environment=exercise.environment,
            packages=exercise.allow_packages,
            device=device,
        )

    @property
    def key(self) -> tuple[str, str]:
        """What tells judge parents apart: the digest, and which copy, for driver and mutants are read for each job."""
        return self.digest, self.suite.reference

    def to_data(self) -> dict[str, Any]:
        """Plain data for a message."""
        return {
            "suite": self.suite.to_data(),
            "digest": self.digest,
            "environment": self.environment,
            "packages": list(self.packages),
            "device": self.device,
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Order:
        """The inverse of `to_data`."""
        suite = SuiteSpec.from_data(data["suite"])
        return cls(**{**data, "suite": suite, "packages": tuple(data["packages"])})
