"""Cells of boxes, on a folder that behaves as control groups do."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.guest.cgroup import FRESH_MIB, FRESH_MIB_PER_PROCESS, Cells
from grader.guest.confinement import BoxLimits
from tests.fakes.cgroups import Hierarchy

_LIMITS = BoxLimits(cpu_s=10, memory_mb=128, processes=8, output_kb=64)


@pytest.fixture
def hierarchy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hierarchy:
    """Whose root gives memory and processes to the groups below."""
    made = Hierarchy(tmp_path, monkeypatch)
    made.put(None, str(made.mounted / "cgroup.subtree_control"), "+memory +pids")
    return made


@pytest.fixture
def above(hierarchy: Hierarchy) -> Iterator[int]:
    """A descriptor of the root group."""
    handle = os.open(hierarchy.mounted, os.O_RDONLY)
    yield handle
    os.close(handle)


def _boxes(hierarchy: Hierarchy) -> list[Path]:
    return [path for path in hierarchy.mounted.iterdir() if path.is_dir()]


def test_a_cell_has_the_box_s_limits(hierarchy: Hierarchy, above: int) -> None:
    """Memory with what a fresh guest touches, no swap, all or nothing, and the processes with init."""
    assert Cells(above).make(_LIMITS) is not None
    (box,) = _boxes(hierarchy)
    said = {name: (box / name).read_text().strip() for name in ("memory.swap.max", "memory.oom.group", "pids.max")}
    assert said == {"memory.swap.max": "0", "memory.oom.group": "1", "pids.max": "9"}
    allowed = int((box / "memory.max").read_text()) / 1024**2
    assert allowed == 128 + FRESH_MIB + 8 * FRESH_MIB_PER_PROCESS


@pytest.mark.parametrize("absent", ["memory.swap.max", "pids.max"])
def test_a_limit_that_does_not_exist_is_not_missed(absent: str, hierarchy: Hierarchy, above: int) -> None:
    """A machine without swap, a delegation of memory alone."""
    hierarchy.absent.add(absent)
    cells = Cells(above)
    assert cells.make(_LIMITS) is not None
    assert cells.reason == ""


@pytest.mark.parametrize("needed", ["memory.max", "memory.oom.group"])
def test_without_a_needed_limit_there_are_no_cells(needed: str, hierarchy: Hierarchy, above: int) -> None:
    """The controllers have vanished, say: nothing is left, the reason is kept, and it is not tried again."""
    hierarchy.absent.add(needed)
    cells = Cells(above)
    assert cells.make(_LIMITS) is None
    assert not _boxes(hierarchy)
    assert needed in cells.reason
    hierarchy.absent.clear()
    assert cells.make(_LIMITS) is None


def test_a_refused_limit_is_a_reason(hierarchy: Hierarchy, above: int) -> None:
    """In words of the system, with the file."""
    hierarchy.refused["memory.max"] = errno.EPERM
    cells = Cells(above)
    assert cells.make(_LIMITS) is None
    assert "Operation not permitted (memory.max)" in cells.reason


def test_without_a_folder_there_are_no_cells() -> None:
    """And the reason is the one that was handed in."""
    cells = Cells(-1, "not delegated")
    assert cells.make(_LIMITS) is None
    assert cells.reason == "not delegated"


@pytest.mark.parametrize(("count", "overran"), [(0, False), (1, True), (3, True)])
def test_an_overrun_is_what_the_kernel_ended(count: int, overran: bool, hierarchy: Hierarchy, above: int) -> None:
    """Not that memory ran short and was found after all."""
    cell = Cells(above).make(_LIMITS)
    assert cell is not None
    (box,) = _boxes(hierarchy)
    (box / "memory.events").write_text(f"low 0\nhigh 0\nmax 7\noom 7\noom_kill {count}\n")
    assert cell.overran() is overran


def test_a_kill_empties_a_cell_and_then_it_goes(hierarchy: Hierarchy, above: int) -> None:
    """A folder with processes in it cannot be removed."""
    cell = Cells(above).make(_LIMITS)
    assert cell is not None
    (box,) = _boxes(hierarchy)
    (box / "cgroup.procs").write_text("4000000\n")
    assert not cell.remove()
    cell.kill()
    assert cell.remove()
    assert cell.remove()
    assert not _boxes(hierarchy)


def test_a_cell_that_is_still_busy_is_removed_later(hierarchy: Hierarchy, above: int) -> None:
    """Its processes are killed at once; it goes when the next one is made."""
    cells = Cells(above)
    cell = cells.make(_LIMITS)
    assert cell is not None
    (box,) = _boxes(hierarchy)
    (box / "cgroup.procs").write_text("4000000\n")
    cells.give_back(cell)
    assert box.exists()
    assert (box / "cgroup.procs").read_text() == ""
    assert cells.make(_LIMITS) is not None
    assert not box.exists()
