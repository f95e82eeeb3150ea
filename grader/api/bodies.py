"""What requests and responses hold. Descriptions and examples here are the API's documentation."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator
from pydantic.config import JsonDict

from grader.api.verdict_schema import Verdict
from grader.service.addresses import LONGEST

MAX_SOURCE_BYTES: Final = 1024 * 1024
MAX_FILES: Final = 1 + 32  # a solution and as many modules as one may have
MAX_METADATA_BYTES: Final = 8 * 1024
MAX_METADATA_DEPTH: Final = 32
MAX_SEED: Final = 2**53 - 1
_PATH: Final = r"^([^\x00-\x1f\x7f/\\.]{1,120}/){0,8}[^\x00-\x1f\x7f/\\]{1,120}\.(py|ipynb)$"
_SOLUTION: Final = "solution.py"
_PLAIN: Final = r"^[^\x00-\x1f\x7f]*$"
Slug = Annotated[str, StringConstraints(pattern=r"^[a-zA-Z0-9_-]{1,80}$")]
ExternalId = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=_PLAIN)]
Source = Annotated[str, StringConstraints(max_length=MAX_SOURCE_BYTES)]
_SEED: Final = "Replay this seed, where feedback is `full`, which tells seeds; left out, a secret one is drawn."
_EXAMPLE: Final[JsonDict] = {
    "exercise": "f1_auc",
    "source": "def f1(y_true, y_pred):\n    ...\n",
    "external_id": "candidate-17",
}


class Body(BaseModel):
    """A request; a member that is not known is refused, so that a slip of the pen is not silently ignored."""

    model_config = ConfigDict(extra="forbid")


class NewSubmission(Body):
    """A submission to be graded: `source`, or `files`."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_EXAMPLE]})

    exercise: Slug = Field(description="The slug of an exercise; `GET /v1/exercises` lists them.")
    source: Source | None = Field(None, description="The solution's Python source, at most 1 MiB in UTF-8.")
    files: dict[Annotated[str, StringConstraints(pattern=_PATH)], Source] | None = Field(
        None,
        description="Instead of `source`: one file by its name, Python (`.py`) or a notebook (`.ipynb`); or "
        "`solution.py` and the modules that it imports, by their paths (`maths.py`, `nets/layers.py`). What it does "
        "not import is not graded. 1 MiB together.",
        min_length=1,
        max_length=MAX_FILES,
    )
    device: Literal["cpu", "cuda", "auto"] = Field(
        "cpu",
        description="`cuda` needs an exercise that lists it and a worker with a GPU; `auto` takes it where it can.",
    )
    feedback: Literal["full", "titles", "score"] | None = Field(
        None, description="How much of the verdict leaves the service; never more than the tenant's own level."
    )
    seed: int | None = Field(None, ge=0, le=MAX_SEED, description=_SEED)
    external_id: ExternalId | None = Field(None, description="Your own id of it; needs not be unique.")
    metadata: dict[str, Any] | None = Field(
        None, description="Anything of yours, at most 8 KiB of JSON, 32 deep; erased with the submission."
    )
    callback: Annotated[str, StringConstraints(max_length=LONGEST)] | None = Field(
        None, description="An https URL that is told of the verdict, beside the tenant's webhooks."
    )

    @field_validator("source", "external_id", "callback")
    @classmethod
    def _encodable(cls, value: str | None) -> str | None:
        return None if value is None else _utf8(value)

    @field_validator("files")
    @classmethod
    def _encodable_files(cls, value: dict[str, str] | None) -> dict[str, str] | None:
        return None if value is None else {_utf8(name): _utf8(source) for name, source in value.items()}

    @field_validator("metadata")
    @classmethod
    def _small(cls, value: dict[str, Any] | None) -> dict[str, Any] | None:
        if value is None:
            return None
        if _is_deeper(value, MAX_METADATA_DEPTH):
            raise ValueError(f"metadata may be nested at most {MAX_METADATA_DEPTH} deep")
        try:
            text = json.dumps(value, allow_nan=False)
        except ValueError as error:
            raise ValueError("metadata may hold only what JSON has") from error
        if len(text) > MAX_METADATA_BYTES:
            raise ValueError(f"metadata may take at most {MAX_METADATA_BYTES} bytes")
        for one in _texts(value):
            if "\0" in _utf8(one):
                raise ValueError("metadata may hold no NUL character")
        return value

    @model_validator(mode="after")
    def _one_of_both(self) -> NewSubmission:
        if (self.source is None) == (self.files is None):
            raise ValueError("give either `source` or `files`")
        files = self.files or {}
        if sum(len(text.encode()) for text in (self.source or "", *files.values())) > MAX_SOURCE_BYTES:
            raise ValueError(f"the source may take at most {MAX_SOURCE_BYTES} bytes, all files together")
        if len(files) > 1 and _SOLUTION not in files:
            raise ValueError(f"of several files one is the solution; call it `{_SOLUTION}`")
        if len(files) == 1 and "/" in self.content[0]:
            raise ValueError("the solution lies in no folder; leave it out of its name")
        return self

    @property
    def content(self) -> tuple[str, str, dict[str, str]]:
        """The solution's name and its text, and what was sent beside it."""
        files = dict(self.files or {_SOLUTION: self.source or ""})
        name = _SOLUTION if len(files) > 1 else next(iter(files))
        return name, files.pop(name), files


def _is_deeper(value: Any, levels: int) -> bool:
    """Whether a JSON value is nested deeper than so many levels; looks no further."""
    if not isinstance(value, dict | list):
        return False
    parts = value.values() if isinstance(value, dict) else value
    return levels == 0 or any(_is_deeper(part, levels - 1) for part in parts)


def _texts(value: Any) -> Iterator[str]:
    """Every string in a JSON value, names of members too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, item in value.items():
            yield name
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)


def _utf8(text: str) -> str:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise ValueError("text must be Unicode without lone surrogates") from error
    return text


class GradingOut(BaseModel):
    """One grading of a submission, and its verdict when it is done."""

    number: int = Field(description="1 for the first, then one more for each regrade.")
    state: Literal["queued", "running", "done"]
    created: datetime
    started: datetime | None = Field(description="Below feedback `full`, to the minute.")
    finished: datetime | None = Field(description="Below feedback `full`, to the minute.")
    verdict: Verdict


class SubmissionOut(BaseModel):
    """A submission and its latest grading."""

    id: UUID
    exercise: str
    exercise_version: int
    submission_digest: str
    device: str
    feedback: Literal["full", "titles", "score"]
    external_id: str | None
    metadata: dict[str, Any] | None
    created: datetime
    erased: datetime | None
    state: Literal["queued", "running", "done"]
    grading: GradingOut


class SubmissionPage(BaseModel):
    """Submissions, the newest first; `next` is the cursor of the page that follows."""

    items: list[SubmissionOut]
    next: str | None


class GradingList(BaseModel):
    """All gradings of a submission; they append, nothing overwrites one."""

    items: list[GradingOut]


class NewRegrade(Body):
    """Which submissions to grade again with today's suite."""

    exercise: Slug
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None


class RegradeStarted(BaseModel):
    """A bulk regrade that was begun."""

    id: UUID
    submissions: int


class Change(BaseModel):
    """A submission whose verdict is another one now."""

    submission: UUID
    status_before: str | None
    status: str
    score_before: float | None
    score: float


class RegradeReport(BaseModel):
    """How far a bulk regrade is, and what it changed."""

    id: UUID
    submissions: int
    done: int
    changed: list[Change]


class NewWebhook(Body):
    """Where to be told of every verdict."""

    url: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST)]


class WebhookOut(BaseModel):
    """A webhook, without its secret."""

    id: UUID
    url: str
    created: datetime


class WebhookCreated(WebhookOut):
    """A new webhook with its secret, which is shown only here (Standard Webhooks, `whsec_…`)."""

    secret: str


class WebhookList(BaseModel):
    """A tenant's webhooks, and the secret that signs what goes to callbacks of submissions."""

    items: list[WebhookOut]
    callback_secret: str


class DeliveryOut(BaseModel):
    """A message to a webhook or a callback."""

    id: UUID
    submission: UUID
    url: str
    state: Literal["pending", "delivered", "parked"]
    attempts: int
    last_error: str | None
    created: datetime


class DeliveryList(BaseModel):
    """Messages, the newest first."""

    items: list[DeliveryOut]


class Replay(Body):
    """Which parked messages to send again."""

    since: AwareDatetime | None = None


class Replayed(BaseModel):
    """How many messages are sent again."""

    deliveries: int


class TaskOut(BaseModel):
    """A task of an exercise."""

    id: str
    title: str
    points: float


class ExerciseSummary(BaseModel):
    """What a list shows of an exercise."""

    slug: str
    version: int
    title: str
    level: str
    minutes: int
    topics: list[str]
    max_score: float
    suite_digest: str


class ExerciseOut(ExerciseSummary):
    """The public half of an exercise, in the language of `Accept-Language`."""

    language: Literal["en", "zh"]
    statement: str = Field(description="Markdown with LaTeX between dollar signs.")
    stub: str
    public_cases: str
    tasks: list[TaskOut]
    limits: dict[str, float]


class ExerciseList(BaseModel):
    """All exercises that this service grades."""

    items: list[ExerciseSummary]


class UsageDay(BaseModel):
    """What was used on one day (UTC)."""

    day: str
    submissions: int
    verdicts: int
    judge_errors: int
    cpu_ms: float


class UsageOut(BaseModel):
    """A tenant's quotas and what it used."""

    tenant: str
    per_minute: int
    in_flight_limit: int
    per_day: int
    in_flight: int
    today: int
    days: list[UsageDay]


class BatchLine(BaseModel):
    """What became of one line of a batch, in its order."""

    line: int
    status: Literal["queued", "repeated", "refused"]
    id: UUID | None = None
    problem: str | None = None
