"""Thousands of mixed verdicts on one engine: none may differ from the one that a lone cold run gives, nothing may leak.

    python -m tests.soak.soak --verdicts 5000 --jobs 2

Right, wrong and hostile submissions come in a random order (recorded as `--order`), each with a seed of its own. What
is compared is everything that is not a time: status, score, the status of every case, and the diagnosis.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import random
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil

from grader.engine.engine import Engine
from grader.grading.grade import Options, grade
from grader.grading.hostile import attacks_on
from grader.grading.intake import Rejection, read_submission
from grader.model.exercise import Exercise
from grader.model.submission import Submission
from grader.model.verdict import Status, Verdict
from grader.wiring import open_exercise, own_engine
from tests.adversarial.table import TABLE

EXERCISES = ("f1_auc", "smote", "laplace_mechanism", "early_stopping", "multi_head_attention", "ddp_step")
ALLOWED_MIB = 48  # how much the parents may grow from the first tenth to the end: what allocators keep
SETTLES_WITHIN_S = 20.0
# These answer with whatever lies in memory beside their arguments, which no seed decides: wrong, but not alike.
UNSTEADY = {"smote/scans_the_heap.py"}
AUDITED = ("zeroes_arguments", "empties_jobs", "hooks_forks", "odd_errors", "colliding_set", "kept_answers")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One submission with its seed."""

    name: str
    exercise: Exercise
    submission: Submission
    seed: int
    score_only: bool = False  # which of its limits it meets first is a matter of what else the machine does


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Footprint:
    """What an engine holds while nothing is in flight."""

    processes: int
    descriptors: int
    memory_mib: float


@dataclasses.dataclass(slots=True, kw_only=True)
class Account:
    """What came of it."""

    verdicts: int
    wall_s: float
    different: list[str]
    footprints: list[Footprint]

    @property
    def leaks(self) -> list[str]:
        """What grew from the first footprint to the last."""
        first, last = self.footprints[0], self.footprints[-1]
        return [
            f"{name}: {before} -> {after}"
            for name, before, after, slack in (
                ("processes", first.processes, last.processes, 0),
                ("descriptors", first.descriptors, last.descriptors, 0),
                ("memory in MiB", first.memory_mib, last.memory_mib, ALLOWED_MIB),
            )
            if after > before + slack
        ]


def pieces(slugs: Sequence[str], *, mutants: int, hostile: int) -> Iterator[Piece]:
    """Right, empty, wrong and hostile submissions of each exercise."""
    for slug in slugs:
        exercise = open_exercise(slug)
        own = [exercise.solution, *exercise.alternatives, exercise.stub]
        rows = [row for row in TABLE if row.exercise == slug and row.limits is None and not row.slow]
        steady = [row.path for row in rows if len(row.statuses) == 1]  # the others are right in more than one way
        cheats = steady[:: max(1, len(steady) // max(1, hostile))][:hostile]
        wrong = [Submission(name=mutant.id, source=mutant.source) for mutant in exercise.mutants[:mutants]]
        for number, submission in enumerate([*wrong, *(_read(path, exercise) for path in [*own, *cheats])]):
            name = f"{slug}/{submission.name}"
            if name not in UNSTEADY:
                yield Piece(name=name, exercise=exercise, submission=submission, seed=1000 + number)
        for _, attack in attacks_on(exercise):
            if attack.name in AUDITED:
                yield Piece(name=f"{slug}/{attack.name}", exercise=exercise, submission=attack, seed=1, score_only=True)


def _read(path: Path, exercise: Exercise) -> Submission:
    read = read_submission(path, exercise)
    if isinstance(read, Rejection):  # the static look would spare the engine the work
        return Submission(name=path.name, source=path.read_text(encoding="utf-8"))
    return read


def essence(verdict: Verdict) -> tuple[Any, ...]:
    """What two verdicts on the same submission and seed have in common."""
    cases = tuple((case.id, case.status.value) for case in verdict.cases)
    return verdict.status.value, verdict.score, cases, tuple(found.mutant for found in verdict.diagnosis)


def difference(alone: tuple[Any, ...], here: tuple[Any, ...]) -> str:
    """What differs between two essences; of the cases, only those that ended otherwise."""
    parts = []
    for name, before, after in zip(("status", "score", "cases", "diagnosis"), alone, here, strict=True):
        if before != after:
            if name == "cases":
                before, after = sorted(set(before) - set(after)), sorted(set(after) - set(before))
            parts.append(f"{name} {before} alone, {after} here")
    return "; ".join(parts)


def alone(piece: Piece) -> tuple[Any, ...]:
    """The verdict of an engine that is started for it and makes no other."""
    with own_engine("strict", warm=False) as engine:
        return _grade(piece, engine)


def _grade(piece: Piece, engine: Engine) -> tuple[Any, ...]:
    verdict = grade(piece.exercise, piece.submission, engine, Options(seed=piece.seed))
    if piece.score_only:
        return verdict.status in (Status.ACCEPTED, Status.JUDGE_ERROR), verdict.score, (), ()
    return essence(verdict)


def soak(
    chosen: Sequence[Piece], *, verdicts: int, jobs: int, order: int, tell: Callable[[str], None] = lambda _: None
) -> Account:
    """Grade `verdicts` of the pieces in a random order, `jobs` at a time, and look at the engine now and then."""
    expected = {}
    for number, piece in enumerate(chosen):
        tell(f"alone: {number + 1} of {len(chosen)}, {piece.name}")
        expected[piece.name] = alone(piece)
    dice = random.Random(order)
    queue = [chosen[index % len(chosen)] for index in range(verdicts)]
    dice.shuffle(queue)
    different: list[str] = []
    lock = threading.Lock()

    def one(piece: Piece) -> None:
        found = _grade(piece, engine)
        if found != expected[piece.name]:
            with lock:
                different.append(f"{piece.name}, seed {piece.seed}: {difference(expected[piece.name], found)}")
                tell(f"different: {different[-1]}")  # at once: the whole run may take an hour

    footprints = []
    started = time.monotonic()
    with own_engine("strict", warm=True) as engine:
        for piece in {piece.exercise.id: piece for piece in chosen}.values():
            _grade(piece, engine)  # every parent is there before the first look
        tenth = max(1, verdicts // 10)
        with ThreadPoolExecutor(max_workers=jobs) as pool:
            for begin in range(0, verdicts, tenth):
                list(pool.map(one, queue[begin : begin + tenth]))
                footprints.append(footprint(engine))
                tell(f"{min(begin + tenth, verdicts)} verdicts, {len(different)} different, {footprints[-1]}")
    return Account(verdicts=verdicts, wall_s=time.monotonic() - started, different=different, footprints=footprints)


def footprint(engine: Engine) -> Footprint:
    """Look once nothing is in flight any more."""
    ends = time.monotonic() + SETTLES_WITHIN_S
    while _at_work() and time.monotonic() < ends:
        time.sleep(0.02)
    own = psutil.Process()
    standing = [own, *(child for child in own.children(recursive=True) if not _is_spare(child))]
    return Footprint(
        processes=len(standing),
        descriptors=sum(map(_descriptors, standing)),
        memory_mib=round(engine.standing_bytes() / 2**20, 1),
    )


def _at_work() -> bool:
    return any(_name(child) in ("viva-judge", "viva-guest") for child in psutil.Process().children(recursive=True))


def _is_spare(process: psutil.Process) -> bool:
    """Boxes and judges that wait come and go."""
    return _name(process) in ("viva-spare", "viva-init", "")


def _name(process: psutil.Process) -> str:
    try:
        return process.name()
    except psutil.Error:
        return ""


def _descriptors(process: psutil.Process) -> int:
    try:
        return len(list(Path(f"/proc/{process.pid}/fd").iterdir()))
    except OSError:
        return 0


def main() -> int:
    """The long form, as `make soak` runs it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--verdicts", type=int, default=5000)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--order", type=int, default=random.SystemRandom().randrange(10**6))
    asked = parser.parse_args()
    chosen = list(pieces(EXERCISES, mutants=5, hostile=12))
    account = soak(
        chosen,
        verdicts=asked.verdicts,
        jobs=asked.jobs,
        order=asked.order,
        tell=lambda line: print(line, file=sys.stderr),
    )
    report = {"order": asked.order, "pieces": len(chosen), **dataclasses.asdict(account), "leaks": account.leaks}
    print(json.dumps(report, indent=2))
    return 1 if account.different or account.leaks else 0


if __name__ == "__main__":
    sys.exit(main())
