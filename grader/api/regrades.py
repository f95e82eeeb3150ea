"""Grading again what was graded, by exercise and time, and the report of what changed."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter

from grader.api.backend import Here
from grader.api.bodies import Change, NewRegrade, RegradeReport, RegradeStarted
from grader.api.callers import Admin, Reader
from grader.api.problems import not_found, responses, unusable
from grader.api.submissions import make_room
from grader.service.ids import new_id
from grader.service.submitting import fresh_seed, version_of

router = APIRouter(prefix="/v1/regrades", tags=["submissions"])
_AT_A_TIME = 200


@router.post(
    "",
    status_code=202,
    responses=responses(401, 403, 413, 415, 422, 429, 503),
    summary="Grade many again",
    operation_id="start_regrade",
)
async def start(body: NewRegrade, backend: Here, caller: Admin) -> RegradeStarted:
    """Every submission for an exercise (sent within a time) is graded again, behind everything else.

    One that is being graded is left out.
    """
    exercise = backend.exercises.get(body.exercise)
    if exercise is None:
        raise unusable("exercise", f"there is no exercise {body.exercise!r}")
    await make_room(backend, caller)
    regrade = new_id()
    found = await backend.submissions.open_regrade(caller.tenant.id, regrade, body.exercise, body.since, body.until)
    count = 0
    for at in range(0, len(found), _AT_A_TIME):
        some = [(one, fresh_seed()) for one in found[at : at + _AT_A_TIME]]
        count += len(await backend.submissions.regrade(caller.tenant, some, version_of(exercise), regrade))
    await backend.tenants.note(str(caller.key), "regrade", f"{body.exercise}: {count}", caller.tenant.id)
    return RegradeStarted(id=regrade, submissions=count)


@router.get(
    "/{regrade}",
    responses=responses(401, 403, 404, 422, 429, 503),
    summary="What it changed",
    operation_id="get_regrade",
)
async def report(regrade: UUID, backend: Here, caller: Reader) -> RegradeReport:
    """How far a bulk regrade is, and each submission whose status or score is another one now."""
    rows = await backend.submissions.regraded(caller.tenant.id, regrade)
    if rows is None:
        raise not_found("regrade")
    done = [row for row in rows if row["state"] == "done"]
    changed = [
        Change(
            submission=row["submission"],
            status_before=row["status_before"],
            status=row["status"],
            score_before=row["score_before"],
            score=row["score"],
        )
        for row in done
        if (row["status"], row["score"]) != (row["status_before"], row["score_before"])
    ]
    return RegradeReport(id=regrade, submissions=len(rows), done=len(done), changed=changed)
