"""User ids for parents that root starts: no two parents on a machine have the same at a time.

The kernel counts processes and pending signals per user, so boxes of two parents with one id would use up each other's
limits. An id is held by an abstract socket of its number: the kernel gives it to one holder, and takes it back with the
last process that has it open, however that ended.
"""

from __future__ import annotations

import errno
import itertools
import os
import socket
from typing import Final

# Unprivileged identities that belong to nobody else; the second where few are mapped.
FIRST_UIDS: Final = (700_000, 60_600)
UIDS: Final = 4_096
_serial = itertools.count()


class Identity:
    """One number from 0 to `UIDS` - 1 that no other `Identity` on this machine has before this one is closed."""

    def __init__(self) -> None:
        """Where all are taken, or sockets have no abstract names, it is a number that another may have too."""
        self._socket = socket.socket(socket.AF_UNIX)
        start = os.getpid() + next(_serial)
        numbers = ((start + tried) % UIDS for tried in range(UIDS))
        self.number = next(filter(self._holds, numbers), start % UIDS)

    @property
    def uids(self) -> list[int]:
        """The user ids with this number, the one to be preferred first."""
        return [first + self.number for first in FIRST_UIDS]

    def close(self) -> None:
        """Let go of it, when no process has the user id any more."""
        self._socket.close()

    def _holds(self, number: int) -> bool:
        try:
            self._socket.bind(f"\0viva-identity-{number}")
        except OSError as error:
            return error.errno != errno.EADDRINUSE
        return True
