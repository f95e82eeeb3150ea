"""How a wrong number is wrong: its sign, a factor that has a usual cause, or by how much it is off."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from grader.model.entry import Numeric

FAR = 2.0  # from this ratio on, a factor says more than a percentage


class Cause(StrEnum):
    """What usually makes such a difference."""

    SIGN = "sign"
    SHARE = "share"  # a share in the place of a percentage, or the other way round
    BITS = "bits"  # bits and bytes
    BINARY = "binary"  # powers of 1000 and of 1024
    PREFIX = "prefix"  # thousand, million, billion
    INVERSE = "inverse"  # one divided by the right number


@dataclass(frozen=True, slots=True, kw_only=True)
class Deviation:
    """`ratio` is the given number divided by the right one; None where the right one is 0."""

    ratio: float | None
    cause: Cause | None = None

    @property
    def is_far(self) -> bool:
        """Whether a factor describes it better than a percentage."""
        return self.ratio is not None and not 1 / FAR < self.ratio < FAR


_FACTORS = (
    (Cause.SHARE, (100.0,)),
    (Cause.BITS, (8.0,)),
    (Cause.BINARY, (1.024, 1.024**2, 1.024**3, 1.024**4)),
    (Cause.PREFIX, (1e3, 1e6, 1e9, 1024.0, 1024.0**2, 1024.0**3)),
)


def deviation(numeric: Numeric, given: float) -> Deviation:
    """How `given`, which is not accepted, misses."""
    if not numeric.value:
        return Deviation(ratio=None)
    return Deviation(ratio=given / numeric.value, cause=_cause(numeric, given))


def _cause(numeric: Numeric, given: float) -> Cause | None:
    if numeric.accepts(-given):
        return Cause.SIGN
    for cause, factors in _FACTORS:
        if any(numeric.accepts(given * factor) or numeric.accepts(given / factor) for factor in factors):
            return cause
    return Cause.INVERSE if given and numeric.accepts(1 / given) else None
