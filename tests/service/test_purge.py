"""`viva pack purge`: what goes, what stays, and that nothing which was accepted is stranded."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from grader.cli.operate import Access
from grader.cli.pack import purge
from grader.cli.serve import keep_installed
from grader.content.pack import Pack
from grader.database.connection import Connection, Pool, open_pool
from grader.database.packs import Packs, SuiteGoneError
from grader.database.queue import Order, Queue
from grader.database.submissions import Submissions
from grader.service.submitting import Sent, hand_in_of
from grader.service.verifying import read_keys, verify
from tests.service.packs import RIGHT, SLUG, new_pack, put, release, suite_of, with_packs
from tests.service.running import EXERCISES, Service, running
from tests.service.test_packs import until_offered

_WAITING = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = "
_HERE = "(SELECT oid FROM pg_database WHERE datname = current_database())"


@pytest.fixture
def service(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    """An api with a cache of its own."""
    monkeypatch.setenv("VIVA_CACHE", str(tmp_path / "cache"))
    with running(database, tmp_path) as service:
        yield service


@pytest.fixture
def first(service: Service, tmp_path: Path) -> Path:
    """Release 1 of a pack, which release 2 has replaced."""
    root = release(tmp_path / "one", 1)
    put(service, root)
    put(service, release(tmp_path / "two", 2))
    return root


def purged(service: Service, days: float = 0.0, *, dry: bool = False) -> dict[str, str | None]:
    """Why each pack was kept, by digest; None where it was removed."""
    found = with_packs(service, lambda packs: packs.purge(days, dry=dry))
    return {one.pack.digest: one.kept for one in found}


def test_a_replaced_pack_goes_and_the_one_in_force_stays(service: Service, first: Path, tmp_path: Path) -> None:
    """Its archive and its suites are removed, and the audit table says so."""
    new = new_pack(tmp_path / "two").digest
    assert purged(service, dry=True) == {new: "in_force", new_pack(first).digest: None}
    assert service.ask("SELECT count(*) FROM packs") == [(2,)], "a dry run removes nothing"
    assert purged(service, days=1) == {new: "in_force", new_pack(first).digest: "young"}
    assert purged(service) == {new: "in_force", new_pack(first).digest: None}
    assert service.ask("SELECT digest FROM packs") == [(new,)]
    assert service.ask("SELECT subject FROM audit WHERE action = 'pack purged'") == [(f"lab {new_pack(first).digest}",)]


def test_what_an_unfinished_grading_names_stays(service: Service, first: Path) -> None:
    """Until it is done."""
    key = service.key()
    until_offered(service, key, suite_of(first.parent / "two"))
    with service.client(key) as client:
        client.submit(SLUG, RIGHT)
    service.ask("UPDATE gradings SET suite = %s", suite_of(first))
    assert purged(service)[new_pack(first).digest] == "open"
    service.ask("UPDATE gradings SET state = 'done'")
    assert purged(service)[new_pack(first).digest] is None


def test_what_a_running_program_has_installed_stays(service: Service) -> None:
    """As long as it says so."""

    async def keep() -> None:
        pool = await open_pool(service.database, 2)
        try:
            await keep_installed(pool, EXERCISES.values())
        finally:
            await pool.close()

    service.loop.run(keep())
    assert list(purged(service).values()) == ["installed"]
    service.ask("UPDATE packs SET installed = now() - interval '1 hour'")
    assert list(purged(service).values()) == [None]
    service.loop.run(keep())
    assert list(purged(service).values()) == ["installed"], "a program that was stopped puts it back"


def test_verdicts_of_a_purged_pack_hold_and_can_be_had_again(service: Service, tmp_path: Path) -> None:
    """The verdict is readable and its signature holds; a regrade takes today's suite, or says that there is none."""
    root, key = release(tmp_path / "one", 1), service.key()
    put(service, root)
    until_offered(service, key, suite_of(root))
    with service.client(key) as client:
        sent = client.submit(SLUG, RIGHT).id
        service.ask("UPDATE gradings SET state = 'running', attempt = 1")
    _finish(service)
    put(service, release(tmp_path / "two", 2))
    assert purged(service)[new_pack(root).digest] is None
    until_offered(service, key, suite_of(tmp_path / "two"))
    with service.http(key) as http:
        verdict = http.get(f"/v1/submissions/{sent}").json()["grading"]["verdict"]
        keys = read_keys(http.get("/.well-known/viva-keys.json").json())
        assert verify(verdict, keys) is None
        assert len(http.get(f"/v1/submissions/{sent}/verdicts").json()["items"]) == 1
        assert http.post(f"/v1/submissions/{sent}/regrade").status_code == 202
        assert service.ask("SELECT suite FROM gradings ORDER BY number") == [
            (suite_of(root),),
            (suite_of(tmp_path / "two"),),
        ]
        _finish(service)
        assert with_packs(service, lambda packs: packs.retire("lab"))
        purged(service)
        until_offered(service, key, None)
        answer = http.post(f"/v1/submissions/{sent}/regrade")
        assert (answer.status_code, answer.json()["detail"]) == (409, f"this service has no exercise '{SLUG}' any more")
        assert http.get(f"/v1/exercises/{SLUG}").status_code == 404
        assert http.get(f"/v1/submissions/{sent}").status_code == 200


def _finish(service: Service) -> None:
    """A verdict for what is open, as a worker would write it."""
    service.ask(
        """INSERT INTO verdicts (grading, submission, tenant, status, score, max_score, document, shown)
        SELECT id, submission, tenant, 'accepted', 1, 1, %s, %s FROM gradings g WHERE state <> 'done'""",
        *(2 * ['{"schema": "viva.verdict/1", "status": "accepted", "score": 1, "cases": []}']),
    )
    service.ask("UPDATE gradings SET state = 'done', finished = now() WHERE state <> 'done'")


class Halting(Queue):
    """Stops within the transaction that keeps a submission, before its end."""

    def __init__(self, pool: Pool) -> None:
        super().__init__(pool)
        self.reached, self.go_on = asyncio.Event(), asyncio.Event()

    async def put(self, connection: Connection, orders: Sequence[Order]) -> list[int]:
        """Put jobs in when the test lets it."""
        self.reached.set()
        await self.go_on.wait()
        return await super().put(connection, orders)


async def until(connection: psycopg.AsyncConnection[Any], count: int) -> None:
    """Wait until so many wait for an advisory lock of this database."""
    async with asyncio.timeout(60):
        while True:
            row = await (await connection.execute(_WAITING + _HERE)).fetchone()
            if row is not None and row[0] == count:
                return
            await asyncio.sleep(0.02)


@asynccontextmanager
async def two(service: Service) -> AsyncIterator[Any]:
    """One who sends by release 1, one who purges, and one who looks on."""
    pool, other = await open_pool(service.database, 2), await open_pool(service.database, 2)
    looking = await psycopg.AsyncConnection.connect(service.database, autocommit=True)
    try:
        queue = Halting(pool)
        await queue.open()
        yield Submissions(pool, queue), queue, Packs(other), looking
    finally:
        await looking.close()
        await pool.close()
        await other.close()


def a_submission(service: Service, root: Path) -> Any:
    """One for the suite of a release, as an api holds it that has not heard of another yet."""
    sent = Sent(exercise=SLUG, name="solution.py", source=RIGHT.encode())
    return hand_in_of(sent, Pack(root).exercise(SLUG), service.tenants["acme"], urgent=True)


def test_what_is_being_accepted_keeps_its_pack(service: Service, first: Path) -> None:
    """A purge waits for the transaction of a submission that names the suite, and then finds it open."""
    service.key()

    async def both() -> Any:
        async with two(service) as (submissions, queue, packs, looking):
            sending = asyncio.ensure_future(submissions.put(service.tenants["acme"], [a_submission(service, first)]))
            await asyncio.wait_for(queue.reached.wait(), 60)
            purging = asyncio.ensure_future(packs.purge())
            await until(looking, 1)
            queue.go_on.set()
            return await sending, await purging

    kept, found = service.loop.run(both())
    assert len(kept) == 1
    assert {one.pack.digest: one.kept for one in found}[new_pack(first).digest] == "open"
    assert service.ask("SELECT count(*) FROM gradings g JOIN suites s ON s.digest = g.suite") == [(1,)]


def test_what_comes_while_its_pack_goes_is_refused(service: Service, first: Path) -> None:
    """It waits for the purge, finds its suite gone, and leaves nothing: the sender is told to send it again."""
    service.key()

    async def both() -> Any:
        async with two(service) as (submissions, queue, packs, looking):
            queue.go_on.set()
            async with await psycopg.AsyncConnection.connect(service.database) as holding:
                await holding.execute("SELECT FROM packs FOR KEY SHARE")  # the purge gets as far as its DELETE
                purging = asyncio.ensure_future(packs.purge())
                await _until_blocked(looking)
                sending = asyncio.ensure_future(
                    submissions.put(service.tenants["acme"], [a_submission(service, first)])
                )
                await until(looking, 1)
            return await asyncio.gather(sending, purging, return_exceptions=True)

    refused, found = service.loop.run(both())
    assert isinstance(refused, SuiteGoneError)
    assert {one.pack.digest: one.kept for one in found}[new_pack(first).digest] is None
    assert service.ask("SELECT (SELECT count(*) FROM submissions), (SELECT count(*) FROM gradings)") == [(0, 0)]


async def _until_blocked(connection: psycopg.AsyncConnection[Any]) -> None:
    """Wait until somebody waits for the row of a pack."""
    async with asyncio.timeout(60):
        while True:
            cursor = await connection.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                "AND wait_event_type = 'Lock' AND query LIKE 'DELETE FROM packs%'"
            )
            row = await cursor.fetchone()
            if row is not None and row[0]:
                return
            await asyncio.sleep(0.02)


def test_an_api_that_has_not_heard_says_to_send_it_again(service: Service) -> None:
    """503 with `Retry-After`, also for the lines of a batch, and never a 500."""
    suite = EXERCISES["f1_auc"].suite_digest
    body = {"exercise": "f1_auc", "source": "x = 1"}
    service.ask("INSERT INTO purged_suites (digest, exercise, pack) VALUES (%s, 'f1_auc', 'p')", suite)
    with service.http(service.key()) as http:
        answer = http.post("/v1/submissions", json=body)
        assert (answer.status_code, "send it again" in answer.json()["detail"]) == (503, True)
        assert answer.headers["Retry-After"]
        batch = http.post("/v1/batches", content='{"exercise": "f1_auc", "source": "x = 1"}\n')
        assert (batch.json()["status"], "send it again" in batch.json()["problem"]) == ("refused", True)
    assert service.ask("SELECT count(*) FROM submissions") == [(0,)]


@pytest.mark.parametrize(("dry", "lang", "said"), [(True, "zh", "将清除 1 个"), (False, "en", "removed 1 packs")])
def test_the_command_says_what_it_freed_and_kept(
    service: Service, first: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], dry: bool, lang: Any, said: str
) -> None:
    """A line for each pack with the reason, and the sum."""
    purge(Access(service.database, tmp_path, lang), 0, dry=dry)
    out = capsys.readouterr().out
    assert said in out
    assert ("in force" if lang == "en" else "正在使用") in out
