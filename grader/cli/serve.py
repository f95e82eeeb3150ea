"""`viva serve`: the api, the courier, a database where none was named, and workers in processes of their own."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import uvicorn
from fastapi import FastAPI

from grader import wiring
from grader.api.app import create_app
from grader.api.backend import open_backend
from grader.api.door import config_of
from grader.box.installed import command_for, lacking
from grader.cli.service_log import begin_logging
from grader.cli.worker import TIED
from grader.content.pack import Pack
from grader.content.pack_archive import archive_of, digest_of, files_of_exercises
from grader.courier.run import run as run_courier
from grader.database.connection import Pool, bare, open_pool
from grader.database.embedded import EmbeddedServer
from grader.database.migrations import migrate
from grader.database.packs import INSTALLED_S, Packs
from grader.database.queue import AWAY
from grader.database.signing_keys import SigningKeys
from grader.database.tenants import Tenants
from grader.errors import StoreError, UsageError
from grader.model.exercise import Exercise
from grader.model.service import NewPack
from grader.model.text import Lang
from grader.model.version import own_version
from grader.report.catalogue import say
from grader.service.addresses import is_loopback
from grader.service.operating import first_key
from grader.service.signing import Signer
from grader.service.submitting import version_of
from grader.service.tracing import open_traces

DATABASE: Final = "VIVA_DATABASE"
_log = logging.getLogger("viva.serve")
_UNFIT: Final = 2  # the exit status of a worker that says what it lacks
_UNFIT_S: Final = 30.0  # until another is tried
_END_S: Final = 40.0  # a worker's grace and a little more
_LOOK_EVERY_S: Final = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeOrder:
    """What the command line asked for."""

    host: str
    port: int
    database: str | None
    folder: Path | None
    workers: int
    lanes: int
    packs: tuple[Path, ...]
    certificate: Path | None
    certificate_key: Path | None
    insecure: bool
    allow_inside: bool
    lang: Lang


def run(order: ServeOrder) -> int:
    """Serve until a signal; returns the exit status."""
    _refuse_open_door(order)
    begin_logging(plain=sys.stderr.isatty())
    asyncio.run(_serve(order))
    print(say("service.stopped", order.lang))
    return 0


def data_folder(given: Path | None) -> Path:
    """Where the service keeps what is not in a database that somebody named."""
    if given is not None:
        return given.expanduser().resolve()
    home = os.environ.get("VIVA_HOME")
    if home:
        return Path(home).expanduser().resolve() / "service"
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        return Path("/var/lib/viva")
    from platformdirs import user_data_path

    return user_data_path("viva", appauthor=False) / "service"


def _refuse_open_door(order: ServeOrder) -> None:
    """Keys travel over loopback or TLS, unless the operator says that something in front sees to it."""
    if order.insecure or order.certificate or is_loopback(order.host):
        return
    raise UsageError(
        f"keys would travel unencrypted to {order.host}; give --certificate and --certificate-key, or --insecure where "
        "a proxy in front speaks TLS",
        f"密钥将以明文传到 {order.host}；请给出 --certificate 和 --certificate-key；"
        "若前面有代理负责 TLS，请加 --insecure",
    )


async def _serve(order: ServeOrder) -> None:
    folder = data_folder(order.folder)
    folder.mkdir(parents=True, exist_ok=True)
    stopping = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    async with AsyncExitStack() as stack:
        embedded = None
        url = order.database or os.environ.get(DATABASE)
        if url is None:
            embedded = stack.enter_context(EmbeddedServer(folder / "postgresql", owned=True))
            url = embedded.url
            print(say("service.embedded", order.lang, place=str(folder / "postgresql")))
        else:
            print(say("service.database", order.lang, place=bare(url)))
        pool = await open_pool(url, 4)
        stack.push_async_callback(pool.close)
        await migrate(pool)
        await _tell_first_key(pool, order.lang)
        exercises = exercises_of(order.packs)
        await keep_installed(pool, exercises.values())
        signer = Signer(folder)
        await _refuse_revoked(pool, signer)
        traces = open_traces("viva-api")
        stack.callback(traces.close)
        workers = Workers(order, url)
        stack.push_async_callback(workers.end)
        watching = [asyncio.ensure_future(workers.keep(stopping))]
        watching.append(asyncio.ensure_future(_keep_installed(pool, exercises.values(), stopping)))
        if embedded is not None:
            watching.append(asyncio.ensure_future(_keep_database(embedded, stopping)))
        watching.append(
            asyncio.ensure_future(run_courier(pool, signer, stopping, allow_inside=order.allow_inside, traces=traces))
        )
        named = {slug for pack in order.packs for slug in Pack(pack).slugs} & set(exercises)
        opening = partial(open_backend, url, exercises, signer, named=named, allow_inside=order.allow_inside)
        try:
            await _answer_requests(order, create_app(opening, traces), stopping)
        finally:
            stopping.set()  # what runs beside ends in good order, also where no request could be answered
            await asyncio.gather(*watching)


async def _refuse_revoked(pool: Pool, signer: Signer) -> None:
    """Sign nothing with a key that vouches for nothing."""
    key = signer.key
    if not await SigningKeys(pool).in_use(key.key_id, key.public):
        raise UsageError(
            f"the signing key {key.key_id} was revoked; `viva key signing rotate` makes another one",
            f"签名密钥 {key.key_id} 已被吊销；请用 `viva key signing rotate` 换一个",
        )


async def _tell_first_key(pool: Pool, lang: Lang) -> None:
    key = await first_key(Tenants(pool))
    if key is not None:
        print(say("service.first_key", lang, shown=key.shown, tenant=key.tenant), flush=True)


def exercises_of(packs: tuple[Path, ...]) -> Mapping[str, Exercise]:
    """The active exercises, by slug; the first pack that has one wins."""
    found: dict[str, Exercise] = {}
    for pack in wiring.open_packs(packs):
        for exercise in pack.exercises():
            if exercise.status == "active":
                found.setdefault(exercise.id, exercise)
    return found


def _not_here(exercises: Iterable[Exercise]) -> Counter[str]:
    """How many exercises wait for a worker elsewhere, by the package that they lack here."""
    environments = Counter(one.environment for one in exercises)
    found: Counter[str] = Counter()
    for environment, package in lacking(environments).items():
        found[package] += environments[environment]
    return found


async def keep_installed(pool: Pool, exercises: Collection[Exercise]) -> None:
    """Keep in the database what this program has installed, as far as it is not there.

    What is accepted for it can then be graded by its own suite when every machine has a newer program.
    """
    packs = Packs(pool)
    unknown = await packs.unknown([one.suite_digest for one in exercises])
    fresh = [one for one in exercises if one.suite_digest in unknown]
    if fresh:
        files = await asyncio.to_thread(files_of_exercises, fresh)
        pack = NewPack(
            name=f"viva {own_version()}",
            digest=digest_of(files),
            archive=await asyncio.to_thread(archive_of, files),
            proven="program",
            suites=tuple((version_of(one), one.environment) for one in fresh),
        )
        await packs.keep(pack)
    await packs.installed([one.suite_digest for one in exercises])


async def _keep_installed(pool: Pool, exercises: Collection[Exercise], stopping: asyncio.Event) -> None:
    """Say again and again that they are installed here, so that `viva pack purge` leaves them.

    Whoever did not come to say so for a while (a stopped process) puts back what was purged meanwhile.
    """
    while not stopping.is_set():
        with suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), INSTALLED_S / 3)
            return
        with suppress(*AWAY):
            await keep_installed(pool, exercises)


async def _answer_requests(order: ServeOrder, app: FastAPI, stopping: asyncio.Event) -> None:
    config = config_of(
        app,
        host=order.host,
        port=order.port,
        timeout_graceful_shutdown=5,
        ssl_certfile=order.certificate and str(order.certificate),
        ssl_keyfile=order.certificate_key and str(order.certificate_key),
    )
    door = listening(order.host, order.port)
    server = _Server(config)
    serving = asyncio.ensure_future(server.serve(sockets=[door]))
    told = asyncio.ensure_future(_tell_ready(server, order, door.getsockname()[1]))
    asked = asyncio.ensure_future(stopping.wait())
    await asyncio.wait({serving, asked}, return_when=asyncio.FIRST_COMPLETED)
    server.should_exit = True
    stopping.set()
    for waiting in (told, asked):
        waiting.cancel()
    await serving


def listening(host: str, port: int) -> socket.socket:
    """The socket that requests come in by; raises UsageError where it cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio sends at once (TCP_NODELAY) only where a socket says that it is TCP; else the second part of an answer
    # waits for the client to confirm the first, which takes it 40 ms.
    door = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        door.bind((host, port))
    except OSError as error:
        door.close()
        raise UsageError(
            f"port {port} of {host} cannot be listened on ({error.strerror}); give another --port",
            f"无法监听 {host} 的端口 {port}（{error.strerror}）；请换一个 --port 或 --host",
        ) from error
    return door


class _Server(uvicorn.Server):
    """Leaves signals to whoever started it."""

    def install_signal_handlers(self) -> None:
        """Nothing."""


async def _tell_ready(server: uvicorn.Server, order: ServeOrder, port: int) -> None:
    while not server.started:
        await asyncio.sleep(0.05)
    scheme = "https" if order.certificate else "http"
    host = f"[{order.host}]" if ":" in order.host else order.host
    print(say("service.listens", order.lang, url=f"{scheme}://{host}:{port}"))
    if order.workers:
        print(say("service.workers", order.lang, count=str(order.workers), lanes=str(order.lanes)))
        for package, count in _not_here(exercises_of(order.packs).values()).items():
            said = {"package": package, "count": str(count), "command": command_for(package)}
            print(say("service.not_here", order.lang, **said))
    print(say("service.ready", order.lang), flush=True)


async def _keep_database(server: EmbeddedServer, stopping: asyncio.Event) -> None:
    """Start the embedded database again where it died, for as long as it takes: its disk may be full for a while."""
    while not stopping.is_set():
        if not server.is_running:
            try:
                await asyncio.to_thread(server.start)
            except StoreError as error:
                _log.error("%s", error)
        await _pause(stopping)


async def _pause(stopping: asyncio.Event) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(stopping.wait(), _LOOK_EVERY_S)


class Workers:
    """Worker processes of this machine: as many as were asked for, replaced where they end."""

    def __init__(self, order: ServeOrder, url: str) -> None:
        packs = [word for pack in order.packs for word in ("--pack", str(pack))]
        self._command = [sys.executable, "-m", "grader", "worker", "--lanes", str(order.lanes), *packs]
        self._environment = {**os.environ, DATABASE: url, TIED: "1"}
        self._count = order.workers
        self._running: list[subprocess.Popen[bytes]] = []
        self._not_before = 0.0

    async def keep(self, stopping: asyncio.Event) -> None:
        """See to it that they run, until `stopping`."""
        while not stopping.is_set():
            ended = [one for one in self._running if one.poll() is not None]
            self._running = [one for one in self._running if one not in ended]
            if any(one.returncode == _UNFIT for one in ended):
                self._not_before = time.monotonic() + _UNFIT_S  # it has said why, and would say it again
            while len(self._running) < self._count and time.monotonic() >= self._not_before:
                # In a session of its own, so that a Ctrl-C at the terminal reaches it as our SIGTERM, once. Its input
                # ends when we do, however that happens: then it ends too.
                one = subprocess.Popen(
                    self._command, env=self._environment, stdin=subprocess.PIPE, start_new_session=True
                )
                self._running.append(one)
            await _pause(stopping)

    async def end(self) -> None:
        """Let them finish what they are at, and end."""
        for one in self._running:
            one.terminate()
        for one in self._running:
            try:
                await asyncio.to_thread(one.wait, _END_S)
            except subprocess.TimeoutExpired:
                one.kill()
