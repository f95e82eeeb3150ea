"""Boxes forked from one warm torch parent, a hundred in a row."""

from __future__ import annotations

import statistics
import time

import pytest

from grader.box.parent import GuestParent, ParentSpec
from grader.judge.connection import BoxConnection, Usage
from grader.judge.handle import Bridge
from grader.model.exercise import Limits
from grader.wire.frame import Caps

_SOURCE = """
import torch

def train():
    torch.manual_seed(0)
    layer = torch.nn.Linear(64, 64)
    optimizer = torch.optim.Adam(layer.parameters())
    for _ in range(3):
        optimizer.zero_grad()
        layer(torch.randn(128, 64)).square().mean().backward()
        optimizer.step()
    point = torch.randn(3, 3, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x: (x @ x).sin(), (point,))
    return float(layer.weight.sum())
"""


@pytest.mark.slow
@pytest.mark.usefixtures("nothing_left")
def test_the_hundredth_fork_is_as_quick_as_the_first() -> None:
    """A hundred boxes that each do Adam, gradcheck and backward: none hangs, none is much slower than the median."""
    guests = GuestParent(ParentSpec(environment="torch", packages=("numpy", "torch"), warm=True))
    seconds, results = [], set()
    with guests.client() as client:
        for _ in range(100):
            started = time.monotonic()
            connection = BoxConnection(client, Limits(), Usage(), Caps())
            bridge = Bridge(connection, Caps())
            bridge.link.deadline = time.monotonic() + 30
            results.add(bridge.load("solution", _SOURCE).train())
            connection.close()
            seconds.append(time.monotonic() - started)
    guests.close()
    assert len(results) == 1
    assert max(seconds) < 6 * statistics.median(seconds) + 0.2, sorted(seconds)[-5:]


@pytest.mark.usefixtures("nothing_left")
def test_many_boxes_at_the_same_time_do_not_mix_up() -> None:
    """A hundred and five boxes of one parent, with more than two hundred descriptors: each answers its own judge."""
    guests = GuestParent(ParentSpec(environment="numpy", packages=("numpy",)))
    connections = []
    with guests.client() as client:
        for number in range(105):
            connection = BoxConnection(client, Limits(), Usage(), Caps())
            bridge = Bridge(connection, Caps())
            bridge.link.deadline = time.monotonic() + 60
            connections.append((number, connection, bridge.load("solution", f"def which(): return {number}")))
        assert all(module.which() == number for number, _, module in connections)
        for _, connection, _ in connections:
            connection.close()
    guests.close()
