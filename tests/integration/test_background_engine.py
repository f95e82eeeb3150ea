"""The engine that outlives commands: it is found, asked, replaced, and never left behind."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from grader.engine.place import Place, code_digest
from tests.integration.conftest import OTHER, RIGHT, SUITE, wait_until, write_exercise

_ROOT = Path(__file__).resolve().parents[2]
_SLEEPS = f"import time\ndef probe():\n    time.sleep(60)\n{OTHER}"

Viva = Callable[..., subprocess.CompletedProcess[str]]


def _command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "grader", *map(str, arguments)]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """An environment in which the background engine is this test's own."""
    kept = {name: value for name, value in os.environ.items() if name != "VIVA_ENGINE"}
    return {**kept, "VIVA_RUNTIME": str(tmp_path / "runtime"), "PYTHONPATH": str(_ROOT)}


@pytest.fixture
def viva(environment: dict[str, str], tmp_path: Path) -> Iterator[Viva]:
    """Runs a command there; the engine is stopped afterwards."""

    def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            _command(*arguments), env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=120
        )

    yield run
    run("engine", "stop")


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """A pack with the probe, and right and sleeping submissions beside it."""
    write_exercise(tmp_path / "pack", limits="wall_s: 60, case_wall_s: 60, cpu_s: 20")
    (tmp_path / "right.py").write_text(RIGHT)
    (tmp_path / "sleeps.py").write_text(_SLEEPS)
    return tmp_path / "pack"


def _status(viva: Viva) -> dict[str, object]:
    answer: dict[str, object] = json.loads(viva("engine", "status", "--json").stdout)
    return answer


def _grade(viva: Viva, pack: Path, name: str = "right.py") -> dict[str, object]:
    done = viva("grade", "probe", name, "--pack", pack, "--json", "--seed", "3")
    assert done.stdout, done.stderr
    verdict: dict[str, object] = json.loads(done.stdout)
    return verdict


def _process(viva: Viva) -> psutil.Process:
    return psutil.Process(int(str(_status(viva)["pid"])))


def _gone(family: list[psutil.Process]) -> bool:
    return not any(process.is_running() and process.status() != psutil.STATUS_ZOMBIE for process in family)


def test_a_running_engine_is_used_and_answers_alike(viva: Viva, pack: Path) -> None:
    """The verdict is the one that a command's own engine gives, and the background engine counts it."""
    alone = _grade(viva, pack)
    assert viva("engine", "start").returncode == 0
    shared = _grade(viva, pack)
    timeless = ("status", "score", "tasks", "suite_digest", "submission_digest", "isolation", "seed", "versions")
    assert {key: alone[key] for key in timeless} == {key: shared[key] for key in timeless}
    assert _status(viva)["verdicts"] == 1


def test_starting_twice_leaves_one(viva: Viva) -> None:
    """The second start says that it runs already."""
    viva("engine", "start", "--lang", "en")
    first = _process(viva)
    again = viva("engine", "start", "--lang", "en")
    assert (again.returncode, _process(viva)) == (0, first)
    assert "already" in again.stdout


def test_stopping_ends_every_process(viva: Viva, pack: Path) -> None:
    """After `stop` nothing of the engine runs, and status says so."""
    viva("engine", "start")
    _grade(viva, pack)
    engine = _process(viva)
    family = [engine, *engine.children(recursive=True)]
    assert len(family) > 3
    assert viva("engine", "stop").returncode == 0
    assert wait_until(lambda: _gone(family), 30)
    assert viva("engine", "status").returncode == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_a_signal_ends_every_process_and_grading_goes_on(viva: Viva, pack: Path, number: signal.Signals) -> None:
    """However the engine ends, its parents end with it; the next command finds none and uses its own."""
    viva("engine", "start")
    _grade(viva, pack)
    engine = _process(viva)
    family = [engine, *engine.children(recursive=True)]
    engine.send_signal(number)
    assert wait_until(lambda: _gone(family), 60)
    assert _grade(viva, pack)["status"] == "accepted"
    assert viva("engine", "start").returncode == 0


def test_an_idle_engine_ends_by_itself(viva: Viva) -> None:
    """It does so after the time that was agreed."""
    viva("engine", "start", "--idle-minutes", "0.1")  # long enough to ask for it on a busy machine
    engine = _process(viva)
    assert wait_until(lambda: _gone([engine]), 60)


def test_a_client_that_hangs_up_calls_its_verdict_off(viva: Viva, pack: Path, environment: dict[str, str]) -> None:
    """The box does not sleep on for nobody; the engine takes the next submission."""
    viva("engine", "start")
    command = _command("grade", "probe", "sleeps.py", "--pack", pack)
    client = subprocess.Popen(command, env=environment, cwd=pack.parent, stdout=subprocess.DEVNULL)
    engine = _process(viva)

    def at_work() -> list[str]:
        return [name for name in _names(engine) if name in ("viva-judge", "viva-guest")]

    assert wait_until(lambda: len(at_work()) == 2, 30)
    client.kill()
    client.wait()
    assert wait_until(lambda: not at_work(), 30), at_work()
    assert _grade(viva, pack)["status"] == "accepted"


def _names(engine: psutil.Process) -> list[str]:
    found = []
    for process in engine.children(recursive=True):
        try:
            found.append(process.name())
        except psutil.NoSuchProcess:
            continue
    return found


def test_an_engine_killed_in_mid_verdict_is_stood_in_for(viva: Viva, pack: Path, environment: dict[str, str]) -> None:
    """The command that waits makes the verdict itself."""
    (pack.parent / "slow.py").write_text(f"import time\ndef probe():\n    time.sleep(1.5)\n    return 'done'\n{OTHER}")
    viva("engine", "start")
    engine = _process(viva)
    command = _command("grade", "probe", "slow.py", "--pack", pack, "--json")
    client = subprocess.Popen(command, env=environment, cwd=pack.parent, stdout=subprocess.PIPE, text=True)
    assert wait_until(lambda: "viva-guest" in _names(engine), 30)
    engine.kill()
    answer, _ = client.communicate(timeout=60)
    assert json.loads(answer)["status"] == "accepted"


def test_a_changed_suite_is_not_graded_by_the_old_one(viva: Viva, pack: Path) -> None:
    """A file of the exercise that changes is another version to the engine that runs on."""
    viva("engine", "start")
    assert _grade(viva, pack)["status"] == "accepted"
    hidden = pack / "reference" / "probe" / "test_hidden.py"
    hidden.write_text(SUITE.replace('== "done"', '== "finished"'))
    assert _grade(viva, pack)["status"] == "wrong_answer"


def test_a_folder_that_is_open_to_others_is_refused(viva: Viva, tmp_path: Path) -> None:
    """The socket would be open to them too."""
    folder = tmp_path / "runtime"
    folder.mkdir(mode=0o755)
    done = viva("engine", "start")
    assert done.returncode == 2
    assert str(folder) in done.stderr
    folder.chmod(0o700)


@pytest.mark.parametrize("name", ["psutil", "grader", "socket", "sitecustomize"])
def test_nothing_is_imported_from_the_folder_where_it_is_started(viva: Viva, tmp_path: Path, name: str) -> None:
    """Submissions lie there, and one of them may be called like a module that the engine needs."""
    mark = tmp_path / "mark"
    (tmp_path / f"{name}.py").write_text(f"open({str(mark)!r}, 'w').close()\n")
    console = "from grader.cli import main; main()"  # `-m` would import from the folder in this process too
    command = [sys.executable, "-P", "-c", console, "engine", "start"]
    environment = {**os.environ, "VIVA_RUNTIME": str(tmp_path / "runtime"), "PYTHONPATH": str(_ROOT)}
    done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert not mark.exists()
    (tmp_path / f"{name}.py").unlink()


def test_an_engine_works_on_when_the_folder_where_it_was_started_is_gone(
    viva: Viva, pack: Path, tmp_path: Path, environment: dict[str, str]
) -> None:
    """It stands in none, so nobody's folder is kept busy either."""
    folder = tmp_path / "gone"
    folder.mkdir()
    start = subprocess.run(_command("engine", "start"), env=environment, cwd=folder, capture_output=True, timeout=120)
    assert start.returncode == 0
    folder.rmdir()
    assert _process(viva).cwd() == "/"
    assert _grade(viva, pack)["status"] == "accepted"
    assert _status(viva)["verdicts"] == 1


def test_a_runtime_folder_may_be_named_from_where_one_stands(viva: Viva, tmp_path: Path, pack: Path) -> None:
    """Client and engine mean the same folder, although they stand elsewhere."""
    environment = {**os.environ, "VIVA_RUNTIME": "near", "PYTHONPATH": str(_ROOT)}
    started = subprocess.run(
        _command("engine", "start"), env=environment, cwd=tmp_path, capture_output=True, timeout=120
    )
    try:
        assert started.returncode == 0, started.stderr
        assert list((tmp_path / "near").glob("*.sock"))
    finally:
        subprocess.run(_command("engine", "stop"), env=environment, cwd=tmp_path, capture_output=True, timeout=120)


@pytest.fixture
def planted(tmp_path: Path) -> Iterator[Path]:
    """A socket in our own folder, under the name of our engine, on which another user listens, and what that one heard.

    That takes a folder that was swapped between two looks at it; here it takes root.
    """
    folder, heard = tmp_path / "runtime", tmp_path / "heard"
    folder.mkdir(mode=0o700)
    heard.touch(mode=0o666)
    heard.chmod(0o666)
    ready, said = os.pipe()
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(str(Place(folder, code_digest()).socket))
        pid = os.fork()
        if pid == 0:
            with heard.open("ab", buffering=0) as note:
                os.setuid(65_534)
                door.listen()
                os.write(said, b"!")
                while True:
                    client, _ = door.accept()
                    note.write(client.recv(65_536))
                    client.close()
    os.read(ready, 1)
    yield heard
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can listen as somebody else")
def test_another_user_s_engine_is_told_nothing(viva: Viva, pack: Path, planted: Path) -> None:
    """It would learn the submission, and could make up the verdict."""
    assert _grade(viva, pack)["status"] == "accepted"
    assert _status(viva)["running"] is False
    assert planted.read_bytes() == b""
