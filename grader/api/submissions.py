"""Sending submissions and asking what became of them."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import AwareDatetime

from grader.api.backend import Backend, Here
from grader.api.bodies import ExternalId, GradingList, NewSubmission, Slug, SubmissionOut, SubmissionPage
from grader.api.callers import Admin, Reader, Submitter, refuse_over
from grader.api.problems import Problem, not_found, responses, unusable
from grader.api.showing import grading_out, submission_out
from grader.content.suggestion import suggestion
from grader.database.standing import Standing
from grader.database.submissions import Page
from grader.guest.placement import CPU, CUDA
from grader.model.exercise import Exercise
from grader.model.service import Caller, Submitted
from grader.model.text import Text
from grader.service.addresses import fault_of_url
from grader.service.quotas import MOST_WAITS, WAITS_RETRY_S, Refusal, room_for
from grader.service.submitting import Sent, fresh_seed, hand_in_of, least, only_figures, version_of

router = APIRouter(prefix="/v1/submissions", tags=["submissions"])
_SEE_LIST: Final = Text(en="`GET /v1/exercises` lists them all", zh="`GET /v1/exercises` 会列出全部")
LONGEST_WAIT_S: Final = 60
LONGEST_STREAM_S: Final = 600.0
_LOOK_EVERY_S: Final = 2.0  # where a notice was missed
_KEEP_ALIVE_S: Final = 15.0
_WAIT: Final = re.compile(r"(?:^|[,;\s])wait=(\d{1,4})(?:$|[,;\s])")
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        pattern=r"^[\x21-\x7e]+$",
        description="The same key and body give the same submission; another body gives 422.",
    ),
]
Prefer = Annotated[
    str | None,
    Header(
        alias="Prefer",
        max_length=200,
        description="`wait=10`: answer with the verdict if it is there in 10 s (at most 60).",
    ),
]


@router.post(
    "",
    status_code=202,
    response_model=SubmissionOut,
    responses={
        200: {"model": SubmissionOut, "description": "With its verdict"},
        **responses(401, 403, 413, 415, 422, 429, 503),
    },
    summary="Send a submission",
    operation_id="submit",
)
async def send(
    body: NewSubmission, backend: Here, caller: Submitter, key: IdempotencyKey = None, prefer: Prefer = None
) -> Response:
    """Keep a submission and have it graded. When this answers, it is kept: nothing but an erasure loses it."""
    sent = sent_of(body)
    exercise = exercise_of(backend, caller, body)
    device = await device_of(backend, exercise, body)
    await make_room(backend, caller)
    hand_in = hand_in_of(sent, exercise, caller.tenant, urgent=True, idempotency_key=key, device=device)
    fresh = await backend.submissions.put(caller.tenant, [hand_in])
    found = fresh[0] if fresh else None
    if found is None:
        found = await backend.submissions.with_idempotency_key(caller.tenant.id, key or "")
        if found is not None and found.request_digest != hand_in.request_digest:
            raise unusable("Idempotency-Key", "it was used for another request; draw a new one")
    assert found is not None, "it was kept just now, or its key was taken"
    found = await _waited(backend, found, wait_of(prefer))
    done = found.latest.state == "done"
    headers = {"Location": f"/v1/submissions/{found.id}"}
    content = submission_out(backend, found).model_dump(mode="json")
    return JSONResponse(content, status_code=200 if done else 202, headers=headers)


@router.get(
    "", responses=responses(401, 403, 422, 429, 503), summary="List submissions", operation_id="list_submissions"
)
async def page(
    backend: Here,
    caller: Reader,
    exercise: Annotated[Slug | None, Query()] = None,
    state: Annotated[Literal["queued", "running", "done"] | None, Query()] = None,
    status: Annotated[str | None, Query(pattern=r"^[a-z_]{1,20}$", description="Of the latest verdict.")] = None,
    external_id: Annotated[ExternalId | None, Query()] = None,
    since: Annotated[AwareDatetime | None, Query()] = None,
    until: Annotated[AwareDatetime | None, Query()] = None,
    cursor: Annotated[UUID | None, Query(description="`next` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> SubmissionPage:
    """Your submissions, the newest first."""
    wanted = Page(
        exercise=exercise,
        state=state,
        status=status,
        external_id=external_id,
        since=since,
        until=until,
        before=cursor,
        limit=limit + 1,
    )
    found = await backend.submissions.page(caller.tenant.id, wanted)
    items = [submission_out(backend, one) for one in found[:limit]]
    return SubmissionPage(items=items, next=str(items[-1].id) if len(found) > limit else None)


@router.get(
    "/{submission}",
    responses=responses(401, 403, 404, 422, 429, 503),
    summary="One submission",
    operation_id="get_submission",
)
async def one(submission: UUID, backend: Here, caller: Reader, prefer: Prefer = None) -> SubmissionOut:
    """A submission and its latest verdict; with `Prefer: wait=…` when that is there."""
    found = await _of(backend, caller, submission)
    return submission_out(backend, await _waited(backend, found, wait_of(prefer)))


@router.get(
    "/{submission}/verdicts",
    responses=responses(401, 403, 404, 422, 429, 503),
    summary="All its verdicts",
    operation_id="list_gradings",
)
async def verdicts(submission: UUID, backend: Here, caller: Reader) -> GradingList:
    """Every grading of a submission, the first one first."""
    feedback = (await _of(backend, caller, submission)).feedback
    found = await backend.submissions.gradings(caller.tenant.id, submission)
    return GradingList(items=[grading_out(backend, grading, feedback) for grading in found])


@router.get(
    "/{submission}/events",
    response_class=StreamingResponse,
    responses={
        200: {"content": {"text/event-stream": {}}, "description": "Events"},
        **responses(401, 403, 404, 422, 429, 503),
    },
    summary="What happens to it",
    operation_id="stream_events",
)
async def events(submission: UUID, backend: Here, caller: Reader, request: Request) -> StreamingResponse:
    """Server-sent events: `queued`, `started` and `verdict`, after which the stream ends.

    It ends after ten minutes too; whoever still waits connects again, with a key that is then in force.
    """
    await _of(backend, caller, submission)
    if backend.waits.is_full(caller.tenant.id):
        refuse_over(Refusal("streams and waiting requests at a time", MOST_WAITS, WAITS_RETRY_S))
    return StreamingResponse(_events(backend, caller, submission, request), media_type="text/event-stream")


@router.post(
    "/{submission}/regrade",
    status_code=202,
    responses=responses(401, 403, 404, 409, 422, 429, 503),
    summary="Grade it again",
    operation_id="regrade_submission",
)
async def regrade(submission: UUID, backend: Here, caller: Submitter) -> SubmissionOut:
    """Another grading with today's suite and a fresh seed; the verdicts before it stay."""
    found = await _of(backend, caller, submission)
    exercise = backend.exercises.get(found.exercise)
    if exercise is None:
        raise Problem(409, f"this service has no exercise {found.exercise!r} any more")
    if found.erased is not None:
        raise Problem(409, "the submission was erased; there is nothing left to grade")
    if found.device not in exercise.devices:
        raise Problem(409, f"{exercise.id} is not graded on {found.device!r} any more; send it again")
    await make_room(backend, caller)
    if not await backend.submissions.regrade(caller.tenant, [(submission, fresh_seed())], version_of(exercise)):
        raise Problem(409, "it is being graded; wait for that verdict first")
    await backend.tenants.note(str(caller.key), "regrade", str(submission), caller.tenant.id)
    return submission_out(backend, await _of(backend, caller, submission))


@router.delete(
    "/{submission}",
    status_code=204,
    responses=responses(401, 403, 404, 422, 429, 503),
    summary="Forget it",
    operation_id="erase_submission",
)
async def erase(submission: UUID, backend: Here, caller: Admin) -> Response:
    """Wipe its source, metadata and all text that came from it; the figures of its verdicts stay."""
    if not await backend.submissions.erase(caller.tenant.id, submission, only_figures):
        raise not_found("submission")
    await backend.tenants.note(str(caller.key), "erase", str(submission), caller.tenant.id)
    return Response(status_code=204)


def sent_of(body: NewSubmission) -> Sent:
    """What a request asks for."""
    name, source, modules = body.content
    return Sent(
        exercise=body.exercise,
        name=name,
        source=source.encode(),
        modules=modules,
        device=body.device,
        feedback=body.feedback,
        seed=body.seed,
        external_id=body.external_id,
        metadata=body.metadata,
        callback=body.callback,
    )


def exercise_of(backend: Backend, caller: Caller, body: NewSubmission) -> Exercise:
    """The exercise that it is for; raises Problem 422 where a field cannot be used."""
    if body.seed is not None and least(caller.tenant.feedback, body.feedback or "full") != "full":
        raise unusable("seed", "a seed can be chosen only where feedback is `full`; leave it out")
    exercise = backend.exercises.get(body.exercise)
    if exercise is None:
        hint = suggestion(body.exercise, backend.exercises, _SEE_LIST).en
        raise unusable("exercise", f"there is no exercise {body.exercise!r}; {hint}")
    fault = fault_of_url(body.callback, allow_inside=backend.allow_inside) if body.callback else ""
    if fault:
        raise unusable("callback", fault)
    return exercise


def wait_of(prefer: str | None) -> int:
    """The seconds that `Prefer: wait=…` asks for."""
    match = _WAIT.search(prefer or "")
    return min(LONGEST_WAIT_S, int(match[1])) if match else 0


async def make_room(backend: Backend, caller: Caller) -> None:
    """Raise Problem 429 where the tenant may send no more for now."""
    load = await backend.submissions.load(caller.tenant.id)
    now = datetime.now(UTC)
    second = now.hour * 3600 + now.minute * 60 + now.second
    refuse_over(room_for(caller.tenant, load.in_flight, load.today, second))


async def _of(backend: Backend, caller: Caller, submission: UUID) -> Submitted:
    found = await backend.submissions.get(caller.tenant.id, submission)
    if found is None:
        raise not_found("submission")
    return found


async def _waited(backend: Backend, found: Submitted, seconds: int) -> Submitted:
    """The submission when its latest grading is done, or as it is after so many seconds.

    Or as it is now, where too many of its tenant's wait already: a preference is no promise (RFC 7240).
    """
    if not seconds or found.latest.state == "done" or backend.waits.is_full(found.tenant):
        return found
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    async with backend.waits.one(found.tenant), backend.notices.about(found.id) as notices:
        while True:
            now = await backend.submissions.get(found.tenant, found.id) or found
            left = deadline - loop.time()
            if now.latest.state == "done" or left <= 0:
                return now
            with suppress(TimeoutError):
                await _until_verdict(notices, min(left, _LOOK_EVERY_S))


async def _until_verdict(notices: asyncio.Queue[Any], seconds: float) -> None:
    async with asyncio.timeout(seconds):
        while (await notices.get())["kind"] != "verdict":
            pass


async def _events(backend: Backend, caller: Caller, submission: UUID, request: Request) -> AsyncIterator[str]:
    told: set[str] = set()
    loop = asyncio.get_running_loop()
    end = loop.time() + LONGEST_STREAM_S
    async with backend.waits.one(caller.tenant.id), backend.notices.about(submission) as notices:
        while loop.time() < end and not await request.is_disconnected():
            found = await _of(backend, caller, submission)
            for name in _reached(found):
                if name not in told:
                    told.add(name)
                    yield _event(name, submission_out(backend, found).model_dump(mode="json"))
            if found.latest.state == "done":
                return
            try:
                await asyncio.wait_for(notices.get(), _KEEP_ALIVE_S)
            except TimeoutError:
                yield ": waiting\n\n"


def _reached(found: Submitted) -> Sequence[str]:
    stages = {"queued": 1, "running": 2, "done": 3}
    return ("queued", "started", "verdict")[: stages[found.latest.state]]


def _event(name: str, data: Any) -> str:
    return f"event: {name}\ndata: {json.dumps(data)}\n\n"


async def device_of(backend: Backend, exercise: Exercise, body: NewSubmission) -> str:
    """Where it is graded; raises Problem 422 where it shall be a GPU and none can be had."""
    if body.device == CPU or (body.device == "auto" and CUDA not in exercise.devices):
        return CPU
    if CUDA not in exercise.devices:
        raise unusable("device", f"{exercise.id} is graded on the CPU only; leave `device` out, or send `cpu`")
    if await Standing(backend.pool).has_device(CUDA):
        return CUDA
    if body.device == "auto":
        return CPU
    raise unusable("device", "no worker with a GPU is at work (`viva worker --device cuda`); send `cpu` meanwhile")
