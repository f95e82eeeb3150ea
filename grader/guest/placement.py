"""Where the tensors of a guest live: as they come on the CPU, or on a GPU, where this side puts them.

The judge knows no device. It sends values and gets values; what a suite's tensor is on a GPU, it is in the guest alone.
Where a suite names the CPU, in `layer.to(device)`, the place of the guest's tensors is meant. A placement is asked at
three doors of a session: for every tensor that is decoded, for every object that is about to be handed out as a handle,
and for every tensor of a result. Nothing else of a session knows of devices.
"""

from __future__ import annotations

import sys
from typing import Any, Protocol

CPU, CUDA = "cpu", "cuda"


class Placement(Protocol):
    """One place for tensors. `name` is that of the device as `--device` calls it, `device` as torch does."""

    name: str
    device: str

    def put(self, tensor: Any) -> Any:
        """The tensor there; the same one where it is there already. It requires no grad yet."""

    def settle(self, value: Any) -> None:
        """Move what an object that is handed out brings with it: the parameters and buffers of a module."""

    def holds(self, tensor: Any) -> bool:
        """Whether a tensor is there."""


class Here:
    """The memory of this process. Nothing moves, and nothing is looked at."""

    name = CPU
    device = CPU

    def put(self, tensor: Any) -> Any:
        """The same tensor."""
        return tensor

    def settle(self, value: Any) -> None:
        """Nothing is to be moved."""

    def holds(self, tensor: Any) -> bool:
        """Every tensor is where it was made."""
        return True


class Elsewhere:
    """A device of torch's: `cuda` in a box that has a GPU, or one that stands in for it where there is none.

    A tensor that a module keeps as a plain attribute stays where it is, as `Module.to` leaves it: that is a mistake of
    the module's, and one of those for which a person grades on a GPU.
    """

    def __init__(self, device: str, name: str = CUDA) -> None:
        """`device` as torch calls it."""
        self.name = name
        self.device = device
        self._kind = device.partition(":")[0]

    def put(self, tensor: Any) -> Any:
        """A copy on the device."""
        return tensor if self.holds(tensor) else tensor.to(self.device)

    def settle(self, value: Any) -> None:
        """Move a module."""
        torch = sys.modules.get("torch")
        if torch is None or not isinstance(value, torch.nn.Module):
            return
        if not all(map(self.holds, (*value.parameters(), *value.buffers()))):
            value.to(self.device)

    def holds(self, tensor: Any) -> bool:
        """Whether it is on a device of that kind: a box sees one GPU only."""
        return bool(tensor.device.type == self._kind)


HERE = Here()


def placement_on(device: str) -> Placement:
    """The placement for a device as `--device` calls it."""
    return HERE if device == CPU else Elsewhere(device)
