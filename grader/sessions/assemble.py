"""Choosing a session's entries: wishes and a bank in, one list of entries per form out, by an integer programme.

Wishes of the interviewer are firm; when they cannot be met together, `advice.py` finds the one to relax. What is only
customary (an easy start, a hard end, a role's usual topics and mix of kinds) is soft: it gives way without a word.

Tasks at a keyboard are chosen first, by how well they suit the role (`hands_on.py`); then they are held, and the rest
is chosen around them, where the seed has a say in what comes up.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from grader.errors import UsageError
from grader.model.entry import Entry
from grader.sessions.advice import advise
from grader.sessions.debugging import is_hands_on
from grader.sessions.pool import Pool
from grader.sessions.wishes import Wishes

MAX_FORMS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """The entries of one form, in the order in which they are asked."""

    entries: tuple[Entry, ...]

    @property
    def minutes(self) -> int:
        """Minutes of all entries."""
        return sum(entry.minutes for entry in self.entries)

    @property
    def difficulty(self) -> float:
        """Mean difficulty, each entry weighing its minutes."""
        return sum(entry.difficulty * entry.minutes for entry in self.entries) / max(1, self.minutes)


def assemble(wishes: Wishes, entries: Iterable[Entry], seed: int, forms: int = 1) -> tuple[Form, ...]:
    """Parallel forms that meet the wishes; the same arguments give the same forms.

    Raises UsageError, which says what to relax, when there is no choice that meets the wishes.
    """
    if not 1 <= forms <= MAX_FORMS:
        raise UsageError(
            f"--variants is {forms}; write a number from 1 to {MAX_FORMS}",
            f"--variants 是 {forms}；请写 1 到 {MAX_FORMS} 之间的数",
        )
    listed = list(entries)
    pool = Pool(wishes, listed, seed, forms)
    if not pool.entries:
        raise UsageError(
            f"the bank holds no active entry for the level {wishes.level}; name another with --level",
            f"题库中没有适合级别 {wishes.level} 的启用条目；请用 --level 换一个级别",
        )
    choice = pool.choose()
    if choice is None:
        advice = advise(wishes, listed, seed, forms)
        raise UsageError(f"no choice of entries meets all wishes{advice.en}", f"没有能满足全部要求的选题{advice.zh}")
    return tuple(Form(entries=in_order([pool.entries[place] for place in taken])) for taken in choice.lists)


def in_order(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """From easy to hard; what is done at a keyboard comes after the first question, as nobody likes to begin so."""
    rising = sorted(entries, key=lambda entry: (entry.difficulty, entry.minutes, entry.id))
    first = next((entry for entry in rising if not is_hands_on(entry)), None)
    return tuple(rising) if first is None else (first, *(entry for entry in rising if entry is not first))


def overlap(forms: Sequence[Form]) -> int:
    """How many entries are in more than one form."""
    ids = [entry.id for form in forms for entry in form.entries]
    return sum(ids.count(name) > 1 for name in set(ids))
