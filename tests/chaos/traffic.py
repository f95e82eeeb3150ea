"""What four tenants send and are told while the service is disturbed."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks.webhooks import Webhook

from grader.client import Client, ServiceError
from grader.wiring import open_exercise
from tests.chaos.backend import ROOT

EXERCISES = ("f1_auc", "pass_at_k", "bm25")
SEEDS = (7, 11, 13)
Sent = dict[str, tuple[str, str, int]]
Taken = list[tuple[str, dict[str, str], bytes]]


@contextmanager
def receiver(secrets: dict[str, str]) -> Iterator[tuple[str, Taken]]:
    """The tenants' machine, which checks signatures as they come; some messages are refused the first time."""
    taken: Taken = []
    refused: set[str] = set()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            message = self.headers["webhook-id"]
            refuse = message not in refused and message.endswith(("0", "5", "a"))
            refused.add(message)
            Webhook(secrets[self.path.strip("/")]).verify(body.decode(), dict(self.headers.items()))
            if not refuse:
                taken.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(500 if refuse else 204)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_args: object) -> None:
            """Quietly."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", taken
    finally:
        server.shutdown()
        server.server_close()


def sources() -> list[tuple[str, str]]:
    """What is sent: right, half right and cheating, of several exercises."""
    found = []
    for slug in EXERCISES:
        found.append((slug, open_exercise(slug).solution.read_text()))
        found.append((slug, open_exercise(slug).stub.read_text()))
    found.append(("f1_auc", (ROOT / "examples" / "f1_auc" / "half_right.py").read_text()))
    return found


def send(url: str, key: str, count: int, rng: random.Random, sent: Sent) -> None:
    """Send so many submissions, whatever happens to the service meanwhile; what was acknowledged is noted."""
    choices = sources()
    with Client(url, key) as client:
        for number in range(count):
            slug, source = rng.choice(choices)
            seed = rng.choice(SEEDS)
            own = f"{key[:17]}-{number}"
            while True:
                try:
                    found = client.submit(slug, source, seed=seed, idempotency_key=own)
                    break
                except ServiceError as error:
                    if error.status not in {0, 500, 502, 503}:
                        raise
                    time.sleep(0.2)
            sent[found.id] = (slug, source, seed)


def settled(client: Client, ids: list[str], deadline: float) -> dict[str, Any]:
    """Every submission's document when it is done, or what there is at the deadline."""
    documents: dict[str, Any] = {}
    for one in ids:
        while one not in documents:
            try:
                found = client.get(one, wait_s=10)
                if found.state == "done" or time.monotonic() > deadline:
                    documents[one] = found.document
            except ServiceError as error:
                if error.status not in {0, 500, 502, 503}:
                    raise
                time.sleep(0.2)
    return documents
