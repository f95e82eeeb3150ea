"""A GPU in a box: its nodes, what of /proc its driver may read, and the context that a guest makes for itself.

Theory of operation. CUDA cannot be initialized before a fork, so no parent and no branch ever does it; they only load
the driver's libraries, because in a confined guest no further file can become code. A guest that shall have a GPU makes
its context after it has confined itself, and before candidate code exists; then it waits like any other spare. What the
context cost in memory and CPU time is taken off its account by the branch, which looks at it from outside.

Nothing here has run on a GPU: `make gpu` is what tries it, and docs/security.md says what is unproven until then.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import re
import sys
from collections.abc import Iterator

LAYER = "gpu-nodes"
# What a driver is known to read below /proc, and what tells nothing of this machine's users: copies, never the files.
TEXTS = ("driver/nvidia/params", "driver/nvidia/version", "devices")
_TEXT_BYTES = 16_384
_NODE = re.compile(r"nvidia(\d+|ctl|-uvm)")
_DRIVER = ("libcuda.so.1", "libnvidia-ptxjitcompiler.so.1", "libnvidia-nvvm.so.4")
_LIBRARY = re.compile(r"lib[\w.+-]+\.so(\.[\d.]+)?")


def nodes(folder: str = "/dev") -> list[str]:
    """The nodes of the GPU that are on this disk: in a box, those of one."""
    try:
        return [f"{folder}/{name}" for name in sorted(os.listdir(folder)) if _NODE.fullmatch(name)]
    except OSError:
        return []


def texts(proc: str = "/proc") -> dict[str, bytes]:
    """What of `TEXTS` there is, by its path below /proc."""
    found = {}
    for name in TEXTS:
        with contextlib.suppress(OSError), open(f"{proc}/{name}", "rb") as file:
            found[name] = file.read(_TEXT_BYTES)
    return found


def load_libraries(folders: list[str]) -> int:
    """Load the driver's libraries, and NVIDIA's below a module search path, and initialize none; how many could be."""
    loaded = 0
    for path in (*_DRIVER, *(path for folder in folders for path in _libraries_below(f"{folder}/nvidia"))):
        with contextlib.suppress(OSError):  # one for another driver, or that needs what is not there
            ctypes.CDLL(path, mode=ctypes.RTLD_LOCAL)
            loaded += 1
    return loaded


def _libraries_below(top: str) -> Iterator[str]:
    for folder, _, names in os.walk(top):
        yield from (os.path.join(folder, name) for name in sorted(names) if _LIBRARY.fullmatch(name))


def require_none() -> None:
    """Raise RuntimeError where CUDA is initialized in this process, which is about to be forked."""
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_initialized():
        raise RuntimeError("CUDA was initialized in a parent, whose children would fail")


def make_context() -> None:
    """Make this process's context and use it once; raises OSError that names the layer when that fails.

    TF32 is off, so that `float32` means on a GPU what it means on the CPU.
    """
    import torch

    try:
        torch.backends.cuda.matmul.allow_tf32 = False
        torch.backends.cudnn.allow_tf32 = False
        torch.cuda.init()  # type: ignore[no-untyped-call]
        _first_uses()
    except Exception as error:
        raise OSError(f"the layer {LAYER} is missing: no CUDA context could be made in the box: {error}") from error


def _first_uses() -> None:
    """Forward, backward and a copy back: what nearly every exercise does first, and what loads kernels."""
    import torch

    with torch.random.fork_rng(devices=[]):
        layer = torch.nn.Linear(4, 4).to("cuda")
        layer(torch.ones(2, 4, device="cuda")).softmax(-1).sum().backward()
    torch.cuda.synchronize()
    torch.ones(2, device="cuda").cpu()
