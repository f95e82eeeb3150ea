"""The process apart: whatever a source does there, here it costs a question and an answer, and nothing is left."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from grader.errors import JudgeError
from grader.grading import examiners
from grader.grading.examination import Answer, Question

from .hostile_sources import HOSTILE_SOURCES

ROOT = Path(__file__).resolve().parents[3]
FORBID = ("torch.nn.MultiheadAttention", "torch.nn.Transformer*", "sklearn")
HONEST = Question(source="def f(): 0\n", entry_points=("f",), forbid=FORBID, native=False)
NOTHING = Answer(found="nothing")
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="what a process gives up is Linux's to take")


def _question(source: str) -> Question:
    return Question(source=source, entry_points=(), forbid=FORBID, native=False)


def _load() -> float:
    """How much longer other work on this machine makes everything take."""
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


@pytest.mark.parametrize("source", HOSTILE_SOURCES.values(), ids=HOSTILE_SOURCES.keys())
def test_a_hostile_source_costs_this_process_nothing(source: str) -> None:
    """It is answered within two seconds, however hostile, and under 50 ms of them are this process's own."""
    examiners.ask(HONEST)
    began, own = time.monotonic(), time.process_time()
    answer = examiners.ask(_question(source))
    own, took = time.process_time() - own, time.monotonic() - began
    assert isinstance(answer, Answer)
    assert own < 0.05, f"{own:.3f} s of our own CPU"
    assert took < 2.0 * _load(), f"{took:.2f} s for {answer.found}"


def test_a_source_that_takes_all_memory_is_too_complex() -> None:
    """The parser itself keeps every beginning of a dotted name, near a gigabyte of them: the child has half of one."""
    assert examiners.ask(_question(HOSTILE_SOURCES["long dotted import"])).found in ("too_complex", "too_deep")


def test_a_question_that_hangs_delays_no_other() -> None:
    """Each has a child of its own: one that waits for the rest of its question holds nobody up."""
    examiner = examiners._current()
    ours, theirs = socket.socketpair()
    with ours, theirs:
        examiner._pass_on(theirs)
        assert examiners.ask(HONEST) == NOTHING


def test_many_threads_get_their_own_answers() -> None:
    """Sources asked about side by side are not mixed up."""
    sources = ["\n" * line + "import sklearn" for line in range(40)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda source: examiners.ask(_question(source)), sources))
    assert [answer.line for answer in answers] == list(range(1, 41))


def test_an_examiner_that_died_is_replaced() -> None:
    """The next question finds a new one."""
    examiners.ask(HONEST)
    os.kill(examiners._current()._process.pid, signal.SIGKILL)
    assert examiners.ask(HONEST) == NOTHING


def test_an_examiner_that_dies_meanwhile_is_not_the_candidates_fault() -> None:
    """Every question in flight is asked again."""
    examiners.ask(HONEST)
    pid = examiners._current()._process.pid
    os.kill(pid, signal.SIGSTOP)
    with ThreadPoolExecutor(6) as pool:
        answers = [pool.submit(examiners.ask, HONEST) for _ in range(6)]
        with contextlib.suppress(TimeoutError):
            answers[0].result(timeout=0.2)
        os.kill(pid, signal.SIGKILL)
        assert [answer.result(timeout=30) for answer in answers] == [NOTHING] * 6


@pytest.fixture
def no_examiner() -> Iterator[None]:
    """None is running before, nor afterwards."""
    if examiners._examiner is not None:
        examiners._drop(examiners._examiner)
    yield
    if examiners._examiner is not None:
        examiners._drop(examiners._examiner)


@pytest.mark.usefixtures("no_examiner")
@pytest.mark.parametrize("program", ["/bin/false", "/nowhere/python"])
def test_an_examiner_that_does_not_start_is_our_failure(program: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is never charged to the candidate."""
    monkeypatch.setattr(sys, "executable", program)
    with pytest.raises(JudgeError, match="the examiner of sources"):
        examiners.ask(HONEST)


ODD = {
    "nothing": b"",
    "no JSON": b"\xff\xff",
    "no list": b'{"found": "nothing"}',
    "too short": b'["nothing"]',
    "an unknown finding": b'["fine", 1, 1, "", []]',
    "a line that is no number": b'["syntax", "1", 1, "", []]',
    "a line of zero": b'["syntax", 0, 1, "", []]',
    "a huge line": b'["syntax", 99999999999999999999, 1, "", []]',
    "a long text": json.dumps(["syntax", 1, 1, "a" * 201, []]).encode(),
    "a name that was not asked for": b'["missing_entry_point", 1, 1, "", [1]]',
    "a negative place": b'["missing_entry_point", 1, 1, "", [-1]]',
    "too many fields": b'["nothing", 1, 1, "", [], 1]',
    "two answers": b'["nothing", 1, 1, "", []]["nothing", 1, 1, "", []]',
    "deep nesting": b"[" * 4000,
}


@pytest.mark.parametrize("said", ODD.values(), ids=ODD.keys())
def test_what_is_no_answer_is_not_believed(said: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """A child that was taken over can say what it likes: it only ever harms its own source."""
    monkeypatch.setattr(examiners, "_ask_examiner", lambda question: said)
    assert examiners.ask(HONEST) == Answer(found="too_complex")


def test_an_endless_answer_is_cut() -> None:
    """No more is read than an answer can have, and what there was is no answer."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(b"a" * 65536)
        assert examiners._read_capped(ours) == b"too much"


def test_without_fork_a_process_answers_each_question(monkeypatch: pytest.MonkeyPatch) -> None:
    """On Windows an interpreter is started for every source, and says the same."""
    monkeypatch.setattr(examiners, "_FORKS", False)
    assert examiners.ask(HONEST) == NOTHING
    assert examiners.ask(_question("import sklearn")).found == "forbidden"


_ASKS = """
import os, signal, sys
sys.path.insert(0, {root!r})
from grader.grading import examiners
from grader.grading.examination import Question
examiners.ask(Question("x", (), (), False))
print(examiners._current()._process.pid, flush=True)
{end}
"""


@pytest.mark.parametrize(
    "end",
    ["pass", "os._exit(1)", "os.kill(os.getpid(), signal.SIGKILL)", "os.kill(os.getpid(), signal.SIGINT)", "1 / 0"],
)
def test_nothing_is_left_when_this_process_ends(end: str) -> None:
    """However it ends, the examiner ends with it."""
    code = _ASKS.format(root=str(ROOT), end=end)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    pid, ends = int(done.stdout), time.monotonic() + 5
    while time.monotonic() < ends and _is_there(pid):
        time.sleep(0.01)
    assert not _is_there(pid)
    assert "ResourceWarning" not in done.stderr


def _is_there(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except OSError:
        return False


_TRIES = """
import os, sys
sys.path.insert(0, {root!r})
import socket
from grader.grading.examiner_rights import Rights
rights = Rights()
if os.fork() == 0:
    rights.give_up()
    def tried(action):
        try:
            action()
        except (OSError, MemoryError) as error:
            return type(error).__name__
        return "done"
    os.write(1, tried(lambda: {action}).encode())
    os._exit(0)
status = os.wait()[1]
print("", os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0)
"""
TRIES = {
    "reads a file": ("open('/etc/passwd')", "OSError 0"),
    "writes a file": ("open('/tmp/viva-examined', 'w')", "OSError 0"),
    "opens a socket": ("socket.socket()", "OSError 0"),
    "starts a process": ("os.fork()", "OSError 0"),
    "runs a program": ("os.execv('/bin/true', ['true'])", "OSError 0"),
    "ends another process": ("os.kill(os.getppid(), 0)", "OSError 0"),
    "takes memory": ("bytearray(600 * 1024 ** 2)", "MemoryError 0"),
    "takes time": ("all(iter(lambda: 1, 0))", " 9"),
}


@LINUX
@pytest.mark.parametrize(("action", "outcome"), TRIES.values(), ids=TRIES.keys())
def test_a_child_has_no_rights(action: str, outcome: str) -> None:
    """No file, no network, no other process; so much memory, and two seconds."""
    code = textwrap.dedent(_TRIES).format(root=str(ROOT), action=action)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout.strip() == outcome.strip(), done.stderr


def test_help_starts_and_imports_nothing_of_it() -> None:
    """Only a command that looks at a source pays for this."""
    code = (
        "import sys; from typer.testing import CliRunner; from grader.cli.app import app; "
        "CliRunner().invoke(app, ['--help']); print([m for m in sys.modules if m.startswith('grader.grading')])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
