"""Where the guest says that results live: a case that asks for it fails when one is on the CPU for inputs on a GPU.

The judge's own tensors are on the CPU, always: it knows of a GPU what a guest says, and that is the number of tensors
of an answer that are not there. A hostile guest can say none, which gains it this claim and nothing else.
"""

from __future__ import annotations

import contextlib
import contextvars
from collections.abc import Iterator

from grader.errors import WireError
from grader.judge.comparison import Mismatch
from grader.model.text import Text
from grader.model.verdict import Cause

MARK = "on_device"  # of a case, or of a whole suite
_LEFT = Text(
    en="the result is on the CPU, where the inputs are on the GPU; make new tensors on the device of an input",
    zh="输入在 GPU 上，结果却在 CPU 上；新建的张量应当放在输入所在的设备上",
)

_asked: contextvars.ContextVar[bool] = contextvars.ContextVar("asked", default=False)


@contextlib.contextmanager
def results_stay(asked: bool) -> Iterator[None]:
    """Within the block, one case, results must be where the inputs are, if `asked`."""
    token = _asked.set(asked)
    try:
        yield
    finally:
        _asked.reset(token)


def note_elsewhere(count: object) -> None:
    """The guest says that so many tensors of an answer are not on its device.

    Raises Mismatch where the case asks that there are none, WireError for what is no count.
    """
    __tracebackhide__ = True
    if type(count) is not int or count < 0:
        raise WireError("the place of a result is malformed")
    if count and _asked.get():
        raise Mismatch(_LEFT, Cause(expected="on the device of the inputs", actual="on the CPU", worst_index=None))
