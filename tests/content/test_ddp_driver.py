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
        group = start.start(2, (private / "solution.py").read_text(), (public / "driver.py").read_text(), 0)
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

# The library's own data parallelism beside the reference: equal shards, and every parameter used on some rank.
LIBRARY = """
from torch.nn.parallel import DistributedDataParallel

def broadcast_parameters(model, src=0):
    DistributedDataParallel(model)

def ddp_step(model, optimizer, loss_fn, inputs, targets):
    optimizer.zero_grad()
    parallel = DistributedDataParallel(model, find_unused_parameters=True)
    loss_fn(parallel(inputs), targets).backward()
    optimizer.step()
"""
BESIDE_THE_LIBRARY = """
import sys
sys.path[:0] = sys.argv[1:3]
import torch
from pathlib import Path
from grader.judge.local_ranks import LocalRanks

public, private = map(Path, sys.argv[1:3])
driver = (public / "driver.py").read_text()
sides = [LocalRanks(), LocalRanks()]
plan = {"model": "mixture", "sizes": (3, 4, 3, 2), "loss": "cross_entropy", "optimizer": "Adam", "options": {"lr": 0.1}}
shapes = {"head.weight": (2, 3), "head.bias": 2, "shift": 4, "scale": 4}
shapes |= {f"experts.{n}.weight": (3, 4) for n in range(3)}
try:
    sources = [(private / "solution.py").read_text(), sys.argv[3]]
    groups = [side.start(2, source, driver, 0) for side, source in zip(sides, sources)]
    for group in groups:
        port = group[0].driver.open_store(2)
        group.call("driver.join", [(rank, 2, port) for rank in range(2)])
    for seed in range(10):
        torch.manual_seed(seed)
        states = [{name: torch.randn(shape, dtype=torch.float64) for name, shape in shapes.items()} for _ in range(2)]
        for rank, state in enumerate(states):
            state |= {"version": torch.tensor(rank), "flags": torch.tensor([rank == 0] * 4)}
        steps = []
        for _ in range(3):
            routes = [torch.tensor([[0.0], [0.0], [1.0]]), torch.tensor([[2.0], [1.0], [2.0]])]
            rows = [torch.cat([route.double(), torch.randn(3, 4).double()], dim=1) for route in routes]
            steps.append([(x, torch.randint(0, 2, (3,))) for x in rows])
        ends = []
        for group in groups:
            group.call("driver.build", [(plan, state) for state in states])
            group.call("driver.broadcast")
            for shards in steps:
                group.call("driver.step", shards)
            ends.append(group.call("driver.state"))
        torch.testing.assert_close(ends[0], ends[1])
        torch.testing.assert_close(ends[0][0], ends[0][1])
finally:
    for side in sides:
        side.end()
print("alike")
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="ranks are forked where no judge runs them")
def test_the_reference_does_what_the_library_does() -> None:
    """Ten models, a broadcast and three steps of Adam each: the reference ends where DistributedDataParallel does."""
    folders = [str(EXERCISE.public_dir), str(EXERCISE.private_dir)]
    script = [sys.executable, "-c", BESIDE_THE_LIBRARY, *folders, LIBRARY]
    done = subprocess.run(script, capture_output=True, text=True, timeout=120, check=False)
    assert done.stdout.split() == ["alike"], done.stderr


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
