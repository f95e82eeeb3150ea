"""Reading a judge's results, and what a judge parent inherits."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.engine import judges
from grader.engine.judges import results_of
from grader.errors import BoxError, JudgeError
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


@pytest.mark.parametrize(("of_box", "kind"), [(True, BoxError), (False, JudgeError)], ids=["box", "judge"])
def test_what_broke_a_judge_keeps_its_kind(of_box: bool, kind: type[Exception], stream: _Pair) -> None:
    """A box that cannot be built is told apart from a judge that failed."""
    send_message(stream[1], {"event": "broken", "of_box": of_box, "message": "the words"})
    with pytest.raises(kind, match="the words"):
        list(results_of(stream[0], 5))


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
