"""A submission that takes its worker down: it ends with a verdict of ours, and harms nobody else."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time

import pytest

from grader.service.carrying import Cell
from tests.service.frail_worker import LANES, POISON
from tests.service.running import Service


def start(service: Service) -> subprocess.Popen[bytes]:
    """A worker in a process of its own, which may be killed."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.service.frail_worker", service.database], stdin=subprocess.PIPE
    )


@pytest.mark.slow
def test_a_poison_submission_takes_three_workers_and_nobody_else(service: Service) -> None:
    """The third worker that it kills is the last; what was judged beside the first gets its own verdict."""
    with service.client(service.key()) as client:
        poison = client.submit("f1_auc", POISON.decode()).id
        others = [client.submit("f1_auc", f"innocent {number}").id for number in range(LANES + 2)]
        worker, deaths = start(service), 0
        deadline = time.monotonic() + 200
        try:
            while service.ask("SELECT count(*) FROM gradings WHERE state <> 'done'") != [(0,)]:
                assert time.monotonic() < deadline, service.ask("SELECT state, lost, attempt FROM gradings")
                if worker.poll() is not None:
                    worker, deaths = start(service), deaths + 1
                time.sleep(0.2)
        finally:
            worker.communicate(b"")
        verdict = client.get(poison).verdict
        theirs = [client.get(one).verdict for one in others]
    assert deaths == 3
    assert verdict is not None
    assert verdict["status"] == "judge_error"
    assert "nothing of it is charged to it" in verdict["message"]
    assert [one and (one["status"], one["lost"] <= 1) for one in theirs] == [("accepted", True)] * len(others)


def test_one_alone_waits_for_all_and_goes_before_whoever_comes_later() -> None:
    """Many are within at a time; who wants to be alone is, and whoever gives up waiting holds up nobody."""
    assert asyncio.run(_told()) == ["a in", "b in", "a out", "b out", "alone in", "alone out", "c in", "c out"]


async def _told() -> list[str]:
    cell, told = Cell(), list[str]()

    async def stay(name: str, *, alone: bool = False) -> None:
        async with cell.room(alone=alone):
            told.append(f"{name} in")
            for _ in range(10):
                await asyncio.sleep(0)
            told.append(f"{name} out")

    coming = []
    for name in ("a", "b", "alone", "gives up", "c"):
        coming.append(asyncio.ensure_future(stay(name, alone=name in {"alone", "gives up"})))
        await asyncio.sleep(0)
    coming[3].cancel()
    await asyncio.gather(*coming, return_exceptions=True)
    return told
