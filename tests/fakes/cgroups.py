"""A folder that behaves as a hierarchy of control groups does, as far as ours is concerned."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from grader.box import delegation
from grader.guest import cgroup

_ALWAYS = {"cgroup.procs": "", "cgroup.subtree_control": "", "cgroup.kill": ""}
_BROUGHT = {
    "memory": {
        "memory.max": "max\n",
        "memory.swap.max": "max\n",
        "memory.oom.group": "0\n",
        "memory.events": "low 0\nhigh 0\nmax 0\noom 0\noom_kill 0\noom_group_kill 0\n",
    },
    "pids": {"pids.max": "max\n"},
}


class Hierarchy:
    """Groups are folders that come with their control files; processes are numbers in `cgroup.procs`.

    What this code does with folders and control files goes through here for the time of a test. `refused` maps the
    name of a control file to the error number that writing to it gives.
    """

    def __init__(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, controllers: str = "cpu memory pids") -> None:
        self.mounted = tmp_path / "cgroup"
        self.proc = tmp_path / "proc"
        self.refused: dict[str, int] = {}
        self.absent: set[str] = set()
        self._mkdir, self._rmdir = os.mkdir, os.rmdir
        self._mkdir(self.mounted)
        self._fill(self.mounted, controllers.split())
        (self.proc / "self").mkdir(parents=True)
        mount = f"30 23 0:26 / {self.mounted} rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n"
        (self.proc / "self" / "mountinfo").write_text(f"22 1 8:1 / / rw - ext4 /dev/a rw\n{mount}")
        for module in (cgroup, delegation):
            monkeypatch.setattr(module, "put", self.put)
        monkeypatch.setattr(os, "mkdir", self.mkdir)
        monkeypatch.setattr(os, "rmdir", self.rmdir)

    def enter(self, group: str, *others: int) -> Path:
        """Put this process, and `others` with it, into a group; returns its folder."""
        folder = self.mounted / group.lstrip("/")
        (self.proc / "self" / "cgroup").write_text(f"1:name=systemd:/x\n0::{group}\n")
        (folder / "cgroup.procs").write_text("".join(f"{pid}\n" for pid in (os.getpid(), *others)))
        return folder

    def know(self, pid: int, parent: int) -> None:
        """Have /proc tell of a process."""
        self._mkdir(self.proc / str(pid))
        (self.proc / str(pid) / "stat").write_text(f"{pid} (a b) S {parent} 0 0")

    def put(self, folder: int | None, name: str, text: str) -> None:
        """What the kernel does when a control file is written to."""
        path = (Path() if folder is None else _path_of(folder)) / name
        if path.name in self.refused:
            raise OSError(self.refused[path.name], os.strerror(self.refused[path.name]), name)
        if not path.exists():
            raise FileNotFoundError(errno.ENOENT, "No such file or directory", name)
        match path.name:
            case "cgroup.subtree_control":
                self._switch_on(path, text)
            case "cgroup.procs":
                self._move(text, path)
            case "cgroup.kill":
                for inside in path.parent.rglob("cgroup.procs"):
                    inside.write_text("")
            case _:
                path.write_text(f"{text}\n")

    def mkdir(self, path: str | Path, mode: int = 0o777, *, dir_fd: int | None = None) -> None:
        """Make a folder; as a group where it lies in one."""
        whole = Path(path) if dir_fd is None else _path_of(dir_fd) / path
        self._mkdir(whole, mode)
        if whole.is_relative_to(self.mounted):
            self._fill(whole, (whole.parent / "cgroup.subtree_control").read_text().split())

    def rmdir(self, path: str | Path, *, dir_fd: int | None = None) -> None:
        """Remove a folder; a group with processes or groups in it stays."""
        whole = Path(path) if dir_fd is None else _path_of(dir_fd) / path
        if whole.is_relative_to(self.mounted):
            if any(below.is_dir() for below in whole.iterdir()) or (whole / "cgroup.procs").read_text().split():
                raise OSError(errno.EBUSY, "Device or resource busy", str(path))
            for file in whole.iterdir():
                file.unlink()
        self._rmdir(whole)

    def _fill(self, folder: Path, controllers: list[str]) -> None:
        files = dict(_ALWAYS)
        for name in controllers:
            files |= _BROUGHT.get(name, {})
        files["cgroup.controllers"] = " ".join(controllers) + "\n"
        for name in files.keys() - self.absent:
            (folder / name).write_text(files[name])

    def _switch_on(self, path: Path, text: str) -> None:
        folder = path.parent
        if folder != self.mounted and (folder / "cgroup.procs").read_text().split():
            raise OSError(errno.EBUSY, "Device or resource busy", str(path))
        now = [*path.read_text().split(), *(word[1:] for word in text.split())]
        path.write_text(" ".join(now) + "\n")
        for below in [below for below in folder.iterdir() if below.is_dir()]:
            (below / "cgroup.controllers").write_text(" ".join(now) + "\n")

    def _move(self, pid: str, target: Path) -> None:
        for group in self.mounted.rglob("cgroup.procs"):
            inside = [found for found in group.read_text().split() if found != pid]
            group.write_text("".join(f"{found}\n" for found in inside))
        target.write_text(f"{target.read_text()}{pid}\n")


def _path_of(folder: int) -> Path:
    return Path(f"/proc/self/fd/{folder}").readlink()
