"""The driver of `ddp_step`: several of them run side by side where a judge matches mutants, in one network."""

from __future__ import annotations

import subprocess
import sys

import pytest

from grader.wiring import open_exercise

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")

# Stops at the fork of the first rank, and prints what this process listens to by then: addresses as the kernel writes
# them, for sockets in state 0A.
LISTENING_AT_THE_FORK = """
import os, re, sys
sys.path[:0] = sys.argv[1:]
import torch, driver

def stop():
    fds = [f"/proc/self/fd/{fd}" for fd in os.listdir("/proc/self/fd")]
    links = [os.readlink(fd) for fd in fds if os.path.lexists(fd)]
    own = {match[1] for link in links if (match := re.fullmatch(r"socket:\\[(\\d+)\\]", link))}
    for line in open("/proc/net/tcp").readlines()[1:]:
        _, local, _, state, *_, inode = line.split()[:10]
        if state == "0A" and inode in own:
            print(local)
    os._exit(0)

os.fork = stop
job = {"model": "line", "sizes": (2, 1), "states": [{"weight": torch.ones(1, 2)}] * 2, "loss": "mse"}
driver.broadcast({**job, "optimizer": "sgd", "options": {"lr": 0.1}})
"""


def test_the_place_where_ranks_meet_is_taken_before_they_are_forked() -> None:
    """A port that was only looked up could go to the ranks of another driver: both groups would then be broken."""
    exercise = open_exercise("ddp_step")
    done = subprocess.run(
        [sys.executable, "-c", LISTENING_AT_THE_FORK, str(exercise.public_dir), str(exercise.private_dir)],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    address, port = done.stdout.split()[0].split(":")
    assert (address, len(done.stdout.split())) == ("0100007F", 1)
    assert int(port, 16) > 0
