"""Traces: one for each submission, from its request to its deliveries, without a word of it; none unless asked for."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from grader.service import tracing
from grader.service.tracing import PLACES, SILENT, open_traces
from tests.service.conftest import fresh_database
from tests.service.running import Service, courier, made, running, worker
from tests.service.test_webhooks import receiving

THEIRS = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def spans() -> Any:
    """Where spans end up."""
    pytest.importorskip("opentelemetry.exporter.otlp.proto.http")
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    return InMemorySpanExporter()


@pytest.fixture
def service(postgresql: str, tmp_path: Path, spans: Any) -> Iterator[Service]:
    """A service that is traced."""
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor

    from grader.service.telemetry import OpenTelemetryTraces

    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(spans))
    with running(fresh_database(postgresql), tmp_path, traces=OpenTelemetryTraces(provider)) as service:
        yield service


def named(spans: Any, name: str) -> list[Any]:
    """The finished spans of a name, in the order in which they ended."""
    return [one for one in spans.get_finished_spans() if one.name == name]


def one_of(spans: Any, name: str, **attributes: Any) -> Any:
    """The only finished span of that name with those attributes."""
    found = [
        one
        for one in named(spans, name)
        if all((one.attributes or {}).get(key.replace("__", ".")) == value for key, value in attributes.items())
    ]
    assert len(found) == 1, [(one.name, dict(one.attributes)) for one in spans.get_finished_spans()]
    return found[0]


def test_a_submission_is_one_trace_from_request_to_delivery(service: Service, spans: Any) -> None:
    """Api, worker and courier continue it, though they meet in the database only."""
    with receiving() as receiver, service.http(service.key()) as http:
        http.post("/v1/webhooks", json={"url": receiver.url})
        sent = http.post(
            "/v1/submissions", json={"exercise": "f1_auc", "source": "x"}, headers={"traceparent": THEIRS}
        ).json()["id"]
        with worker(service), courier(service):
            receiver.next()
            http.get(f"/v1/submissions/{sent}", headers={"Prefer": "wait=20"})
    request = one_of(spans, "request", http__request__method="POST", http__route="/v1/submissions")
    wait, grading, delivery = (one_of(spans, name) for name in ("wait", "grading", "delivery"))
    for one in (wait, grading, delivery):
        assert one.context.trace_id == request.context.trace_id, one.name
        assert one.parent.span_id == request.context.span_id, one.name
    assert request.attributes["http.response.status_code"] == 202
    assert dict(grading.attributes)["viva.status"] == "accepted"
    assert dict(grading.attributes)["viva.submission"] == sent
    assert dict(delivery.attributes)["viva.taken"] is True
    assert wait.start_time < wait.end_time <= grading.start_time
    assert format(request.context.trace_id, "032x") not in THEIRS, "a stranger's trace is not continued"
    assert [format(link.context.trace_id, "032x") for link in request.links] == [THEIRS.split("-")[1]]
    read = one_of(spans, "request", http__request__method="GET")
    assert read.attributes["http.route"] == "/v1/submissions/{submission}", "ids make no names"


def test_a_batch_and_a_regrade_are_traced(service: Service, spans: Any) -> None:
    """Each grading belongs to the request that asked for it."""
    with service.client(service.key()) as client, service.http(service.key()) as http, worker(service):
        lines = list(client.batch([{"exercise": "f1_auc", "source": word} for word in "ab"]))
        for line in lines:
            client.wait(line["id"], 20)
        http.post(f"/v1/submissions/{lines[0]['id']}/regrade")
        client.wait(lines[0]["id"], 20)
    batch = one_of(spans, "request", http__route="/v1/batches")
    regrade = one_of(spans, "request", http__route="/v1/submissions/{submission}/regrade")
    traces = [one.context.trace_id for one in named(spans, "grading")]
    assert traces == [batch.context.trace_id] * 2 + [regrade.context.trace_id]


def test_nothing_of_a_person_or_a_secret_is_told(service: Service, spans: Any) -> None:
    """Neither source, output, messages, addresses nor keys, not even where something fails."""

    def fail(_claim: object) -> Any:
        raise RuntimeError("CANARY-exception")

    key = service.key()
    with receiving() as receiver, service.http(key) as http:
        secret = http.post("/v1/webhooks", json={"url": f"{receiver.url}?CANARY-url"}).json()["secret"]
        receiver.statuses = [500]
        service.judging.judge_with = lambda _claim: made("wrong_answer", 0.0, message="CANARY-message")
        body = {
            "exercise": "f1_auc",
            "source": "CANARY-source",
            "external_id": "CANARY-person",
            "metadata": {"CANARY": 1},
        }
        with worker(service), courier(service):
            http.post("/v1/submissions", json=body, headers={"Prefer": "wait=20", "Idempotency-Key": "CANARY-once"})
            receiver.next()
        http.get("/v1/submissions?external_id=CANARY-person")
        service.judging.judge_with = fail
        http.post("/v1/submissions", json=body)
        with worker(service):
            while not [one for one in named(spans, "grading") if not one.status.is_ok]:
                pass
    told = "".join(one.to_json() for one in spans.get_finished_spans())
    assert one_of(spans, "delivery").attributes["viva.taken"] is False
    for word in ("CANARY", "SECRET", secret, key, key.split("_")[2], receiver.url):
        assert word not in told
    assert {name for one in spans.get_finished_spans() for name in one.attributes} <= {
        name if name.startswith("http.") else f"viva.{name}" for name in tracing.Fact.__args__
    }


def test_what_is_not_traced_keeps_no_trace(shared: Service) -> None:
    """Where nobody asked for traces, the database holds none."""
    with shared.http(shared.key()) as http:
        http.post("/v1/submissions", json={"exercise": "f1_auc", "source": ""}, headers={"traceparent": THEIRS})
    assert set(shared.ask("SELECT traceparent FROM gradings")) == {(None,)}


def test_spans_are_sent_where_the_environment_says(no_places: pytest.MonkeyPatch, spans: Any) -> None:
    """By OTLP over HTTP, under the name of the process; what is left is sent at its end."""
    del spans  # there only where the packages are
    with receiving() as receiver:
        no_places.setenv(PLACES[0], receiver.url.removesuffix("/hook"))
        traces = open_traces("viva-api")
        with traces.span("request", {"http.route": "/v1/submissions"}):
            pass
        traces.close()
        headers, body = receiver.next()
    assert headers["content-type"] == "application/x-protobuf"
    assert b"viva-api" in body
    assert b"/v1/submissions" in body


@pytest.fixture
def no_places(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment in which nobody asked for traces."""
    for place in PLACES:
        monkeypatch.delenv(place, raising=False)
    return monkeypatch


def test_who_asks_without_the_packages_is_told(no_places: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """The service runs all the same."""
    no_places.setenv(PLACES[0], "http://127.0.0.1:1")
    no_places.setattr(tracing, "_PACKAGES", ("no_such_package.sdk",))
    assert open_traces("viva-api") is SILENT
    assert "pip install 'vivavoce[telemetry]'" in caplog.text


@pytest.mark.parametrize("asked", [False, True])
def test_packages_are_imported_only_where_traces_are_asked_for(asked: bool) -> None:
    """Nobody pays for what nobody collects."""
    if asked:
        pytest.importorskip("opentelemetry.exporter.otlp.proto.http")
    program = (
        "import json, sys\n"
        "import grader.cli.serve, grader.worker.run\n"
        "from grader.service.tracing import open_traces\n"
        "open_traces('viva-api')\n"
        "print(json.dumps(sorted(sys.modules)))"
    )
    env = {name: value for name, value in os.environ.items() if name not in PLACES}
    if asked:
        env[PLACES[0]] = "http://127.0.0.1:1"
    done = subprocess.run([sys.executable, "-c", program], env=env, capture_output=True, text=True, check=True)
    ours = [
        name for name in json.loads(done.stdout) if name.startswith(("opentelemetry.sdk", "opentelemetry.exporter"))
    ]
    assert bool(ours) is asked
