"""An exercise as it was read from a pack, frozen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from grader.model.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one submission may use: seconds, megabytes (MiB), kilobytes (KiB) and counts."""

    wall_s: float = 20.0
    case_wall_s: float = 5.0
    cpu_s: float = 20.0
    memory_mb: int = 1024
    processes: int = 32
    output_kb: int = 256
    source_kb: int = 64
    network: bool = False
    gpu_memory_mb: int = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Tolerance:
    """How far a value may be from the expected one: `|actual - expected| <= atol + rtol * |expected|`."""

    rtol: float
    atol: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A named, pointed group of cases."""

    id: str
    title: Text
    points: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """A nudge for one task, weakest first in its exercise."""

    task: str
    text: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """A change of the reference: what stands there exactly once, and what is to stand there instead."""

    old: str
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """A mutant's source with another value in it."""

    value: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """A wrong solution that makes one realistic mistake, and what to tell a person who made it.

    `source` is the whole module; `edits` made it of the reference, where it is not another algorithm. `breaks` is the
    promise of the statement that it breaks, and no other. `variants` make the same mistake with other figures.
    """

    id: str
    source: str
    title: Text
    advice: Text
    task: str
    breaks: str | None = None
    device: str = "cpu"  # `cuda` where the mistake shows on a GPU alone
    edits: tuple[Edit, ...] = ()
    variants: tuple[Variant, ...] = ()

    @property
    def sources(self) -> tuple[tuple[str, str], ...]:
        """Its own source and those of its variants, by `id` and `id[value]`."""
        return (self.id, self.source), *((f"{self.id}[{one.value}]", one.source) for one in self.variants)


def mutant_of(name: str) -> str:
    """The id of the mutant that `name` (an `id` or an `id[value]`) belongs to."""
    return name.partition("[")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Equivalent:
    """An automatic mutant (its whole source) that breaks no promise of the statement, and why it does not."""

    source: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """A graded sentence of a statement, and the names of the cases that fail without it."""

    id: str
    says: Text
    cases: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a fact or a definition comes from; `place` is where in it, such as `section 3.2, equation 4`."""

    title: str
    url: str
    place: str = ""

    @property
    def cited(self) -> str:
        """Title and place, as a reader is told them."""
        return f"{self.title}, {self.place}" if self.place else self.title


@dataclass(frozen=True, slots=True, kw_only=True)
class DriverNote:
    """Why an exercise has a driver, and why no harm is done by what it knows of what is compared later (if it does)."""

    reason: str
    knows: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Exercise:
    """One auto-graded coding task: the public half, the private half and the digest over both.

    `public_dir` is `exercises/<id>/`, `private_dir` is `reference/<id>/`; `suite_digest` is the SHA-256 over
    every file that a verdict depends on, so that nobody is graded by a stale suite. On a GPU, `cuda_tolerance` goes
    before `tolerance`. Unless `native`, a submission may not load native code (`grader.guest.native_code`), whatever
    `forbid` says.
    """

    id: str
    version: int
    status: str
    title: Text
    topics: tuple[str, ...]
    level: str
    difficulty: int
    minutes: int
    entry_points: tuple[str, ...]
    environment: str
    allow_packages: tuple[str, ...]
    forbid: tuple[str, ...]
    devices: tuple[str, ...]
    limits: Limits
    tolerance: Mapping[str, Tolerance]
    tasks: tuple[Task, ...]
    hints: tuple[Hint, ...]
    sources: tuple[Source, ...]
    mutants: tuple[Mutant, ...]
    equivalents: tuple[Equivalent, ...] = ()
    public_dir: Path
    private_dir: Path
    suite_digest: str = field(default="")
    cuda_tolerance: Mapping[str, Tolerance] = field(default_factory=lambda: MappingProxyType({}))
    native: bool = field(default=False)
    driver_note: DriverNote | None = field(default=None)

    @property
    def stub(self) -> Path:
        """What a candidate starts from."""
        return self.public_dir / "stub.py"

    @property
    def driver(self) -> Path | None:
        """Code loaded beside the solution in the guest, where the exercise has one; it holds no secret."""
        path = self.public_dir / "driver.py"
        return path if path.is_file() else None

    @property
    def public_suite(self) -> Path:
        """Cases that a candidate may read."""
        return self.public_dir / "test_public.py"

    @property
    def hidden_suite(self) -> Path:
        """Cases that never leave the judge."""
        return self.private_dir / "test_hidden.py"

    @property
    def solution(self) -> Path:
        """The reference solution."""
        return self.private_dir / "solution.py"

    @property
    def alternatives(self) -> tuple[Path, ...]:
        """Other right solutions, written differently."""
        return tuple(sorted((self.private_dir / "alternatives").glob("*.py")))

    @property
    def max_score(self) -> float:
        """Points of all tasks."""
        return sum(task.points for task in self.tasks)
