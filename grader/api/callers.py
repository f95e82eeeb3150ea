"""Who makes a request, and whether they may."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

from fastapi import Depends, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from grader.api.backend import Here
from grader.api.problems import Problem
from grader.model.service import Caller, Scope
from grader.service.keys import admit, prefix_of
from grader.service.quotas import Refusal

_BEARER: Final = HTTPBearer(
    auto_error=False, description="A key of your tenant: `Authorization: Bearer viva_…`.", scheme_name="key"
)
_USE_NOTED_EVERY: Final = timedelta(minutes=1)


async def caller(
    backend: Here, given: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)], response: Response
) -> Caller:
    """The caller by their key; raises Problem 401 without a good one, 429 over the tenant's rate."""
    presented = given.credentials if given else ""
    prefix = prefix_of(presented)
    record = await backend.tenants.key_with(prefix) if prefix else None
    now = datetime.now(UTC)
    found = admit(presented, record, now)
    if record is None or found is None:
        raise Problem(
            401,
            "send a key that is in force, as `Authorization: Bearer viva_…`",
            headers={"WWW-Authenticate": 'Bearer realm="viva"'},
        )
    refuse_over(backend.rates.take(found.tenant))
    if record.last_used is None or record.last_used < now - _USE_NOTED_EVERY:
        await backend.tenants.used(found.key)
    return found


def refuse_over(refusal: Refusal | None) -> None:
    """Raise Problem 429 where a quota is used up."""
    if refusal is not None:
        raise Problem(
            429,
            f"over the tenant's quota of {refusal.size} {refusal.quota}; try again in {refusal.retry_s} s",
            headers={"Retry-After": str(refusal.retry_s)},
        )


def _with(scope: Scope) -> object:
    async def allowed(found: Annotated[Caller, Depends(caller)]) -> Caller:
        if scope not in found.scopes:
            raise Problem(403, f"this key has no scope `{scope}`; ask the operator for one that has")
        return found

    return Depends(allowed)


Submitter = Annotated[Caller, _with("submit")]
Reader = Annotated[Caller, _with("read")]
Admin = Annotated[Caller, _with("admin")]
