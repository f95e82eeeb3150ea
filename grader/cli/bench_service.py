"""`viva bench service`: what the grading backend costs over grading the same files directly, in one run, as ratios.

A backend of its own is started in a temporary folder (embedded PostgreSQL, the api, workers in processes of their own)
and asked over HTTP; the same files are graded by an engine here, `--jobs` at a time. Then workers that sleep a recorded
verdict time take the place of real ones, to find where the database becomes the limit.
"""

from __future__ import annotations

import asyncio
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import psutil
from rich.table import Table

from grader import wiring
from grader.cli import bench_processor
from grader.cli.bench_simulated import VERDICT_S, verdicts_per_minute
from grader.client import Client
from grader.errors import GraderError
from grader.grading.grade import Options, grade_all
from grader.grading.intake import admit_file
from grader.model.exercise import Exercise
from grader.model.service import Made
from grader.report.as_json import dumps
from grader.report.console import Console

SLUGS: Final = ("f1_auc", "pass_at_k", "bm25")
SEED: Final = 7
_SIMULATED: Final = (1, 8, 32, 128, 200)


@dataclass
class Figures:
    """Everything that was measured; times in milliseconds, rates per minute."""

    submissions: int
    cores: int
    direct_per_min: float = 0.0
    served_per_min: dict[int, float] = field(default_factory=dict)
    acknowledged_ms: dict[str, float] = field(default_factory=dict)
    verdict_ms_at_half: dict[str, float] = field(default_factory=dict)
    verdict_ms_at_most: dict[str, float] = field(default_factory=dict)
    other_tenant_wait_ms: float = 0.0
    lone_verdict_ms: float = 0.0
    memory_mib: dict[str, float] = field(default_factory=dict)
    direct_cpu_ms: dict[str, float] = field(default_factory=dict)
    served_cpu_ms: dict[str, float] = field(default_factory=dict)
    simulated_per_min: dict[int, float] = field(default_factory=dict)


def run(out: Path | None, *, quick: bool) -> int:
    """Measure, print, write; returns the exit status."""
    figures = Figures(submissions=60 if quick else 300, cores=os.cpu_count() or 1)
    exercises = [wiring.open_exercise(slug) for slug in SLUGS]
    work = [(one, one.solution.read_text("utf-8")) for one in exercises]
    work = [work[number % len(work)] for number in range(figures.submissions)]
    figures.direct_per_min, made = _direct(work, figures.cores, figures.direct_cpu_ms)
    for processes in (1, 2) if quick else (1, 2, 4):
        with _served(processes, max(1, figures.cores // processes)) as backend:
            client, other, pid = backend.client, backend.other, backend.pid
            spent = figures.served_cpu_ms if processes == 1 else {}
            with bench_processor.served(pid, backend.folder, len(work), spent):
                figures.served_per_min[processes] = _throughput(client, work)
            if processes == 1:
                _latencies(client, other, work, figures)
                figures.memory_mib = _memory(pid)
    many = figures.submissions * (4 if quick else 20)
    figures.simulated_per_min = asyncio.run(verdicts_per_minute(exercises[0], made, many, _SIMULATED))
    _show(figures)
    if out is not None:
        from grader.files import write_text
        from grader.report.escaping import to_json

        write_text(out, to_json(asdict(figures), indent=1) + "\n")
    return 0


def _direct(work: Sequence[tuple[Exercise, str]], jobs: int, cpu_ms: dict[str, float]) -> tuple[float, Made]:
    """Verdicts a minute of one engine in this process, and one verdict as it would be kept."""
    by_exercise = {slug: [source for one, source in work if one.id == slug] for slug in SLUGS}
    verdict = None
    with wiring.own_engine("strict", warm=True) as engine:
        for slug in SLUGS:
            _grade(slug, by_exercise[slug][:1], engine, jobs)
        started = time.perf_counter()
        with bench_processor.direct(len(work), cpu_ms):
            for slug in SLUGS:
                verdict = _grade(slug, by_exercise[slug], engine, jobs)
        took = time.perf_counter() - started
    assert verdict is not None, "there is work"
    document = dumps(verdict)
    made = Made(
        status="accepted",
        score=verdict.score,
        max_score=verdict.max_score,
        cpu_ms=1,
        document=document,
        shown=document,
    )
    return 60 * len(work) / took, made


def _grade(slug: str, sources: Sequence[str], engine: Any, jobs: int) -> Any:
    exercise = wiring.open_exercise(slug)
    submissions = [admit_file("solution.py", source.encode(), exercise) for source in sources]
    return list(grade_all(exercise, submissions, engine, Options(seed=SEED, diagnose=False), jobs))[-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Backend:
    """A backend in a temporary folder: clients of two tenants, its pid and its folder."""

    client: Client
    other: Client
    pid: int
    folder: Path


@contextmanager
def _served(workers: int, lanes: int) -> Iterator[_Backend]:
    with tempfile.TemporaryDirectory(prefix="viva-bench-", ignore_cleanup_errors=True) as place:
        folder = Path(place)
        folder.chmod(0o755)
        words = ["serve", "--port", "0", "--data", place, "--lang", "en"]
        words += ["--workers", str(workers), "--lanes", str(lanes)]
        process = subprocess.Popen(
            [sys.executable, "-m", "grader", *words], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        try:
            said = _until_ready(process)
            url, key = re.search(r"http://\S+?:\d+", said), re.search(r"viva_\S+", said)
            if url is None or key is None:
                raise GraderError("the backend did not start; `viva serve` says why")
            other = _second_key(place)
            with Client(url[0], key[0]) as client, Client(url[0], other) as second:
                for slug in SLUGS:  # parents are warm when the clock starts
                    source = wiring.open_exercise(slug).solution.read_text("utf-8")
                    client.submit(slug, source, seed=SEED, wait_s=60)
                yield _Backend(client=client, other=second, pid=process.pid, folder=folder)
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(60)


def _second_key(place: str) -> str:
    base = [sys.executable, "-m", "grader"]
    subprocess.run(
        [*base, "tenant", "add", "other", "--feedback", "full", "--data", place], check=True, capture_output=True
    )
    made = subprocess.run(
        [*base, "key", "new", "--tenant", "other", "--data", place], check=True, capture_output=True, text=True
    )
    return made.stdout.split()[0]


def _until_ready(process: subprocess.Popen[str]) -> str:
    said = ""
    assert process.stdout is not None
    for line in process.stdout:
        said += line
        if line.startswith("ready"):
            break
    return said


def _throughput(client: Client, work: Sequence[tuple[Exercise, str]]) -> float:
    """Verdicts a minute through HTTP, from the first byte of a batch to the last verdict."""
    lines = [{"exercise": exercise.id, "source": source, "seed": SEED} for exercise, source in work]
    started = time.perf_counter()
    ids = [line["id"] for line in client.batch(lines)]
    for one in ids:
        client.wait(one)
    return 60 * len(work) / (time.perf_counter() - started)


def _latencies(client: Client, other: Client, work: Sequence[tuple[Exercise, str]], figures: Figures) -> None:
    """Acknowledgment under load, time to verdict at half and at nine tenths of capacity, and another tenant's wait."""
    per_s = figures.served_per_min[1] / 60
    exercise, source = work[0]
    figures.lone_verdict_ms = statistics.median(_timed(lambda: _one(client, exercise.id, source))[0] for _ in range(10))
    for share, target in ((0.5, figures.verdict_ms_at_half), (0.9, figures.verdict_ms_at_most)):
        target.update(_open_loop(client, work[: figures.submissions // 3], share * per_s))
    lines = [{"exercise": one.id, "source": text, "seed": SEED} for one, text in work]
    queued = [line["id"] for line in client.batch(lines)]
    acknowledged = [_timed(lambda: client.submit(exercise.id, source, seed=SEED))[0] for _ in range(50)]
    figures.acknowledged_ms = _quantiles(acknowledged, (50, 99))
    figures.other_tenant_wait_ms = _timed(lambda: _one(other, exercise.id, source))[0]
    for one in queued:
        client.wait(one)


def _one(client: Client, slug: str, source: str) -> None:
    client.wait(client.submit(slug, source, seed=SEED).id)


def _open_loop(client: Client, work: Sequence[tuple[Exercise, str]], per_s: float) -> dict[str, float]:
    """Time to verdict when submissions come at a steady pace, whatever happens to the earlier ones."""
    started = time.perf_counter()
    ids = []
    for number, (exercise, source) in enumerate(work):
        time.sleep(max(0.0, started + number / per_s - time.perf_counter()))
        ids.append(client.submit(exercise.id, source, seed=SEED).id)
    documents = [client.wait(one).document["grading"] for one in ids]
    return _quantiles([_milliseconds(one) for one in documents], (50, 95))


def _milliseconds(grading: dict[str, Any]) -> float:
    from datetime import datetime

    created, finished = (datetime.fromisoformat(grading[name]) for name in ("created", "finished"))
    return (finished - created).total_seconds() * 1000


def _timed(act: Callable[[], object]) -> tuple[float, object]:
    started = time.perf_counter()
    result = act()
    return 1000 * (time.perf_counter() - started), result


def _quantiles(values: Sequence[float], percents: Sequence[int]) -> dict[str, float]:
    ordered = sorted(values)
    return {f"p{percent}": ordered[min(len(ordered) - 1, percent * len(ordered) // 100)] for percent in percents}


def _memory(pid: int) -> dict[str, float]:
    """Proportional memory of the api and of its workers with all below them."""
    api = psutil.Process(pid)
    workers = [one for one in api.children(recursive=True) if "postgres" not in one.name()]
    return {"api": api.memory_full_info().pss / 2**20, "workers": sum(_pss(one) for one in workers) / 2**20}


def _pss(process: psutil.Process) -> float:
    try:
        return float(process.memory_full_info().pss)
    except psutil.Error:
        return 0.0


def _show(figures: Figures) -> None:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("", "measured", "goal"):
        table.add_column(name, overflow="fold")
    direct = figures.direct_per_min
    table.add_row("graded directly, --jobs of all cores", f"{direct:.0f} a minute", "")
    for workers, rate in figures.served_per_min.items():
        share = f"{rate:.0f} a minute, {rate / direct:.2f} of it"
        table.add_row(f"through HTTP, {workers} worker processes", share, "0.90")
    table.add_row("acknowledgment under load", _spread(figures.acknowledged_ms), "p99 50 ms")
    table.add_row("time to verdict, alone", f"{figures.lone_verdict_ms:.0f} ms", "")
    table.add_row("time to verdict at 50 % of capacity", _spread(figures.verdict_ms_at_half), "")
    table.add_row("time to verdict at 90 % of capacity", _spread(figures.verdict_ms_at_most), "")
    wait = figures.other_tenant_wait_ms / figures.lone_verdict_ms
    table.add_row(
        f"another tenant's verdict while {figures.submissions} wait",
        f"{figures.other_tenant_wait_ms:.0f} ms, {wait:.1f} verdict times",
        "2.0",
    )
    for way, spent in (("directly", figures.direct_cpu_ms), ("through HTTP", figures.served_cpu_ms)):
        parts = ", ".join(f"{name} {milliseconds:.0f}" for name, milliseconds in spent.items())
        table.add_row(f"processor time of a verdict {way}", f"{sum(spent.values()):.0f} ms: {parts}", "")
    for name, size in figures.memory_mib.items():
        table.add_row(f"memory, {name}", f"{size:.0f} MiB", "")
    for workers, rate in figures.simulated_per_min.items():
        table.add_row(f"simulated, {workers} lanes of {1000 * VERDICT_S:.0f} ms", f"{rate:.0f} a minute", "")
    table.add_row("the database's limit", f"{max(figures.simulated_per_min.values()):.0f} a minute", "20000")
    Console().print(table)


def _spread(quantiles: dict[str, float]) -> str:
    return ", ".join(f"{name} {value:.0f} ms" for name, value in quantiles.items())
