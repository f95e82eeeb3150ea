"""Ten thousand submissions in one request: a line of JSON each, streamed in, with an answer for each line."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Request
from fastapi.responses import StreamingResponse
from pydantic import ValidationError
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from grader.api.backend import Backend, Here
from grader.api.bodies import BatchLine, NewSubmission
from grader.api.callers import Submitter, refuse_over
from grader.api.limits import MAX_BODY
from grader.api.problems import Problem, responses
from grader.api.submissions import device_of, exercise_of, sent_of
from grader.database.packs import SuiteGoneError
from grader.model.service import Caller, HandIn
from grader.service.quotas import room_for
from grader.service.submitting import hand_in_of

router = APIRouter(prefix="/v1/batches", tags=["submissions"])
MOST_LINES: Final = 10_000
_AT_A_TIME: Final = 100
_BYTES_AT_A_TIME: Final = 4 * 1024 * 1024
MEDIA_TYPE: Final = "application/x-ndjson"
Prefix = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=180,
        pattern=r"^[\x21-\x7e]+$",
        description="The same key and lines give the same submissions: a batch that broke off can be sent again.",
    ),
]


class _Answers(StreamingResponse):
    """Answers while the body still comes in: nobody but `_lines` may take from it.

    The usual response listens beside for the caller to hang up, and throws away every piece that it hears instead.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Stream; a caller who hangs up ends it."""
        with suppress(ClientDisconnect, OSError):
            await self.stream_response(send)


@router.post(
    "",
    response_class=StreamingResponse,
    responses={
        200: {
            "content": {MEDIA_TYPE: {"schema": BatchLine.model_json_schema()}},
            "description": "A line for each line",
        },
        **responses(401, 403, 413, 415, 422, 429, 503),
    },
    openapi_extra={
        "requestBody": {"required": True, "content": {MEDIA_TYPE: {"schema": {"type": "string"}}}},
    },
    summary="Send many submissions",
    operation_id="submit_batch",
)
async def send(request: Request, backend: Here, caller: Submitter, key: Prefix = None) -> StreamingResponse:
    """Each line is a body of `POST /v1/submissions`; the answer has a line for each, in order, when that line is kept.

    One bad line costs nobody else anything. Batches wait behind single submissions. A blank line is skipped; its number
    counts. What is beyond 10,000 lines is refused with one answer for all of it.
    """
    load = await backend.submissions.load(caller.tenant.id)
    refuse_over(room_for(caller.tenant, load.in_flight, load.today, _second_of_day()))
    lines = _lines(request)
    first = await anext(lines, None)
    if first is None:
        raise Problem(422, "the batch is empty; send a line of JSON for each submission")
    return _Answers(_answers(backend, caller, key, first, lines), media_type=MEDIA_TYPE)


def _second_of_day() -> int:
    now = datetime.now(UTC)
    return now.hour * 3600 + now.minute * 60 + now.second


async def _lines(request: Request) -> AsyncIterator[tuple[int, bytes]]:
    """Numbered lines of a body up to the first that is too many, none kept beyond its cap.

    A body is read to its end all the same: who is still sending does not hear an answer.
    """
    line, number = bytearray(), 1
    async for piece in request.stream():
        *whole, rest = piece.split(b"\n", MOST_LINES + 1 - number)
        for part in whole:
            line += part[: MAX_BODY + 1 - len(line)]
            if line.strip():
                yield number, bytes(line)
            line, number = bytearray(), number + 1
        rest = rest.strip() if number > MOST_LINES else rest
        line += rest[: MAX_BODY + 1 - len(line)]
    if line.strip():
        yield number, bytes(line)


async def _answers(
    backend: Backend,
    caller: Caller,
    key: str | None,
    first: tuple[int, bytes],
    lines: AsyncIterator[tuple[int, bytes]],
) -> AsyncIterator[str]:
    chunk: list[tuple[int, HandIn | str]] = [(first[0], await _read(backend, caller, key, *first))]
    size = len(first[1])
    async for number, line in lines:
        chunk.append((number, await _read(backend, caller, key, number, line)))
        size += len(line)
        if len(chunk) >= _AT_A_TIME or size >= _BYTES_AT_A_TIME:
            yield await _kept(backend, caller, chunk)
            chunk, size = [], 0
    if chunk:
        yield await _kept(backend, caller, chunk)


async def _read(backend: Backend, caller: Caller, key: str | None, number: int, line: bytes) -> HandIn | str:
    """What a line asks for, or what is wrong with it."""
    if number > MOST_LINES:
        return f"a batch has at most {MOST_LINES} lines; send this one and what follows in another"
    if len(line) > MAX_BODY:
        return f"the line is longer than {MAX_BODY} bytes"
    try:
        body = NewSubmission.model_validate_json(line)
        exercise = exercise_of(backend, caller, body)
        device = await device_of(backend, exercise, body)
    except ValidationError as error:
        return "; ".join(_fault(one) for one in error.errors(include_url=False)[:3])
    except Problem as problem:
        return problem.detail
    own = None if key is None else f"{key}:{number}"
    return hand_in_of(sent_of(body), exercise, caller.tenant, urgent=False, idempotency_key=own, device=device)


def _fault(error: Any) -> str:
    place = ".".join(str(part) for part in error["loc"])
    message = str(error["msg"]).removeprefix("Value error, ")
    return f"{place}: {message}" if place else message


async def _kept(backend: Backend, caller: Caller, chunk: Sequence[tuple[int, HandIn | str]]) -> str:
    """Keep the good lines of a chunk, as far as quotas reach, and say what became of each."""
    load = await backend.submissions.load(caller.tenant.id)
    good = [one for _, one in chunk if isinstance(one, HandIn)]
    room = [
        one
        for place, one in enumerate(good)
        if room_for(caller.tenant, load.in_flight + place, load.today + place, 0) is None
    ]
    try:
        fresh = {one.id for one in await backend.submissions.put(caller.tenant, room)}
    except SuiteGoneError as error:  # the answer has begun, so each line says it; another try finds what is in force
        return "".join(_refused(number, one, str(error)) for number, one in chunk)
    kept = {one.id for one in room}
    answers = [await _answer(backend, caller, number, one, fresh, kept) for number, one in chunk]
    return "".join(answer.model_dump_json(exclude_none=True) + "\n" for answer in answers)


def _refused(number: int, one: HandIn | str, problem: str) -> str:
    line = BatchLine(line=number, status="refused", problem=one if isinstance(one, str) else problem)
    return line.model_dump_json(exclude_none=True) + "\n"


async def _answer(
    backend: Backend, caller: Caller, number: int, one: HandIn | str, fresh: set[Any], kept: set[Any]
) -> BatchLine:
    if isinstance(one, str):
        return BatchLine(line=number, status="refused", problem=one)
    if one.id in fresh:
        return BatchLine(line=number, status="queued", id=one.id)
    if one.id not in kept:
        return BatchLine(line=number, status="refused", problem="over the tenant's quota; send this line again later")
    before = await backend.submissions.with_idempotency_key(caller.tenant.id, one.idempotency_key or "")
    if before is None or before.request_digest != one.request_digest:
        problem = "this line's idempotency key was used for another submission"
        return BatchLine(line=number, status="refused", problem=problem)
    return BatchLine(line=number, status="repeated", id=before.id)
