"""Where a library has its operators once more: data only, for the static look and for the guard in the guest.

Whoever is told to write batch normalization may not call PyTorch's, and not what PyTorch wrote in Python to take it
apart either. What an item names is forbidden with all below it wherever an exercise forbids something of the library.
"""

from __future__ import annotations

from collections.abc import Iterable

_AGAIN = {
    # Decompositions and reference implementations of operators; those that compilers, exporters and tests use.
    "torch": ("torch._decomp", "torch._refs", "torch._inductor.decomposition", "torch.testing._internal"),
}


def second_code(forbid: Iterable[str]) -> tuple[str, ...]:
    """The other implementations of what `forbid` names something of."""
    libraries = {item.partition(".")[0] for item in forbid}
    return tuple(item for library, items in _AGAIN.items() if library in libraries for item in items)
