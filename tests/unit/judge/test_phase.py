"""The page on which a judge tells its parent what it does."""

from __future__ import annotations

import os
import signal
import sys
import time

import pytest

from grader.judge.phase import Board, Phase

LOOKS = 600_000


def test_what_was_entered_is_read() -> None:
    """The phase, and when it began."""
    board, before = Board(), time.monotonic()
    board.heard()
    phase, since = board.read()
    assert phase is Phase.DIGESTING
    assert before <= since <= time.monotonic()
    board.close()


def test_loading_leaves_the_phase_as_it_was() -> None:
    """The answers that loading takes are no digesting."""
    board = Board()
    with board.loading():
        board.heard()
    assert board.read()[0] is Phase.SUITE
    board.close()


@pytest.mark.skipif(sys.platform != "linux", reason="judges are forked")
def test_a_reader_never_sees_half_a_time() -> None:
    """While another process hears one answer after the other, each look sees a time of just now.

    A parent that saw a zero took the judge for one that has been late since the machine was started, and ended it.
    """
    board = Board()
    board.heard()
    started = time.monotonic()
    writer = os.fork()
    if writer == 0:
        while os.getppid() != 1:
            board.heard()
        os._exit(0)
    try:
        assert min(board.read()[1] for _ in range(LOOKS)) >= started - 1
    finally:
        os.kill(writer, signal.SIGKILL)
        os.waitpid(writer, 0)
