"""A span for each request: its method, its route without the ids in it, and how it was answered."""

from __future__ import annotations

from typing import Any, Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from grader.service.tracing import Span, Traces

_UNTOLD: Final = frozenset({"/healthz", "/readyz", "/metrics"})  # asked every few seconds


class Traced:
    """Wraps the application; the trace of a caller, who may be anybody, is linked to and not continued."""

    def __init__(self, app: ASGIApp, traces: Traces) -> None:
        self._app = app
        self._traces = traces

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http" or scope["path"] in _UNTOLD:
            await self._app(scope, receive, send)
            return
        method, headers = scope["method"], dict(scope["headers"])
        link = headers.get(b"traceparent", b"").decode("latin-1") or None
        with self._traces.span("request", {"http.request.method": method}, kind="server", link=link) as span:
            await self._app(scope, receive, _telling(span, scope, send))


def _telling(span: Span, scope: Scope, send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            route: Any = scope.get("route")
            span.tell(
                {
                    "http.route": getattr(route, "path", "(none)"),
                    "http.response.status_code": int(message["status"]),
                }
            )
            if message["status"] >= 500:
                span.failed()
        await send(message)

    return sending
