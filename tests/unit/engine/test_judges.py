"""Reading a judge's results, and what a judge parent inherits."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.engine import judges
from grader.engine.judges import results_of
from grader.errors import JudgeError
from grader.wire.passing import send_message

_Pair = tuple[socket.socket, socket.socket]


@pytest.fixture
def stream() -> Iterator[_Pair]:
    """The engine's end and the judge's."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def test_results_end_with_the_account(stream: _Pair) -> None:
    """Cases come as they were sent; nothing after `done` is read."""
    for message in ({"event": "case", "n": 1}, {"event": "case", "n": 2}, {"event": "done"}, {"event": "case", "n": 3}):
        send_message(stream[1], message)
    assert [message.get("n") for message in results_of(stream[0], 5)] == [1, 2, None]


def test_a_judge_that_ends_early_is_our_failure(stream: _Pair) -> None:
    """Outcomes without a closing account are no verdict."""
    send_message(stream[1], {"event": "case"})
    stream[1].close()
    with pytest.raises(JudgeError, match="before its verdict"):
        list(results_of(stream[0], 5))


def test_a_judge_that_breaks_off_in_a_message_is_our_failure(stream: _Pair) -> None:
    """Half a message counts as none."""
    stream[1].sendall((100).to_bytes(4, "big") + b"half")
    stream[1].close()
    with pytest.raises(JudgeError):
        list(results_of(stream[0], 5))


def test_a_silent_judge_is_our_failure(stream: _Pair) -> None:
    """Nobody waits for ever."""
    with pytest.raises(JudgeError, match="said nothing"):
        list(results_of(stream[0], 0.05))


@pytest.mark.parametrize("event", ["done", "broken", "ended"])
def test_how_a_run_ended_is_the_last_message(event: str, stream: _Pair) -> None:
    """Whoever told it."""
    send_message(stream[1], {"event": event})
    assert list(results_of(stream[0], 5)) == [{"event": event}]


def test_all_messages_together_have_one_deadline(stream: _Pair) -> None:
    """A judge that goes on telling does not make its verdict later."""
    threading.Thread(target=_tell_for_ever, args=(stream[1],), daemon=True).start()
    started = time.monotonic()
    with pytest.raises(JudgeError, match="said nothing"):
        list(results_of(stream[0], 0.3))
    assert time.monotonic() - started < 2


def _tell_for_ever(stream: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while True:
            send_message(stream, {"event": "case"})
            time.sleep(0.02)


def test_a_judge_never_imports_from_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Submissions may lie there."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    assert str(tmp_path) not in judges.trusted_path()
    assert "" not in judges.trusted_path()


def test_a_judge_takes_no_settings_of_pytest_or_python(monkeypatch: pytest.MonkeyPatch) -> None:
    """PYTEST_ADDOPTS or PYTHONPATH of a person must not change a verdict; what the system needs stays."""
    monkeypatch.setenv("PYTEST_ADDOPTS", "--maxfail=1")
    monkeypatch.setenv("PYTHONPATH", "/elsewhere")
    monkeypatch.setenv("LD_LIBRARY_PATH", os.environ.get("LD_LIBRARY_PATH", ""))
    environment = judges._environment("/scratch")
    assert environment["TMPDIR"] == "/scratch"
    assert not {"PYTEST_ADDOPTS", "PYTHONPATH"} & set(environment)
    assert environment["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] == "1"
    assert environment["OMP_NUM_THREADS"] == "1"
    assert "LD_LIBRARY_PATH" in environment


def test_a_judge_asks_no_name_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where its ranks meet, torch wants each peer's name; one that nobody answers for costs a second of the case."""
    monkeypatch.setenv("RES_OPTIONS", "timeout:5")
    assert judges._environment("/scratch")["RES_OPTIONS"] == "attempts:0"
