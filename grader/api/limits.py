"""What is asked of every request before anything reads it, and told with every response."""

from __future__ import annotations

import asyncio
import math
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from grader.api.problems import Problem, answer

MAX_BODY: Final = 2 * 1024 * 1024
MAX_BATCH: Final = 256 * 1024 * 1024
BATCHES: Final = "/v1/batches"
PIECE_S: Final = 20.0  # without a byte of a body
BODY_S: Final = 60.0  # for all of one, but for batches
_HEADERS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
)


class _RefusedError(Exception):
    """The body went over its cap, or over its time, while it was read."""


class Limits:
    """Refuses compressed bodies, those over their cap, counted as they arrive, and slow ones; adds headers."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        cap = MAX_BATCH if scope["path"] == BATCHES else MAX_BODY
        sending = _with_headers(send)
        refusal = _refusal(dict(scope["headers"]), cap)
        if refusal is not None:
            await answer(refusal)(scope, receive, sending)
            return
        body = _Body(receive, cap, None if cap == MAX_BATCH else BODY_S)
        await self._app(scope, body.receive, _unless_refused(body, scope, sending))


class _Body:
    """A request's body, counted and timed."""

    def __init__(self, receive: Receive, cap: int, seconds: float | None) -> None:
        """`seconds` are for the whole body; each piece has its own limit beside."""
        self._receive = receive
        self._cap = cap
        self._end = asyncio.get_running_loop().time() + (math.inf if seconds is None else seconds)
        self._taken = 0
        self._is_whole = False
        self.refusal: Problem | None = None

    async def receive(self) -> Message:
        """The next piece; raises where that goes over the cap or comes too late."""
        if self._is_whole:  # what is waited for now is that the caller hangs up
            return await self._receive()
        try:
            async with asyncio.timeout_at(min(self._end, asyncio.get_running_loop().time() + PIECE_S)):
                message = await self._receive()
        except TimeoutError as error:
            raise self._refused(_too_slow()) from error
        self._is_whole = not message.get("more_body", False)
        self._taken += len(message.get("body", b""))
        if self._taken > self._cap:
            raise self._refused(_too_large(self._cap))
        return message

    def _refused(self, problem: Problem) -> _RefusedError:
        self.refusal = problem
        return _RefusedError(problem.detail)


def _unless_refused(body: _Body, scope: Scope, send: Send) -> Send:
    """`send`, but for the answer that the application makes of a body that was refused while it was read."""
    refused = False

    async def sending(message: Message) -> None:
        nonlocal refused
        if message["type"] == "http.response.start" and body.refusal is not None:
            refused = True
            await answer(body.refusal)(scope, body.receive, send)
        if not refused:
            await send(message)

    return sending


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", ()), *_HEADERS]}
        await send(message)

    return sending


def _refusal(headers: dict[bytes, bytes], cap: int) -> Problem | None:
    encoding = headers.get(b"content-encoding", b"identity").strip().lower()
    if encoding not in {b"identity", b""}:
        return Problem(415, "compressed bodies are not accepted; send the request without Content-Encoding")
    length = headers.get(b"content-length", b"0")
    return _too_large(cap) if length.isdigit() and int(length) > cap else None


def _too_large(cap: int) -> Problem:
    return Problem(413, f"the body is larger than {cap} bytes; send less at a time", headers={"Connection": "close"})


def _too_slow() -> Problem:
    return Problem(408, "the body did not come in time; send the request again", headers={"Connection": "close"})
