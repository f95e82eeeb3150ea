"""The case's own generators, which draw its inputs and never leave the judge, and those that a candidate is given."""

from __future__ import annotations

import sys
from functools import cache
from typing import Any

import numpy as np


class CaseGenerator(np.random.Generator):
    """A numpy generator that cannot be passed to candidate code: with it one would know the inputs to come."""


def case_generator(seed: int) -> CaseGenerator:
    """The same stream as `numpy.random.default_rng(seed)`."""
    return CaseGenerator(np.random.PCG64(seed))


def case_torch_generator(seed: int) -> Any:
    """The same stream as a `torch.Generator` (on the CPU) with that seed."""
    return _torch_kind()().manual_seed(seed)


def is_of_case(value: Any) -> bool:
    """Whether a value is one of the generators that never leave the judge."""
    return isinstance(value, CaseGenerator) or ("torch" in sys.modules and isinstance(value, _torch_kind()))


def fresh(rng: Any) -> Any:
    """A generator for the candidate, of the kind of `rng` (numpy's or torch's) and seeded from it."""
    if isinstance(rng, np.random.Generator):
        return np.random.default_rng(int(rng.integers(2**63)))
    import torch

    return torch.Generator().manual_seed(int(torch.randint(2**62, (), generator=rng)))


@cache
def _torch_kind() -> type:
    """Made on first use, because numpy exercises never import torch."""
    import torch

    class CaseTorchGenerator(torch.Generator):
        """A torch generator that cannot be passed to candidate code."""

    return CaseTorchGenerator
