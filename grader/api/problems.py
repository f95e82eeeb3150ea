"""Errors as problem documents (RFC 9457): what is wrong, in which field, and what to do."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from grader.database.packs import SuiteGoneError
from grader.database.queue import AWAY, is_full

_log = logging.getLogger("viva.api")
MEDIA_TYPE: Final = "application/problem+json"
_AWAY_RETRY_S: Final = 2


class FieldProblem(BaseModel):
    """What is wrong with one field; `field` is a dotted path in the request."""

    field: str
    problem: str


class ProblemDocument(BaseModel):
    """An error, as RFC 9457 describes it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "about:blank",
                    "title": "Unprocessable Content",
                    "status": 422,
                    "detail": "one field cannot be used; mend it and send the request again",
                    "errors": [
                        {"field": "exercise", "problem": "there is no exercise 'f2_auc'; did you mean 'f1_auc'?"}
                    ],
                }
            ]
        }
    )

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    errors: list[FieldProblem] = Field(default_factory=list)


class Problem(Exception):
    """To be answered with a problem document."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        errors: Sequence[FieldProblem] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.errors = list(errors)
        self.headers = dict(headers or {})


def unusable(field: str, problem: str) -> Problem:
    """A field that cannot be used."""
    return Problem(422, f"{field}: {problem}", errors=[FieldProblem(field=field, problem=problem)])


def not_found(what: str) -> Problem:
    """There is none, or it is somebody else's, which is the same to whoever asks."""
    return Problem(404, f"there is no such {what}")


def answer(problem: Problem) -> JSONResponse:
    """The response that says it."""
    document = ProblemDocument(
        title=HTTPStatus(problem.status).phrase, status=problem.status, detail=problem.detail, errors=problem.errors
    )
    return JSONResponse(
        document.model_dump(), status_code=problem.status, headers=problem.headers, media_type=MEDIA_TYPE
    )


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """For a route's documentation: the errors that it answers with; who reads a body may find none in it (400)."""
    known = sorted({400, *statuses}) if 413 in statuses else statuses
    return {
        status: {"model": ProblemDocument, "description": HTTPStatus(status).phrase, "content": {MEDIA_TYPE: {}}}
        for status in known
    }


def install(app: FastAPI) -> None:
    """Answer every error of `app` with a problem document."""

    @app.exception_handler(Problem)
    async def _problem(_request: Request, error: Problem) -> JSONResponse:
        return answer(error)

    @app.exception_handler(RequestValidationError)
    async def _invalid(_request: Request, error: RequestValidationError) -> JSONResponse:
        errors = [_field_problem(one) for one in error.errors()]
        detail = "; ".join(f"{one.field}: {one.problem}" for one in errors[:3])
        return answer(Problem(422, detail or "the request cannot be read", errors=errors))

    @app.exception_handler(HTTPException)
    async def _http(_request: Request, error: HTTPException) -> JSONResponse:
        return answer(Problem(error.status_code, str(error.detail), headers=error.headers))

    @app.exception_handler(RecursionError)
    async def _deep(_request: Request, _error: Exception) -> JSONResponse:
        return answer(Problem(400, "the body is nested too deeply"))

    @app.exception_handler(SuiteGoneError)
    async def _gone(_request: Request, error: SuiteGoneError) -> JSONResponse:
        return answer(Problem(503, str(error), headers={"Retry-After": str(_AWAY_RETRY_S)}))

    for kind in AWAY:

        @app.exception_handler(kind)
        async def _away(request: Request, error: Exception) -> JSONResponse:
            _log.warning("the database is away", extra={"path": request.url.path, "error": repr(error)})
            reason = "the disk of the database is full" if is_full(error) else "the database cannot be reached"
            detail = f"{reason}; nothing of this request was kept, send it again"
            return answer(Problem(503, detail, headers={"Retry-After": str(_AWAY_RETRY_S)}))


def _field_problem(error: Mapping[str, Any]) -> FieldProblem:
    place = [str(part) for part in error["loc"] if part != "body"]
    return FieldProblem(field=".".join(place) or "body", problem=str(error["msg"]).removeprefix("Value error, "))
