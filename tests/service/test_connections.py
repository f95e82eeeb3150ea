"""Connections: those that dawdle are closed, keys do not travel in the open, and a bad notice stops no listener."""

from __future__ import annotations

import io
import json
import socket
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from grader.api import door
from grader.api.door import HEADERS_S
from grader.cli import submit as submitting
from grader.cli.submit import SubmitOrder, key_of
from grader.client import Client
from grader.database.notices import CHANNEL
from grader.errors import UsageError
from grader.service.keys import draw_key
from tests.service.running import Service, worker

REQUEST = b"GET /healthz HTTP/1.1\r\nHost: viva\r\n\r\n"
SLOW = b"GET /healthz HTTP/1.1\r\nX-Slow: " + b"a" * 10_000


def connected(service: Service) -> socket.socket:
    """A plain connection to the api."""
    address = urlsplit(service.url)
    return socket.create_connection((str(address.hostname), int(address.port or 0)), timeout=20)


def seconds_of_trickle(connection: socket.socket, text: bytes) -> float:
    """How long a connection takes a byte now and then before it is closed from the other side."""
    began = time.monotonic()
    connection.settimeout(0.1)
    for place in range(len(text)):
        try:
            connection.sendall(text[place : place + 1])
            if connection.recv(1000) == b"":
                break
        except TimeoutError:
            continue
        except OSError:
            break
        if time.monotonic() - began > 20:
            break
    return time.monotonic() - began


def test_headers_that_trickle_end(shared: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bytes that keep coming buy no time."""
    monkeypatch.setattr(door, "HEADERS_S", 1.0)
    with connected(shared) as connection:
        assert 0.9 <= seconds_of_trickle(connection, SLOW) < 10


def test_a_second_request_that_trickles_ends_too(shared: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection that was good once is held to the same."""
    monkeypatch.setattr(door, "HEADERS_S", 1.0)
    with connected(shared) as connection:
        connection.sendall(REQUEST)
        assert connection.recv(10_000).startswith(b"HTTP/1.1 200")
        assert seconds_of_trickle(connection, SLOW) < 10


def test_a_connection_that_says_nothing_ends(shared: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before its first byte."""
    monkeypatch.setattr(door, "HEADERS_S", 0.5)
    with connected(shared) as connection:
        assert connection.recv(1) == b""


def test_who_waits_for_an_answer_is_not_cut_off(shared: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit is on what a caller says, not on how long it listens; and a caller may take a moment."""
    monkeypatch.setattr(door, "HEADERS_S", 1.0)
    with shared.http(shared.key()) as http:
        body = {"exercise": "f1_auc", "source": "x"}
        assert http.post("/v1/submissions", json=body, headers={"Prefer": "wait=3"}).status_code == 202
    with connected(shared) as connection:
        connection.sendall(REQUEST[:20])
        time.sleep(0.3)
        connection.sendall(REQUEST[20:])
        assert connection.recv(10_000).startswith(b"HTTP/1.1 200")
    assert HEADERS_S >= 5, "a slow line is no attack"


@pytest.mark.parametrize(
    "payload", ["not json", "[]", "7", "{}", '{"submission": 7}', '{"submission": "x"}', "[" * 3000, ""]
)
def test_a_notice_that_cannot_be_read_stops_no_listener(shared: Service, payload: str) -> None:
    """Whoever waits is woken by the next good one, not by looking again."""
    key = shared.key()
    shared.ask("SELECT pg_notify(%s, %s)", CHANNEL, payload)
    with worker(shared), httpx.Client(base_url=shared.url, headers={"Authorization": f"Bearer {key}"}) as http:
        from grader.api import submissions

        before, submissions._LOOK_EVERY_S = submissions._LOOK_EVERY_S, 60.0
        began = time.monotonic()
        try:
            answer = http.post(
                "/v1/submissions",
                json={"exercise": "f1_auc", "source": "x"},
                headers={"Prefer": "wait=40"},
                timeout=60,
            )
        finally:
            submissions._LOOK_EVERY_S = before
    assert answer.status_code == 200
    assert time.monotonic() - began < 30


def test_a_key_does_not_travel_in_the_open() -> None:
    """The client refuses plain HTTP to another machine, unless it is told that the network is one's own."""
    key = draw_key().shown
    with pytest.raises(UsageError, match="--insecure"):
        Client("http://grader.example.com", key)
    for server, insecure in (
        ("https://grader.example.com", False),
        ("http://127.0.0.1:8080", False),
        ("http://localhost:8080", False),
        ("http://grader.example.com", True),
    ):
        Client(server, key, insecure=insecure).close()


def test_insecure_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Aloud, before anything is sent."""
    file = tmp_path / "solution.py"
    file.write_text("x = 1\n")
    order = SubmitOrder(
        slug="f1_auc",
        paths=(file,),
        server="http://grader.invalid",
        key=draw_key().shown,
        as_json=True,
        seed=None,
        lang="en",
        insecure=True,
    )
    monkeypatch.setattr("grader.client.client.TRIES", 1)
    with pytest.raises(UsageError, match="cannot be reached"):
        submitting.run(order)
    assert "travel unencrypted to http://grader.invalid" in capsys.readouterr().err


def test_a_key_comes_from_the_environment_a_file_or_standard_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nobody sees it in the list of processes; what is no key is refused without being repeated."""
    key, other = draw_key().shown, draw_key().shown
    file = tmp_path / "key"
    file.write_text(other + "\n")
    monkeypatch.setattr(sys, "stdin", io.StringIO(other + "\n"))
    assert key_of(key, None) == key
    assert key_of(key, file) == other
    assert key_of(None, Path("-")) == other
    file.write_text("hunter2")
    for given, place in ((None, None), ("", None), ("hunter2", None), ("密钥", None), (None, file)):
        with pytest.raises(UsageError, match="--key-file") as caught:
            key_of(given, place)
        assert "hunter2" not in str(caught.value)
    with pytest.raises(UsageError, match="cannot be read"):
        key_of(None, tmp_path / "nowhere")


def test_a_worker_has_a_name_of_its_own() -> None:
    """Containers may share a host name, and in each of them the worker is process 1."""
    import subprocess

    program = (
        "import os, socket; os.getpid = lambda: 1; socket.gethostname = lambda: 'box'\n"
        "from grader.worker.run import worker_name\n"
        "assert worker_name() == worker_name()\n"
        "print(worker_name())"
    )
    names = {
        subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
        for _ in range(2)
    }
    assert len(names) == 2
    assert all(name.startswith("box:1:") for name in names)


def test_nothing_of_the_erased_stays_beside_their_submission(service: Service) -> None:
    """Neither the idempotency key nor the address of a callback, both of which may hold a name."""
    headers = {"Idempotency-Key": "exam-of-grace", "Prefer": "wait=20"}
    body = {"exercise": "f1_auc", "source": "x", "callback": "http://127.0.0.1:1/done?who=grace"}
    with service.http(service.key()) as http:
        with worker(service):
            sent = http.post("/v1/submissions", json=body, headers=headers).json()["id"]
            kept = http.post("/v1/submissions", json={**body, "callback": "http://127.0.0.1:1/of-bob"}).json()["id"]
            while http.get(f"/v1/submissions/{kept}").json()["state"] != "done":
                pass
        service.ask("UPDATE deliveries SET last_error = 'grace: refused' WHERE submission = %s", sent)
        assert http.delete(f"/v1/submissions/{sent}").status_code == 204
        rows = service.ask("SELECT to_jsonb(s)::text FROM submissions s WHERE id = %s", sent)
        rows += service.ask("SELECT to_jsonb(d)::text FROM deliveries d WHERE submission = %s", sent)
        assert len(rows) == 2
        assert "grace" not in repr(rows)
        assert json.loads(rows[1][0])["state"] == "parked"
        assert http.post("/v1/webhooks/replay", json={}).json() == {"deliveries": 0}, "there is no address any more"
        assert service.ask("SELECT url FROM deliveries WHERE submission = %s", kept) == [("http://127.0.0.1:1/of-bob",)]
