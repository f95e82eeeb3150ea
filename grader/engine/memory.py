"""How much memory processes of ours take."""

from __future__ import annotations

import psutil

_AT_WORK = ("viva-judge", "viva-guest")


def of_machine(share: float) -> int:
    """A share of the machine's memory in bytes."""
    return int(share * psutil.virtual_memory().total)


def of_tree(pid: int) -> int:
    """Bytes that a process and all below it take; what several of them share is divided among them where it can be.

    Linux says how much of a page is whose (PSS); elsewhere what is a process's own (USS) stands for it.
    """
    try:
        root = psutil.Process(pid)
        family = [root, *root.children(recursive=True)]
    except psutil.Error:
        return 0
    return sum(map(_of, family))


def private_bytes(pid: int) -> int:
    """Bytes of one process that it shares with no other."""
    try:
        return int(psutil.Process(pid).memory_full_info().uss)
    except psutil.Error:
        return 0


def _of(process: psutil.Process) -> int:
    try:
        full = process.memory_full_info()
    except psutil.Error:
        return 0
    return int(getattr(full, "pss", full.uss))


def at_work(pid: int) -> list[int]:
    """The judges and guests below a parent that have a submission; told by what they call themselves."""
    try:
        below = psutil.Process(pid).children(recursive=True)
        return [process.pid for process in below if process.name() in _AT_WORK]
    except psutil.Error:
        return []
