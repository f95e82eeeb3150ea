"""The application: routes, errors, limits, and its documentation."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Final

from fastapi import FastAPI

from grader.api import batches, exercises, operations, problems, regrades, submissions, webhooks
from grader.api.backend import Backend
from grader.api.limits import Limits
from grader.api.traced import Traced
from grader.api.verdict_schema import GradedMessage
from grader.service.tracing import SILENT, Traces

DESCRIPTION: Final = """
Send a submission, get a verdict that cannot be forged. Each is kept before it is acknowledged and graded in a
sandbox that holds neither tests nor expected values; the verdict is signed. Errors are problem documents (RFC 9457).
Ids are UUIDs of version 7 and sort by time; times are UTC.
"""
Opening = Callable[[], AbstractAsyncContextManager[Backend]]


def graded(body: GradedMessage) -> None:
    """Sent to each webhook of a tenant and to the `callback` of a submission, signed as Standard Webhooks has it."""


def create_app(opening: Opening | None = None, traces: Traces = SILENT) -> FastAPI:
    """The application over a backend that is opened when it starts; without one, only its documentation is of use."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        assert opening is not None, "an application that is served has a backend"
        async with opening() as backend:
            app.state.backend = backend
            yield

    app = FastAPI(
        title="viva grading backend",
        version="1",
        description=DESCRIPTION,
        lifespan=lifespan,
        docs_url=None,  # these pages load scripts from elsewhere into an operator's browser
        redoc_url=None,
        license_info={"name": "MIT", "identifier": "MIT"},
    )
    for part in (submissions, batches, regrades, exercises, webhooks, operations):
        app.include_router(part.router)
    app.webhooks.post(
        "submission.graded",
        summary="A verdict is there",
        operation_id="submission_graded",
        status_code=204,
        response_description="It was taken; any 2xx says so.",
        responses={"default": {"description": "It was not; it is sent again later."}},
    )(graded)
    problems.install(app)
    app.add_middleware(Limits)
    if traces is not SILENT:
        app.add_middleware(Traced, traces=traces)
    return app
