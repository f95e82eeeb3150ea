"""Limits of a box, each just kept and just broken, with real processes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from grader.engine.engine import Engine
from grader.model.exercise import Exercise
from grader.model.verdict import Status
from tests.integration.conftest import OTHER, graded, write_exercise

pytestmark = pytest.mark.usefixtures("nothing_left")

_LIMITS = "wall_s: 30, case_wall_s: 8, cpu_s: 20, memory_mb: 128, processes: 8, output_kb: 64"


@pytest.fixture(scope="session")
def roomy(tmp_path_factory: pytest.TempPathFactory) -> Exercise:
    """128 MB, 8 processes, 64 KB of output, and so much time that only these can run out."""
    return write_exercise(tmp_path_factory.mktemp("roomy"), limits=_LIMITS)


@pytest.fixture(scope="session")
def roomy_torch(tmp_path_factory: pytest.TempPathFactory) -> Exercise:
    """The same for torch."""
    return write_exercise(tmp_path_factory.mktemp("roomy_torch"), environment="torch", limits=_LIMITS)


@pytest.fixture(scope="session")
def scarce_cpu(tmp_path_factory: pytest.TempPathFactory) -> Exercise:
    """One second of CPU time and much wall time."""
    limits = "wall_s: 60, case_wall_s: 30, cpu_s: 1, memory_mb: 128, processes: 8"
    return write_exercise(tmp_path_factory.mktemp("scarce_cpu"), limits=limits)


@pytest.fixture(scope="session")
def hurried(tmp_path_factory: pytest.TempPathFactory) -> Exercise:
    """A second and a half for a case, two and a half for all of them together."""
    limits = "wall_s: 2.5, case_wall_s: 1.5, cpu_s: 20, memory_mb: 128, processes: 8"
    return write_exercise(tmp_path_factory.mktemp("hurried"), limits=limits)


def _source(body: str, **values: object) -> str:
    for name, value in values.items():
        body = body.replace(name, str(value))
    lines = "".join(f"    {line}\n" for line in body.strip().splitlines())
    return f"def probe():\n{lines}    return 'done'\n{OTHER}"


_MEMORY = {
    "one process": "block = bytearray(SIZE << 20)",
    "many small objects": "kept = [bytes(1000) for _ in range(SIZE << 10)]",
    "numpy": "import numpy\nkept = numpy.ones(SIZE << 17)",
    "four processes": """
import os, time
read, write = os.pipe()
hold, release = os.pipe()
for _ in range(4):
    if os.fork() == 0:
        os.close(release)
        block = bytearray(b"x") * ((SIZE << 20) // 4)
        os.write(write, b"x")
        os.read(hold, 1)
        os._exit(0)
ready = b""
while len(ready) < 4:
    ready += os.read(read, 4)
time.sleep(0.2)
os.close(release)
for _ in range(4):
    os.wait()
""",
}
_UNDER_MB, _OVER_MB = 115, 136


@pytest.mark.parametrize("body", _MEMORY.values(), ids=_MEMORY)
def test_memory_just_under_the_limit_is_granted(body: str, engine: Engine, roomy: Exercise) -> None:
    """A submission that needs nearly all of its 128 MB passes."""
    verdict = graded(engine, roomy, _source(body, SIZE=_UNDER_MB))
    assert verdict.status is Status.ACCEPTED, verdict.cases


@pytest.mark.parametrize("body", _MEMORY.values(), ids=_MEMORY)
def test_memory_just_over_the_limit_is_memory_limit(body: str, engine: Engine, roomy: Exercise) -> None:
    """A submission that takes a little more than its 128 MB gets `memory_limit`, and the next case a new box."""
    verdict = graded(engine, roomy, _source(body, SIZE=_OVER_MB))
    assert [case.status for case in verdict.cases] == [Status.MEMORY_LIMIT, Status.ACCEPTED], verdict.cases


def test_shared_anonymous_memory_is_not_to_be_had(engine: Engine, roomy: Exercise) -> None:
    """Memory that would stay when its pages are dropped, unseen by every limit, is refused outright."""
    verdict = graded(engine, roomy, _source("import mmap\nshared = mmap.mmap(-1, SIZE << 20)", SIZE=1))
    assert "PermissionError" in verdict.cases[0].message.en


_BUFFERS = """
import os, socket, time
first = os.getpid()
for _ in range(5):
    if os.getpid() == first: os.fork()
server = socket.create_server(("127.0.0.1", 0), backlog=64)
kept, sent, goal = [], 0, (SIZE << 20) // 6
while sent < goal:
    client = socket.create_connection(server.getsockname())
    ACCEPT
    client.setblocking(False)
    try:
        while sent < goal: sent += client.send(bytes(1 << 16))
    except BlockingIOError: pass
    KEEP
time.sleep(0.3)
if os.getpid() != first: os._exit(0)
"""
_CONNECTED = _BUFFERS.replace("ACCEPT", "kept.append(server.accept())").replace("KEEP", "kept.append(client)")
_ABANDONED = _BUFFERS.replace("ACCEPT", "pass").replace("KEEP", "client.close()")


@pytest.fixture(scope="session")
def networked(tmp_path_factory: pytest.TempPathFactory) -> Exercise:
    """A network, and a quarter of the memory: six processes cannot have sockets enough for more."""
    limits = _LIMITS.replace("memory_mb: 128", "memory_mb: 32")
    return write_exercise(tmp_path_factory.mktemp("networked"), limits=f"{limits}, network: true")


@pytest.mark.parametrize("body", [_CONNECTED, _ABANDONED], ids=["connected", "never accepted"])
def test_what_lies_in_buffers_of_sockets_is_memory(body: str, engine: Engine, networked: Exercise) -> None:
    """It is nobody's resident memory, and what was never accepted is nobody's descriptor either."""
    verdict = graded(engine, networked, _source(body, SIZE=45))
    assert [case.status for case in verdict.cases] == [Status.MEMORY_LIMIT, Status.ACCEPTED], verdict.cases
    assert graded(engine, networked, _source(body, SIZE=15)).status is Status.ACCEPTED


_LOOP = """
import asyncio
async def work():
    server = await asyncio.start_server(lambda reader, writer: writer.close(), "127.0.0.1", 0)
    await asyncio.open_connection(*server.sockets[0].getsockname())
    return await asyncio.gather(*(asyncio.sleep(0.01, n) for n in range(9)))
assert asyncio.run(work()) == list(range(9))
"""


def test_event_loops_need_a_network(engine: Engine, roomy: Exercise, networked: Exercise) -> None:
    """A loop wakes itself through a pair of sockets, and there are sockets only where a manifest says so."""
    assert graded(engine, networked, _source(_LOOP)).status is Status.ACCEPTED
    assert "OSError" in graded(engine, roomy, _source(_LOOP)).cases[0].message.en


_TORCH = {
    "one tensor": "import torch\nkept = torch.ones(SIZE << 18)",
    "a graph": "import torch\nx = torch.ones(SIZE << 15, requires_grad=True)\nfor _ in range(7): x = x.exp()",
}


@pytest.mark.parametrize("body", _TORCH.values(), ids=_TORCH)
def test_torch_may_use_its_memory_above_what_torch_itself_needs(
    body: str, engine: Engine, roomy_torch: Exercise
) -> None:
    """The limit counts what the submission allocates, not what importing torch cost."""
    verdict = graded(engine, roomy_torch, _source(body, SIZE=_UNDER_MB - 8))
    assert verdict.status is Status.ACCEPTED, verdict.cases


@pytest.mark.parametrize("body", _TORCH.values(), ids=_TORCH)
def test_torch_allocations_over_the_limit_are_memory_limit(body: str, engine: Engine, roomy_torch: Exercise) -> None:
    """Torch's own error for a failed allocation is told as `memory_limit`."""
    verdict = graded(engine, roomy_torch, _source(body, SIZE=_OVER_MB + 16))
    assert verdict.status is Status.MEMORY_LIMIT, verdict.cases


_COUNTED = {
    "processes": (
        7,
        8,
        """
import os, time
children = []
for _ in range(COUNT):
    pid = os.fork()
    if pid == 0:
        time.sleep(5)
        os._exit(0)
    children.append(pid)
for pid in children:
    os.kill(pid, 15)
    os.waitpid(pid, 0)
""",
    ),
    "threads": (
        7,
        8,
        """
import threading
stop = threading.Event()
threads = [threading.Thread(target=stop.wait, daemon=True) for _ in range(COUNT)]
try:
    for thread in threads: thread.start()
finally:
    stop.set()
""",
    ),
    "megabytes of files": (
        62,
        66,
        """
with open("/tmp/big", "wb") as big:
    for _ in range(COUNT): big.write(bytes(1 << 20))
""",
    ),
    "megabytes of shared memory files": (
        62,
        66,
        """
with open("/dev/shm/big", "wb") as big:
    for _ in range(COUNT): big.write(bytes(1 << 20))
""",
    ),
    "open descriptors": (240, 260, "kept = [open('/dev/null') for _ in range(COUNT)]"),
    "folders": (16000, 17000, "import os\nfor n in range(COUNT): os.mkdir(f'/tmp/{n}')"),
}


@pytest.mark.parametrize(("count", "body"), [(c[0], c[2]) for c in _COUNTED.values()], ids=_COUNTED)
def test_a_count_just_under_its_limit_is_granted(count: int, body: str, engine: Engine, roomy: Exercise) -> None:
    """Processes, threads, files and descriptors can be had up to the limit."""
    verdict = graded(engine, roomy, _source(body, COUNT=count))
    assert verdict.status is Status.ACCEPTED, verdict.cases


@pytest.mark.parametrize(("count", "body"), [(c[1], c[2]) for c in _COUNTED.values()], ids=_COUNTED)
def test_a_count_just_over_its_limit_is_refused(count: int, body: str, engine: Engine, roomy: Exercise) -> None:
    """Beyond the limit the submission sees the system's own error, and ends with it."""
    verdict = graded(engine, roomy, _source(body, COUNT=count))
    assert verdict.cases[0].status is Status.RUNTIME_ERROR, verdict.cases


def test_output_just_under_the_limit_is_kept(engine: Engine, roomy: Exercise) -> None:
    """63 of 64 KB may be printed, and come back with the case."""
    verdict = graded(engine, roomy, _source("for _ in range(63): print('x' * 1023)"))
    assert verdict.status is Status.ACCEPTED, verdict.cases
    assert verdict.cases[0].output.startswith("xxxx")


def test_output_just_over_the_limit_is_output_limit(engine: Engine, roomy: Exercise) -> None:
    """65 of 64 KB end the box; what was printed before is kept, and the next case has a new box."""
    verdict = graded(engine, roomy, _source("for _ in range(65): print('x' * 1023)"))
    assert [case.status for case in verdict.cases] == [Status.OUTPUT_LIMIT, Status.ACCEPTED], verdict.cases
    assert verdict.cases[0].output.startswith("xxxx")


_BURN = {
    "one process": "import time\nwhile time.process_time() < start + SECONDS: pass",
    "two processes": """
import os
children = []
for _ in range(2):
    pid = os.fork()
    if pid == 0:
        while time.process_time() < SECONDS / 2: pass
        os._exit(0)
    children.append(pid)
for pid in children: os.waitpid(pid, 0)
""",
    "processes that end at once": """
import os
ends = time.monotonic() + 20
def burnt():
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system - before
spent = os.times()
before = spent.user + spent.system + spent.children_user + spent.children_system
while burnt() < SECONDS and time.monotonic() < ends:
    pid = os.fork()
    if pid == 0:
        begun = time.process_time()
        while time.process_time() < begun + 0.02: pass
        os._exit(0)
    os.waitpid(pid, 0)
""",
}


@pytest.mark.parametrize("body", _BURN.values(), ids=_BURN)
def test_cpu_time_just_under_the_limit_is_granted(body: str, engine: Engine, scarce_cpu: Exercise) -> None:
    """Seven tenths of the one second may be spent."""
    source = _source("import time\nstart = time.process_time()\n" + body, SECONDS=0.7)
    assert graded(engine, scarce_cpu, source).status is Status.ACCEPTED


@pytest.mark.parametrize("body", _BURN.values(), ids=_BURN)
def test_cpu_time_just_over_the_limit_is_time_limit(body: str, engine: Engine, scarce_cpu: Exercise) -> None:
    """The CPU time of all processes of a box counts together."""
    verdict = graded(engine, scarce_cpu, _source("import time\nstart = time.process_time()\n" + body, SECONDS=1.3))
    assert verdict.cases[0].status is Status.TIME_LIMIT, verdict.cases
    assert "CPU" in verdict.cases[0].message.en


def test_a_case_just_under_its_wall_time_passes(engine: Engine, hurried: Exercise) -> None:
    """A second of the second and a half may go by."""
    assert graded(engine, hurried, _source("import time; time.sleep(1)")).status is Status.ACCEPTED


def test_a_case_over_its_wall_time_is_time_limit(engine: Engine, hurried: Exercise) -> None:
    """The clock is the judge's: sleeping past it ends the case within a second, and the next case runs."""
    verdict = graded(engine, hurried, _source("import time; time.sleep(60)"))
    assert [case.status for case in verdict.cases] == [Status.TIME_LIMIT, Status.ACCEPTED], verdict.cases
    assert 1500 <= verdict.cases[0].duration_ms < 2500


def test_all_cases_together_have_a_wall_time(engine: Engine, hurried: Exercise) -> None:
    """Two cases that each stay within their own time may not take more than the submission's."""
    sleepy = "import time\ndef probe():\n    time.sleep(1.3)\n    return 'done'\ndef other():\n    time.sleep(1.3)\n"
    verdict = graded(engine, hurried, sleepy)
    assert [case.status for case in verdict.cases] == [Status.ACCEPTED, Status.TIME_LIMIT], verdict.cases


def test_one_slow_case_does_not_shorten_the_next(engine: Engine, hurried: Exercise, tmp_path: Path) -> None:
    """A judge that compares for longer than a case's time charges the next case with nothing."""
    suite = '''
import time
import pytest

@pytest.mark.task("first")
def test_first(candidate):
    """The judge itself takes its time after the last question."""
    assert candidate.probe() == "done"
    time.sleep(0.7)

@pytest.mark.task("second")
def test_second(candidate):
    """The next case has its own time."""
    assert candidate.other() == "fine"
'''
    slow = write_exercise(tmp_path, hidden=suite)
    slow = replace(slow, limits=replace(slow.limits, case_wall_s=0.6))
    verdict = graded(engine, slow, _source("pass"))
    assert verdict.status is Status.ACCEPTED, verdict.cases
