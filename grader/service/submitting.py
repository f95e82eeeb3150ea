"""From what a tenant sends to a submission that is kept: names, caps, quotas, idempotency."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from grader.model.exercise import Exercise
from grader.model.service import ExerciseVersion, Feedback, HandIn, Tenant
from grader.service.ids import new_id
from grader.service.modules import packed

SEED_BITS: Final = 53
DEFAULT_NAME: Final = "solution.py"
_ORDER: Final = ("score", "titles", "full")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One submission as it was sent; `device` is a wish and may be `auto`."""

    exercise: str
    name: str
    source: bytes
    modules: Mapping[str, str] = field(default_factory=dict)
    """Files beside it that it may import, by their paths."""
    device: str = "cpu"
    feedback: Feedback | None = None
    seed: int | None = None
    external_id: str | None = None
    metadata: Mapping[str, Any] | None = None
    callback: str | None = None


def hand_in_of(
    sent: Sent,
    exercise: Exercise,
    tenant: Tenant,
    *,
    urgent: bool,
    idempotency_key: str | None = None,
    device: str = "cpu",
) -> HandIn:
    """What is kept of it, with an id, a seed and digests; it may ask for the tenant's feedback level at most.

    `device` is where it is graded, which the wish has come to.
    """
    return HandIn(
        id=new_id(),
        of=version_of(exercise),
        name=sent.name,
        source=sent.source,
        modules=packed(sent.modules),
        digest="sha256:" + hashlib.sha256(b"\0".join(_parts(sent))).hexdigest(),
        device=device,
        feedback=least(tenant.feedback, sent.feedback or tenant.feedback),
        seed=fresh_seed() if sent.seed is None else sent.seed,
        external_id=sent.external_id,
        metadata=sent.metadata,
        callback=sent.callback,
        urgent=urgent,
        idempotency_key=idempotency_key,
        request_digest=digest_of(sent),
    )


def _parts(sent: Sent) -> Iterator[bytes]:
    """What the digest of a submission is made of, as that of one on a disk is."""
    yield sent.source
    for path, text in sorted(sent.modules.items()):
        yield path.encode()
        yield text.encode()


def version_of(exercise: Exercise) -> ExerciseVersion:
    """What a submission for `exercise`, as it is now, is judged by."""
    return ExerciseVersion(exercise=exercise.id, version=exercise.version, suite=exercise.suite_digest)


def fresh_seed() -> int:
    """A secret seed; it survives every JSON reader as an exact number."""
    return secrets.randbits(SEED_BITS)


def least(one: Feedback, other: Feedback) -> Feedback:
    """The level that shows less."""
    return min(one, other, key=_ORDER.index)


def told_time(moment: datetime, feedback: Feedback) -> datetime:
    """When something happened, to the minute below `full`: candidate code could tell its inputs by how long it runs."""
    return moment if feedback == "full" else moment.replace(second=0, microsecond=0)


def dated(shown: str, moment: datetime, feedback: Feedback) -> dict[str, Any]:
    """A verdict's document with the time at which it was kept, by the database's clock: a worker's may be wrong."""
    told = told_time(moment.astimezone(UTC), feedback)
    document: dict[str, Any] = json.loads(shown)
    document["created"] = told.isoformat(timespec="milliseconds" if feedback == "full" else "seconds")
    return document


def digest_of(sent: Sent) -> bytes:
    """What tells two requests under one idempotency key apart."""
    told = [
        sent.exercise,
        sent.name,
        hashlib.sha256(sent.source).hexdigest(),
        sent.device,
        sent.feedback,
        sent.seed,
        sent.external_id,
        sent.metadata,
        sent.callback,
        *([dict(sent.modules)] if sent.modules else []),
    ]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).digest()


def only_figures(shown: str) -> str:
    """Of a verdict's document what stays when a person is forgotten: no text that came from their code."""
    document = json.loads(shown)
    for case in document["cases"]:
        case.update(message="", message_zh="", output="", call="", cause=None)
    document.update(submission="", message="")
    return json.dumps(document)
