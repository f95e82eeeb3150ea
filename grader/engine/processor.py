"""How much processor time processes of ours have taken."""

from __future__ import annotations

import psutil


def seconds_of_tree(pid: int) -> float:
    """Of a process, of all below it, and of those that have ended and were waited for."""
    try:
        root = psutil.Process(pid)
        family = [root, *root.children(recursive=True)]
    except psutil.Error:
        return 0.0
    return sum(map(_of, family))


def _of(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.Error:
        return 0.0
    ended = getattr(times, "children_user", 0.0) + getattr(times, "children_system", 0.0)
    return float(times.user + times.system + ended)
