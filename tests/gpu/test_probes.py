"""Attempts on a real GPU: what one box could learn from or do to another, and faults of the device.

Each probe is code of a candidate's. What they find belongs into docs/security.md, also where it is what was hoped for.
"""

from __future__ import annotations

import textwrap
import time
from collections.abc import Iterator
from typing import Any

import pytest

from grader.box.parent import GuestParent, ParentSpec
from grader.judge.connection import BoxConnection, Usage
from grader.judge.failure import GuestFailure, RemoteError
from grader.judge.handle import Bridge
from grader.model.exercise import Limits
from grader.model.verdict import Status
from grader.wire.frame import Caps

LIMITS = Limits(cpu_s=60.0, memory_mb=4096, case_wall_s=20.0)
PROBES = textwrap.dedent(
    """
    import os, torch

    def fill(gib, value):
        held = [torch.full((1 << 28,), value, dtype=torch.float32, device="cuda") for _ in range(gib)]
        torch.cuda.synchronize()
        return len(held)

    def residue(gib, value):
        found = 0
        for _ in range(gib):
            found += int((torch.empty(1 << 28, dtype=torch.float32, device="cuda") == value).sum())
        return found

    def handle():
        global kept
        kept = torch.full((1024,), 7.0, device="cuda")
        return [repr(part) for part in kept.untyped_storage()._share_cuda_()]

    def open_handle(parts):
        import ast
        return torch.UntypedStorage._new_shared_cuda(*[ast.literal_eval(part) for part in parts]).nbytes()

    def devices(): return torch.cuda.device_count()
    def peers(): return [torch.cuda.can_device_access_peer(0, other) for other in range(1, torch.cuda.device_count())]
    def nodes(): return sorted(name for name in os.listdir("/dev") if name.startswith("nvidia"))
    def use(): return float(torch.ones(3, device="cuda").sum())
    def hang():
        torch.cuda._sleep(1 << 62)
        torch.cuda.synchronize()
    def out_of_bounds():
        torch.zeros(2, device="cuda")[torch.tensor([1 << 20], device="cuda")]
        torch.cuda.synchronize()
    def take_everything():
        held = []
        while True:
            held.append(torch.empty(1 << 28, dtype=torch.float32, device="cuda"))
    def take_and_wait(gib):
        import time
        held = [torch.empty(1 << 28, dtype=torch.float32, device="cuda") for _ in range(gib)]
        time.sleep(5)
        return len(held)
    def utilization(): return torch.cuda.utilization()
    def tf32(): return [torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32]
    """
)


class Box:
    """One box with the probes in it."""

    def __init__(self, parent: GuestParent, limits: Limits = LIMITS) -> None:
        self._client = parent.client()
        self.usage = Usage()
        self.connection = BoxConnection(self._client, limits, self.usage, Caps())
        self.bridge = Bridge(self.connection, Caps(), on_device=True)
        self.bridge.link.deadline = time.monotonic() + 60.0
        self.probes: Any = self.bridge.load("solution", PROBES)

    def within(self, seconds: float) -> Any:
        """The probes, which have so long."""
        self.bridge.link.deadline = time.monotonic() + seconds
        return self.probes

    def close(self) -> None:
        """End the box."""
        self.connection.close()
        self._client.close()


@pytest.fixture(scope="module")
def parent() -> Iterator[GuestParent]:
    """Boxes with a GPU."""
    parent = GuestParent(ParentSpec(environment="torch", packages=("torch", "numpy"), device="cuda"))
    yield parent
    parent.close()


@pytest.fixture
def box(parent: GuestParent) -> Iterator[Box]:
    """One box."""
    box = Box(parent)
    yield box
    box.close()


def serves(parent: GuestParent) -> bool:
    """Whether the next box works."""
    box = Box(parent)
    try:
        return bool(box.probes.use() == 3.0)
    finally:
        box.close()


def test_a_box_sees_one_gpu_and_three_nodes(box: Box) -> None:
    """Of another GPU there is no node, so no peer."""
    assert box.probes.devices() == 1
    assert box.probes.peers() == []
    assert len(box.probes.nodes()) == 3


def test_memory_of_the_box_before_cannot_be_found(parent: GuestParent) -> None:
    """The driver is said to clear what it gives out; this looks."""
    first = Box(parent)
    assert first.within(60).fill(4, 1234.5) == 4
    first.close()
    second = Box(parent)
    assert second.within(60).residue(4, 1234.5) == 0
    second.close()


def test_memory_of_a_living_box_cannot_be_opened(parent: GuestParent) -> None:
    """Not by the handle that the other made for it."""
    first, second = Box(parent), Box(parent)
    try:
        parts = first.probes.handle()
    except RemoteError:
        parts = None  # none can be made in a box
    if parts is not None:
        with pytest.raises((RemoteError, GuestFailure)):
            second.probes.open_handle(parts)
    first.close()
    second.close()


def test_counters_of_the_gpu_cannot_be_read(box: Box) -> None:
    """NVML would tell what others do."""
    with pytest.raises(RemoteError):
        box.probes.utilization()


def test_tf32_is_off(box: Box) -> None:
    """`float32` means what it means on the CPU."""
    assert box.probes.tf32() == [False, False]


def test_a_kernel_that_never_ends_is_ended_and_the_next_box_works(parent: GuestParent) -> None:
    """Within seconds: the time is printed, for docs/performance.md."""
    box = Box(parent)
    with pytest.raises(GuestFailure) as caught:
        box.within(3).hang()
    assert caught.value.status is Status.TIME_LIMIT
    started = time.monotonic()
    box.close()
    assert serves(parent)
    print(f"\na hung kernel was ended, and the next box worked, within {time.monotonic() - started:.1f} s")


@pytest.mark.parametrize("fault", ["out_of_bounds", "take_everything"])
def test_a_fault_of_one_box_is_its_own(parent: GuestParent, fault: str) -> None:
    """A device-side assertion, memory that is full: the candidate's, and the next box works."""
    box = Box(parent)
    with pytest.raises((RemoteError, GuestFailure)):
        getattr(box.within(60), fault)()
    box.close()
    assert serves(parent)


def test_memory_of_the_gpu_is_limited_where_it_is_watched(parent: GuestParent) -> None:
    """Where NVML does not list the box, the layer must not be claimed."""
    box = Box(parent, Limits(cpu_s=60.0, memory_mb=4096, gpu_memory_mb=1024))
    watched = "gpu-memory-watch" in box.usage.layers
    if watched:
        with pytest.raises(GuestFailure) as caught:
            box.within(60).take_and_wait(4)
        assert caught.value.status is Status.MEMORY_LIMIT
    box.close()
    assert serves(parent)
    print(f"\nmemory of the GPU is {'' if watched else 'NOT '}watched here")
