"""Sending submissions: kept before they are acknowledged, once however often they are sent."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator

import httpx
import pytest

from tests.service.running import Service, made, worker

SOURCE = "def f1(y_true, y_pred):\n    return 1.0\n"
BODY = {"exercise": "f1_auc", "source": SOURCE}


@pytest.fixture
def acme(shared: Service) -> Iterator[httpx.Client]:
    """A tenant's connection."""
    with shared.http(shared.key("acme")) as http:
        yield http


def test_a_submission_is_acknowledged_with_its_place(acme: httpx.Client) -> None:
    """202, a Location, and the state."""
    answer = acme.post("/v1/submissions", json={**BODY, "external_id": "c-1", "metadata": {"round": 2}})
    assert answer.status_code == 202
    found = acme.get(answer.headers["location"]).json()
    assert found == answer.json()
    assert (found["state"], found["external_id"], found["metadata"]) == ("queued", "c-1", {"round": 2})
    assert found["grading"]["verdict"] is None


def test_who_prefers_to_wait_gets_the_verdict(shared: Service, acme: httpx.Client) -> None:
    """200 with the verdict as soon as it is there, signed."""
    shared.judging.judge_with = lambda claim: made("wrong_answer", 3.0, echo=bytes(claim.source or b"").decode())
    with worker(shared):
        answer = acme.post("/v1/submissions", json=BODY, headers={"Prefer": "respond-async, wait=20"})
    assert answer.status_code == 200
    verdict = answer.json()["grading"]["verdict"]
    assert (verdict["status"], verdict["echo"]) == ("wrong_answer", SOURCE)
    assert verdict["signature"]["key_id"] == shared.signer.key_id


def test_one_key_is_one_submission(shared: Service, acme: httpx.Client) -> None:
    """The same key and body give the same submission, also at the same time; another body gives 422."""
    headers = {"Idempotency-Key": "k-1"}
    answers: list[httpx.Response] = []
    key = shared.key("acme")

    def send() -> None:
        with shared.http(key) as http:
            answers.append(http.post("/v1/submissions", json=BODY, headers=headers))

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["id"] for answer in answers}) == 1
    other = acme.post("/v1/submissions", json={**BODY, "source": "x = 1"}, headers=headers)
    assert other.status_code == 422
    assert other.json()["errors"][0]["field"] == "Idempotency-Key"


@pytest.mark.parametrize(
    ("body", "field", "word"),
    [
        ({"exercise": "f1_auk", "source": ""}, "exercise", "f1_auc"),
        ({"exercise": "f1_auc"}, "body", "source"),
        ({**BODY, "files": {"a.py": ""}}, "body", "either"),
        ({**BODY, "seed": -1}, "seed", "greater"),
        ({**BODY, "sources": ""}, "sources", "permitted"),
        ({**BODY, "callback": "http://127.0.0.1/x y"}, "callback", "blanks"),
        ({**BODY, "metadata": {"a": "\0"}}, "metadata", "NUL"),
        ({**BODY, "metadata": {"a": "x" * 9000}}, "metadata", "8192"),
        ({**BODY, "source": "\ud800"}, "source", "unicode"),
        ({"exercise": "f1_auc", "files": {"../a.py": ""}}, "files.../a.py.[key]", "pattern"),
        ({**BODY, "external_id": ""}, "external_id", "at least 1"),
    ],
)
def test_what_cannot_be_used_is_named(acme: httpx.Client, body: object, field: str, word: str) -> None:
    """A problem document with the field and what is wrong with it."""
    answer = acme.post("/v1/submissions", content=json.dumps(body), headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    (error,) = answer.json()["errors"]
    assert error["field"] == field
    assert word in error["problem"]


def test_a_source_may_hold_what_python_does_not(shared: Service, acme: httpx.Client) -> None:
    """A NUL or a syntax error is a matter of the verdict, not of the request."""
    with worker(shared):
        answer = acme.post("/v1/submissions", json={**BODY, "source": "\0 def"}, headers={"Prefer": "wait=20"})
    assert answer.status_code == 200
    assert shared.judging.seen[-1].source == b"\0 def"


@pytest.mark.parametrize(
    ("headers", "content", "status"),
    [
        ({"Content-Encoding": "gzip"}, b"{}", 415),
        ({}, b" " * (2 * 1024 * 1024 + 1), 413),
        ({}, b"[" * 100_000, 400),
        ({}, b"{", 422),
    ],
)
def test_bodies_are_capped_before_they_are_read(
    acme: httpx.Client, headers: dict[str, str], content: bytes, status: int
) -> None:
    """Compressed, too large, too deep, no JSON."""
    answer = acme.post("/v1/submissions", content=content, headers={"Content-Type": "application/json", **headers})
    assert answer.status_code == status
    assert answer.json()["status"] == status


def test_a_body_of_unknown_length_is_counted(acme: httpx.Client) -> None:
    """Chunks that go over the cap are not read to their end."""
    sent = 0

    def chunks() -> Iterator[bytes]:
        nonlocal sent
        for _ in range(1000):
            sent += 65536
            yield b" " * 65536

    try:
        answer = acme.post("/v1/submissions", content=chunks(), headers={"Content-Type": "application/json"})
        assert answer.status_code == 413
    except httpx.WriteError:
        pass
    assert sent < 64 * 1024 * 1024


def test_pages_go_back_in_time_and_filter(shared: Service) -> None:
    """The newest first, by cursor, by exercise and external id."""
    with shared.client(shared.key("pages")) as client:
        ids = [client.submit("f1_auc", f"x = {n}", external_id=f"p-{n}").id for n in range(5)]
        other = client.submit("pass_at_k", "x = 1").id
        assert [one.id for one in client.submissions(limit=2)] == [other, *reversed(ids)]
        assert [one.id for one in client.submissions(exercise="f1_auc", limit=3)] == list(reversed(ids))
        assert [one.id for one in client.submissions(external_id="p-3")] == [ids[3]]
        assert list(client.submissions(state="done")) == []


def test_events_tell_what_happens(shared: Service) -> None:
    """Queued, started, verdict; then the stream ends."""
    key = shared.key("events")
    gate = threading.Event()
    shared.judging.judge_with = lambda _claim: (gate.wait(20) and made()) or made("judge_error")
    with shared.client(key) as client, shared.http(key) as http, worker(shared):
        submission = client.submit("f1_auc", SOURCE).id
        with http.stream("GET", f"/v1/submissions/{submission}/events") as stream:
            names = []
            for line in stream.iter_lines():
                if line.startswith("event: "):
                    names.append(line.removeprefix("event: "))
                    if names[-1] == "started":
                        gate.set()
    assert names[-2:] == ["started", "verdict"]
    assert set(names) <= {"queued", "started", "verdict"}


def test_quotas_refuse_and_say_when(shared: Service) -> None:
    """429 with Retry-After over each of the three quotas."""
    for name, settings in (("few", {"in_flight": 1}), ("daily", {"per_day": 1}), ("slow", {"per_minute": 1})):
        with shared.http(shared.key(name, **settings)) as http:
            assert http.post("/v1/submissions", json=BODY).status_code == 202
            over = http.post("/v1/submissions", json=BODY)
            assert over.status_code == 429
            assert int(over.headers["retry-after"]) >= 1
            assert "quota of 1" in over.json()["detail"]


def test_many_who_send_at_once_do_not_wait_for_each_other(shared: Service) -> None:
    """Submissions of one tenant and their verdicts at the same time: no 503 ever."""
    key = shared.key("crowd")
    refused: list[object] = []

    def send(number: int) -> None:
        with shared.http(key) as http:
            for turn in range(12):
                answer = http.post("/v1/submissions", json={**BODY, "source": f"x = {number}, {turn}"})
                refused.extend([answer.text] if answer.status_code != 202 else [])

    shared.judging.judge_with = lambda _claim: made()
    with worker(shared, lanes=4):
        threads = [threading.Thread(target=send, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert refused == []
