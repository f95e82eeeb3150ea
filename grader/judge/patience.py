"""Which cases are still run of a submission whose cases end by their time limits, as those of an endless loop do.

A case that is not run counts as failed, so none of this can raise a score. It can cost one only where nothing has
passed at all. Two rules:

- Where two cases of one task were late and none of it passed in between, its other cases are not run: its points are
  lost already, and another wait tells nothing.
- Where cases of two tasks were late and nothing of the submission has passed so far, nothing more is run.

So who has one function right and one that loops keeps the points of the first, and who waits for a loop that
everything runs into waits for two cases, or three. What the candidate's code does decides how long this takes and
never what is counted as passed.
"""

from __future__ import annotations

from collections import Counter

from grader.model.text import Text
from grader.model.verdict import Outcome, Status

LATE = 2  # cases of one task, or tasks
_OF_TASK = Text(
    en="not run, because two cases of this task ended by their time limits, and its points are lost with them; is "
    "there a loop that never ends?",
    zh="未运行，因为该任务已有两个用例超时，它的分数已经拿不到；是否有不会结束的循环？",
)
_OF_ALL = Text(
    en="not run, because cases of two tasks ended by their time limits and none has passed; is there a loop that never "
    "ends?",
    zh="未运行，因为已有两个任务的用例超时，而没有任何用例通过；是否有不会结束的循环？",
)


class Patience:
    """What is known of the cases of one submission that have ended."""

    def __init__(self) -> None:
        self._late: Counter[str] = Counter()  # by task, since the last case of it that passed
        self._something_passed = False

    def learn(self, outcome: Outcome) -> None:
        """Take note of a case that was run."""
        if outcome.status is Status.ACCEPTED:
            self._something_passed = True
            del self._late[outcome.task]
        elif outcome.status is Status.TIME_LIMIT:
            self._late[outcome.task] += 1

    def refusal(self, task: str) -> Text | None:
        """Why the next case, one of `task`, is not run; None where it is."""
        if not self._something_passed and len(self._late) >= LATE:
            return _OF_ALL
        return _OF_TASK if self._late.get(task, 0) >= LATE else None
