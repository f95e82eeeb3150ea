"""Traces: how long a submission's request, wait, grading and deliveries took, as spans of one trace.

They are sent where `OTEL_EXPORTER_OTLP_ENDPOINT` says, and only then are the packages of `vivavoce[telemetry]`
imported. A trace goes with its grading through the database as a `traceparent` (W3C Trace Context), so processes that
never meet tell one story. What is told of a span has names from a short list: never source, output, addresses or keys.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from datetime import datetime
from importlib.util import find_spec
from typing import Final, Literal, Protocol

Kind = Literal["server", "producer", "consumer", "client", "internal"]
Fact = Literal[
    "submission",
    "tenant",
    "exercise",
    "version",
    "attempt",
    "worker",
    "status",
    "delivery",
    "taken",
    "http.request.method",
    "http.route",
    "http.response.status_code",
]
Facts = Mapping[Fact, str | int | bool]
PLACES: Final = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
_PACKAGES: Final = ("opentelemetry.sdk", "opentelemetry.exporter.otlp.proto.http")
_traceparent: ContextVar[str | None] = ContextVar("viva_traceparent", default=None)
_log = logging.getLogger("viva.traces")


class Span(Protocol):
    """Something that takes time."""

    def tell(self, facts: Facts) -> None:
        """Say more of it."""

    def failed(self) -> None:
        """Say that it came to nothing."""


class Traces(Protocol):
    """Where spans go."""

    def span(
        self,
        name: str,
        facts: Facts,
        *,
        kind: Kind = "internal",
        parent: str | None = None,
        link: str | None = None,
        began: datetime | None = None,
    ) -> AbstractContextManager[Span]:
        """A span from now, or from `began`, until the block ends.

        It continues the trace of `parent`, else begins one; `link` is somebody else's trace that led to it. What the
        block keeps of gradings is kept with this span as their `current_traceparent`.
        """

    def close(self) -> None:
        """Send what was not sent yet."""


class _SilentSpan:
    def tell(self, facts: Facts) -> None:
        """Nothing."""

    def failed(self) -> None:
        """Nothing."""


class SilentTraces:
    """Sends nothing anywhere."""

    @contextmanager
    def span(
        self,
        name: str,
        facts: Facts,
        *,
        kind: Kind = "internal",
        parent: str | None = None,
        link: str | None = None,
        began: datetime | None = None,
    ) -> Iterator[Span]:
        """Nothing."""
        del name, facts, kind, parent, link, began
        yield _SilentSpan()

    def close(self) -> None:
        """Nothing."""


SILENT: Final = SilentTraces()


def open_traces(service: str) -> Traces:
    """Traces of one kind of process (`viva-api`, `viva-worker`); silent ones where nobody asked for them."""
    if not any(os.environ.get(place) for place in PLACES):
        return SILENT
    if not all(_is_there(package) for package in _PACKAGES):
        _log.warning("%s is set, but there are no traces without `pip install 'vivavoce[telemetry]'`", PLACES[0])
        return SILENT
    from grader.service.telemetry import exporting

    return exporting(service)


def current_traceparent() -> str | None:
    """What a grading that is opened now is kept with; None where nothing is traced."""
    return _traceparent.get()


@contextmanager
def under(traceparent: str) -> Iterator[None]:
    """Make a span the current one."""
    token = _traceparent.set(traceparent)
    try:
        yield
    finally:
        _traceparent.reset(token)


def _is_there(package: str) -> bool:
    try:
        return find_spec(package) is not None
    except ModuleNotFoundError:
        return False
