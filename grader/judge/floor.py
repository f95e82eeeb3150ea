"""The floor under every verdict: a suite's cases on its own reference, in one warm process, without box or wire."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from grader.guest.environments import named
from grader.judge.plugin import LocalProvider
from grader.judge.run import collect, run_locally

_CASE_WALL_S = 60.0


def main() -> None:
    """Read `{environment, suites, solution, rounds}` from standard input; print each round's time in milliseconds."""
    order = json.load(sys.stdin)
    named(order["environment"]).load()  # on one thread, as in a judge
    suite = collect(tuple(order["suites"]))
    times = []
    for number in range(order["rounds"] + 1):
        provider = LocalProvider(Path(order["solution"]), seed=number, keep_ranks=True)
        started = time.perf_counter()
        for record in run_locally(suite, provider, _CASE_WALL_S):
            if record.outcome.status.value != "accepted":
                sys.exit(f"{record.outcome.id}: {record.outcome.message}")
        times.append(1000 * (time.perf_counter() - started))
        provider.end_ranks()
    json.dump(times[1:], sys.stdout)  # the first round pays for first uses
