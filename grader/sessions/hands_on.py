"""Which coding and repair tasks suit a role and a level, and how much of the time they should take.

An interview has one or two tasks at a keyboard, and they are most of what is learned in it. So they are chosen before
anything else, by one figure, in which the role's weight of the topic counts most; the seed only breaks ties.
"""

from __future__ import annotations

from collections.abc import Mapping

from grader.model.entry import Entry, Level
from grader.model.session import BELONGS, Aim, role_weight
from grader.sessions.debugging import is_repair
from grader.sessions.wishes import LEVELS, Wishes

BALANCE = 5  # minutes at the keyboard by which parallel forms may differ, and a question and what it is swapped for
USUAL_MINUTES: Mapping[Level, int] = {"junior": 15, "mid": 25, "senior": 30, "staff": 40}
REPAIR_MINUTES = 10  # what a repair task takes, roughly
# Of the time for questions: one task, and several that were asked for.
LARGEST_SHARE, LARGEST_SHARE_OF_MANY = 0.6, 0.85
_PER_DIFFICULTY, _PER_LEVEL, _PER_MINUTE, _WHIM = 0.1, 0.05, 0.08, 0.01


def belongs(entry: Entry, wishes: Wishes) -> bool:
    """Whether a task is about something that the role does, or that the interviewer named."""
    named = {topic for wish in wishes.topics for topic in wish.topics}
    return bool(named & set(entry.topics)) or role_weight(entry.topics, wishes.weights) >= BELONGS


def level_distance(entry: Entry, level: Level) -> int:
    """Steps between the entry's level and another."""
    return abs(LEVELS.index(entry.level) - LEVELS.index(level))


def coding_minutes(wishes: Wishes) -> int:
    """Minutes that the coding tasks should take."""
    count = wishes.usual_coding if wishes.coding is None else wishes.coding
    if not count:
        return 0
    share = LARGEST_SHARE if count == 1 else LARGEST_SHARE_OF_MANY
    return round(min(count * USUAL_MINUTES[wishes.level], share * wishes.budget))


def keyboard_minutes(wishes: Wishes) -> int:
    """Minutes that coding and debugging should take; the rest is for talk."""
    return min(wishes.budget, coding_minutes(wishes) + REPAIR_MINUTES * wishes.debugging)


def aim_of(wishes: Wishes) -> Aim:
    """What a session of these wishes should come to."""
    keyboard = keyboard_minutes(wishes)
    return Aim(
        difficulty=wishes.target,
        keyboard=keyboard,
        talk=wishes.budget - keyboard,
        topics={wish.name: tuple(sorted(wish.topics)) for wish in wishes.usual_topics},
    )


def worth(entry: Entry, wishes: Wishes, whim: float) -> float:
    """How well a task suits: at best 1, for a task of the role's first topics, as hard and as long as it should be."""
    top = max((BELONGS, *wishes.weights.values()))
    off = _PER_DIFFICULTY * abs(entry.difficulty - wishes.target) + _PER_LEVEL * level_distance(entry, wishes.level)
    return role_weight(entry.topics, wishes.weights) / top - off - _PER_MINUTE * _too_long(entry, wishes) + _WHIM * whim


def _too_long(entry: Entry, wishes: Wishes) -> float:
    """Minutes by which a coding task misses its share of the time, beyond what is nothing to speak of."""
    if is_repair(entry):
        return 0.0
    count = (wishes.usual_coding if wishes.coding is None else wishes.coding) or 1
    return max(0.0, abs(entry.minutes - coding_minutes(wishes) / count) - BALANCE)
