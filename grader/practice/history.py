"""From an answer to what is learnt from it; the same function serves one answer and the replay of years."""

from __future__ import annotations

from collections.abc import Mapping

from grader.model.progress import Ability, Answered, Memory
from grader.practice import ability, schedule


def take_in(
    answered: Answered, memory: Memory | None, beliefs: Mapping[str, Ability]
) -> tuple[Memory, Mapping[str, Ability]]:
    """The entry's new memory, and the beliefs that change; `memory` and `beliefs` are those from before."""
    return schedule.remember(memory, answered), ability.learn(beliefs, answered, repeat=memory is not None)
