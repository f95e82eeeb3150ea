"""Submissions from four tenants while everything is disturbed: `python -m tests.chaos.chaos --submissions 500`.

`viva serve` runs as a person would run it, with a further worker at the far end of a line. Meanwhile processes are
killed (`killing`), workers stopped until they are late (`freezing`), the line is cut (`cutting`). Afterwards
(`accounting`): every acknowledged submission has exactly one verdict, equal to that of a lone run with its seed; every
webhook came, whole, with one id for all its tries; nothing runs on.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from grader.client import Client
from tests.chaos.accounting import compare, left_over, lone_verdicts, wait_for_webhooks
from tests.chaos.backend import Backend, FarWorker, free_port
from tests.chaos.cutting import Cutting
from tests.chaos.freezing import Freezing
from tests.chaos.killing import Killing
from tests.chaos.traffic import Sent, receiver, send, settled

TENANTS = ("acme", "bolt", "crow", "dune")
Disturbance = Killing | Freezing | Cutting


def run(count: int, seed: int) -> list[str]:
    """Everything that was not as it should be."""
    rng = random.Random(seed)
    folder = Path(tempfile.mkdtemp(prefix="viva-chaos-"))
    folder.chmod(0o755)
    backend = Backend(folder, free_port())
    try:
        return _run(backend, count, rng)
    finally:
        if backend.alive():
            backend.stop()


def _run(backend: Backend, count: int, rng: random.Random) -> list[str]:
    backend.start()
    keys = {name: backend.tenant_key(name) for name in TENANTS}
    sent: dict[str, Sent] = {name: {} for name in TENANTS}
    secrets: dict[str, str] = {}
    started = time.monotonic()
    with receiver(secrets) as (address, taken), backend.line() as line:
        for name, key in keys.items():
            with Client(backend.url, key) as client:
                secrets[name] = client.add_webhook(f"{address}/{name}")["secret"]
        far = FarWorker(line, backend.folder / "far-log")
        try:
            with _disturbed(backend, far, rng) as disturbances:
                _send_all(backend, keys, count, rng, sent)
                time.sleep(min(60.0, time.monotonic() - started))  # and on, while what was sent is graded
            documents, faults = _settle(backend, keys, sent)
            everything = {one: what for some in sent.values() for one, what in some.items()}
            faults += compare(everything, documents, lone_verdicts(set(everything.values())))
            faults += wait_for_webhooks(taken, sent, time.monotonic() + 180)
        finally:
            far.end()
    took = time.monotonic() - started
    status = backend.stop()
    faults += [f"viva serve ended with {status}"] if status else []
    faults += [f"still running: {line}" for line in left_over(backend.folder)]
    done = {what: count for one in disturbances for what, count in one.done.items()}
    print(f"{len(everything)} acknowledged, disturbed: {done}, {backend.starts} starts, {took:.0f} s")
    if not faults:
        shutil.rmtree(backend.folder, ignore_errors=True)
    else:
        print(f"the logs are in {backend.folder}")
    return faults


@contextmanager
def _disturbed(backend: Backend, far: FarWorker, rng: random.Random) -> Iterator[list[Disturbance]]:
    """While all disturbances are at work."""
    far.keep()
    disturbances: list[Disturbance] = [
        Killing(backend, random.Random(rng.random())),
        Freezing(backend, random.Random(rng.random())),
        Cutting(far, random.Random(rng.random())),
    ]
    threads = [threading.Thread(target=one.run) for one in disturbances]
    for thread in threads:
        thread.start()
    try:
        yield disturbances
    finally:
        for one in disturbances:
            one.over.set()
        for thread in threads:
            thread.join()


def _send_all(backend: Backend, keys: dict[str, str], count: int, rng: random.Random, sent: dict[str, Sent]) -> None:
    """Have every tenant send its share, side by side."""
    senders = [
        threading.Thread(
            target=send, args=(backend.url, keys[name], count // len(keys), random.Random(rng.random()), sent[name])
        )
        for name in keys
    ]
    for one in senders:
        one.start()
    for one in senders:
        one.join()


def _settle(backend: Backend, keys: dict[str, str], sent: dict[str, Sent]) -> tuple[dict[str, Any], list[str]]:
    """Every submission's document when it is done, and those that were not graded exactly once."""
    documents: dict[str, Any] = {}
    faults = []
    for name, key in keys.items():
        with Client(backend.url, key) as client:
            documents.update(settled(client, list(sent[name]), time.monotonic() + 600))
            counts = {one: len(client.verdicts(one)) for one in sent[name]}
            faults += [f"{one}: {count} gradings" for one, count in counts.items() if count != 1]
    return documents, faults


def main() -> int:
    """Run once, print what was not as it should be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--submissions", type=int, default=500)
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(4)))
    wishes = parser.parse_args()
    print(f"seed {wishes.seed}")
    faults = run(wishes.submissions, wishes.seed)
    for fault in faults[:40]:
        print(f"FAULT {fault}")
    print("nothing lost, nothing twice, nothing altered" if not faults else f"{len(faults)} faults")
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())
