"""Where the time of a warm verdict goes: `.venv/bin/python scripts/measure_verdict.py [EXERCISE...]`.

Each exercise's own solution is graded ROUNDS times, one after the other, by an engine whose judges keep an account.
Printed are medians: the verdict as the caller sees it; in the judge the wall time, the CPU time, the time that it waits
for the guest (the submission's own work and the other end of the wire), the number of requests, and how long it takes
to hear what the box used. Then, without box and suite, single requests in a loop: what the wire costs while it is warm.
"""

from __future__ import annotations

import json
import os
import socket
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NoReturn

from grader import wiring
from grader.engine import judges
from grader.errors import GraderError
from grader.grading.grade import Options, grade
from grader.grading.intake import read_submission
from grader.guest.session import GuestSession
from grader.judge import connection as connections
from grader.judge import parent
from grader.judge.handle import Bridge
from grader.judge.trial import Trial
from grader.wire.frame import Caps, ConnectionLost, Frame, FrameReader, send_frame

ROUNDS = 20
EXERCISES = ("early_stopping", "f1_auc", "laplace_mechanism", "multi_head_attention", "smote")
LOOP = 500
MODULE = "def f(x): return x\ndef g(): return None\ndef bad(): raise ValueError('bad')\n"


def be_judge_parent(control: int, account: str) -> None:
    """What the engine starts instead of the judge parent: the same, with a clock in it."""
    spent = {"waiting_ms": 0.0, "requests": 0, "closing_ms": 0.0}
    receive, close, make = connections.BoxConnection.receive, connections.BoxConnection.close, Trial.make

    def timed_receive(self: Any, deadline: float) -> Any:
        started = time.perf_counter()
        frame = receive(self, deadline)
        spent["waiting_ms"] += 1000 * (time.perf_counter() - started)
        spent["requests"] += 1
        return frame

    def timed_close(self: Any) -> None:
        started = time.perf_counter()
        close(self)
        spent["closing_ms"] += 1000 * (time.perf_counter() - started)

    def timed_make(*given: Any) -> None:
        started, cpu = time.perf_counter(), time.process_time()
        make(*given)
        wall, cpu = time.perf_counter() - started, time.process_time() - cpu
        with Path(account).open("a", encoding="utf-8") as lines:
            lines.write(json.dumps({"judge_ms": 1000 * wall, "judge_cpu_ms": 1000 * cpu, **spent}) + "\n")

    connections.BoxConnection.receive = timed_receive  # type: ignore[method-assign]
    connections.BoxConnection.close = timed_close  # type: ignore[method-assign]
    Trial.make = timed_make  # type: ignore[method-assign]
    parent.main(control)


def measure_verdicts(slugs: list[str], account: Path) -> None:
    """Print a line for each exercise."""
    own = str(Path(__file__).resolve().parent)
    judges._BOOT = (
        f"import sys; sys.path[:] = {{path!r}} + [{own!r}]; import measure_verdict; "
        f"measure_verdict.be_judge_parent({{control}}, {str(account)!r})"
    )
    columns = ("judge_ms", "judge_cpu_ms", "waiting_ms", "requests", "closing_ms")
    print(f"{'':22}{'verdict_ms':>12}", *(f"{name:>13}" for name in columns), sep="")
    with wiring.own_engine("strict", warm=True) as engine:
        for slug in slugs:
            exercise = wiring.open_exercise(slug)
            submission = read_submission(exercise.solution, exercise)
            times = []
            for number in range(ROUNDS + 3):
                if number == 3:  # the parents are warm, and spares wait
                    account.write_text("", encoding="utf-8")
                started = time.perf_counter()
                grade(exercise, submission, engine, Options())
                times.append(1000 * (time.perf_counter() - started))
            rows = [json.loads(line) for line in account.read_text(encoding="utf-8").splitlines()]
            medians = [statistics.median(row[name] for row in rows) for name in columns]
            print(f"{slug:22}{statistics.median(times[3:]):12.0f}", *(f"{value:13.0f}" for value in medians), sep="")


class Unboxed:
    """A stream to a guest in no box, as a judge's connection."""

    raised = None

    def __init__(self) -> None:
        self._stream, theirs = socket.socketpair()
        if os.fork() == 0:
            self._stream.close()
            _serve(theirs)
        theirs.close()
        self._reader = FrameReader(self._stream, Caps())

    def send(self, frame: Frame, deadline: float) -> None:
        """Write."""
        send_frame(self._stream, frame, Caps())

    def receive(self, deadline: float) -> Frame:
        """Read."""
        return self._reader.read()

    def close(self) -> None:
        """End the guest."""
        self._stream.close()
        os.wait()

    def cause_of_death(self) -> Any:
        """Not asked for."""
        raise AssertionError("the guest has died")


def _serve(stream: socket.socket) -> NoReturn:
    try:
        GuestSession(stream, Caps()).serve()
    except ConnectionLost:
        os._exit(0)
    os._exit(1)


def measure_requests() -> None:
    """Print what a request costs in a loop, in microseconds, and how much of it is the judge's CPU time."""
    import numpy as np
    import torch

    torch.set_num_threads(1)
    connection = Unboxed()
    module: Any = Bridge(connection, Caps()).load("solution", MODULE)
    tensor, array, rng = torch.randn(3, 8, 24), np.ones(5), np.random.default_rng(0)

    def bad() -> None:
        try:
            module.bad()
        except ValueError:
            return

    requests = {
        "g()": module.g,
        "f(1.0)": lambda: module.f(1.0),
        "f(array)": lambda: module.f(array),
        "f(generator)": lambda: module.f(rng),
        "f(tensor)": lambda: module.f(tensor),
        "f([three tensors])": lambda: module.f([tensor, tensor + 1, tensor + 2]),
        "an exception": bad,
    }
    print(f"\n{'':22}{'request_us':>12}{'judge_cpu_us':>13}")
    for name, ask in requests.items():
        for _ in range(LOOP // 5):
            ask()
        started, cpu = time.perf_counter(), time.process_time()
        for _ in range(LOOP):
            ask()
        wall, cpu = time.perf_counter() - started, time.process_time() - cpu
        print(f"{name:22}{1e6 * wall / LOOP:12.0f}{1e6 * cpu / LOOP:13.0f}")
    connection.close()


def main() -> None:
    """Measure the exercises that were named, or those that start no processes of their own."""
    os.environ["OMP_NUM_THREADS"] = "1"
    try:
        with tempfile.TemporaryDirectory() as folder:
            measure_verdicts(sys.argv[1:] or list(EXERCISES), Path(folder, "account"))
    except GraderError as error:
        print(f"measure_verdict: {error}", file=sys.stderr)
        sys.exit(2)
    measure_requests()


if __name__ == "__main__":
    main()
