"""The client: one method for each call that a platform makes, with retries that repeat nothing.

Every submission is sent under an idempotency key, drawn where none is given, so a request that is sent again after
a lost
answer finds the submission that the first one made.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Self
from uuid import uuid4

import httpx

from grader.errors import GraderError, UsageError
from grader.service.addresses import is_safe_way

TRIES: Final = 6
_WORTH_RETRYING: Final = frozenset({429, 502, 503, 504})
_LONGEST_PAUSE_S: Final = 30.0
_WAIT_S: Final = 30


class ServiceError(GraderError):
    """The service refused, or cannot be reached; `status` is HTTP's, 0 where there was no answer."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True, kw_only=True)
class Graded:
    """A submission as the service tells of it; `verdict` is None until it is done."""

    id: str
    exercise: str
    state: str
    external_id: str | None
    verdict: Mapping[str, Any] | None
    document: Mapping[str, Any]


class Client:
    """A connection to one service with one key; close it, or use it in a `with`."""

    def __init__(
        self,
        server: str,
        key: str,
        *,
        timeout_s: float = 60.0,
        transport: httpx.BaseTransport | None = None,
        insecure: bool = False,
    ) -> None:
        """Raises UsageError where the key would travel unencrypted to another machine, unless `insecure`."""
        if not insecure and not is_safe_way(server):
            raise UsageError(
                f"the key would travel unencrypted to {server}; use https, or --insecure (`insecure=True`) where the "
                "network is your own",
                f"密钥将以明文传到 {server}；请用 https；若网络由你自己掌控，可加 --insecure（`insecure=True`）",
            )
        self._http = httpx.Client(
            base_url=server, headers={"Authorization": f"Bearer {key}"}, timeout=timeout_s, transport=transport
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connection."""
        self._http.close()

    def submit(
        self, exercise: str, source: str, *, wait_s: int = 0, idempotency_key: str | None = None, **fields: Any
    ) -> Graded:
        """Send a submission; with `wait_s`, the verdict where it is there in that time. Raises ServiceError.

        `fields` are the other members of `POST /v1/submissions`: files, feedback, seed, external_id, metadata,
        callback.
        """
        body = {"exercise": exercise, **({} if "files" in fields else {"source": source}), **fields}
        headers = {"Idempotency-Key": idempotency_key or str(uuid4()), **_prefer(wait_s)}
        return _graded(self._ask("POST", "/v1/submissions", json=body, headers=headers))

    def get(self, submission: str, *, wait_s: int = 0) -> Graded:
        """A submission, with its verdict where it is there within `wait_s`. Raises ServiceError."""
        return _graded(self._ask("GET", f"/v1/submissions/{submission}", headers=_prefer(wait_s)))

    def wait(self, submission: str, timeout_s: float = 600.0) -> Graded:
        """A submission when its verdict is there. Raises ServiceError, TimeoutError."""
        deadline = time.monotonic() + timeout_s
        while True:
            left = deadline - time.monotonic()
            found = self.get(submission, wait_s=max(1, min(_WAIT_S, int(left))))
            if found.state == "done":
                return found
            if left <= 0:
                raise TimeoutError(f"submission {submission} was not graded within {timeout_s:g} s")

    def batch(
        self, lines: Iterable[Mapping[str, Any]], *, idempotency_key: str | None = None
    ) -> Iterator[dict[str, Any]]:
        """Send many submissions in one request; what became of each, in order. Raises ServiceError."""
        key = idempotency_key or str(uuid4())
        content = b"".join(json.dumps(line).encode() + b"\n" for line in lines)
        headers = {"Idempotency-Key": key, "Content-Type": "application/x-ndjson"}
        response = self._answered("POST", "/v1/batches", content=content, headers=headers)
        for line in response.text.splitlines():
            yield json.loads(line)

    def submissions(self, **filters: Any) -> Iterator[Graded]:
        """Submissions that match (exercise, state, status, external_id, since, until), the newest first."""
        cursor = None
        while True:
            params = {**filters, **({"cursor": cursor} if cursor else {})}
            page = self._ask("GET", "/v1/submissions", params=params)
            yield from map(_graded, page["items"])
            cursor = page["next"]
            if cursor is None:
                return

    def verdicts(self, submission: str) -> list[dict[str, Any]]:
        """Every grading of a submission, the first one first."""
        return list(self._ask("GET", f"/v1/submissions/{submission}/verdicts")["items"])

    def regrade(self, submission: str) -> Graded:
        """Grade a submission again with today's suite."""
        return _graded(self._ask("POST", f"/v1/submissions/{submission}/regrade"))

    def erase(self, submission: str) -> None:
        """Have a submission forgotten."""
        self._answered("DELETE", f"/v1/submissions/{submission}")

    def exercises(self, lang: str = "en") -> list[dict[str, Any]]:
        """What can be graded."""
        return list(self._ask("GET", "/v1/exercises", headers={"Accept-Language": lang})["items"])

    def exercise(self, slug: str, lang: str = "en") -> dict[str, Any]:
        """The public half of an exercise."""
        return self._ask("GET", f"/v1/exercises/{slug}", headers={"Accept-Language": lang})

    def add_webhook(self, url: str) -> dict[str, Any]:
        """Have every verdict sent to `url`; the answer holds the secret, this once."""
        return self._ask("POST", "/v1/webhooks", json={"url": url})

    def usage(self) -> dict[str, Any]:
        """Quotas, and what was used."""
        return self._ask("GET", "/v1/usage")

    def _ask(self, method: str, path: str, **request: Any) -> dict[str, Any]:
        found = self._answered(method, path, **request).json()
        assert isinstance(found, dict), "every answer of the service is an object"
        return found

    def _answered(self, method: str, path: str, **request: Any) -> httpx.Response:
        """The answer, asked for again while the service is away or says that it is too busy."""
        for attempt in range(1, TRIES + 1):
            try:
                response = self._http.request(method, path, **request)
            except (httpx.TransportError, httpx.InvalidURL) as error:
                if attempt == TRIES or not isinstance(error, httpx.TransportError):
                    raise ServiceError(
                        0, f"{self._http.base_url} cannot be reached ({type(error).__name__})"
                    ) from error
                _pause(attempt, None)
                continue
            if response.status_code not in _WORTH_RETRYING or attempt == TRIES:
                return _checked(response)
            _pause(attempt, response.headers.get("Retry-After"))
        raise AssertionError("the last try returns or raises")


def _prefer(wait_s: int) -> dict[str, str]:
    return {"Prefer": f"wait={wait_s}"} if wait_s else {}


def _pause(attempt: int, asked: str | None) -> None:
    """Wait as long as the service asks, else longer each time, and not in step with other clients."""
    longest = float(asked) if asked and asked.isdigit() else 0.25 * 2**attempt
    time.sleep(min(_LONGEST_PAUSE_S, longest) * (1 if asked else random.uniform(0.5, 1.0)))  # noqa: S311 - only spreads


def _checked(response: httpx.Response) -> httpx.Response:
    if response.is_success:
        return response
    try:
        detail = str(response.json()["detail"])
    except (ValueError, KeyError, TypeError):
        detail = response.reason_phrase
    raise ServiceError(response.status_code, f"the service refused ({response.status_code}): {detail}")


def _graded(document: Mapping[str, Any]) -> Graded:
    return Graded(
        id=document["id"],
        exercise=document["exercise"],
        state=document["state"],
        external_id=document["external_id"],
        verdict=document["grading"]["verdict"],
        document=document,
    )
