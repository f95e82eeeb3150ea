"""What an operator is told of what waits."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from grader.database.connection import open_pool
from grader.database.standing import Standing
from grader.service.submitting import version_of
from grader.worker.suites import queues_of
from tests.service.running import EXERCISES, Service

BODY = {"exercise": "f1_auc", "source": "x = 1\n"}


def look(service: Service, *takes: Sequence[str] | None) -> tuple[float, list[Mapping[str, Any]]]:
    """How many wait for nobody, and which, where there is a worker for each of these lists of queues."""

    async def ask() -> Any:
        pool = await open_pool(service.database, 2)
        standing = Standing(pool)
        for number, queues in enumerate(takes):
            await standing.seen(f"far:{number}", 1, 1, "test", "cpu", queues)
        found = (await standing.gauges())["nobodys"], await standing.waiting_for_nobody()
        await pool.close()
        return found

    found: tuple[float, list[Mapping[str, Any]]] = service.loop.run(ask())
    return found


def queues(slug: str) -> list[str]:
    """Where submissions for an exercise wait."""
    return queues_of([version_of(EXERCISES[slug])], "cpu")


@pytest.mark.parametrize(
    ("takes", "waits"),
    [
        ([], True),
        ([queues("pass_at_k")], True),
        ([queues("f1_auc")], False),
        ([queues("pass_at_k"), queues("f1_auc")], False),
        ([None], False),  # a program of before, which does not say what it takes
    ],
    ids=["no worker", "another exercise", "this one", "one of two", "who knows"],
)
def test_what_no_worker_takes_is_told(service: Service, takes: list[Sequence[str] | None], waits: bool) -> None:
    """By exercise, version and device: such a submission would wait in silence."""
    with service.http(service.key()) as http:
        assert http.post("/v1/submissions", json=BODY).status_code == 202
    count, rows = look(service, *takes)
    assert count == int(waits)
    expected = [("f1_auc", EXERCISES["f1_auc"].version, "cpu", 1)] if waits else []
    assert [(row["exercise"], row["version"], row["device"], row["queued"]) for row in rows] == expected


def test_top_and_metrics_name_it(service: Service) -> None:
    """The terminal says which exercise, the metrics how many."""
    with service.http(service.key()) as http:
        http.post("/v1/submissions", json=BODY)
        assert "viva_nobodys 1.0" in http.get("/metrics").text
    shown = subprocess.run(
        [sys.executable, "-m", "grader", "top", "--once", "--lang", "en"],
        env={**os.environ, "VIVA_DATABASE": service.database, "COLUMNS": "100"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout
    assert "no worker takes them" in shown
    assert "f1_auc" in shown
