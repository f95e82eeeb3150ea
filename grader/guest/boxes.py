"""What a branch knows of each of its boxes."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass, field

from grader.guest import cgroup, confinement, watch


@dataclass(slots=True, kw_only=True)
class Box:
    """One running box, as its branch sees it; `ends` are the client's descriptors until a client has them."""

    init: int
    report: socket.socket
    status: int
    death: int  # a descriptor that is readable once init has ended; -1 where the system has none
    limits: confinement.BoxLimits
    ends: tuple[int, ...]
    cell: cgroup.Cell | None
    usage: watch.Usage = field(default_factory=watch.Usage)
    kin: list[watch.Usage] = field(default_factory=list)  # of all boxes of its group: their CPU time counts together
    verdict: str = ""
    ready: bool = False
    reported: bool = False  # its client has had the last message
    said: bytes = b""
    gpu_begun: int = -1  # bytes on the GPU that its context took; negative where its memory is not watched


@dataclass(slots=True, kw_only=True)
class Ends:
    """The descriptors of a box that is to be: the box's own, and those that the branch or its client keeps."""

    wire: int
    output: int
    said: int
    report: socket.socket
    status: int
    client: tuple[int, ...]

    @classmethod
    def make(cls) -> Ends:
        """Open them all."""
        (wire, their_wire), (report, their_report) = socket.socketpair(), socket.socketpair()
        printed, output = os.pipe()
        heard, said = os.pipe()
        os.set_blocking(heard, False)
        client = (their_wire.detach(), printed, their_report.detach())
        return cls(wire=wire.detach(), output=output, said=said, report=report, status=heard, client=client)

    def let_go(self) -> None:
        """Close what is the box's own."""
        for descriptor in (self.wire, self.output, self.said):
            os.close(descriptor)


def death_of(pid: int) -> int:
    """A descriptor that becomes readable when a child ends; -1 where there is none, and looking at times must do."""
    if not hasattr(os, "pidfd_open") or pid < 0:
        return -1
    try:
        return os.pidfd_open(pid)
    except OSError:
        return -1
