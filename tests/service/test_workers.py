"""Nothing is lost, nothing is written twice, and a worker's end is never charged to a candidate."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import psycopg
import pytest

from grader.database.gradings import Gradings
from grader.database.heartbeats import UNCHANGED_S, Heartbeats
from grader.database.queue import AWAY, Queue
from grader.model.service import Claim, Made
from grader.service.carrying import Carrier
from tests.service.running import Service, StandIn, made, with_gradings, worker

SOURCE = "x = 1"


def first_grading(service: Service) -> UUID:
    """The grading of the only submission."""
    found = service.ask("SELECT id FROM gradings")[0][0]
    assert isinstance(found, UUID)
    return found


def claim_of(service: Service, worker_name: str) -> Claim:
    """Another worker's claim on the only grading."""
    grading = first_grading(service)

    async def use(gradings: Gradings, _queue: Queue) -> Claim | None:
        return await gradings.claim(grading, worker_name)

    found = with_gradings(service, use)
    assert isinstance(found, Claim)
    return found


def finish(service: Service, claim: Claim, verdict: Made) -> bool:
    """Whether a verdict was written under a claim."""

    async def use(gradings: Gradings, _queue: Queue) -> bool:
        return await gradings.finish(claim, verdict)

    return bool(with_gradings(service, use))


@pytest.fixture
def submitted(service: Service) -> str:
    """The id of a submission that waits."""
    with service.client(service.key()) as client:
        return client.submit("f1_auc", SOURCE).id


def test_a_worker_that_comes_late_is_dropped(service: Service, submitted: str) -> None:
    """The newest attempt writes; the one before it cannot, neither before nor after."""
    early = claim_of(service, "stopped for a while")
    late = claim_of(service, "took over")
    assert not finish(service, early, made("wrong_answer", 0.0))
    assert finish(service, late, made("accepted", 10.0))
    assert not finish(service, early, made("wrong_answer", 0.0))
    assert not finish(service, late, made("wrong_answer", 0.0))
    assert service.ask("SELECT status FROM verdicts") == [("accepted",)]


def test_three_workers_lost_is_a_judge_error(service: Service, submitted: str) -> None:
    """Nobody is charged: a poison submission ends with a verdict that says so, and is not run a fourth time."""
    for number in range(3):
        assert claim_of(service, f"worker {number}").lost == number
    judging = StandIn()
    grading = first_grading(service)

    async def carry(gradings: Gradings, _queue: Queue) -> None:
        await Carrier(gradings, judging, "the fourth", AWAY).carry_out(grading)

    with_gradings(service, carry)
    assert judging.seen == []
    ((status, document),) = service.ask("SELECT status, document FROM verdicts")
    assert status == "judge_error"
    assert "nothing of it is charged" in document


def test_a_job_that_is_lost_is_found(service: Service, submitted: str) -> None:
    """Whatever loses a job from the queue, the sweep gives the grading another, once."""
    service.ask("DELETE FROM procrastinate_jobs")
    service.ask("UPDATE gradings SET created = created - interval '1 min'")

    async def sweep(gradings: Gradings, _queue: Queue) -> int:
        return await gradings.sweep()

    assert with_gradings(service, sweep) == 1
    assert with_gradings(service, sweep) == 0
    with service.client(service.key()) as client, worker(service):
        assert client.wait(submitted, 20).verdict is not None


def test_a_job_whose_worker_died_is_put_back(service: Service, submitted: str) -> None:
    """A worker without a heartbeat loses its jobs."""
    service.ask(
        "WITH w AS (INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 h') RETURNING id) "
        "UPDATE procrastinate_jobs SET status = 'doing', worker_id = (SELECT id FROM w)"
    )

    now = 0.0
    heartbeats = Heartbeats(lambda: now)

    async def rescue(_gradings: Gradings, queue: Queue) -> int:
        return await queue.rescue()

    assert with_gradings(service, rescue, heartbeats) == 0
    now = UNCHANGED_S
    assert with_gradings(service, rescue, heartbeats) == 1
    assert service.ask("SELECT status::text FROM procrastinate_jobs") == [("todo",)]


def test_what_another_put_back_and_a_worker_took_meanwhile_stays_taken(service: Service, submitted: str) -> None:
    """Two workers look for jobs of a dead one at once: the slower one takes nothing from whoever has it by then."""
    service.ask("UPDATE procrastinate_jobs SET status = 'doing', worker_id = NULL")

    async def rescue(_gradings: Gradings, queue: Queue) -> int:
        return await queue.rescue()

    with psycopg.connect(service.database) as other, ThreadPoolExecutor() as pool:
        other.execute(
            "WITH w AS (INSERT INTO procrastinate_workers DEFAULT VALUES RETURNING id) "
            "UPDATE procrastinate_jobs SET worker_id = (SELECT id FROM w)"
        )
        slower = pool.submit(with_gradings, service, rescue)
        waits = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        while not slower.done() and not service.ask(waits):
            time.sleep(0.01)
        other.commit()
        assert slower.result(30) == 0
    ((status, has_worker),) = service.ask("SELECT status::text, worker_id IS NOT NULL FROM procrastinate_jobs")
    assert (status, has_worker) == ("doing", True)


def test_what_runs_at_a_workers_end_is_handed_back(service: Service, submitted: str) -> None:
    """A worker that is told to end gives back what it cannot finish in time; another finishes it, without a loss."""
    begun, gate = threading.Event(), threading.Event()

    def slow(_claim: Claim) -> Made:
        begun.set()
        gate.wait(30)
        return made("wrong_answer", 0.0)

    service.judging.judge_with = slow
    with worker(service):
        assert begun.wait(20)
    assert service.ask("SELECT state, lost FROM gradings") == [("queued", 0)]
    service.judging.judge_with = lambda claim: made("accepted", 10.0, lost=claim.lost)
    with service.client(service.key()) as client, worker(service):
        found = client.wait(submitted, 30)
    gate.set()
    assert found.verdict is not None
    assert (found.verdict["status"], found.verdict["lost"]) == ("accepted", 0)


def test_a_submission_that_was_not_acknowledged_left_nothing(service: Service) -> None:
    """Submission, grading and job are one transaction: where one cannot be written, none is."""
    key = service.key()
    service.ask("ALTER TABLE gradings ADD CONSTRAINT closed CHECK (false) NOT VALID")
    with service.http(key) as http:
        assert http.post("/v1/submissions", json={"exercise": "f1_auc", "source": SOURCE}).status_code >= 500
    for table in ("submissions", "gradings", "procrastinate_jobs", "usage_parts"):
        assert service.ask(f"SELECT count(*) FROM {table}") == [(0,)]


def test_a_database_that_goes_away_loses_no_verdict(service: Service, submitted: str) -> None:
    """The verdict is kept until the database takes it."""
    failures = 0

    class Flaky:
        """Rows behind a line that breaks twice."""

        def __init__(self, gradings: Gradings) -> None:
            self.claim, self.hand_back = gradings.claim, gradings.hand_back
            self._finish = gradings.finish

        async def finish(self, claim: Claim, verdict: Made) -> bool:
            nonlocal failures
            failures += 1
            if failures <= 2:
                raise ConnectionResetError
            return await self._finish(claim, verdict)

    grading = first_grading(service)

    async def carry(gradings: Gradings, _queue: Queue) -> int:
        carrier = Carrier(Flaky(gradings), StandIn(), "worker", AWAY)
        await carrier.carry_out(grading)
        return carrier.tally.verdicts

    assert with_gradings(service, carry) == 1
    assert failures == 3
    assert service.ask("SELECT status FROM verdicts") == [("accepted",)]


def test_urgent_ones_overtake_a_batch_and_tenants_take_turns(service: Service) -> None:
    """A tenant with a long batch holds up neither a single submission nor another tenant's batch."""
    order: list[str] = []

    def note(claim: Claim) -> Made:
        order.append(bytes(claim.source or b"").decode())
        return made()

    service.judging.judge_with = note
    lines = lambda word, count: [{"exercise": "f1_auc", "source": f"{word}{n}"} for n in range(count)]  # noqa: E731
    with service.client(service.key("big")) as big, service.client(service.key("small")) as small:
        list(big.batch(lines("big", 40)))
        list(small.batch(lines("small", 5)))
        single = big.submit("f1_auc", "single").id
        with worker(service, lanes=1):
            big.wait(single, 30)
            for one in list(small.submissions()):
                small.wait(one.id, 30)
            at_small_s_end = list(order)
            for one in list(big.submissions()):
                big.wait(one.id, 60)
    assert order[0] == "single"
    assert len([word for word in at_small_s_end if word.startswith("big")]) <= 12
    assert len(order) == 46


def test_a_regrade_appends_and_reports_what_changed(service: Service) -> None:
    """Old verdicts stay; the report names who changed."""
    service.judging.judge_with = lambda claim: made(
        "accepted" if b"good" in bytes(claim.source or b"") else "wrong_answer", 1.0
    )
    with service.client(service.key()) as client, service.http(service.key()) as http, worker(service):
        ids = [client.submit("f1_auc", word, wait_s=20).id for word in ("good", "bad")]
        service.judging.judge_with = lambda _claim: made("accepted", 10.0)
        regrade = http.post("/v1/regrades", json={"exercise": "f1_auc"}).json()
        assert regrade["submissions"] == 2
        for one in ids:
            client.wait(one, 30)
        report = http.get(f"/v1/regrades/{regrade['id']}").json()
        while report["done"] < 2:
            report = http.get(f"/v1/regrades/{regrade['id']}").json()
        assert [len(client.verdicts(one)) for one in ids] == [2, 2]
        single = client.regrade(ids[0])
        assert client.wait(single.id, 30).document["grading"]["number"] == 3
    by_id = {one["submission"]: one for one in report["changed"]}
    assert by_id[ids[1]]["status_before"] == "wrong_answer"
    assert by_id[ids[1]]["status"] == "accepted"
    assert by_id[ids[0]]["score_before"] == 1.0
