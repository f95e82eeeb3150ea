"""Traces by OpenTelemetry. Imported where somebody asked for traces, and nowhere else."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from grader.model.version import own_version
from grader.service.tracing import Facts, Kind, Span, under

_PROPAGATOR: Final = TraceContextTextMapPropagator()
_KINDS: Final = {
    "server": trace.SpanKind.SERVER,
    "producer": trace.SpanKind.PRODUCER,
    "consumer": trace.SpanKind.CONSUMER,
    "client": trace.SpanKind.CLIENT,
    "internal": trace.SpanKind.INTERNAL,
}


def exporting(service: str) -> OpenTelemetryTraces:
    """Traces that are sent by OTLP over HTTP, as the variables `OTEL_…` say."""
    named = {} if os.environ.get("OTEL_SERVICE_NAME") else {"service.name": service}
    provider = TracerProvider(resource=Resource.create({**named, "service.version": own_version()}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return OpenTelemetryTraces(provider)


class OpenTelemetryTraces:
    """Spans of a provider."""

    def __init__(self, provider: TracerProvider) -> None:
        self._provider = provider
        self._tracer = provider.get_tracer("viva", own_version())

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
        """A span; an exception in its block marks it as failed, and nothing of the exception's words is told."""
        span = self._tracer.start_span(
            name,
            context=_context_of(parent),
            kind=_KINDS[kind],
            attributes=_told(facts),
            links=_links(link),
            start_time=None if began is None else min(int(began.timestamp() * 1e9), time.time_ns()),
        )
        try:
            with under(_traceparent_of(span)):
                yield _Told(span)
        except BaseException:
            span.set_status(trace.StatusCode.ERROR)
            raise
        finally:
            span.end()

    def close(self) -> None:
        """Send what was not sent yet."""
        self._provider.shutdown()


class _Told:
    """A span to which more is told."""

    def __init__(self, span: trace.Span) -> None:
        self._span = span

    def tell(self, facts: Facts) -> None:
        """Say more of it."""
        self._span.set_attributes(_told(facts))

    def failed(self) -> None:
        """Say that it came to nothing."""
        self._span.set_status(trace.StatusCode.ERROR)


def _told(facts: Facts) -> dict[str, Any]:
    """Attributes; what has no name of OpenTelemetry's own is ours."""
    return {name if name.startswith("http.") else f"viva.{name}": value for name, value in facts.items()}


def _context_of(traceparent: str | None) -> Context:
    """The context of a span elsewhere; an empty one, which begins a trace, where there is none."""
    return _PROPAGATOR.extract({} if traceparent is None else {"traceparent": traceparent}, context=Context())


def _links(traceparent: str | None) -> list[trace.Link]:
    found = trace.get_current_span(_context_of(traceparent)).get_span_context()
    return [trace.Link(found)] if found.is_valid else []


def _traceparent_of(span: trace.Span) -> str:
    carrier: dict[str, str] = {}
    _PROPAGATOR.inject(carrier, context=trace.set_span_in_context(span, Context()))
    return carrier["traceparent"]
