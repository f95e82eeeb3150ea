"""Following torch's generator to where the guest says it went.

A Mersenne twister has degenerate states, so a state from the guest is never believed. The judge steps a generator of
its own forward, a block of 624 words at a time, until the claimed state lies in that block; a claim that is not on the
way (or too far) is answered by a state that is derived from the old one.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from grader.judge.seeds import derive

_WORDS = 624
_MAX_BLOCKS = 4_096  # about 2.5 million draws, 60 ms
_LARGEST_NORMAL = 9.0  # no normal number that a twister makes lies further out
_STATE = np.dtype(
    [
        *(("seed", "u8"), ("left", "i4"), ("seeded", "i4"), ("next", "u8"), ("words", "u8", _WORDS)),
        *(("x", "f8"), ("y", "f8"), ("rho", "f8"), ("has_y", "i4"), ("pad", "i4")),
        *(("z", "f4"), ("has_z", "u1"), ("end", "V3")),
    ]
)


def advance(generator: Any, claimed: Any) -> None:
    """Put `generator` (torch's, on the CPU) where `claimed` is, if it can have come there by drawing."""
    reached = _reached(generator, claimed)
    if reached is None:
        generator.manual_seed(derive(0, generator.get_state().numpy().tobytes().hex()))
    else:
        generator.set_state(reached)


def _reached(generator: Any, claimed: Any) -> Any:
    import torch

    start, goal = generator.get_state(), claimed.get_state()
    if goal.numel() != _STATE.itemsize or start.numel() != _STATE.itemsize:
        return None
    walker, block = torch.Generator().set_state(start), torch.empty(_WORDS, dtype=torch.int32)
    wanted = _fields(goal)
    for blocks in range(_MAX_BLOCKS):
        state = walker.get_state()
        own = _fields(state)
        if np.array_equal(own["words"], wanted["words"]):
            return state if _take_position(own, wanted, ahead=blocks > 0) else None
        block.random_(generator=walker)
    return None


def _fields(state: Any) -> Any:
    """The named parts of a state, sharing its memory."""
    return state.numpy().view(_STATE)[0]


def _take_position(own: Any, wanted: Any, *, ahead: bool) -> bool:
    """Move `own` to the place of `wanted` within the same block; False when that place makes no sense."""
    left, drawn = int(wanted["left"]), int(wanted["next"])
    stands_still = (left, drawn) == (int(own["left"]), int(own["next"]))
    inside = 1 <= left <= _WORDS and drawn == _WORDS + 1 - left
    if not (stands_still or (inside and (ahead or 0 < int(own["next"]) <= drawn))):
        return False
    normals = [float(wanted[name]) for name, there in (("y", "has_y"), ("z", "has_z")) if wanted[there]]
    if not all(abs(number) < _LARGEST_NORMAL for number in normals):
        return False
    for name in ("left", "next", "y", "has_y", "z", "has_z"):
        own[name] = wanted[name]
    return True
