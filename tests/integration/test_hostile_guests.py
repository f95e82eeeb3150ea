"""Guests that will not end, end badly or take what they can: the right status within a second, and nothing is left."""

from __future__ import annotations

import pytest

from grader.engine.engine import Engine
from grader.judge.provider import MAX_BOXES
from grader.model.exercise import Exercise
from grader.model.verdict import Status
from tests.integration.conftest import OTHER, RIGHT, graded, write_exercise

pytestmark = pytest.mark.usefixtures("nothing_left")

_CASE_WALL_MS = 1000
_T, _R, _M, _O = Status.TIME_LIMIT, Status.RUNTIME_ERROR, Status.MEMORY_LIMIT, Status.OUTPUT_LIMIT

# name -> (expected statuses of the first case, what its function does)
_HOSTILE = {
    "ignores every signal": (
        {_T},
        """
import signal, time
for number in range(1, 65):
    try: signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError): pass
while True: time.sleep(1)
""",
    ),
    "blocks every signal": (
        {_T},
        "import signal, time\nsignal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))\nwhile True: time.sleep(1)",
    ),
    "swallows every exception": (
        {_T},
        "import time\nwhile True:\n    try: time.sleep(1)\n    except BaseException: pass",
    ),
    "holds the lock of the interpreter in C": ({_T}, "import re\nre.match('(a*)*b', 'a' * 64)"),
    "holds the lock in one huge power": ({_T}, "10 ** 10 ** 9"),
    "loops in C code of numpy": ({_T}, "import numpy\nwhile True: numpy.sort(numpy.arange(1000000)[::-1])"),
    "stops itself": ({_T}, "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)"),
    "stops its own group": ({_T}, "import os, signal\nos.kill(0, signal.SIGSTOP)"),
    "floods standard output": ({_O}, "while True: print('x' * 10000)"),
    "floods standard error": ({_O}, "import sys\nwhile True: sys.stderr.write('x' * 10000)"),
    "floods the descriptor itself": ({_O}, "import os\nwhile True: os.write(1, b'x' * 65536)"),
    "floods from a thread while it sleeps": (
        {_O},
        """
import os, threading, time
def flood():
    while True: os.write(2, b"x" * 1000)
threading.Thread(target=flood, daemon=True).start()
time.sleep(60)
""",
    ),
    "forks until it cannot": ({_R}, "import os\nwhile True:\n    if os.fork() == 0:\n        while True: os.getpid()"),
    "is a bomb that forks in every child": (
        {_R, _T},
        "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass",
    ),
    "leaves an orphan with a session of its own": (
        {Status.ACCEPTED},
        """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0: time.sleep(600)
    os._exit(0)
os.wait()
""",
    ),
    "ends with a segmentation fault": ({_R}, "import ctypes\nctypes.string_at(0)"),
    "aborts": ({_R}, "import os\nos.abort()"),
    "kills itself": ({_R}, "import os\nos.kill(os.getpid(), 9)"),
    "kills all that it may": ({_R, _T}, "import os\nos.kill(-1, 9)\nos.kill(os.getpid(), 9)"),
    "ends its process as if all were well": ({_R}, "import os\nos._exit(0)"),
    "calls sys.exit": ({_R}, "import sys\nsys.exit(0)"),
    "dies in the middle of a frame": (
        {_R},
        "import os, struct\nos.write(3, struct.pack('!4sII', b'viv1', 1000, 0) + b'half')\nos._exit(0)",
    ),
    "stops in the middle of a frame": (
        {_T},
        "import os, struct, time\nos.write(3, struct.pack('!4sII', b'viv1', 1000, 0) + b'half')\ntime.sleep(60)",
    ),
    "closes its connection": ({_R}, "import os, time\nos.close(3)\ntime.sleep(60)"),
    "closes every descriptor": ({_R}, "import os, time\nos.closerange(0, 256)\ntime.sleep(60)"),
    "announces a frame that no machine could hold": (
        {_R},
        "import os, struct, time\nos.write(3, struct.pack('!4sII', b'viv1', 2**32 - 1, 2**32 - 1))\ntime.sleep(60)",
    ),
    "answers before it is asked": ({_R}, "import os, time\nos.write(3, b'viv1' + bytes(8) + b'\\xc0')\ntime.sleep(60)"),
    "recurses without end": (
        {_R, _M, _T},  # on a machine that is busy, the second is over first
        "import sys\nsys.setrecursionlimit(10 ** 9)\ndef deeper(n): return deeper(n + 1)\ndeeper(0)",
    ),
    "takes all memory at once": ({_M}, "bytearray(1 << 40)"),
    "takes all memory bit by bit": ({_M}, "kept = []\nwhile True: kept.append(bytearray(1 << 20))"),
    "takes all memory and hides the error": (
        {_M, _T, _R},
        """
import mmap, time
kept = []
while True:
    try:
        kept.append(mmap.mmap(-1, 1 << 23))
        kept[-1].write(bytes(1 << 23))
    except (MemoryError, OSError): pass
""",
    ),
    "becomes another program": ({_R}, "import os\nos.execv('/python/bin/python3', ['python3'])"),
    "exits from a thread": (
        {_R},
        "import os, threading, time\nthreading.Thread(target=os._exit, args=(0,)).start()\ntime.sleep(60)",
    ),
}


@pytest.fixture(scope="session")
def brief(tmp_path_factory: pytest.TempPathFactory) -> Exercise:
    """A second for a case."""
    limits = "wall_s: 20, case_wall_s: 1, cpu_s: 20, memory_mb: 128, processes: 8, output_kb: 64"
    return write_exercise(tmp_path_factory.mktemp("brief"), limits=limits)


@pytest.mark.parametrize(("expected", "body"), _HOSTILE.values(), ids=_HOSTILE)
def test_a_hostile_guest_ends_in_time(expected: set[Status], body: str, engine: Engine, brief: Exercise) -> None:
    """The case ends with its status a second after its limit at the latest, and the next case runs."""
    lines = "".join(f"    {line}\n" for line in body.strip().splitlines())
    verdict = graded(engine, brief, f"def probe():\n{lines}    return 'done'\n{OTHER}")
    first, second = verdict.cases
    assert first.status in expected, first
    assert first.duration_ms < _CASE_WALL_MS + 1000
    assert second.status is Status.ACCEPTED, second


@pytest.mark.parametrize(
    "body", ["import os\nos._exit(3)", "raise SystemExit", "while True: pass", "import os\nos.kill(os.getpid(), 9)"]
)
def test_a_module_that_does_not_load_fails_every_case_alike(body: str, engine: Engine, brief: Exercise) -> None:
    """What ends while it is imported is not tried again for each case."""
    verdict = graded(engine, brief, body + "\n")
    assert len({case.status for case in verdict.cases}) == 1
    assert verdict.status in (_R, _T), verdict.cases


_MANY_DEATHS = '''
import pytest

@pytest.mark.task("first")
@pytest.mark.parametrize("n", range(8))
def test_first(candidate, n):
    """Ends its process each time."""
    assert candidate.probe() == "done"

@pytest.mark.task("second")
def test_second(candidate):
    """Would pass if there still were a box."""
    assert candidate.other() == "fine"
'''


def test_boxes_are_counted(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A submission that kills box after box gets `MAX_BOXES`; the cases after that say why they did not run."""
    exercise = write_exercise(tmp_path_factory.mktemp("deaths"), hidden=_MANY_DEATHS)
    verdict = graded(engine, exercise, f"import os\ndef probe():\n    os._exit(7)\n{OTHER}")
    ran = [case for case in verdict.cases if "not run" not in case.message.en]
    assert len(ran) == MAX_BOXES
    assert all(case.status is _R for case in verdict.cases), verdict.cases
    assert "exit status 7" in verdict.cases[-1].message.en


def test_the_engine_is_as_good_as_new_afterwards(engine: Engine, brief: Exercise) -> None:
    """After all of the above an honest submission is accepted."""
    assert graded(engine, brief, RIGHT).status is Status.ACCEPTED
