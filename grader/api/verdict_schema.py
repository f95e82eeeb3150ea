"""What is documented of verdicts: their documents leave as they were signed, so these models only describe them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from grader.model.verdict import SCHEMA, Likeness, Status, Visibility


class Bilingual(BaseModel):
    """A text in English and in Chinese."""

    en: str
    zh: str


class VerdictExercise(BaseModel):
    """Which exercise, in which version."""

    id: str
    version: int


class VerdictTask(BaseModel):
    """Points of one task: all of them when each of its cases passed, otherwise none."""

    id: str
    title: Bilingual
    score: float
    max_score: float


class VerdictCause(BaseModel):
    """What was expected and what came, in words; `worst_index` names the element that is furthest off."""

    expected: str
    actual: str
    worst_index: str | None


class VerdictCase(BaseModel):
    """What one case gave. Below feedback `full` a hidden one tells title, task and status; its id is a number."""

    id: str
    task: str
    visibility: Visibility
    status: Status
    title: Bilingual
    duration_ms: float | None
    message: str
    message_zh: str
    output: str = Field(description="What the candidate's code printed.")
    call: str = Field(description="The last call that a failed public case made.")
    cause: VerdictCause | None


class VerdictDiagnosis(BaseModel):
    """A known mistake that the submission behaves like, or, where it makes others too, looks most like."""

    mutant: str
    title: Bilingual
    advice: Bilingual
    likeness: Likeness


class VerdictResources(BaseModel):
    """What grading took; null below feedback `full`."""

    wall_ms: float | None
    cpu_ms: float | None
    peak_rss_bytes: int | None


class VerdictIsolation(BaseModel):
    """How the candidate's code was confined: the level, and each layer that held."""

    level: str
    layers: list[str]


class VerdictSignature(BaseModel):
    """An Ed25519 signature of all other members, as canonical JSON (docs/api.md has the rules)."""

    algorithm: str
    key_id: str = Field(description="Which of `GET /.well-known/viva-keys.json`.")
    value: str = Field(description="Base64.")


class VerdictDocument(BaseModel):
    """A verdict. Members may be added; whoever checks the signature takes them all."""

    model_config = ConfigDict(populate_by_name=True)

    schema_: Literal["viva.verdict/1"] = Field(alias="schema", description=f"`{SCHEMA}`")
    exercise: VerdictExercise
    submission: str = Field(description="The name of the file; empty once it was erased.")
    status: Status = Field(
        description="`accepted`, or how the first case ended that did not pass. `rejected` was not run; `judge_error` "
        "is a failure of the service, never charged to the candidate."
    )
    score: float
    max_score: float
    message: str = Field(description="What concerns all of it: why it was rejected, say. Mostly empty.")
    tasks: list[VerdictTask]
    cases: list[VerdictCase] = Field(description="Empty at feedback `score`.")
    diagnosis: list[VerdictDiagnosis] = Field(description="Empty below feedback `full`.")
    resources: VerdictResources
    isolation: VerdictIsolation
    device: str
    seed: int | None = Field(description="With it the same verdict comes out again; null below feedback `full`.")
    suite_digest: str
    submission_digest: str
    versions: dict[str, str] = Field(description="Of viva, Python and the packages that mattered.")
    integrity: list[str] = Field(description="What the static look wants an interviewer to see.")
    created: datetime
    signature: VerdictSignature


class GradedData(BaseModel):
    """Which submission was graded, and how."""

    submission: UUID
    external_id: str | None
    grading: int = Field(description="1 for the first, then one more for each regrade.")
    verdict: VerdictDocument


class GradedMessage(BaseModel):
    """What is posted to webhooks and callbacks. Take it with any 2xx; it may come twice, with one `webhook-id`."""

    type: Literal["submission.graded"]
    timestamp: datetime
    data: GradedData


Verdict = Annotated[
    dict[str, Any] | None,
    WithJsonSchema(
        {
            "anyOf": [{"$ref": "#/components/schemas/VerdictDocument"}, {"type": "null"}],
            "description": "The signed verdict; null until it is done.",
        }
    ),
]
"""A verdict in a response: described, and handed on as it is."""
