"""The protocol's fuzzing in short: every kept program, and half a minute of others from a fixed seed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from grader.wire.frame import Frame
from tests.fuzz.guest import Spoiler
from tests.fuzz.protocol import kept_programs
from tests.unit.wire.frames import raw_frame

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
def test_no_spoiled_answer_is_our_failure() -> None:
    """In a process of its own, because a suite that is collected twice shares its pytest."""
    command = [sys.executable, "-m", "tests.fuzz.protocol", "--seconds", "20", "--seed", "1"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout.split()[0]) > len(kept_programs())


def test_an_empty_program_spoils_nothing() -> None:
    """So what a suite then says of the guest is what it says of an honest one."""
    honest = Frame([7, "ok", 1.5, [], [], None, []], [b"data"])
    assert Spoiler(b"")(honest) == raw_frame(honest.structure, honest.blobs)
