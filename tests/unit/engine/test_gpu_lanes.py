"""How many verdicts an engine lets onto a GPU at a time, told on parents that are none: no GPU is asked for."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from grader.content.pack import builtin_pack_root, load_exercise
from grader.engine import engine as engines
from grader.engine.engine import Engine
from grader.engine.judges import SuiteError
from grader.engine.order import Order
from grader.judge.job import Job

TOGETHER_S, CROWDED_S = 20.0, 0.3
ORDER = replace(Order.of(load_exercise(builtin_pack_root(), "f1_auc")), device="cuda")


class Counting:
    """Stands for both parents; a judge that is asked stays until the expected number of them is there, then fails."""

    pid = 0
    cases: tuple[str, ...] = ()

    def __init__(self, expected: int) -> None:
        self.specs: list[Any] = []
        self.most = 0
        self._now = 0
        self._lock = threading.Lock()
        self._expected = expected
        self._together = threading.Barrier(expected)
        self._crowded = threading.Event()

    def submit(self, *_: object) -> None:
        """Count those that are here at the same time."""
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
            if self._now > self._expected:
                self._crowded.set()
        with contextlib.suppress(threading.BrokenBarrierError):
            self._together.wait(TOGETHER_S)
        self._crowded.wait(CROWDED_S)  # one too many has so long to come
        with self._lock:
            self._now -= 1
        raise SuiteError("enough was seen")

    @contextlib.contextmanager
    def client(self, _: object) -> Iterator[None]:
        """A box that nobody looks into."""
        yield

    def alive(self) -> bool:
        """It always is."""
        return True

    def dismiss(self) -> None:
        """Nothing waits."""

    def close(self) -> None:
        """Nothing is left."""


def carried_out(monkeypatch: pytest.MonkeyPatch, order: Order, lanes: int, verdicts: int, expected: int) -> Counting:
    """What the parents saw of so many verdicts at a time."""
    counting = Counting(expected)
    monkeypatch.setattr(engines, "GuestParent", lambda spec: counting.specs.append(spec) or counting)
    monkeypatch.setattr(engines, "JudgeParent", lambda *_, **__: counting)
    with Engine(gpu_lanes=lanes) as engine, ThreadPoolExecutor(verdicts) as pool:
        job = Job(seed=1, source="", device=order.device)
        done = [pool.submit(engine.carry_out, order, job) for _ in range(verdicts)]
        assert all(isinstance(one.exception(), SuiteError) for one in done)
    return counting


@pytest.mark.parametrize("lanes", [1, 2, 3])
def test_as_many_verdicts_are_on_a_gpu_as_there_are_lanes(monkeypatch: pytest.MonkeyPatch, lanes: int) -> None:
    """No fewer, for they meet there; no more, for the others wait for their turn."""
    seen = carried_out(monkeypatch, ORDER, lanes, verdicts=2 * lanes, expected=lanes)
    assert seen.most == lanes
    assert [spec.gpu_lanes for spec in seen.specs] == [lanes]


def test_on_the_cpu_no_lane_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """However few there are."""
    assert carried_out(monkeypatch, replace(ORDER, device="cpu"), 1, verdicts=3, expected=3).most == 3
