"""Submissions for a GPU: taken where a worker has announced one, and carried by such workers only."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import httpx
import pytest

from grader.database.connection import open_pool
from grader.database.standing import Standing
from grader.errors import UsageError
from grader.worker.run import WorkerOrder, work
from tests.service.running import Service, worker

FOR_A_GPU = {"exercise": "rms_norm", "source": "class RMSNorm: ..."}
CPU_ONLY = {"exercise": "f1_auc", "source": "def f1_score(): ..."}


@pytest.fixture
def acme(service: Service) -> Iterator[httpx.Client]:
    """A tenant's connection."""
    with service.http(service.key("acme")) as http:
        yield http


def announce(service: Service, device: str) -> None:
    """A worker says that it is there."""

    async def say() -> None:
        pool = await open_pool(service.database, 2)
        await Standing(pool).seen("far:1", 1, 1, "test", device)
        await pool.close()

    service.loop.run(say())


@pytest.mark.parametrize(
    ("body", "device", "announced", "answer"),
    [
        (FOR_A_GPU, "cpu", "cpu", "cpu"),
        (FOR_A_GPU, "cuda", "cuda", "cuda"),
        (FOR_A_GPU, "auto", "cuda", "cuda"),
        (FOR_A_GPU, "auto", "cpu", "cpu"),
        (CPU_ONLY, "auto", "cuda", "cpu"),
        (FOR_A_GPU, "cuda", "cpu", "no worker with a GPU is at work (`viva worker --device cuda`)"),
        (CPU_ONLY, "cuda", "cuda", "f1_auc is graded on the CPU only"),
    ],
)
def test_a_gpu_is_taken_where_exercise_and_a_worker_have_it(
    service: Service, acme: httpx.Client, body: dict[str, str], device: str, announced: str, answer: str
) -> None:
    """Else `auto` is the CPU, and `cuda` a 422 that says what is missing; a line of a batch is answered alike."""
    announce(service, announced)
    said = acme.post("/v1/submissions", json={**body, "device": device})
    if answer in {"cpu", "cuda"}:
        assert (said.status_code, said.json()["device"]) == (202, answer)
    else:
        assert said.status_code == 422
        assert answer in said.json()["detail"]
    line = httpx.Request("POST", "/", json={**body, "device": device}).content
    batch = acme.post("/v1/batches", content=line + b"\n", headers={"Content-Type": "application/x-ndjson"})
    kept = service.ask("SELECT device FROM submissions")
    assert kept == ([(answer,)] * 2 if answer in {"cpu", "cuda"} else []), batch.text


def test_only_a_worker_that_has_the_gpu_takes_what_is_for_it(service: Service, acme: httpx.Client) -> None:
    """One without takes the rest, whichever came first."""
    announce(service, "cuda")
    first = acme.post("/v1/submissions", json={**FOR_A_GPU, "device": "cuda"}).json()["id"]
    with worker(service):
        done = acme.post("/v1/submissions", json=FOR_A_GPU, headers={"Prefer": "wait=20"})
        assert done.status_code == 200
        assert acme.get(f"/v1/submissions/{first}").json()["state"] == "queued"
    with worker(service, "with-a-gpu", device="cuda"):
        last = acme.post("/v1/submissions", json={**FOR_A_GPU, "device": "cuda"}, headers={"Prefer": "wait=20"})
        assert last.status_code == 200
    assert acme.get(f"/v1/submissions/{first}").json()["state"] == "done"
    assert [claim.device for claim in service.judging.seen] == ["cpu", "cuda", "cuda"]


def test_what_is_graded_again_waits_for_a_gpu_again(service: Service, acme: httpx.Client) -> None:
    """The device is the submission's."""
    announce(service, "cuda")
    with worker(service, device="cuda"):
        sent = acme.post("/v1/submissions", json={**FOR_A_GPU, "device": "cuda"}, headers={"Prefer": "wait=20"}).json()
    assert acme.post(f"/v1/submissions/{sent['id']}/regrade").status_code == 202
    queues = service.ask("SELECT queue_name FROM procrastinate_jobs WHERE status = 'todo' AND task_name = 'grade'")
    assert [queue.rpartition(":")[2] for (queue,) in queues] == ["cuda"]


def test_a_worker_for_a_gpu_begins_only_where_there_is_one() -> None:
    """It says what is missing, before it looks at any database."""
    with pytest.raises(UsageError, match="--device cuda: no NVIDIA driver is loaded"):
        asyncio.run(work(WorkerOrder(url="postgresql://nowhere", lanes=1, device="cuda"), asyncio.Event()))
