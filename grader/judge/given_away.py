"""What a suite tells the driver and then compares with: the candidate's code lies beside the driver and sees it first.

The suite runs once on its own reference, in a prover. What was passed to the driver's functions and objects is held
against what was compared later in the same case, arrays and tensors by their bits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import ModuleType
from typing import Any

import numpy as np

from grader.guest.placement import HERE, Placement
from grader.judge import tables
from grader.judge.job import SuiteSpec
from grader.judge.loopback import LocalSession, Loopback
from grader.judge.plugin import LocalProvider
from grader.judge.run import CaseRecord, Suite, run_locally
from grader.model.verdict import Status
from grader.wire.frame import Caps, Frame
from grader.wire.memory import picture_of
from grader.wire.tables import is_table

_CASE_WALL_S = 60.0
_FEW = 4  # items from which two equal arrays are hardly equal by chance


class _Watched(LocalSession):
    """Keeps what is passed to the driver."""

    def __init__(self, caps: Caps, ask: Callable[[Frame], Frame], placement: Placement = HERE) -> None:
        super().__init__(caps, ask, placement)
        self.given: set[Any] = set()

    def _run(self, name: str, target: int, values: list[Any], named: dict[str, Any]) -> Any:
        if name in ("call", "method") and _is_of_driver(self._object(target)):
            self.given.update(_pictures([*values, *named.values()]))
        return super()._run(name, target, values, named)


def told_to_driver(spec: SuiteSpec, suite: Suite, seed: int) -> Iterator[tuple[str, str]]:
    """(case, what) of all that is given away."""
    sessions: list[Any] = []

    def guest() -> Loopback:
        loopback = Loopback(_Watched)
        sessions.append(loopback.session)
        return loopback

    provider = LocalProvider(spec.reference_path, seed, tolerance=spec.tolerance, guest=guest, keep_ranks=True)
    try:
        for record in run_locally(suite, provider, _CASE_WALL_S):
            if record.outcome.status is not Status.ACCEPTED:  # nothing was compared, which must not pass for a proof
                yield (
                    record.outcome.id,
                    f"nobody could look, for it failed on the reference: {record.outcome.message.en}",
                )
            yield from ((record.outcome.id, what) for what in _given_away(record, sessions))
            for session in sessions:
                session.given.clear()
    finally:
        provider.end_ranks()


def _given_away(record: CaseRecord, sessions: list[Any]) -> Iterator[str]:
    given = {picture for session in sessions for picture in session.given}
    compared = {picture for one in record.observations for picture in _pictures(one.value)}
    return (f"{dtype} {tuple(shape)}" for dtype, shape, _ in sorted(compared & given, key=str))


def _is_of_driver(target: Any) -> bool:
    if isinstance(target, ModuleType):
        return target.__name__ == "driver"
    return "driver" in (getattr(target, "__module__", None), type(target).__module__)


def _pictures(value: Any) -> Iterator[tuple[str, tuple[int, ...], bytes]]:
    """Every array and tensor in a value that is large enough to tell."""
    if isinstance(value, Mapping):
        value = list(value.values())
    if is_table(value):
        value = [part.values for part in tables.parts(value) if part.kind == "number"]
    if isinstance(value, list | tuple):
        for item in value:
            yield from _pictures(item)
    elif isinstance(value, np.ndarray) and value.size >= _FEW:
        yield str(value.dtype), value.shape, value.tobytes()
    elif hasattr(value, "untyped_storage") and value.numel() >= _FEW:
        dtype, shape, bits = picture_of(value.detach())
        yield str(dtype), tuple(shape), bits
