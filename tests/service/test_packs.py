"""Packs in the database: what is in force, what is graded by which suite, and what nobody gets to see."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import psycopg
import pytest

from grader import wiring
from grader.cli.serve import keep_installed
from grader.content.pack_cache import PackCache
from grader.database.connection import as_tenant, open_pool
from grader.database.gradings import Gradings
from grader.database.packs import Packs
from grader.database.queue import AWAY, Queue, queue_of
from grader.errors import UsageError
from grader.model.exercise import Exercise
from grader.model.service import Claim, ExerciseVersion, Made
from grader.service.carrying import LATER_S, Carrier
from grader.service.packs import Shelf
from grader.worker.run import WorkerOrder, work
from grader.worker.suites import Suites
from tests.service.packs import RIGHT, SLUG, new_pack, put, release, suite_of, with_packs
from tests.service.running import EXERCISES, Service, StandIn, made, running

PRIVATE = ("solution.py", "test_hidden.py", "notes.md", "mutants.yaml")


@pytest.fixture
def service(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    """An api with a cache of its own."""
    monkeypatch.setenv("VIVA_CACHE", str(tmp_path / "cache"))
    with running(database, tmp_path) as service:
        yield service


@pytest.fixture
def first(tmp_path: Path) -> Path:
    """Release 1 of the pack."""
    return release(tmp_path / "one", 1)


@pytest.fixture
def second(tmp_path: Path) -> Path:
    """Release 2 of the pack."""
    return release(tmp_path / "two", 2)


def until_offered(service: Service, key: str, suite: str | None) -> None:
    """Wait until the api offers the exercise by a suite, or does not offer it."""
    deadline = time.monotonic() + 30
    with service.http(key) as http:
        while time.monotonic() < deadline:
            items = http.get("/v1/exercises").json()["items"]
            if {one["slug"]: one["suite_digest"] for one in items}.get(SLUG) == suite:
                return
            time.sleep(0.05)
    raise AssertionError(f"{SLUG} by {suite} was not offered")


def test_a_pack_is_kept_once(service: Service, first: Path, second: Path) -> None:
    """Added again it is no change; another release takes its place, and the one before may come back."""
    assert put(service, first, quick=True) == "added"
    assert put(service, first, quick=True) == "unchanged"
    assert put(service, first) == "added", "all claims are proven now"
    assert put(service, first, quick=True) == "unchanged"
    assert put(service, second) == "added"
    assert put(service, first) == "in force again"
    packs = with_packs(service, lambda packs: packs.all())
    assert {(one.digest, one.in_force is not None, one.proven) for one in packs} == {
        (new_pack(first).digest, True, "all"),
        (new_pack(second).digest, False, "all"),
    }
    assert [row[0] for row in service.ask("SELECT action FROM audit ORDER BY id")] == 4 * ["pack added"]


def test_a_slug_belongs_to_one_pack(service: Service, first: Path, second: Path) -> None:
    """A pack with an exercise of another's is refused and leaves nothing, until the other is retired."""
    put(service, first)
    with pytest.raises(UsageError, match=f"{SLUG} is in the pack `lab`"):
        put(service, second, "other")
    with pytest.raises(UsageError, match="--name lab"):
        with_packs(service, lambda packs: packs.add(new_pack(first, "again")))
    assert service.ask("SELECT count(*) FROM packs") == [(1,)]
    assert with_packs(service, lambda packs: packs.retire("lab"))
    assert not with_packs(service, lambda packs: packs.retire("lab"))
    assert put(service, second, "other") == "added"


def test_two_who_add_at_once_do_not_share_a_slug(service: Service, first: Path, second: Path) -> None:
    """One of them is refused."""

    async def both(packs: Packs) -> Any:
        adding = (packs.add(new_pack(first, "a")), packs.add(new_pack(second, "b")))
        return await asyncio.gather(*adding, return_exceptions=True)

    outcomes = with_packs(service, both)
    assert sorted(type(one).__name__ for one in outcomes) == ["UsageError", "str"]


def test_what_is_in_force_is_offered_without_a_restart(service: Service, first: Path, second: Path) -> None:
    """To every tenant; of the private half nothing leaves the service."""
    key = service.key("acme")
    put(service, first)
    until_offered(service, key, suite_of(first))
    with service.http(service.key("other")) as http:
        shown = http.get(f"/v1/exercises/{SLUG}", headers={"Accept-Language": "zh"})
        statement = (first / "exercises" / SLUG / "statement.zh.md").read_text()
        assert (shown.json()["statement"], shown.json()["version"]) == (statement, 1)
        answers = shown.text + http.get("/v1/exercises").text + http.get("/openapi.json").text
    public = "".join(path.read_text() for path in (first / "exercises" / SLUG).iterdir() if path.is_file())
    for name in PRIVATE:
        lines = [line for line in (first / "reference" / SLUG / name).read_text().splitlines() if len(line) > 40]
        secrets = [line for line in lines if line not in public]
        assert secrets
        assert not [line for line in secrets if json.dumps(line)[1:-1] in answers or line in answers]
    put(service, second)
    until_offered(service, key, suite_of(second))
    with_packs(service, lambda packs: packs.retire("lab"))
    until_offered(service, key, None)
    with service.http(key) as http:
        refused = http.post("/v1/submissions", json={"exercise": SLUG, "source": RIGHT})
    assert (refused.status_code, f"no exercise {SLUG!r}" in refused.text) == (422, True)


def test_a_grading_names_the_suite_that_it_was_accepted_for(service: Service, first: Path, second: Path) -> None:
    """And so does the queue that it waits in; a regrade names today's."""
    key = service.key()
    put(service, first)
    until_offered(service, key, suite_of(first))
    with service.client(key) as client:
        submitted = client.submit(SLUG, RIGHT).id
        put(service, second)
        until_offered(service, key, suite_of(second))
        client.submit(SLUG, RIGHT)
        ((queue,), (other,)) = service.ask("SELECT queue_name FROM procrastinate_jobs ORDER BY id")
        assert queue != other
        service.ask("UPDATE gradings SET state = 'done'")
        client.regrade(submitted)
    kept = service.ask("SELECT version, suite FROM gradings ORDER BY created")
    assert kept == [(1, suite_of(first)), (2, suite_of(second)), (2, suite_of(second))]


class OfSuites(StandIn):
    """Judges as a worker with these suites would, without an engine."""

    def __init__(self, suites: Suites) -> None:
        super().__init__()
        self._suites = suites

    async def ready(self, claim: Claim) -> None:
        """Have its suite here."""
        await self._suites.ready(claim.of)

    async def judge(self, claim: Claim) -> Made:
        """A verdict that names the suite."""
        return made(suite_digest=self._suites.exercise(claim).suite_digest)


async def carry_all(
    service: Service, cache: Path, *, know: bool = True, own: Mapping[str, Exercise] = EXERCISES
) -> Suites:
    """Carry out every open grading once, on a machine with a cache; the suites that it had."""
    pool = await open_pool(service.database, 4)
    try:
        queue = Queue(pool)
        await queue.open()
        shelf = Shelf(Packs(pool), PackCache(cache))
        suites = Suites(own, shelf, lambda _suite: True)
        if know:
            suites.know(await Packs(pool).suites())
        carrier = Carrier(Gradings(pool, queue), OfSuites(suites), "a worker", AWAY)
        for (grading,) in service.ask("SELECT id FROM gradings WHERE state <> 'done'"):
            await carrier.carry_out(grading)
        shelf.close()
        return suites
    finally:
        await pool.close()


@pytest.fixture
def waiting(service: Service, first: Path) -> str:
    """The id of a submission for release 1, which waits."""
    put(service, first)
    key = service.key()
    until_offered(service, key, suite_of(first))
    with service.client(key) as client:
        return client.submit(SLUG, RIGHT).id


def test_a_worker_gets_what_it_lacks(service: Service, waiting: str, first: Path, second: Path, tmp_path: Path) -> None:
    """By the digest that the grading names, also when another release is in force; and keeps it."""
    put(service, second)
    service.loop.run(carry_all(service, tmp_path / "node"))
    ((document,),) = service.ask("SELECT document FROM verdicts")
    assert suite_of(first) in document
    assert (tmp_path / "node" / new_pack(first).digest.removeprefix("sha256:")).is_dir()


@pytest.mark.parametrize("fault", ["damaged", "another", "unknown", "unwritable"])
def test_without_its_suite_a_grading_is_handed_back(
    service: Service, waiting: str, second: Path, tmp_path: Path, fault: str
) -> None:
    """No verdict, no loss, no other suite; the worker takes nothing of it for a while, and one that can get it does."""
    node = tmp_path / "node"
    (archive,) = service.ask("SELECT archive FROM packs")[0]
    match fault:
        case "damaged":
            service.ask("UPDATE packs SET archive = 'nonsense'")
        case "another":
            service.ask("UPDATE packs SET archive = %s", new_pack(second).archive)
        case "unwritable":
            PackCache(node).close()
            digest = service.ask("SELECT digest FROM packs")[0][0].removeprefix("sha256:")
            (node / digest).write_text("in the way")
    suites = service.loop.run(carry_all(service, node, know=fault != "unknown"))
    assert service.ask("SELECT state, lost, attempt FROM gradings") == [("queued", 0, 1)]
    assert service.ask("SELECT count(*) FROM verdicts") == [(0,)]
    (queue, seconds) = service.ask(
        "SELECT queue_name, extract(epoch FROM scheduled_at - now())::float FROM procrastinate_jobs ORDER BY id DESC"
    )[0]
    assert 0 < seconds <= LATER_S
    assert queue not in suites.queues
    service.ask("UPDATE packs SET archive = %s", archive)
    service.loop.run(carry_all(service, tmp_path / "another node"))
    assert service.ask("SELECT status FROM verdicts") == [("accepted",)]


def test_what_a_program_without_suites_kept_is_graded(service: Service, tmp_path: Path) -> None:
    """A grading that names a version and no suite is judged by the suite of that version which is installed."""
    with service.client(service.key()) as client:
        client.submit("f1_auc", "x = 1")
    service.ask("UPDATE gradings SET suite = NULL")
    suites = service.loop.run(carry_all(service, tmp_path / "node"))
    ((document,),) = service.ask("SELECT document FROM verdicts")
    assert EXERCISES["f1_auc"].suite_digest in document
    number = EXERCISES["f1_auc"].version
    assert queue_of(ExerciseVersion(exercise="f1_auc", version=number, suite=None)) in suites.queues


def test_what_a_program_had_installed_is_kept_for_the_next_one(service: Service, tmp_path: Path) -> None:
    """A submission that was accepted by a suite which no machine has any more is graded by that suite all the same."""

    async def keep() -> None:
        pool = await open_pool(service.database, 2)
        try:
            for _ in range(2):
                await keep_installed(pool, EXERCISES.values())
        finally:
            await pool.close()

    service.loop.run(keep())
    with service.client(service.key()) as client:
        client.submit("f1_auc", "x = 1")
    newer = {slug: one for slug, one in EXERCISES.items() if slug != "f1_auc"}
    service.loop.run(carry_all(service, tmp_path / "node", own=newer))
    ((document,),) = service.ask("SELECT document FROM verdicts")
    assert EXERCISES["f1_auc"].suite_digest in document
    assert service.ask("SELECT count(*), sum((in_force IS NULL)::int) FROM packs") == [(1, 1)]


def test_a_worker_for_one_exercise_finds_it_in_the_database(
    service: Service, first: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else it says that there is none of that name, and does not wait for one."""
    monkeypatch.setattr(wiring, "own_engine", lambda _level, **_others: nullcontext())

    async def begin_and_end() -> None:
        stopping = asyncio.Event()
        stopping.set()
        await work(WorkerOrder(url=service.database, lanes=1, exercises=(SLUG,)), stopping)

    with pytest.raises(UsageError, match=f"no exercise {SLUG!r}"):
        service.loop.run(begin_and_end())
    put(service, first)
    service.loop.run(begin_and_end())


def test_no_tenant_reads_packs(service: Service, first: Path) -> None:
    """The role in which a tenant is served may not even look at the table."""
    put(service, first)

    async def look(table: str) -> None:
        pool = await open_pool(service.database, 2)
        try:
            async with as_tenant(pool, service.tenants["acme"].id) as rows:
                await rows.execute(f"SELECT FROM {table}")
        finally:
            await pool.close()

    service.key()
    for table in ("packs", "suites"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            service.loop.run(look(table))
