"""Finding control groups that may be used, and making and removing subtrees, on a folder that behaves like them."""

from __future__ import annotations

import errno
import fcntl
import os
from pathlib import Path

import pytest

from grader.box import delegation
from grader.box.delegation import ENGINE_LEAF, NotDelegated, make_subtree
from tests.fakes.cgroups import Hierarchy

_STRANGER, _CHILD, _GRANDCHILD = 900_001, 900_002, 900_003


@pytest.fixture
def hierarchy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hierarchy:
    """With the controllers of processors, memory and processes, and a group `scope` in which this process is alone."""
    made = Hierarchy(tmp_path, monkeypatch)
    made.put(None, str(made.mounted / "cgroup.subtree_control"), "+memory +pids")
    (made.mounted / "scope").mkdir()
    made.enter("/scope")
    return made


def _subtrees(folder: Path) -> list[Path]:
    return sorted(folder.glob("viva-guests-*"))


def _inside(folder: Path) -> list[int]:
    return [int(pid) for pid in (folder / "cgroup.procs").read_text().split()]


def test_a_subtree_has_a_leaf_for_the_parent_and_controllers_for_boxes(hierarchy: Hierarchy) -> None:
    """The parent is put into the leaf; groups beside it are given memory and processes to count."""
    subtree = make_subtree(hierarchy.proc)
    subtree.admit(4_000_000)
    (folder,) = _subtrees(hierarchy.mounted / "scope")
    assert _inside(folder / "parent") == [4_000_000]
    os.mkdir("box", dir_fd=subtree.handle)
    assert (folder / "box" / "memory.max").exists()
    assert (folder / "box" / "pids.max").exists()
    subtree.close()


def test_a_closed_subtree_is_gone(hierarchy: Hierarchy) -> None:
    """With what is still in it, which is killed; closing it twice does no harm."""
    subtree = make_subtree(hierarchy.proc)
    subtree.admit(4_000_000)
    os.mkdir("box", dir_fd=subtree.handle)
    subtree.close()
    subtree.close()
    assert not _subtrees(hierarchy.mounted / "scope")


def test_this_process_makes_way_with_its_children(hierarchy: Hierarchy) -> None:
    """A group with processes in it cannot give controllers to others, so they go to a leaf."""
    hierarchy.know(_CHILD, os.getpid())
    hierarchy.know(_GRANDCHILD, _CHILD)
    folder = hierarchy.enter("/scope", _CHILD, _GRANDCHILD)
    make_subtree(hierarchy.proc).close()
    assert _inside(folder) == []
    assert _inside(folder / ENGINE_LEAF) == [os.getpid(), _CHILD, _GRANDCHILD]


def test_nobody_is_moved_where_a_stranger_is_in_the_group(hierarchy: Hierarchy) -> None:
    """It stays as it was, and the reason names the process and the way out."""
    hierarchy.know(_STRANGER, 1)
    folder = hierarchy.enter("/scope", _STRANGER)
    with pytest.raises(NotDelegated, match=rf"process {_STRANGER} too.*systemd-run --user --scope"):
        make_subtree(hierarchy.proc)
    assert _inside(folder) == [os.getpid(), _STRANGER]
    assert not (folder / ENGINE_LEAF).exists()


def test_a_process_outside_the_pid_namespace_is_a_stranger(hierarchy: Hierarchy) -> None:
    """It is listed as 0."""
    hierarchy.enter("/scope", 0)
    with pytest.raises(NotDelegated, match="process 0 too"):
        make_subtree(hierarchy.proc)


def test_an_engine_in_the_leaf_uses_the_group_above(hierarchy: Hierarchy) -> None:
    """So that several engines can share what one of them made way in."""
    make_subtree(hierarchy.proc).close()
    hierarchy.know(_STRANGER, 1)
    hierarchy.enter(f"/scope/{ENGINE_LEAF}", _STRANGER)
    subtree = make_subtree(hierarchy.proc)
    assert _subtrees(hierarchy.mounted / "scope")
    assert not _subtrees(hierarchy.mounted / "scope" / ENGINE_LEAF)
    subtree.close()


def test_the_root_group_needs_no_way_made(hierarchy: Hierarchy) -> None:
    """It may hold processes and give controllers."""
    hierarchy.enter("/", _STRANGER)
    subtree = make_subtree(hierarchy.proc)
    assert _subtrees(hierarchy.mounted)
    assert not (hierarchy.mounted / ENGINE_LEAF).exists()
    subtree.close()


def test_without_a_controller_of_memory_there_is_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As where it belongs to version 1."""
    hierarchy = Hierarchy(tmp_path, monkeypatch, "cpu hugetlb pids")
    hierarchy.enter("/")
    with pytest.raises(NotDelegated, match="no controller of memory"):
        make_subtree(hierarchy.proc)


def test_memory_alone_is_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The number of processes is limited by other means anyway."""
    hierarchy = Hierarchy(tmp_path, monkeypatch, "memory")
    hierarchy.enter("/")
    subtree = make_subtree(hierarchy.proc)
    subtree.close()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write to what belongs to others")
def test_a_group_of_somebody_else_is_left_alone(hierarchy: Hierarchy) -> None:
    """As a session's, which belongs to root."""
    (hierarchy.mounted / "scope").chmod(0o555)
    with pytest.raises(NotDelegated, match="belongs to somebody else"):
        make_subtree(hierarchy.proc)


@pytest.mark.parametrize("line", ["0::/../elsewhere", "0::/..", "4:memory:/x", ""])
def test_a_group_that_cannot_be_seen_is_none(line: str, hierarchy: Hierarchy) -> None:
    """It lies outside the namespace, or there is no version 2 at all."""
    (hierarchy.proc / "self" / "cgroup").write_text(f"{line}\n")
    with pytest.raises(NotDelegated, match="no hierarchy"):
        make_subtree(hierarchy.proc)


def test_a_mount_may_show_a_part_of_the_hierarchy(hierarchy: Hierarchy) -> None:
    """As in a container without a namespace of its own for control groups; a read-only mount is the last choice."""
    lines = [
        f"30 23 0:26 / {hierarchy.mounted}/nowhere ro,nosuid - cgroup2 cgroup2 rw",
        f"31 23 0:26 /docker/abc {hierarchy.mounted} rw,nosuid - cgroup2 cgroup2 rw",
    ]
    (hierarchy.proc / "self" / "mountinfo").write_text("\n".join(lines))
    (hierarchy.proc / "self" / "cgroup").write_text("0::/docker/abc/scope\n")
    subtree = make_subtree(hierarchy.proc)
    assert _subtrees(hierarchy.mounted / "scope")
    subtree.close()


@pytest.mark.parametrize("number", [errno.EPERM, errno.EOPNOTSUPP])
def test_a_refusal_is_a_reason(number: int, hierarchy: Hierarchy) -> None:
    """It says what was refused and where, and leaves nothing behind."""
    hierarchy.refused["cgroup.subtree_control"] = number
    with pytest.raises(NotDelegated, match=rf"{os.strerror(number)} .*cgroup\.subtree_control"):
        make_subtree(hierarchy.proc)
    assert not _subtrees(hierarchy.mounted / "scope")


def test_leftovers_of_a_killed_engine_are_swept(hierarchy: Hierarchy) -> None:
    """A subtree that nobody holds a lock on and nobody is in."""
    scope = hierarchy.mounted / "scope"
    make_subtree(hierarchy.proc).close()
    for name in ("viva-guests-1-0", "viva-guests-1-0/parent", "viva-guests-1-0/box-1-0"):
        (scope / name).mkdir()
    subtree = make_subtree(hierarchy.proc)
    assert len(_subtrees(scope)) == 1
    assert not (scope / "viva-guests-1-0").exists()
    subtree.close()


def test_what_somebody_uses_is_not_swept(hierarchy: Hierarchy) -> None:
    """Neither another engine's subtree, though it is empty yet, nor one with processes that outlive their engine."""
    scope = hierarchy.mounted / "scope"
    first = make_subtree(hierarchy.proc)
    (scope / "viva-guests-1-0").mkdir()
    (scope / "viva-guests-1-0" / "cgroup.procs").write_text(f"{_STRANGER}\n")
    make_subtree(hierarchy.proc).close()
    assert len(_subtrees(scope)) == 2
    first.close()


def test_another_s_sweep_in_between_is_survived(hierarchy: Hierarchy, monkeypatch: pytest.MonkeyPatch) -> None:
    """The new folder may be taken for a leftover before it is locked; then there is another."""
    locked: list[int] = []

    def taken_once(handle: int, how: int) -> None:
        locked.append(handle)
        if len(locked) == 1:
            raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")

    monkeypatch.setattr(fcntl, "flock", taken_once)
    subtree = make_subtree(hierarchy.proc)
    assert len(locked) > 1
    assert len(_subtrees(hierarchy.mounted / "scope")) == 1
    subtree.close()


def test_what_cannot_be_removed_does_not_hang(hierarchy: Hierarchy, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that does not die leaves the folder to the next engine."""
    monkeypatch.setattr(delegation, "_EMPTY_WITHIN_S", 0.0)
    subtree = make_subtree(hierarchy.proc)
    subtree.admit(4_000_000)
    hierarchy.refused["cgroup.kill"] = errno.ENOENT
    subtree.close()
    assert _subtrees(hierarchy.mounted / "scope")
