"""A grading backend for a test: its api on a free port, and a worker that judges as the test says."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import httpx
import psycopg
import uvicorn

from grader.api.app import create_app
from grader.api.backend import open_backend
from grader.api.door import config_of
from grader.cli.serve import exercises_of
from grader.client import Client
from grader.courier.run import run as run_courier
from grader.database.connection import open_pool
from grader.database.gradings import Gradings
from grader.database.heartbeats import Heartbeats
from grader.database.migrations import migrate
from grader.database.queue import AWAY, GRADE, Queue
from grader.database.standing import Standing
from grader.database.tenants import Tenants
from grader.model.service import SCOPES, Claim, Made, Scope, Tenant
from grader.service.carrying import Carrier
from grader.service.operating import issue_key, new_tenant
from grader.service.signing import Signer
from grader.service.submitting import version_of
from grader.service.tracing import SILENT, Traces
from grader.worker.suites import queues_of

_T = TypeVar("_T")
EXERCISES = exercises_of(())
GRACE_S = 5.0
Judge = Callable[[Claim], Made]


def made(status: str = "accepted", score: float = 10.0, **fields: Any) -> Made:
    """A verdict as a worker writes it, in the schema `viva.verdict/1`."""
    document = {
        "schema": "viva.verdict/1",
        "exercise": {"id": "f1_auc", "version": 3},
        "submission": "solution.py",
        "status": status,
        "score": score,
        "max_score": 10.0,
        "message": "",
        "tasks": [],
        "cases": [
            {
                "id": "hidden::1",
                "task": "binary",
                "status": status,
                "message": "expected 0.25",
                "message_zh": "",
                "output": "SECRET",
            }
        ],
        "seed": 7,
        **fields,
    }
    text = json.dumps(document)
    return Made(status=status, score=score, max_score=10.0, cpu_ms=5.0, document=text, shown=text)


@dataclass
class StandIn:
    """Judges without an engine: as `judge` says, the source in hand."""

    judge_with: Judge = field(default=lambda _claim: made())
    seen: list[Claim] = field(default_factory=list)

    async def ready(self, claim: Claim) -> None:
        """It needs no suite."""

    async def judge(self, claim: Claim) -> Made:
        """What the test wants."""
        self.seen.append(claim)
        return await asyncio.to_thread(self.judge_with, claim)

    def not_judged(self, claim: Claim, reason: str) -> Made:
        """As the worker does."""
        return made("judge_error", 0.0, message=reason)


class Loop:
    """An event loop in a thread of its own, for tests that are not coroutines."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, coroutine: Any, timeout: float = 180.0) -> Any:
        """The result of a coroutine."""
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(timeout)

    def start(self, coroutine: Any) -> Future[Any]:
        """Begin a coroutine."""
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop)

    def close(self) -> None:
        """End it."""
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(10)


@dataclass
class Service:
    """What a test of the backend has at hand."""

    url: str
    database: str
    loop: Loop
    judging: StandIn
    signer: Signer
    traces: Traces = SILENT
    tenants: dict[str, Tenant] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)

    def key(self, tenant: str = "acme", scopes: tuple[Scope, ...] = SCOPES, **settings: Any) -> str:
        """A key of a tenant, which is added if need be."""
        return str(self.loop.run(self._key(tenant, scopes, settings)))

    async def _key(self, name: str, scopes: tuple[Scope, ...], settings: Mapping[str, Any]) -> str:
        pool = await open_pool(self.database, 2)
        try:
            rows = Tenants(pool)
            await rows.add(new_tenant(name, **{"feedback": "full", **settings}))
            tenant = await rows.named(name)
            assert tenant is not None
            self.tenants[name] = tenant
            return (await issue_key(rows, tenant, scopes=scopes)).shown
        finally:
            await pool.close()

    def http(self, key: str | None = None) -> httpx.Client:
        """Plain HTTP with a key."""
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        return httpx.Client(base_url=self.url, headers=headers, timeout=30)

    def client(self, key: str) -> Client:
        """The product's own client."""
        return Client(self.url, key)

    def ask(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Rows, as the database's owner sees them."""
        with psycopg.connect(self.database, autocommit=True) as connection:
            cursor = connection.execute(query, values)  # type: ignore[arg-type]
            return cursor.fetchall() if cursor.description else []


def with_gradings(service: Service, use: Callable[[Gradings, Queue], Any], heartbeats: Heartbeats | None = None) -> Any:
    """What a coroutine over the rows of gradings gives."""

    async def run() -> Any:
        pool = await open_pool(service.database, 3)
        try:
            queue = Queue(pool, heartbeats)
            await queue.open()
            return await use(Gradings(pool, queue), queue)
        finally:
            await pool.close()

    return service.loop.run(run())


@contextmanager
def worker(service: Service, name: str = "worker-1", lanes: int = 4, device: str = "cpu") -> Iterator[Carrier]:
    """A worker over the service's database that judges with `service.judging`, as if it had the device."""
    stopping = asyncio.Event()
    ready: Future[Carrier] = Future()
    working = service.loop.start(_work(service, name, lanes, device, stopping, ready))
    try:
        yield ready.result(20)
    finally:
        service.loop.loop.call_soon_threadsafe(stopping.set)
        working.result(30)


async def _work(
    service: Service, name: str, lanes: int, device: str, stopping: asyncio.Event, ready: Future[Carrier]
) -> None:
    pool = await open_pool(service.database, lanes + 3)
    queue = Queue(pool)
    await queue.open()
    carrier = Carrier(Gradings(pool, queue), service.judging, name, AWAY, service.traces)
    await Standing(pool).seen(name, lanes, len(EXERCISES), "test", device)
    ready.set_result(carrier)
    queues = queues_of([version_of(one) for one in EXERCISES.values()], device)
    try:
        while not stopping.is_set():
            with suppress(*AWAY):
                await queue.work(
                    GRADE, carrier.carry_out, queues=queues, lanes=lanes, stopping=stopping, grace_s=GRACE_S
                )
    finally:
        await pool.close()


@contextmanager
def courier(service: Service, *, allow_inside: bool = True) -> Iterator[None]:
    """A courier over the service's database."""
    stopping = asyncio.Event()

    async def bring() -> None:
        pool = await open_pool(service.database, 6)
        try:
            await run_courier(pool, service.signer, stopping, allow_inside=allow_inside, traces=service.traces)
        finally:
            await pool.close()

    bringing = service.loop.start(bring())
    try:
        yield
    finally:
        service.loop.loop.call_soon_threadsafe(stopping.set)
        bringing.result(30)


@contextmanager
def running(database: str, folder: Path, *, allow_inside: bool = True, traces: Traces = SILENT) -> Iterator[Service]:
    """The api over a fresh database."""
    loop = Loop()
    signer = Signer(folder)
    try:
        loop.run(_prepare(database))
        app = create_app(lambda: open_backend(database, EXERCISES, signer, allow_inside=allow_inside), traces)
        server = uvicorn.Server(config_of(app, port=0))
        serving = loop.start(server.serve())
        loop.run(_started(server, serving))
        port = server.servers[0].sockets[0].getsockname()[1]
        yield Service(f"http://127.0.0.1:{port}", database, loop, StandIn(), signer, traces)
        server.should_exit = True
        serving.result(20)
    finally:
        loop.close()


async def _prepare(database: str) -> None:
    pool = await open_pool(database, 2)
    await migrate(pool)
    await pool.close()


async def _started(server: uvicorn.Server, serving: Future[Any]) -> None:
    while not server.started:
        assert not serving.done(), "the api did not start"
        await asyncio.sleep(0.01)
