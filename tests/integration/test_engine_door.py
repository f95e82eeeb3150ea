"""A background engine with bad clients: each loses its own answer, and an honest verdict comes all the same."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any

import psutil
import pytest

from grader.content.pack import load_exercise
from grader.engine.order import Order
from grader.engine.place import Place, code_digest
from grader.engine.remote import ask
from grader.judge.job import Job
from grader.wire.passing import receive_message, send_message
from tests.integration.conftest import RIGHT, wait_until, write_exercise

_ROOT = Path(__file__).resolve().parents[2]
Viva = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Holds a pack with the probe, and a right submission."""
    found = tmp_path_factory.mktemp("door")
    write_exercise(found / "pack")
    (found / "right.py").write_text(RIGHT)
    return found


@pytest.fixture(scope="module")
def viva(folder: Path) -> Iterator[Viva]:
    """Runs a command beside an engine that has made one verdict."""
    kept = {name: value for name, value in os.environ.items() if name != "VIVA_ENGINE"}
    path = os.pathsep.join([str(_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    environment = {**kept, "VIVA_RUNTIME": str(folder / "runtime"), "PYTHONPATH": path}

    def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "grader", *map(str, arguments)]
        return subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, timeout=120)

    assert run("engine", "start").returncode == 0
    assert _is_graded(run)
    yield run
    run("engine", "stop")


@pytest.fixture
def place(viva: Viva, folder: Path) -> Place:
    return Place(folder / "runtime", code_digest())


@pytest.fixture
def engine(place: Place) -> Iterator[psutil.Process]:
    """The process; it must be the same after the test, and make a verdict."""
    pid = ask(place, {"ask": "status"})["pid"]
    yield psutil.Process(pid)
    assert ask(place, {"ask": "status"})["pid"] == pid


def _is_graded(viva: Viva) -> bool:
    done = viva("grade", "probe", "right.py", "--pack", "pack", "--json")
    return json.loads(done.stdout)["status"] == "accepted" if done.stdout else pytest.fail(done.stderr)


def _verdicts(place: Place) -> int:
    return int(ask(place, {"ask": "status"})["verdicts"])


def _connected(place: Place) -> socket.socket:
    stream = socket.socket(socket.AF_UNIX)
    stream.connect(str(place.socket))
    stream.settimeout(20)
    return stream


def test_a_verdict_beside_two_thousand_idle_connections(viva: Viva, place: Place, engine: psutil.Process) -> None:
    """The engine makes it, not a stand-in; it holds a bounded number of descriptors and no thread for any of them."""
    before, threads = _verdicts(place), engine.num_threads()
    with ExitStack() as stack:
        for _ in range(2000):
            stack.enter_context(_connected(place))
        assert engine.num_threads() <= threads + 1
        assert _is_graded(viva)
        assert engine.num_fds() < 700
    assert _verdicts(place) == before + 1


def test_descriptors_are_not_kept(viva: Viva, place: Place, engine: psutil.Process) -> None:
    """A client that sends three with every message costs none."""
    before = engine.num_fds()
    with open(os.devnull, "rb") as null:
        for _ in range(300):
            with _connected(place) as stream:
                send_message(stream, {"ask": "status"}, (null.fileno(),) * 3)
                assert receive_message(stream) is not None
    assert wait_until(lambda: engine.num_fds() <= before, 10)


def test_a_body_of_600_mib_is_not_read(place: Place, engine: psutil.Process) -> None:
    """Its length is known before its bytes."""
    before = engine.memory_info().rss
    with _connected(place) as stream:
        stream.sendall((600 * 1024**2).to_bytes(4, "big"))
        with pytest.raises(OSError, match=r"reset|Broken pipe"):
            stream.sendall(bytes(600 * 1024**2))
    assert engine.memory_info().rss - before < 50 * 1024**2


def _asked(place: Place, body: bytes) -> Any:
    with _connected(place) as stream:
        stream.sendall(len(body).to_bytes(4, "big") + body)
        received = receive_message(stream)
    return None if received is None else received[0]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xc1",
        b"\xff" * 50,
        b"\x91" * 200_000,
        b"\x90" * 200_000,
        b"\x81\xa3ask",
        b"\xdd\xff\xff\xff\xff",
        b"\xa1\xff",
    ],
    ids=range(8),
)
def test_garbage_is_answered_in_one_sentence(place: Place, engine: psutil.Process, body: bytes) -> None:
    """It ends that connection and nothing else."""
    answer = _asked(place, body)
    assert answer["failed"] == "judge"
    assert answer["message"].startswith("a message breaks its format")


def _order(folder: Path) -> dict[str, Any]:
    return Order.of(load_exercise(folder / "pack", "probe")).to_data()


_JOB = asdict(Job(source=RIGHT, seed=1))
_WRONG: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "nothing to ask": lambda order: {"order": order},
    "an unknown question": lambda order: {"ask": "shell"},
    "no order": lambda order: {"ask": "judge", "job": _JOB},
    "no job": lambda order: {"ask": "judge", "order": order},
    "a job of other fields": lambda order: {"ask": "judge", "order": order, "job": {"sauce": 1}},
    "a source that is a number": lambda order: {"ask": "judge", "order": order, "job": {**_JOB, "source": 1}},
    "a seed that is a text": lambda order: {"ask": "judge", "order": order, "job": {**_JOB, "seed": "x"}},
    "an order that is a list": lambda order: {"ask": "judge", "order": [1], "job": _JOB},
    "an order without a suite": lambda order: {"ask": "start", "order": {"digest": "x"}},
    "limits that are texts": lambda order: {
        "ask": "start",
        "order": {**order, "suite": {**order["suite"], "limits": {"wall_s": "long"}}},
    },
    "suites that are numbers": lambda order: {
        "ask": "start",
        "order": {**order, "suite": {**order["suite"], "suites": [1]}},
    },
    "mutants of two parts": lambda order: {
        "ask": "start",
        "order": {**order, "suite": {**order["suite"], "mutants": [["a", "b"]]}},
    },
}


@pytest.mark.parametrize("wrong", _WRONG)
def test_wrong_fields_are_answered_in_one_sentence(
    place: Place, engine: psutil.Process, folder: Path, wrong: str
) -> None:
    """No thread dies of them, and no traceback is in the log."""
    answer = ask(place, _WRONG[wrong](_order(folder)))
    assert answer["failed"] == "judge"
    assert "\n" not in answer["message"]
    assert "Traceback" not in place.log.read_text()


def test_an_order_for_files_that_are_gone_is_an_answer(place: Place, engine: psutil.Process, folder: Path) -> None:
    """Right fields, wrong facts."""
    order = _order(folder)
    order = {**order, "digest": "other", "suite": {**order["suite"], "reference": "/nowhere/solution.py"}}
    answer = ask(place, {"ask": "judge", "order": order, "job": _JOB}, 60)
    assert answer["failed"] == "suite"


def test_a_judge_is_reaped_when_it_dies(viva: Viva, place: Place, engine: psutil.Process) -> None:
    """Its parent sleeps until the next job, which may be hours away."""
    assert _is_graded(viva)
    (judges,) = [child for child in engine.children() if child.name() == "viva-judges" and child.children()]
    (spare,) = judges.children()
    spare.kill()
    assert wait_until(lambda: not judges.children(), 10)
    assert _is_graded(viva)


def test_a_parent_is_reaped_when_it_dies(viva: Viva, place: Place, engine: psutil.Process) -> None:
    """Nobody may ask for that exercise again."""
    assert _is_graded(viva)
    for child in engine.children():
        child.kill()
    assert wait_until(lambda: not engine.children(), 10)
    assert _is_graded(viva)
