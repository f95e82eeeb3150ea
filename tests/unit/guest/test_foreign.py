"""After ctypes was taken out of service nothing of it calls anything, whoever holds it and however it is found."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

_ROOT = Path(__file__).resolve().parents[3]
_SCRIPT = f"""
import ctypes, importlib, importlib.util, sys, _ctypes
sys.path.insert(0, {str(_ROOT)!r})
from grader.guest import branch, foreign, namespaces, parent
libc = ctypes.CDLL(None)
held, other = libc.getpid, libc.getppid
address = ctypes.cast(held, ctypes.c_void_p).value
Kind = ctypes.CFUNCTYPE(ctypes.c_int)
made, method = Kind(address), _ctypes.CFuncPtr.__call__
before = held(), made(), method(held), _ctypes.call_function(address, ())
assert len(set(before)) == 1
foreign.carry_out(foreign.plan(strict=True))

class Mine(_ctypes.CFuncPtr):
    _flags_ = 1
    _restype_ = ctypes.c_int

def afresh(how):
    spec = importlib.util.spec_from_file_location("_ctypes", _ctypes.__file__)
    return how(importlib.util.module_from_spec(spec))

ATTEMPTS = dict(
    held=held, made=made, method=lambda: method(held), new=lambda: libc.gettid(), at_an_address=lambda: Kind(address)(),
    mine=lambda: Mine(address)(), through_super=lambda: super(Mine, Mine(address)).__call__(),
    call_function=lambda: _ctypes.call_function(address, ()), library=lambda: ctypes.CDLL("libm.so.6"),
    name=lambda: _ctypes.dlsym(0, "getpid"), memory=lambda: ctypes.string_at(address, 1),
    object_of_memory=lambda: ctypes.c_char.from_address(address), variable=lambda: ctypes.c_int.in_dll(libc, "environ"),
    interpreter=lambda: ctypes.pythonapi.Py_GetVersion(), object=lambda: _ctypes.PyObj_FromPtr(address),
    afresh=lambda: afresh(lambda module: module.call_function(address, ())),
)
for name, attempt in ATTEMPTS.items():
    try:
        print("worked:", name, attempt())
    except (TypeError, AttributeError, ImportError):
        pass
ours = [name for name in sys.modules if name.startswith("grader")]
print([name for name in ours if hasattr(sys.modules[name], "ctypes")], ctypes.sizeof(ctypes.c_int), len(ATTEMPTS))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="guests are forked")
def test_nothing_of_ctypes_calls_anything() -> None:
    """Functions, their types, subclasses, methods and modules, present and made afresh; sizes can still be asked."""
    done = subprocess.run([sys.executable, "-c", _SCRIPT], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "[] 4 16"), done.stderr
