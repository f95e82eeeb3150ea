"""The grading backend as frozen values: who sends, what was sent, what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

Scope = Literal["submit", "read", "admin"]
Feedback = Literal["full", "titles", "score"]
State = Literal["queued", "running", "done"]
DeliveryState = Literal["pending", "delivered", "parked"]
Proven = Literal["all", "quick", "program"]
"""Which claims of `viva check` held when a pack was added; `program`: it is what a program had installed."""
SCOPES: tuple[Scope, ...] = ("submit", "read", "admin")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    """A customer of the service, with its share (`weight`) and its quotas."""

    id: UUID
    name: str
    weight: float
    feedback: Feedback
    per_minute: int
    in_flight: int
    per_day: int
    secret: str
    """Signs what is sent to a submission's own callback."""
    suspended: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who makes a request: a key of a tenant, and what it may do."""

    tenant: Tenant
    key: UUID
    scopes: frozenset[Scope]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewKey:
    """A key that is to be kept: of its secret only a digest."""

    id: UUID
    prefix: str
    digest: bytes
    scopes: tuple[Scope, ...]
    label: str
    expires: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRecord:
    """What is kept of a key; of its secret only a digest."""

    id: UUID
    tenant: Tenant
    prefix: str
    digest: bytes
    scopes: frozenset[Scope]
    label: str
    expires: datetime | None
    revoked: datetime | None
    last_used: datetime | None
    created: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKey:
    """The public half of a key that signs verdicts, or did."""

    key_id: str
    public: bytes
    begun: datetime | None
    until: datetime | None = None
    """None while a service signs with it."""
    revoked: datetime | None = None
    """Since when it vouches for nothing: somebody else may have it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExerciseVersion:
    """An exercise with the suite that it is judged by; the digest of the suite decides, the number is for people."""

    exercise: str
    version: int
    suite: str | None
    """None for what was kept by a program that knew the number only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSuite:
    """An exercise of a pack in the database."""

    of: ExerciseVersion
    environment: str
    pack: str
    """The digest of a pack that holds it."""
    in_force: bool
    """Whether submissions are taken for it; if not, it is there for those that were taken before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPack:
    """A pack as an operator adds it."""

    name: str
    digest: str
    archive: bytes
    proven: Proven
    suites: tuple[tuple[ExerciseVersion, str], ...]
    """Each exercise that can be graded, and its environment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPack:
    """What an operator is told of a pack in the database."""

    name: str
    digest: str
    size: int
    proven: Proven
    added: datetime
    in_force: datetime | None
    exercises: tuple[str, ...]
    open: int
    """Gradings by its suites that are not done."""
    idle_days: float
    """Since it was in force, or since it was added where it never was."""
    is_installed: bool
    """Whether a program that runs now has a suite of it installed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Purge:
    """What became of a pack when those that nobody needs were removed."""

    pack: StoredPack
    kept: Literal["in_force", "open", "installed", "young"] | None
    """Why it was kept; None where its files were removed, or would be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HandIn:
    """One submission as a tenant sent it; `urgent` ones go before those of a batch."""

    id: UUID
    of: ExerciseVersion
    name: str
    source: bytes
    modules: bytes | None
    """Files beside it (`grader.service.modules`)."""
    digest: str
    device: str
    feedback: Feedback
    seed: int
    external_id: str | None
    metadata: Mapping[str, Any] | None
    callback: str | None
    urgent: bool
    idempotency_key: str | None
    request_digest: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Grading:
    """One grading of a submission: the first, or one asked for later."""

    id: UUID
    number: int
    state: State
    created: datetime
    started: datetime | None
    finished: datetime | None
    verdict: str | None
    """The verdict that leaves the service, as JSON text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted:
    """A submission as its tenant sees it, with its latest grading."""

    id: UUID
    tenant: UUID
    exercise: str
    version: int
    name: str
    digest: str
    device: str
    feedback: Feedback
    external_id: str | None
    metadata: Mapping[str, Any] | None
    callback: str | None
    created: datetime
    erased: datetime | None
    request_digest: bytes
    latest: Grading


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A grading that a worker holds: nobody with an older `attempt` can write its verdict."""

    grading: UUID
    submission: UUID
    tenant: UUID
    attempt: int
    lost: int
    """How many workers vanished with it before."""
    of: ExerciseVersion
    name: str
    source: bytes | None
    modules: bytes | None
    device: str
    feedback: Feedback
    seed: int
    asked: datetime | None = None
    """When the grading was asked for."""
    traceparent: str | None = None
    """The trace in which that was, where traces are collected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A verdict on its way into the database: the whole document, and what of it leaves the service."""

    status: str
    score: float
    max_score: float
    cpu_ms: float
    document: str
    shown: str
    reason: str = ""
    """Why there is no verdict, of a `judge_error`: for the log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """Where a tenant wants to be told; `secret` signs what it is told."""

    id: UUID
    url: str
    secret: str
    created: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One message to one address, tried until it is taken, or parked after a day."""

    id: UUID
    tenant: UUID
    submission: UUID
    url: str
    state: DeliveryState
    attempts: int
    last_error: str | None
    created: datetime
