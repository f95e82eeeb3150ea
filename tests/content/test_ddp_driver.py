"""The driver of `ddp_step` knows one rank, and meets the others where nobody else can be."""

from __future__ import annotations

import ast
import os
import subprocess
import sys

import pytest

from grader.wiring import open_exercise

EXERCISE = open_exercise("ddp_step")

# Two groups at once, each in processes of its own: every rank of both ends with the mean of its own group.
TWO_GROUPS = """
import sys
sys.path[:0] = sys.argv[1:]
import torch
from pathlib import Path
from grader.judge.local_ranks import LocalRanks

public, private = map(Path, sys.argv[1:])
groups = [LocalRanks(), LocalRanks()]
plan = {"model": "line", "sizes": (1, 1), "loss": "mse", "optimizer": "SGD", "options": {"lr": 0.5}}
started = []
try:
    for start in groups:
        group = start.start(2, private / "solution.py", public / "driver.py", 0)
        group.call("driver.build", [(plan, {"weight": torch.ones(1, 1)})] * 2)
        started.append((group, group[0].driver.open_store(2)))
    for group, port in started:
        group.call("driver.join", [(rank, 2, port) for rank in range(2)])
    for scale, (group, _) in enumerate(started, 1):
        rows = [(torch.full((1, 1), float(scale * (rank + 1))), torch.zeros(1, 1)) for rank in range(2)]
        print(*group.call("driver.step", rows))
finally:
    for start in groups:
        start.end()
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="ranks are forked where no judge runs them")
def test_two_groups_side_by_side_do_not_meet() -> None:
    """Mutants are matched by several judges in one network: each group's port is its own, chosen by the kernel."""
    done = subprocess.run(
        [sys.executable, "-c", TWO_GROUPS, str(EXERCISE.public_dir), str(EXERCISE.private_dir)],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert done.stdout.split() == ["2.5", "2.5", "10.0", "10.0"]


def test_the_driver_starts_no_process() -> None:
    """A driver that forked would give what lies in it to whoever hooks forks."""
    assert EXERCISE.driver is not None
    tree = ast.parse(EXERCISE.driver.read_text(encoding="utf-8"))
    named = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert named.isdisjoint({"fork", "Process", "Popen", "spawn"})
    assert imported.isdisjoint({"multiprocessing", "subprocess", "torch.multiprocessing"})
