"""What must be true afterwards: one verdict each, that of a lone run; every message whole; nothing left running."""

from __future__ import annotations

import json
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import psutil

from grader.grading.grade import Options, grade
from grader.grading.intake import admit_file
from grader.wiring import open_exercise, own_engine
from tests.chaos.backend import cmdline
from tests.chaos.traffic import Sent, Taken


def lone_verdicts(pairs: set[tuple[str, str, int]]) -> dict[tuple[str, str, int], tuple[str, float]]:
    """Status and score of each source and seed, graded alone."""
    expected = {}
    with own_engine("strict", warm=True) as engine:
        for slug, source, seed in sorted(pairs):
            exercise = open_exercise(slug)
            verdict = grade(exercise, admit_file("solution.py", source.encode(), exercise), engine, Options(seed=seed))
            expected[slug, source, seed] = (verdict.status.value, verdict.score)
    return expected


def compare(
    sent: Sent, documents: dict[str, Any], expected: dict[tuple[str, str, int], tuple[str, float]]
) -> list[str]:
    """Submissions whose verdict is missing, ours, or not that of a lone run."""
    faults = []
    for one, what in sent.items():
        verdict = documents[one]["grading"]["verdict"]
        if verdict is None:
            faults.append(f"{one}: no verdict ({documents[one]['state']})")
        elif (verdict["status"], verdict["score"]) != expected[what]:
            faults.append(
                f"{one}: {verdict['status']} {verdict['score']} {verdict['message']!r}, alone {expected[what]}"
            )
    return faults


def wait_for_webhooks(taken: Taken, sent: dict[str, Sent], deadline: float) -> list[str]:
    """Submissions that their tenant was not told of, or not whole, or under several ids."""
    wanted = {one for some in sent.values() for one in some}
    while time.monotonic() < deadline and wanted - {submission_of(body) for _, _, body in taken}:
        time.sleep(0.5)
    ids = defaultdict(set)
    bodies = defaultdict(set)
    for _, headers, body in list(taken):
        ids[submission_of(body)].add(headers["webhook-id"])
        bodies[submission_of(body)].add(body)
    odd = [one for one in wanted if len(ids[one]) != 1 or len(bodies[one]) != 1]
    return [f"{one}: {len(ids[one])} messages in {len(bodies[one])} forms" for one in odd]


def submission_of(body: bytes) -> str:
    """Which submission a message tells of."""
    return str(json.loads(body)["data"]["submission"])


def left_over(folder: Path) -> list[str]:
    """Processes of this run that are still there a while after its end."""
    deadline = time.monotonic() + 20
    while True:
        found = [cmdline(one) for one in psutil.process_iter() if str(folder) in cmdline(one)]
        if not found or time.monotonic() > deadline:
            return found
        time.sleep(0.2)
