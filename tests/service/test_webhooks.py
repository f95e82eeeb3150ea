"""Messages: signed, the same at every try, retried, parked, replayed, and never sent inside."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from uuid import UUID

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from grader.courier.sending import open_client, send
from grader.service.addresses import fault_of_url, is_inside
from grader.service.operating import draw_secret
from grader.service.verifying import read_keys, verify
from tests.service.running import Service, courier, worker


@dataclass
class Receiver:
    """A tenant's machine that is told: it answers with `statuses` in turn, then with 204."""

    url: str
    statuses: list[int] = field(default_factory=list)
    location: str = ""
    taken: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    came: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def next(self) -> tuple[dict[str, str], bytes]:
        """The next message, when it comes."""
        before = len(self.taken)
        assert self.came.acquire(timeout=30), f"no message came after the first {before}"
        return self.taken[-1]


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver on a port of loopback."""
    receiver = Receiver("")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.taken.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(receiver.statuses.pop(0) if receiver.statuses else 204)
            if receiver.location:
                self.send_header("Location", receiver.location)
            self.send_header("Content-Length", "0")
            self.end_headers()
            receiver.came.release()

        def log_message(self, *_args: object) -> None:
            """Quietly."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.url = f"http://127.0.0.1:{server.server_port}/hook"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()


def due_now(service: Service) -> None:
    """Let no message wait for its next try."""
    service.ask("UPDATE procrastinate_jobs SET scheduled_at = now() WHERE status = 'todo' AND task_name = 'deliver'")


def test_a_verdict_is_told_signed_and_the_same_at_every_try(service: Service) -> None:
    """Standard Webhooks' own library takes it; a refusal is tried again with the same id and the same bytes."""
    with receiving() as receiver, service.http(service.key()) as http, worker(service), courier(service):
        secret = http.post("/v1/webhooks", json={"url": receiver.url}).json()["secret"]
        receiver.statuses = [500]
        sent = http.post("/v1/submissions", json={"exercise": "f1_auc", "source": "", "external_id": "e-1"}).json()
        first = receiver.next()
        while not service.ask("SELECT 1 FROM deliveries WHERE attempts = 1"):
            pass
        due_now(service)
        second = receiver.next()
        published = http.get("/.well-known/viva-keys.json").json()
    for headers, body in (first, second):
        assert Webhook(secret).verify(body.decode(), headers)
        with pytest.raises(WebhookVerificationError):
            Webhook(secret).verify(body.decode().replace("e-1", "e-2"), headers)
    assert first[0]["webhook-id"] == second[0]["webhook-id"]
    assert first[1] == second[1]
    told = json.loads(first[1])["data"]
    assert (told["submission"], told["external_id"]) == (sent["id"], "e-1")
    assert verify(told["verdict"], read_keys(published)) is None


def test_a_callback_is_signed_with_the_tenants_secret(service: Service) -> None:
    """The submission's own address is told too."""
    with receiving() as receiver, service.http(service.key()) as http, worker(service), courier(service):
        secret = http.get("/v1/webhooks").json()["callback_secret"]
        http.post("/v1/submissions", json={"exercise": "f1_auc", "source": "", "callback": receiver.url})
        headers, body = receiver.next()
    assert Webhook(secret).verify(body.decode(), headers)


def test_what_is_not_taken_for_a_day_is_parked_and_can_be_replayed(service: Service) -> None:
    """After the last try it is parked with the reason; a replay brings it."""
    with receiving() as receiver, service.http(service.key()) as http, worker(service), courier(service):
        webhook = http.post("/v1/webhooks", json={"url": receiver.url}).json()["id"]
        receiver.statuses = [500]
        http.post("/v1/submissions", json={"exercise": "f1_auc", "source": ""})
        receiver.next()
        while not service.ask("SELECT 1 FROM deliveries WHERE attempts = 1"):
            pass
        service.ask("UPDATE deliveries SET attempts = 10")
        receiver.statuses = [503]
        due_now(service)
        receiver.next()
        while not (parked := http.get("/v1/webhooks/deliveries?state=parked").json()["items"]):
            pass
        assert "503" in parked[0]["last_error"]
        assert http.post(f"/v1/webhooks/{webhook}/replay", json={}).json() == {"deliveries": 1}
        headers, _ = receiver.next()
        assert headers["webhook-id"] == parked[0]["id"]
        while http.get("/v1/webhooks/deliveries?state=delivered").json()["items"] == []:
            pass


def test_a_removed_webhook_is_told_nothing(service: Service) -> None:
    """What was on its way is parked."""
    with receiving() as receiver, service.http(service.key()) as http, worker(service):
        webhook = http.post("/v1/webhooks", json={"url": receiver.url}).json()["id"]
        with service.client(service.key()) as client:
            client.submit("f1_auc", "", wait_s=20)
        assert http.delete(f"/v1/webhooks/{webhook}").status_code == 204
        with courier(service):
            while service.ask("SELECT state FROM deliveries") != [("parked",)]:
                pass
    assert receiver.taken == []


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.com/",  # not encrypted
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[64:ff9b::a00:1]/",  # 10.0.0.1 behind a translation prefix
        "https://[2002:a00:1::]/",  # 10.0.0.1 in 6to4
        "https://10.0.0.1/",
        "https://169.254.169.254/latest/meta-data/",
        "https://100.64.0.1/",  # shared address space
        "https://0.0.0.0/",
        "https://localhost/",
        "https://api.localhost/",
        "https://postgres/",  # a name of the inner network
        "https://metadata.google.internal/",
        "https://user:password@example.com/",
        "https://example.com:0/",
        "ftp://example.com/",
        "file:///etc/passwd",
        "https://",
        "https://exa mple.com/",
        "//example.com/",
    ],
)
def test_addresses_inside_are_refused_when_they_are_given(url: str) -> None:
    """With a sentence about that field, for webhooks and callbacks."""
    assert fault_of_url(url)


@pytest.mark.parametrize(
    "url", ["https://hooks.example.com/a?b=c", "https://8.8.8.8:8443/", "https://[2606:4700::1111]/"]
)
def test_addresses_outside_are_not(url: str) -> None:
    """Public names and addresses."""
    assert fault_of_url(url) == ""


@pytest.mark.parametrize(
    ("address", "inside"), [("93.184.215.14", False), ("192.168.1.1", True), ("fe80::1%eth0", True)]
)
def test_is_inside(address: str, inside: bool) -> None:
    """Only global unicast is outside."""
    assert is_inside(address) is inside


@pytest.mark.parametrize("family", [["10.1.2.3"], ["93.184.215.14", "127.0.0.1"], ["::1"]])
def test_a_name_that_resolves_inside_is_not_connected_to(
    service: Service, monkeypatch: pytest.MonkeyPatch, family: list[str]
) -> None:
    """Whatever a name resolves to at that moment is looked at, all of it: one that changes its mind gains nothing."""

    async def resolve(*_args: object, **_kwargs: object) -> list[tuple[object, ...]]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in family]

    async def attempt() -> str:
        async with open_client(allow_inside=False) as client:
            return await send(
                client,
                "https://rebind.example.com/",
                draw_secret(),
                "m",
                b"{}",
                now=datetime.now(UTC),
                allow_inside=False,
            )

    monkeypatch.setattr(service.loop.loop, "getaddrinfo", resolve)
    assert "inside a private network" in service.loop.run(attempt())


def test_a_redirect_is_not_followed(service: Service) -> None:
    """A receiver that points elsewhere has not taken the message."""
    with receiving() as inside, receiving() as receiver:
        receiver.statuses, receiver.location = [307], inside.url

        async def attempt() -> str:
            async with open_client(allow_inside=True) as client:
                return await send(
                    client, receiver.url, draw_secret(), "m", b"{}", now=datetime.now(UTC), allow_inside=True
                )

        assert "307" in service.loop.run(attempt())
        assert inside.taken == []


def test_the_erased_are_not_told_of(service: Service) -> None:
    """A message that was still on its way when its submission was erased holds figures only."""
    with receiving() as receiver, service.http(service.key()) as http:
        http.post("/v1/webhooks", json={"url": receiver.url})
        with worker(service), service.client(service.key()) as client:
            found = client.submit("f1_auc", "", external_id="ada@example.com", wait_s=20)
        http.delete(f"/v1/submissions/{found.id}")
        with courier(service):
            _, body = receiver.next()
    assert UUID(json.loads(body)["data"]["submission"]) == UUID(found.id)
    assert b"SECRET" not in body
    assert b"ada@" not in body
