"""How connections are taken: with patience that ends.

uvicorn waits for ever for a connection's first byte and for the end of its headers, so one machine could hold every
connection that the process may have by sending a byte now and then. Bodies have limits of their own (`limits`).
"""

from __future__ import annotations

import asyncio
from typing import Any, Final

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.auto import AutoHTTPProtocol

HEADERS_S: Final = 10.0  # from the connection, or from a request's first byte, to the end of its headers


class PatientProtocol(AutoHTTPProtocol):  # type: ignore[misc, valid-type]
    """uvicorn's protocol, whichever it is, which closes a connection whose headers do not come in time."""

    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """Wait for the headers of the first request."""
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Stop waiting where these bytes ended the headers; begin where they are the first of another request."""
        super().data_received(data)
        if self.cycle is not None and not self.cycle.response_complete:
            self._stop()
        elif self._timer is None:
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._stop()
        super().connection_lost(exc)

    def _wait(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(HEADERS_S, self.transport.close)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def config_of(app: ASGIApp, **more: Any) -> uvicorn.Config:
    """How `app` is served; `more` are settings of uvicorn: where to listen, certificates."""
    return uvicorn.Config(app, http=PatientProtocol, log_config=None, access_log=False, server_header=False, **more)
