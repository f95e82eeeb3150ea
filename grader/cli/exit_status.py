"""How a command ends."""

from __future__ import annotations

from typing import Final

DONE: Final = 0  # or accepted
NOT_ACCEPTED: Final = 1
OUR_ERROR: Final = 2  # or a call that cannot be carried out
INTERRUPTED: Final = 130  # by Ctrl-C, as shells have it
