"""The backend as its attackers see it: another tenant, a candidate, somebody without a key, a hostile receiver."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from grader.api import batches, limits
from grader.cli import verify as verifying
from grader.cli.verify import VerifyOrder
from grader.courier import run as courier_module
from grader.database.connection import as_tenant, open_pool
from grader.errors import UsageError
from grader.model.service import SigningKey
from grader.service import quotas
from grader.service.addresses import is_inside
from grader.service.ids import new_id
from grader.service.signing import Signer
from grader.service.verifying import published
from tests.service.running import Service, courier, made, worker
from tests.service.test_webhooks import receiving

BODY: dict[str, Any] = {"exercise": "f1_auc", "source": "x = 1"}
FAR = {"X-Forwarded-For": "203.0.113.9"}  # what a proxy on this machine says of a caller elsewhere


def nested(levels: int) -> dict[str, Any]:
    """A JSON object with lists in it, so many levels in all."""
    inner: Any = 1
    for _ in range(levels - 1):
        inner = [inner]
    return {"a": inner}


def test_metrics_are_not_for_strangers(shared: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """What all tenants do is told on this machine and to whoever holds the operator's key, never to a tenant's."""
    with shared.http() as anybody, shared.http(shared.key()) as tenant:
        assert anybody.get("/metrics").status_code == 200
        assert anybody.get("/metrics", headers=FAR).status_code == 403
        assert tenant.get("/metrics", headers=FAR).status_code == 403
        assert anybody.get("/metrics", headers={**FAR, "Authorization": "Bearer"}).status_code == 403
        monkeypatch.setenv("VIVA_METRICS_KEY", "for-prometheus")
        assert anybody.get("/metrics", headers={**FAR, "Authorization": "Bearer for-prometheus"}).status_code == 200
        assert anybody.get("/metrics", headers={**FAR, "Authorization": "Bearer for-another"}).status_code == 403


def test_readiness_tells_nothing_of_tenants(shared: Service) -> None:
    """Whoever asks without a key learns how many workers there are, not how much others have sent."""
    with worker(shared), shared.http() as http:
        assert set(http.get("/readyz").json()) == {"status", "workers"}


def test_a_wrong_secret_leaves_no_trace_of_use(shared: Service) -> None:
    """Who knows only the public part of a key cannot make it look used."""
    prefix = shared.key("unused").split("_")[1]
    with shared.http(f"viva_{prefix}_{'0' * 64}") as http:
        assert http.get("/v1/submissions").status_code == 401
    assert shared.ask("SELECT last_used FROM keys WHERE prefix = %s", prefix) == [(None,)]


@pytest.mark.parametrize("levels", [33, 300, 900])
def test_deep_metadata_is_refused_and_spoils_no_list(shared: Service, levels: int) -> None:
    """With a sentence, single and in a batch; what was kept before stays to be seen."""
    body = {**BODY, "metadata": nested(levels)}
    with shared.http(shared.key("deep")) as http:
        answer = http.post("/v1/submissions", json=body)
        assert answer.status_code == 422
        assert "32 deep" in answer.text
        assert http.post("/v1/submissions", json={**BODY, "metadata": nested(32)}).status_code == 202
        lines = http.post("/v1/batches", content=json.dumps(body) + "\n" + json.dumps(BODY)).text.splitlines()
        assert [json.loads(line)["status"] for line in lines] == ["refused", "queued"]
        assert http.get("/v1/submissions").status_code == 200


def test_a_person_who_is_forgotten_while_graded_stays_forgotten(service: Service) -> None:
    """A verdict that was under way when its submission was erased is kept as figures only."""
    started, go_on = threading.Event(), threading.Event()

    def judge(_claim: object) -> Any:
        started.set()
        assert go_on.wait(30)
        return made("wrong_answer", 4.0, message="their words")

    service.judging.judge_with = judge
    with service.http(service.key()) as http, worker(service):
        sent = http.post("/v1/submissions", json=BODY).json()["id"]
        assert started.wait(30)
        assert http.delete(f"/v1/submissions/{sent}").status_code == 204
        go_on.set()
        left = http.get(f"/v1/submissions/{sent}", headers={"Prefer": "wait=20"}).json()
    assert left["grading"]["verdict"]["score"] == 4.0
    rows = service.ask("SELECT document, shown FROM verdicts WHERE submission = %s", UUID(sent))
    assert len(rows) == 1
    for word in ("their words", "SECRET", "expected 0.25"):
        assert word not in repr(rows) + repr(left)


def test_regrades_are_bounded(service: Service) -> None:
    """What is being graded is not graded once more, and over its quota a tenant starts no regrade."""
    with service.http(service.key("small", in_flight=2)) as http:
        with worker(service):
            for _ in range(2):
                http.post("/v1/submissions", json=BODY, headers={"Prefer": "wait=20"})
        answers = [http.post("/v1/regrades", json={"exercise": "f1_auc"}) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [202, 429, 429]
    assert service.ask("SELECT count(*) FROM gradings WHERE state <> 'done'") == [(2,)]


def test_two_regrades_at_once_are_one(service: Service) -> None:
    """202 for one and 409 for the other, never an error of ours."""
    with service.http(service.key()) as http:
        with worker(service):
            sent = http.post("/v1/submissions", json=BODY, headers={"Prefer": "wait=20"}).json()["id"]

        async def both() -> list[int]:
            async with httpx.AsyncClient(base_url=service.url, headers=http.headers) as two:
                calls = [two.post(f"/v1/submissions/{sent}/regrade") for _ in range(6)]
                return [answer.status_code for answer in await asyncio.gather(*calls)]

        assert sorted(asyncio.run(both())) == [202, 409, 409, 409, 409, 409]


def test_a_batch_of_too_many_lines_is_answered_shortly(shared: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines beyond the cap cost one answer for all of them, blank ones before it count."""
    monkeypatch.setattr(batches, "MOST_LINES", 5)
    good = json.dumps(BODY) + "\n"
    with shared.http(shared.key("many")) as http:
        for content, numbers in (
            (good * 5, [1, 2, 3, 4, 5]),
            (good * 5 + "\n \n", [1, 2, 3, 4, 5]),
            (good * 2 + "\n\n" + good * 300_000, [1, 2, 5, 6]),
            ("\n" * 100_000 + good, [6]),
        ):
            answers = [json.loads(line) for line in http.post("/v1/batches", content=content).text.splitlines()]
            assert [answer["line"] for answer in answers] == numbers
            assert (answers[-1]["status"] == "refused") == (6 in numbers)
        assert http.post("/v1/batches", content="\n" * 100_000).status_code == 422


def test_a_batch_is_not_held_in_memory(shared: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """Large lines are kept a few at a time."""
    sizes: list[int] = []
    keep = batches._kept

    async def noting(backend: Any, caller: Any, chunk: Any) -> str:
        sizes.append(sum(len(getattr(one, "source", "")) for _, one in chunk))
        return await keep(backend, caller, chunk)

    monkeypatch.setattr(batches, "_kept", noting)
    line = json.dumps({"exercise": "f1_auc", "source": "#" * 1_000_000}) + "\n"
    with shared.http(shared.key("large")) as http:
        answers = http.post("/v1/batches", content=line * 12).text.splitlines()
    assert [json.loads(answer)["status"] for answer in answers] == ["queued"] * 12, answers
    assert max(sizes) < 6_000_000


def test_a_tenant_that_asks_much_leaves_connections_to_others(shared: Service) -> None:
    """However many questions of one tenant are open, another's is answered."""

    async def ask() -> None:
        pool = await open_pool(shared.database, 6)
        greedy, enough = new_id(), asyncio.Event()

        async def hold() -> None:
            async with as_tenant(pool, greedy):
                await enough.wait()

        holding = [asyncio.ensure_future(hold()) for _ in range(30)]
        await asyncio.sleep(0)
        async with asyncio.timeout(5), as_tenant(pool, new_id()) as connection:
            await connection.execute("SELECT 1")
        enough.set()
        await asyncio.gather(*holding)
        await pool.close()

    asyncio.run(ask())


def test_waiting_is_bounded(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """Over the bound a stream is refused, a wait is not waited, and another tenant does both."""
    monkeypatch.setattr(quotas, "MOST_WAITS", 2)
    with service.http(service.key("greedy")) as http, service.http(service.key("other")) as other:
        sent = http.post("/v1/submissions", json=BODY).json()["id"]
        path = f"/v1/submissions/{sent}/events"
        with http.stream("GET", path) as one, http.stream("GET", path) as two:
            streams = [one.iter_lines(), two.iter_lines()]  # one that nobody holds is closed
            assert [next(stream) for stream in streams] == ["event: queued"] * 2
            refused = http.get(path)
            assert (refused.status_code, refused.headers["retry-after"]) == (429, "10")
            before = time.monotonic()
            assert http.get(f"/v1/submissions/{sent}", headers={"Prefer": "wait=30"}).status_code == 200
            assert time.monotonic() - before < 15
            theirs = other.post("/v1/submissions", json=BODY).json()["id"]
            with other.stream("GET", f"/v1/submissions/{theirs}/events") as three:
                assert next(three.iter_lines()) == "event: queued"


def test_a_stream_ends(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """It does not outlive its key for ever."""
    monkeypatch.setattr("grader.api.submissions.LONGEST_STREAM_S", 0.5)
    monkeypatch.setattr("grader.api.submissions._KEEP_ALIVE_S", 0.2)
    with service.http(service.key()) as http:
        sent = http.post("/v1/submissions", json=BODY).json()["id"]
        assert "event: queued" in http.get(f"/v1/submissions/{sent}/events").text


def test_a_slow_receiver_holds_up_its_own_tenant_only(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """With many messages of one tenant on their way, another's comes next but one at most."""
    monkeypatch.setattr(courier_module, "LANES", 1)
    with (
        receiving() as receiver,
        service.http(service.key("flood")) as flood,
        service.http(service.key("quiet")) as one,
    ):
        with worker(service):
            for number in range(12):
                body = {**BODY, "callback": receiver.url, "external_id": f"flood-{number}"}
                flood.post("/v1/submissions", json=body, headers={"Prefer": "wait=20"})
            body = {**BODY, "callback": receiver.url, "external_id": "quiet"}
            one.post("/v1/submissions", json=body, headers={"Prefer": "wait=20"})
        with courier(service):
            for _ in range(3):
                receiver.next()
    first = [json.loads(body)["data"]["external_id"] for _, body in receiver.taken[:3]]
    assert "quiet" in first


def test_a_body_must_come_in_time(shared: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody without a key who sends a body by the byte is told 408 and gone."""
    monkeypatch.setattr(limits, "PIECE_S", 0.3)
    monkeypatch.setattr(limits, "BODY_S", 1.0)
    host, port = shared.url.removeprefix("http://").split(":")
    for pauses in (0, 50):  # not a byte, or one after another
        with socket.create_connection((host, int(port)), timeout=20) as line:
            line.sendall(b"POST /v1/submissions HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n")
            line.sendall(b"Content-Type: application/json\r\n\r\n{")
            line.setblocking(False)
            answer, end = b"", time.monotonic() + 20
            while b" 408 " not in answer and time.monotonic() < end:
                if pauses:
                    line.send(b" ")
                    pauses -= 1
                line.settimeout(0.1)
                try:
                    answer += line.recv(4096)
                except TimeoutError:
                    continue
            assert b" 408 " in answer


def test_what_is_hidden_is_not_told_by_the_clock(service: Service) -> None:
    """Below `full`, no time says how long candidate code ran: it could tell what it was given by sleeping."""
    with receiving() as receiver, service.http(service.key("hiring", feedback="titles")) as http, worker(service):
        body = {**BODY, "callback": receiver.url}
        found = http.post("/v1/submissions", json=body, headers={"Prefer": "wait=20"}).json()
        listed = http.get(f"/v1/submissions/{found['id']}/verdicts").json()["items"][0]
        with courier(service):
            told = json.loads(receiver.next()[1])["timestamp"]
    for grading in (found["grading"], listed):
        for moment in (grading["started"], grading["finished"], told):
            assert (datetime.fromisoformat(moment).second, datetime.fromisoformat(moment).microsecond) == (0, 0)


@pytest.mark.parametrize(("level", "asked"), [("score", None), ("titles", "full"), ("full", "score")])
def test_nobody_chooses_a_seed_that_is_not_told(shared: Service, level: str, asked: str | None) -> None:
    """Else hidden inputs could be held still and learnt bit by bit, and the verdict would not say so."""
    body = {**BODY, "seed": 7, "feedback": asked}
    with shared.http(shared.key(f"level-{level}", feedback=level)) as http:
        answer = http.post("/v1/submissions", json=body)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["field"] == "seed"
        line = http.post("/v1/batches", content=json.dumps(body)).json()
    assert (line["status"], line["problem"][:5]) == ("refused", "seed:")


@pytest.mark.parametrize(
    "address",
    [
        "::7f00:1",  # 127.0.0.1 in the old compatible form
        "::ffff:0:7f00:1",  # and in the translated one
        "64:ff9b:1::a00:1",  # 10.0.0.1 behind a local translation prefix
        "fec0::1",  # site-local
        "5f00::1",
        "168.63.129.16",  # a cloud's services for its own machines, by numbers that look public
        "192.0.0.192",
    ],
)
def test_what_only_looks_outside_is_inside(address: str) -> None:
    """Of IPv6, only what is handed out to the public is outside."""
    assert is_inside(address)


def _signed(tmp_path: Path) -> tuple[str, Path]:
    """A verdict that a service signed, as text, and the file of its keys."""
    signer = Signer(tmp_path)
    keys = tmp_path / "keys.json"
    key = SigningKey(key_id=signer.key_id, public=signer.key.public, begun=None)
    keys.write_text(json.dumps(published([key])), "utf-8")
    document = {**json.loads(made("wrong_answer", 4.0).document), "created": "2026-11-30T10:00:00+00:00"}
    return json.dumps(signer.signed(document)), keys


def _verify(path: Path, keys: str) -> int:
    return verifying.run(VerifyOrder(file=path, keys=keys, replay=None, packs=(), lang="en"))


def test_a_member_named_twice_is_no_verdict(tmp_path: Path) -> None:
    """A reader that takes the first of two would see what nobody signed."""
    text, keys = _signed(tmp_path)
    verdict = tmp_path / "verdict.json"
    verdict.write_text(text, "utf-8")
    assert _verify(verdict, str(keys)) == 0
    verdict.write_text(text.replace("{", '{"score": 10.0, ', 1), "utf-8")
    with pytest.raises(UsageError, match="twice"):
        _verify(verdict, str(keys))


def test_public_keys_do_not_come_over_an_open_line(tmp_path: Path) -> None:
    """Whoever sits on it could put their own in."""
    text, _ = _signed(tmp_path)
    verdict = tmp_path / "verdict.json"
    verdict.write_text(text, "utf-8")
    with pytest.raises(UsageError, match="https"):
        _verify(verdict, "http://grader.example.com")
