"""Knowing whether a parent is there, ending it, and telling what it said; with real processes."""

from __future__ import annotations

import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from typing import IO

import pytest

from grader.box.parent import GuestParent, ParentSpec, _refusal, end, last_words, still_there
from grader.errors import BoxError

_Started = tuple[subprocess.Popen[bytes], socket.socket]


def _start(code: str, stderr: IO[bytes] | None = None) -> _Started:
    ours, theirs = socket.socketpair()
    with theirs:
        script = f"import socket, sys; control = socket.socket(fileno={theirs.fileno()}); {code}"
        process = subprocess.Popen([sys.executable, "-S", "-c", script], pass_fds=(theirs.fileno(),), stderr=stderr)
    return process, ours


@pytest.fixture
def waiting() -> Iterator[_Started]:
    """A process that reads its control socket to the end."""
    process, control = _start("control.send(b'x'); control.recv(1)")
    assert control.recv(1) == b"x"
    yield process, control
    end(process, control)


def test_a_process_that_holds_its_control_is_there(waiting: _Started) -> None:
    """It runs and nobody closed anything."""
    assert still_there(*waiting)


def test_unread_messages_do_not_look_like_an_end() -> None:
    """What has been said and not yet read does not matter."""
    process, control = _start("control.send(b'y' * 100); control.recv(1)")
    assert still_there(process, control)
    end(process, control)


def test_a_process_without_its_control_is_gone() -> None:
    """The outermost process may still be there when the parent inside it has ended."""
    process, control = _start("import time; control.close(); time.sleep(60)")
    ends = time.monotonic() + 10
    while still_there(process, control) and time.monotonic() < ends:
        time.sleep(0.01)
    assert not still_there(process, control)
    assert process.poll() is None
    process.kill()
    end(process, control)


def test_ending_waits_until_it_is_gone(waiting: _Started) -> None:
    """Afterwards there is an exit status."""
    end(*waiting)
    assert waiting[0].returncode is not None


def test_ending_twice_is_harmless(waiting: _Started) -> None:
    """Whoever comes second finds nothing to do."""
    end(*waiting)
    end(*waiting)
    assert not still_there(*waiting)


def test_last_words_are_the_last_line() -> None:
    """Of a traceback that is the line which says what was wrong."""
    with tempfile.TemporaryFile() as stderr:
        process, control = _start("raise RuntimeError('what was wrong')", stderr)
        assert last_words(process, stderr) == "RuntimeError: what was wrong"
        end(process, control)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("bwrap: No permissions to create new namespace", "the layer user-namespace is missing"),
        ("RuntimeError: the layer memory-watch is missing: why", "viva doctor"),
        ("ImportError: no numpy", "ImportError: no numpy"),
    ],
)
def test_a_refusal_names_the_layer(words: str, expected: str) -> None:
    """Bubblewrap speaks of namespaces; a person is told which layer that is and where to look."""
    assert expected in _refusal(words)


def test_an_environment_that_does_not_exist_is_refused() -> None:
    """Before anything is started, and those that there are are named."""
    with pytest.raises(BoxError, match="there is no environment 'jax'; choose one of numpy, pandas"):
        GuestParent(ParentSpec(environment="jax", packages=("numpy",)))
