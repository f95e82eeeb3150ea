"""A real suite run against a guest whose answers are spoiled: a candidate's outcome, in time, whatever it answers.

    python -m tests.fuzz.protocol --seconds 300

Guided by coverage, where atheris is installed: `fuzz_protocol.py`.

What a program finds is written to `viva-fuzz` in the temporary folder; it becomes a file of `tests/fuzz/programs`.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import resource
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from grader.judge.failure import GuestFailure
from grader.judge.handle import Bridge
from grader.judge.plugin import LocalProvider, load_module
from grader.judge.run import Suite, collect, run_against_guest, run_locally
from grader.model.exercise import Tolerance
from grader.model.verdict import Outcome, Status
from grader.wire.budget import Budget
from tests.fuzz.guest import SpoiledConnection, Spoiler

HERE = Path(__file__).parent
SUITE = HERE / "pack" / "reference" / "wire" / "cases.py"
REFERENCE = SUITE.with_name("solution.py")
PROGRAMS = HERE / "programs"
FOUND = Path(tempfile.gettempdir()) / "viva-fuzz"
CASE_WALL_S = 0.5
PROGRAM_S = 8 * 2 * CASE_WALL_S  # eight cases, each with as much again for what is made of an answer
MEMORY_BYTES = 3 << 30
PEAK_BYTES = 2 << 30  # of this process, pytest and torch included


class SpoiledProvider:
    """What a `GuestProvider` is, without boxes; a guest that ended is replaced, and the program goes on with it."""

    case_wall_s = CASE_WALL_S
    device = "cpu"

    def __init__(self, program: bytes) -> None:
        self.seed = 3
        self._spoiler = Spoiler(program)
        self._budget = Budget.of(64)
        self._bridge: Bridge | None = None
        self._connection: SpoiledConnection | None = None
        self._candidate: Any = None
        self._reference = load_module(REFERENCE, "reference_fuzz")

    def begin_case(self) -> None:
        """As for a box; raises GuestFailure and what the guest says its module raised."""
        if self._bridge is None or self._bridge.link.failure is not None:
            self.close()
            self._connection = SpoiledConnection(self._spoiler, self._budget)
            self._bridge = self._connection.bridge
            self._start_clock()
            self._candidate = self._bridge.load("solution", REFERENCE.read_text(encoding="utf-8"))
        else:
            self._start_clock()
            self._bridge.reset()
        self._start_clock()

    def _start_clock(self) -> None:
        assert self._bridge is not None
        self._bridge.link.deadline = time.monotonic() + CASE_WALL_S

    def new_case(self) -> None:
        """Nothing more."""

    def release_ranks(self) -> None:
        """There are none."""

    def missing_entry_point(self) -> str | None:
        """The candidate says that it has everything."""
        return None

    @property
    def failure(self) -> GuestFailure | None:
        """What ended the guest."""
        return self._bridge.link.failure if self._bridge else None

    def printed(self) -> str:
        """Nothing."""
        return ""

    def close(self) -> None:
        """End the guest."""
        if self._connection is not None:
            self._connection.close()
        self._bridge = self._connection = None

    def local_reference(self) -> LocalProvider:
        """The reference in the candidate's place."""
        return LocalProvider(REFERENCE, self.seed, tolerance={})

    def candidate(self, suite: Path) -> Any:
        """The handle."""
        return self._candidate

    def driver(self, suite: Path) -> Any:
        """There is none."""

    def reference(self, suite: Path) -> Any:
        """The reference."""
        return self._reference

    def tolerances(self, suite: Path) -> Mapping[str, Tolerance]:
        """The defaults."""
        return {}

    def seed_candidate(self, seed: int) -> None:
        """As for a box."""
        if self._bridge is not None:
            self._bridge.seed(seed)


def collected() -> Suite:
    """The suite; its cases pass on the reference, so that what fails is the guest's doing."""
    suite = collect((str(SUITE),))
    for record in run_locally(suite, LocalProvider(REFERENCE, 3, tolerance={}), 20.0):
        assert record.outcome.status is Status.ACCEPTED, record.outcome
    return suite


def outcomes_of(suite: Suite, program: bytes) -> list[Outcome]:
    """What the suite says of the guest that `program` makes."""
    provider: Any = SpoiledProvider(program)
    outcomes = [record.outcome for record in run_against_guest(suite, provider)]
    suite.recorder.forget()
    return outcomes


def check(suite: Suite, program: bytes) -> None:
    """Raise AssertionError unless every case has an outcome of the candidate's, in time."""
    started = time.monotonic()
    outcomes = outcomes_of(suite, program)
    took_s = time.monotonic() - started
    ours = [outcome for outcome in outcomes if outcome.status is Status.JUDGE_ERROR]
    assert len(outcomes) == len(suite.items)
    assert not ours, ours[0]
    assert took_s < PROGRAM_S, f"{took_s:.1f} s"
    assert peak_bytes() < PEAK_BYTES, f"{peak_bytes() >> 20} MiB"


def peak_bytes() -> int:
    """The most memory that this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def kept_programs() -> list[bytes]:
    """The fixed corpus: programs that once found something, and some that reach far."""
    return [path.read_bytes() for path in sorted(PROGRAMS.iterdir())]


def programs(seed: int) -> Iterator[bytes]:
    """Kept programs first, then random and mutated ones without end."""
    kept = kept_programs()
    yield from kept
    dice = random.Random(seed)
    while True:
        program = bytearray(dice.choice(kept)) if kept and dice.random() < 0.4 else bytearray()
        program += dice.randbytes(dice.randrange(10, 600))
        for _ in range(dice.randrange(8)):
            program[dice.randrange(len(program))] = dice.randrange(256)
        yield bytes(program)


def fuzz(seconds: float, seed: int) -> tuple[int, int]:
    """Run programs until the time is up; (how many ran, how many found something)."""
    suite, ends = collected(), time.monotonic() + seconds
    ran = found = 0
    for program in programs(seed):
        if time.monotonic() > ends:
            break
        ran += 1
        try:
            check(suite, program)
        except BaseException as error:  # whatever came out of the judge is what was looked for
            found += 1
            keep(program, error)
    return ran, found


def keep(program: bytes, error: BaseException) -> None:
    """Write down what was found."""
    FOUND.mkdir(exist_ok=True)
    path = FOUND / hashlib.sha256(program).hexdigest()[:16]
    path.write_bytes(program)
    print(f"{path.name}: {type(error).__name__}: {str(error)[:600]}", file=sys.stderr)


def main() -> int:
    """Fuzz; 1 when something was found."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=300.0)
    parser.add_argument("--seed", type=int, default=None)
    options = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_BYTES, MEMORY_BYTES))
    seed = random.SystemRandom().randrange(2**32) if options.seed is None else options.seed
    ran, found = fuzz(options.seconds, seed)
    print(f"{ran} programs (seed {seed}), {found} findings, peak {peak_bytes() >> 20} MiB")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
