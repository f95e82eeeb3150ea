"""One message to one address, which must not lie inside.

Names are resolved here, and the connection goes to the address that was checked.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Iterable
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

import httpcore
import httpx
from standardwebhooks.webhooks import Webhook

from grader.service.addresses import fault_of_url, is_inside

TIMEOUT_S: Final = 10.0
LONGEST_REASON: Final = 200


class _Backend(httpcore.AnyIOBackend):
    """Connects only to addresses that are outside, whatever a name resolves to at that moment."""

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Resolve, check every address, connect to the first."""
        loop = asyncio.get_running_loop()
        try:
            found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise httpcore.ConnectError(f"the name {host} cannot be resolved") from error
        addresses = [str(one[4][0]) for one in found]
        if not addresses or any(is_inside(address) for address in addresses):
            raise httpcore.ConnectError(f"{host} resolves to an address inside a private network")
        return await super().connect_tcp(addresses[0], port, timeout, local_address, socket_options)


def open_client(*, allow_inside: bool) -> httpx.AsyncClient:
    """A client that follows no redirect, keeps no connection and asks no proxy."""
    transport = httpx.AsyncHTTPTransport(trust_env=False)
    if not allow_inside:
        transport._pool = httpcore.AsyncConnectionPool(
            ssl_context=ssl.create_default_context(), max_keepalive_connections=0, network_backend=_Backend()
        )
    return httpx.AsyncClient(transport=transport, follow_redirects=False, timeout=TIMEOUT_S, trust_env=False)


async def send(
    client: httpx.AsyncClient,
    url: str,
    secret: str,
    message_id: str,
    body: bytes,
    *,
    now: datetime,
    allow_inside: bool,
) -> str:
    """Post a message; empty where it was taken (a status of 200 to 299), else why it was not.

    `now` is what the receiver compares with its own clock: the database's, so that one clock has to be right and not
    that of every machine.
    """
    fault = fault_of_url(url, allow_inside=allow_inside)
    if fault:
        return fault
    headers = {
        "content-type": "application/json",
        "user-agent": "viva",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret).sign(message_id, now, body.decode("utf-8")),
    }
    try:
        async with asyncio.timeout(TIMEOUT_S), client.stream("POST", url, content=body, headers=headers) as response:
            if response.is_success:
                return ""
            return f"{urlsplit(url).hostname} answered {response.status_code}"
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, UnicodeError) as error:
        return f"{type(error).__name__}: {error}"[:LONGEST_REASON].rstrip(": ")
