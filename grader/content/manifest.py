"""`exercises/<slug>/exercise.yaml` -> the parts of an `Exercise` that it states."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Literal, Self, get_args

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from grader.content import fields
from grader.content.complaints import validate
from grader.content.mutants import Mutants
from grader.content.yaml_source import Document, read_document
from grader.guest.environments import known
from grader.model.exercise import DriverNote, Exercise, Hint, Limits, Source, Task, Tolerance

DType = Literal["float16", "bfloat16", "float32", "float64", "complex64", "complex128"]
DTYPES: tuple[str, ...] = get_args(DType)
Device = Literal["cpu", "cuda"]
EntryPoint = Annotated[str, StringConstraints(pattern=fields.NAME)]
DottedName = Annotated[str, StringConstraints(pattern=fields.DOTTED)]
ForbiddenName = Annotated[str, StringConstraints(pattern=fields.DOTTED_OR_STAR)]


def _existing(environment: str) -> str:
    if environment not in known():
        raise fields.refuse(f"there is no environment `{environment}`", f"write one of {', '.join(known())}")
    return environment


Environment = Annotated[str, StringConstraints(pattern=fields.ENVIRONMENT), AfterValidator(_existing)]


class LimitFields(fields.Strict):
    """What one submission may use; what is left out has the default."""

    wall_s: Annotated[float, Field(gt=0, le=600, description="Wall time of all cases together, in seconds.")] = 20.0
    case_wall_s: Annotated[float, Field(gt=0, le=600, description="Wall time of one case, in seconds.")] = 5.0
    cpu_s: Annotated[float, Field(gt=0, le=600, description="CPU time, in seconds; of all ranks together.")] = 20.0
    memory_mb: Annotated[
        int, Field(ge=16, le=65536, description="Memory above the environment's own, in MiB, of each rank.")
    ] = 1024
    processes: Annotated[int, Field(ge=1, le=1024, description="Processes and threads.")] = 32
    output_kb: Annotated[int, Field(ge=1, le=65536, description="What may be printed, in KiB.")] = 256
    source_kb: Annotated[int, Field(ge=1, le=1024, description="Size of the submission, in KiB.")] = 64
    gpu_memory_mb: Annotated[
        int, Field(ge=64, le=1048576, description="On a GPU, its memory above that of a context, in MiB.")
    ] = 4096
    network: Annotated[bool, Field(description="Whether there are sockets, on an own loopback: asyncio, ranks.")] = (
        False
    )

    @model_validator(mode="after")
    def _case_fits(self) -> Self:
        if "case_wall_s" in self.model_fields_set and self.case_wall_s > self.wall_s:
            problem = f"one case may take longer than all together ({self.wall_s:g} s)"
            raise fields.refuse(problem, "lower it, or raise wall_s", ("case_wall_s",))
        return self

    def freeze(self) -> Limits:
        """The limits as a value; one case never has longer than all together."""
        stated = self.model_dump()
        return Limits(**{**stated, "case_wall_s": min(self.case_wall_s, self.wall_s)})


class ToleranceFields(fields.Strict):
    """How far a value of one dtype may be off: `atol + rtol * |expected|`."""

    rtol: Annotated[float, Field(ge=0, le=1)]
    atol: Annotated[float, Field(ge=0)]

    def freeze(self) -> Tolerance:
        """The tolerance as a value."""
        return Tolerance(rtol=self.rtol, atol=self.atol)


class DeviceToleranceFields(fields.Strict):
    """Tolerances by dtype; those that are left out have a default."""

    float16: ToleranceFields | None = None
    bfloat16: ToleranceFields | None = None
    float32: ToleranceFields | None = None
    float64: ToleranceFields | None = None
    complex64: ToleranceFields | None = None
    complex128: ToleranceFields | None = None

    def freeze(self) -> Mapping[str, Tolerance]:
        """Those that are stated, in the order in which they are."""
        stated = {dtype: getattr(self, dtype) for dtype in DTYPES}
        return MappingProxyType({dtype: fields_.freeze() for dtype, fields_ in stated.items() if fields_ is not None})


class ToleranceTableFields(DeviceToleranceFields):
    """Tolerances by dtype, and where a GPU needs others, those."""

    cuda: Annotated[
        DeviceToleranceFields | None, Field(description="On a GPU, before the others; only what must differ there.")
    ] = None


class TaskFields(fields.Strict):
    """A named, pointed group of cases."""

    id: fields.PartId
    title: fields.TextFields
    points: Annotated[float, Field(gt=0, le=100)]

    def freeze(self) -> Task:
        """The task as a value."""
        return Task(id=self.id, title=self.title.freeze(), points=self.points)


class DriverFields(fields.Strict):
    """Why there is a `driver.py`. It runs beside candidate code, so it holds no secret."""

    reason: Annotated[str, Field(min_length=1, description="What cannot be done from the suite.")]
    knows: Annotated[
        str, Field(description="What it is told that is compared later, and why that gives nothing away.")
    ] = ""

    def freeze(self) -> DriverNote:
        """The note as a value."""
        return DriverNote(reason=self.reason, knows=self.knows)


class ExerciseHintFields(fields.Strict):
    """A nudge for one task."""

    task: fields.PartId
    text: fields.TextFields

    def freeze(self) -> Hint:
        """The hint as a value."""
        return Hint(task=self.task, text=self.text.freeze())


class ManifestFields(fields.Strict):
    """An exercise as its author describes it."""

    schema_: fields.Schema
    id: Annotated[fields.Slug, Field(description="The folder's name.")]
    version: Annotated[int, Field(ge=1, description="Raised when the statement or the suite changes.")]
    status: fields.Status
    title: fields.TextFields
    topics: fields.Topics
    level: fields.Level
    difficulty: fields.Difficulty
    minutes: fields.Minutes
    entry_points: Annotated[
        list[EntryPoint], Field(min_length=1, max_length=32, description="Names that a submission must define.")
    ]
    environment: Annotated[
        Environment, Field(description="Which warm parent runs it: numpy, torch, sklearn, pandas, ….")
    ]
    allow_packages: Annotated[
        list[DottedName], Field(description="What is on disk in the box beside the environment's own.")
    ]
    forbid: Annotated[
        list[ForbiddenName],
        Field(description="Names that a submission may not use; a `*` at the end stands for any rest."),
    ] = Field(default_factory=list)
    native: Annotated[
        bool, Field(description="Whether a submission may load native code: ctypes, cffi, extension modules, ….")
    ] = False
    driver: Annotated[DriverFields | None, Field(description="Only with a driver.py.")] = None
    devices: Annotated[
        list[Device],
        Field(min_length=1, description="Where submissions can run: cpu, and cuda where that makes sense."),
    ]
    limits: LimitFields = Field(default_factory=LimitFields)
    tolerance: Annotated[ToleranceTableFields, Field(description="By dtype; others have a default.")] = Field(
        default_factory=ToleranceTableFields
    )
    tasks: Annotated[list[TaskFields], Field(min_length=1, max_length=20)]
    hints: Annotated[list[ExerciseHintFields], Field(description="Weakest first.")] = Field(default_factory=list)
    sources: list[fields.SourceFields] = Field(default_factory=list)

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        fields.require_unique((task.id for task in self.tasks), "tasks")
        self._require_known_tasks()
        self._require_devices_that_fit()
        for name in ("entry_points", "allow_packages", "forbid", "devices", "topics"):
            _require_no_repeats(getattr(self, name), name)
        if self.status == "active":
            fields.require_both_languages(self)
        return self

    def _require_devices_that_fit(self) -> None:
        """The CPU is where everything is proven; a GPU is for tensors of torch, one box at a time."""
        if "cpu" not in self.devices:
            raise fields.refuse("`cpu` is not among them", "add `cpu`: references and mutants run there", ("devices",))
        if "cuda" in self.devices and self.environment != "torch":
            problem = f"`cuda` needs the environment torch, and this one is {self.environment}"
            raise fields.refuse(problem, "remove `cuda`", ("devices",))
        if "cuda" not in self.devices and self.tolerance.cuda is not None:
            raise fields.refuse("it has no device `cuda`", "remove it, or add the device", ("tolerance", "cuda"))

    def _require_known_tasks(self) -> None:
        known = [task.id for task in self.tasks]
        for place, hint in enumerate(self.hints):
            if hint.task not in known:
                problem = f"there is no task `{hint.task}`"
                raise fields.refuse(problem, f"write one of {', '.join(known)}", ("hints", place, "task"))


def read_manifest(public_dir: Path) -> tuple[Document, ManifestFields]:
    """Read `exercise.yaml` in `public_dir`, whose name must be the exercise's id. Raises ContentError."""
    document = read_document(public_dir / "exercise.yaml")
    manifest = validate(document, ManifestFields)
    if manifest.id != public_dir.name:
        raise document.error(("id",), f"found `{manifest.id}` in the folder `{public_dir.name}`", "make them the same")
    return document, manifest


def freeze_manifest(
    manifest: ManifestFields, public_dir: Path, private_dir: Path, mutants: Mutants, suite_digest: str
) -> Exercise:
    """The exercise as a value: what the manifest states, its two folders, its mutants and the digest over it all."""
    return Exercise(
        id=manifest.id,
        version=manifest.version,
        status=manifest.status,
        title=manifest.title.freeze(),
        topics=tuple(manifest.topics),
        level=manifest.level,
        difficulty=manifest.difficulty,
        minutes=manifest.minutes,
        entry_points=tuple(manifest.entry_points),
        environment=manifest.environment,
        allow_packages=tuple(manifest.allow_packages),
        forbid=tuple(manifest.forbid),
        native=manifest.native,
        driver_note=manifest.driver.freeze() if manifest.driver else None,
        devices=tuple(manifest.devices),
        limits=manifest.limits.freeze(),
        tolerance=manifest.tolerance.freeze(),
        cuda_tolerance=manifest.tolerance.cuda.freeze() if manifest.tolerance.cuda else MappingProxyType({}),
        tasks=tuple(task.freeze() for task in manifest.tasks),
        hints=tuple(hint.freeze() for hint in manifest.hints),
        sources=_frozen_sources(manifest.sources),
        mutants=mutants.mutants,
        equivalents=mutants.equivalents,
        public_dir=public_dir,
        private_dir=private_dir,
        suite_digest=suite_digest,
    )


def _frozen_sources(stated: list[fields.SourceFields]) -> tuple[Source, ...]:
    return tuple(source.freeze() for source in stated)


def _require_no_repeats(names: list[str], at: str) -> None:
    for place, name in enumerate(names):
        if name in names[:place]:
            raise fields.refuse(f"`{name}` is there twice", "remove one", (at, place))
