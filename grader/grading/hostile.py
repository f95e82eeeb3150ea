"""Submissions that attack the grader, made from any exercise's stub; for `viva audit`.

Each is a mechanism: code that runs on import, and what every function of the submission then does. They must earn
nothing, and the grader must go on. The project's own tests hold many more, written for single exercises.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from grader.grading.bad_submissions import rewrite
from grader.model.exercise import Exercise
from grader.model.submission import Submission

_ALWAYS_EQUAL = """
class Equal:
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __lt__(self, other): return True
    def __getattr__(self, name): return Equal()
    def __call__(self, *args, **kwargs): return Equal()
    def __array__(self, *args, **kwargs): raise TypeError
    __hash__ = object.__hash__
class Number(float):
    __eq__ = __le__ = __ge__ = __lt__ = __gt__ = lambda self, other: True
    __sub__ = __rsub__ = __abs__ = lambda self, *other: Number(0.0)
"""
_PATCHES = """
import builtins, sys
for name in ('numpy', 'numpy.testing', 'torch', 'torch.testing', 'pytest', 'unittest'):
    module = sys.modules.get(name)
    for key in ('allclose', 'isclose', 'array_equal', 'equal', 'assert_close', 'assert_allclose', 'approx'):
        if hasattr(module, key):
            setattr(module, key, lambda *args, **kwargs: True)
builtins.abs = lambda value: 0.0
"""
_SEARCH = """
import gc, os, sys
found = [os.path.join(folder, name)
         for top in ('/', '/proc/1/root', '/proc/self/cwd') for folder, _, names in os.walk(top)
         for name in names if name.startswith('test_hidden') or 'reference' in folder]
frame, names = sys._getframe(), []
while frame:
    names += [name for name in frame.f_locals if 'expected' in name or 'reference' in name]
    frame = frame.f_back
found += names + [name for name in sys.modules if 'judge' in name or 'pytest' in name]
print('FOUND', found)
"""
_FORGE = """
import gc, os
from grader.guest.session import GuestSession
from grader.wire.frame import Caps, Frame, send_frame
for session in gc.get_objects():
    if type(session) is GuestSession:
        for _ in range(3):
            send_frame(session._stream, Frame([session._call_id, 'ok', 1.0, [], [], None, []], []), Caps())
"""
_DAEMON = """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        time.sleep(3600)
    os._exit(0)
"""

_WRITE_EVERYWHERE = """
import os
for number in range(1, 256):
    try: os.write(number, b'viv1' + bytes(64))
    except OSError: pass
"""
_FORK_BOMB = """
import os
while True:
    try: os.fork()
    except OSError: pass
"""
_FILL = """
with open('/tmp/x', 'wb') as file:
    while True: file.write(bytes(1 << 20))
"""
_STOP = """
import os, signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
os.kill(os.getpid(), signal.SIGSTOP)
"""
_RECURSE = """
import sys
sys.setrecursionlimit(1 << 30)
def deeper(): return deeper()
return deeper()
"""
_PAYLOAD = """
class Payload:
    def __reduce__(self): return (print, ('owned',))
"""
_EAT = """
kept = []
while True: kept.append(bytearray(1 << 24))
"""
_EMPTY_JOBS = """
import sys
frame, seen = sys._getframe(), set()
def empty(value, depth=0):
    if id(value) in seen or depth > 6: return
    seen.add(id(value))
    if isinstance(value, dict) and '__builtins__' not in value:
        for item in list(value.values()): empty(item, depth + 1)
        if depth: value.clear()
    elif isinstance(value, (list, set)):
        for item in list(value): empty(item, depth + 1)
        value.clear()
    elif hasattr(value, 'zero_'): value.data.zero_()
    elif hasattr(value, 'fill') and getattr(getattr(value, 'flags', None), 'writeable', False): value.fill(0)
while frame is not None:
    if frame.f_code.co_filename in ('solution.py', 'driver.py'): empty(frame.f_locals)
    frame = frame.f_back
return None
"""
_ZERO_ARGUMENTS = """
def zero(value, depth=0):
    if hasattr(value, 'zero_'): value.data.zero_()
    elif hasattr(value, 'fill') and value.flags.writeable: value.fill(0)
    elif depth < 4 and isinstance(value, dict): [zero(item, depth + 1) for item in value.values()]
    elif depth < 4 and isinstance(value, (list, tuple)): [zero(item, depth + 1) for item in value]
for value in given: zero(value)
return first
"""
_FORK_HOOK = """
import os
kept = []
def remember():
    import gc
    kept.extend(o for o in gc.get_objects() if type(o) in (list, dict) and len(o) > 1)
os.register_at_fork(before=remember, after_in_child=remember)
"""
_ODD_ERRORS = """
import itertools
odd = itertools.cycle([
    SyntaxError('m', ('f', 1, 1, 12345)), SyntaxError('m', ('f', 1, 1 << 40, 'x')), SyntaxError('m', ('f', 1, [], 'x')),
    SyntaxError('m', ('f', -1, -1, 'x', -5, -5)), UnicodeDecodeError('utf-8', b'x' * 9, 5, 1 << 40, 'r'),
    OSError(1, ['a'], {}), KeyError(), StopIteration([]), ImportError('a', name=3), ExceptionGroup('g', [ValueError()]),
])
"""
_COLLIDING_SET = """
import grader.wire.encoder as wire
P = (1 << 61) - 1
class Bomb: pass
wire._BY_TYPE[Bomb] = lambda encoder, value, depth: ['S', *(['i', format(k * P, 'x')] for k in range(1, 40000))]
"""
_KEPT = "import numpy\nreturn numpy.zeros(31_000_000)"
_PRINT = 'print(\'{"status": "accepted"}\\n20 passed in 0.1s\')'


@dataclass(frozen=True, slots=True, kw_only=True)
class Attack:
    """A mechanism: code that runs on import, and the body of every function."""

    mechanism: str
    on_import: str = ""
    body: str = "return 0.0"


ATTACKS: dict[str, Attack] = {
    "exits_on_import": Attack(mechanism="ends the process with 0 on import", on_import="import os\nos._exit(0)"),
    "exits_at_exit": Attack(
        mechanism="an atexit handler that ends with 0",
        on_import="import atexit, os\natexit.register(os._exit, 0)",
        body="raise SystemExit(0)",
    ),
    "interrupts": Attack(mechanism="KeyboardInterrupt past `except Exception`", body="raise KeyboardInterrupt"),
    "generator_exit": Attack(mechanism="GeneratorExit past `except Exception`", body="raise GeneratorExit"),
    "skips": Attack(mechanism="skips the test", body="import unittest\nraise unittest.SkipTest('skip')"),
    "prints_a_verdict": Attack(mechanism="prints a verdict and a test report", on_import=_PRINT),
    "always_equal": Attack(
        mechanism="an object that equals everything", on_import=_ALWAYS_EQUAL, body="return Equal()"
    ),
    "lying_number": Attack(mechanism="a float that compares at will", on_import=_ALWAYS_EQUAL, body="return Number(0)"),
    "unpickles": Attack(mechanism="runs code when unpickled", on_import=_PAYLOAD, body="return Payload()"),
    "patches_comparison": Attack(mechanism="patches the comparison functions", on_import=_PATCHES),
    "searches": Attack(mechanism="searches disk and memory for answers", body=_SEARCH + "return 0.0"),
    "imports_the_judge": Attack(mechanism="imports the judge", on_import="import grader.judge.comparison"),
    "forges_replies": Attack(mechanism="writes well-formed replies to the wire", body=_FORGE + "return 0.0"),
    "writes_everywhere": Attack(mechanism="writes to every descriptor", body=_WRITE_EVERYWHERE),
    "closes_the_wire": Attack(mechanism="closes every descriptor", body="import os\nos.closerange(3, 256)"),
    "leaves_a_daemon": Attack(mechanism="leaves a daemon that holds the pipes", on_import=_DAEMON),
    "forks": Attack(mechanism="fork bomb", body=_FORK_BOMB),
    "eats_memory": Attack(mechanism="takes memory without end", body=_EAT),
    "floods": Attack(mechanism="prints without end", body="while True: print('x' * 65536)"),
    "fills_the_disk": Attack(mechanism="fills the scratch space", body=_FILL),
    "zeroes_arguments": Attack(mechanism="zeroes its arguments in place and hands one back", body=_ZERO_ARGUMENTS),
    "empties_jobs": Attack(mechanism="empties what the frames around it hold", body=_EMPTY_JOBS),
    "hooks_forks": Attack(mechanism="looks at the memory of whatever forks", on_import=_FORK_HOOK),
    "odd_errors": Attack(
        mechanism="raises exceptions whose fields are of the wrong type", on_import=_ODD_ERRORS, body="raise next(odd)"
    ),
    "colliding_set": Attack(
        mechanism="answers a set whose members share their hash", on_import=_COLLIDING_SET, body="return Bomb()"
    ),
    "kept_answers": Attack(mechanism="answers hundreds of megabytes to every question", body=_KEPT),
    "never_returns": Attack(mechanism="loops inside C", body="return sum(iter(int, 1))"),
    "ignores_signals": Attack(mechanism="ignores signals and stops itself", body=_STOP),
    "crashes": Attack(mechanism="segmentation fault", body="import os\nos.kill(os.getpid(), 11)"),
    "recurses": Attack(mechanism="recursion without end", body=_RECURSE),
}


def attacks_on(exercise: Exercise) -> Iterator[tuple[Attack, Submission]]:
    """Every attack as a submission for this exercise."""
    stub = exercise.stub.read_text(encoding="utf-8")
    for name, attack in ATTACKS.items():
        source = f"{rewrite(stub, attack.body)}\n{attack.on_import}\n"
        yield attack, Submission(name=name, source=source)


def hurried(exercise: Exercise) -> Exercise:
    """The exercise with limits that an attack meets soon; its digest differs, so that no honest verdict uses it."""
    limits = replace(exercise.limits, wall_s=min(6.0, exercise.limits.wall_s), case_wall_s=1.5, cpu_s=4.0)
    return replace(exercise, limits=limits, suite_digest=f"{exercise.suite_digest}-hurried")
