"""What is told of a verdict while it is made: the first case that its time limit ended, perhaps an endless loop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from grader.model.text import Text
from grader.model.verdict import Status

Late = Callable[[Text, float], None]  # the title of a case, and after how many seconds it was ended


class FirstLate:
    """Hears what judges say of the cases of one submission, in every attempt, and tells of one case at most."""

    def __init__(self, tell: Late | None) -> None:
        self._tell = tell

    def hear(self, message: dict[str, Any]) -> None:
        """Take a message of a judge's."""
        outcome = message.get("outcome")
        if self._tell is None or outcome is None or outcome["status"] != Status.TIME_LIMIT.value:
            return
        if outcome["duration_ms"] > 0:  # it was run
            tell, self._tell = self._tell, None
            tell(Text(**outcome["title"]), outcome["duration_ms"] / 1000)
