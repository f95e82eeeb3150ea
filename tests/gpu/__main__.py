"""`make gpu`: everything that needs a GPU, in one command; loudly nothing where there is none.

The doctor, the probes, references and mutants, and the table for docs/performance.md.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from statistics import median

import pytest

from grader.box.gpu import NoGpu, find
from grader.engine.engine import Engine
from grader.grading.grade import Options, grade
from grader.model.submission import Submission
from grader.wiring import open_exercise

MEASURED = ("rms_norm", "scaled_dot_product", "multi_head_attention")
_VERDICTS = 7
_TRACE = "strace -f -o gpu.strace -e trace=openat,ioctl,mmap,memfd_create,eventfd2,epoll_create1"


def main() -> int:
    """0 when all of it holds, or there is nothing to try it on."""
    try:
        gpu = find()
    except NoGpu as error:
        line = "=" * 100
        print(f"{line}\nSKIPPED: there is no GPU to be had on this machine: {error}.")
        print(f'Nothing that needs one was tried, so all of it stays unproven: docs/security.md, "On a GPU".\n{line}')
        return 0
    print(f"{gpu.model}, driver {gpu.driver}, torch for CUDA {gpu.cuda}; nodes {', '.join(gpu.nodes)}", flush=True)
    doctor = subprocess.run([sys.executable, "-m", "grader", "doctor", "--lang", "en"], check=False).returncode
    tests = pytest.main(["-q", "-s", "-m", "slow", str(Path(__file__).parent)])
    if tests:
        print(f"To see what the driver wants and is refused, trace a guest before it is confined: {_TRACE} python …")
    _bench()
    return int(bool(doctor or tests))


def _bench() -> None:
    """Time to verdict: a box that waits with its context, one that makes it first, and the CPU."""
    print("| exercise | CPU, ms | GPU with a spare, ms | GPU, first verdict, ms |\n| --- | --- | --- | --- |")
    for slug in MEASURED:
        cpu, _ = _times(slug, "cpu")
        warm, first = _times(slug, "cuda")
        print(f"| `{slug}` | {cpu:.0f} | {warm:.0f} | {first:.0f} |", flush=True)


def _times(slug: str, device: str) -> tuple[float, float]:
    """The median of several verdicts, and the first, in milliseconds; with `warm` parents, as in the background."""
    exercise = open_exercise(slug)
    submission = Submission(name="solution.py", source=exercise.solution.read_text(encoding="utf-8"))
    took = []
    with Engine(strict=True, warm=True) as engine:
        for seed in range(1 + _VERDICTS):
            started = time.perf_counter()
            verdict = grade(exercise, submission, engine, Options(seed=seed, device=device, diagnose=False))
            took.append(1000 * (time.perf_counter() - started))
            if verdict.status.value != "accepted":
                print(f"{slug} on {device}: {verdict.status.value}: {verdict.message}")
    return median(took[1:]), took[0]


if __name__ == "__main__":
    sys.exit(main())
