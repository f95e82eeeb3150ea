"""Which one wish to relax, and to what, when no choice of entries meets all of them.

Each wish in turn is made elastic, which says by how much it would be missed; what a person would type then is tried as
new wishes, and only what was tried and works is told. Of several the least change is told, as a share of the wish.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from grader.model.entry import Entry
from grader.model.text import Text
from grader.sessions.debugging import DEBUGGING, exercise_of, exposed
from grader.sessions.hands_on import level_distance
from grader.sessions.pool import Pool, is_about, is_kind
from grader.sessions.programme import Choice
from grader.sessions.wishes import LEVELS, MAX_COUNT, MAX_MINUTES, MIN_MINUTES, Wishes, frame_of

ROUND_MINUTES = 5  # nobody plans an interview of 63 minutes
NAMED = 5  # entries that a sentence lists
_GENERAL = Text(en="; ask for less, or add a pack with --pack", zh="；请减少要求，或用 --pack 增加题库包")
_ONE = Text(en=": {change}", zh="：{change}")
_TOGETHER = Text(
    en=", and relaxing one of them is not enough; together these would do: {changes}",
    zh="，只放宽一项也不够；同时做到以下几点即可：{changes}",
)
_FORMS = Text(
    en=" in {forms} forms of equal difficulty; change `--variants {forms}` to `--variants {fewer}`",
    zh="，也凑不出 {forms} 份难度相当的试题；请把 `--variants {forms}` 改为 `--variants {fewer}`",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Relaxed:
    """Wishes of which one was relaxed, what to type for them, and how great a change it is, as a share."""

    wishes: Wishes
    text: Text
    change: float


def advise(wishes: Wishes, bank: Sequence[Entry], seed: int, forms: int) -> Text:
    """What to type instead; goes on after what is wrong."""
    advisor = _Advisor(wishes, bank, seed, forms)
    firm = sorted(advisor.pool.firm, key=lambda wish: wish != DEBUGGING)  # of equal changes the first is told
    alone = [relaxed for wish in firm if (relaxed := advisor.alone(wish))]
    if alone:
        return _ONE.filled(change=min(alone, key=lambda one: one.change).text)
    fewer = next((n for n in range(forms - 1, 0, -1) if advisor.can(wishes, n)), None)
    if fewer:
        return _FORMS.filled(forms=forms, fewer=fewer)
    together = advisor.together()
    return _TOGETHER.filled(changes=_joined(together)) if together else _GENERAL


class _Advisor:
    """Wishes that cannot be met, and what of a bank could be done instead."""

    def __init__(self, wishes: Wishes, bank: Sequence[Entry], seed: int, forms: int) -> None:
        self.pool = Pool(wishes, bank, seed, forms)
        self._wishes, self._bank, self._seed, self._forms = wishes, bank, seed, forms

    def can(self, wishes: Wishes, forms: int) -> bool:
        """Whether wishes can be met."""
        pool = Pool(wishes, self._bank, self._seed, forms)
        return bool(pool.entries) and pool.relaxed() is not None

    def alone(self, wish: str) -> Relaxed | None:
        """The wish relaxed as little as helps; None where it does not help alone."""
        choice = self.pool.relaxed([wish])
        if choice is None or wish not in choice.missed:
            return None
        tried = self._ways(self._wishes, wish, choice)
        return next((relaxed for relaxed in tried if self.can(relaxed.wishes, self._forms)), None)

    def together(self) -> list[Text]:
        """Changes of several wishes that are enough together; none where nothing was found that works."""
        choice = self.pool.relaxed(self.pool.firm)
        wishes = self._wishes
        texts: list[Text] = []
        for wish in choice.missed if choice else ():
            way = next(iter(self._ways(wishes, wish, choice)), None) if choice else None
            if way is None:
                return []
            wishes, texts = way.wishes, [*texts, way.text]
        return texts if self.can(wishes, self._forms) else []

    def _ways(self, wishes: Wishes, wish: str, choice: Choice) -> Iterator[Relaxed]:
        """What could be typed instead of one wish, the least change first."""
        name, _, what = wish.partition(":")
        whole = int(math.copysign(math.ceil(abs(choice.missed[wish]) - 1e-6), choice.missed[wish]))
        if name == "topic":
            return self._topics(wishes, what, whole)
        if name == "kind":
            return self._kinds(wishes, what, whole)
        if name in ("level", "difficulty"):
            return _levels(wishes)
        ways = {
            "minutes": _minutes,
            "coding": self._coding,
            DEBUGGING: self._debugging,
            "per_topic": _per_topic,
        }
        return self._avoided(wishes, choice) if name == "avoid" else ways[name](wishes, whole)

    def _topics(self, wishes: Wishes, name: str, missed: int) -> Iterator[Relaxed]:
        place = next(place for place, wish in enumerate(wishes.topics) if wish.name == name)
        asked = wishes.topics[place]
        there = self.pool.count(is_about(asked.topics))
        for count in range(asked.count + missed, -1, -1):
            changed = (replace(asked, count=count),) if count else ()
            topics = (*wishes.topics[:place], *changed, *wishes.topics[place + 1 :])
            text = _fewer("--topics", name, asked.count, count, there)
            yield Relaxed(wishes=replace(wishes, topics=topics), text=text, change=1 - count / asked.count)

    def _kinds(self, wishes: Wishes, name: str, missed: int) -> Iterator[Relaxed]:
        asked = {kind: count for kind, count in wishes.kinds.items() if kind == name}
        for kind, now in asked.items():
            for count in range(now + missed, -1, -1):
                kinds = {one: number for one, number in {**wishes.kinds, kind: count}.items() if number}
                text = _fewer("--kinds", name, now, count, self.pool.count(is_kind(name)))
                yield Relaxed(wishes=replace(wishes, kinds=kinds), text=text, change=1 - count / now)

    def _coding(self, wishes: Wishes, missed: int) -> Iterator[Relaxed]:
        now = wishes.coding or 0
        for count in _from(now, missed):
            text = self._tasks("--coding", "code", now, count)
            yield Relaxed(wishes=replace(wishes, coding=count), text=text, change=abs(count - now) / max(1, now))

    def _debugging(self, wishes: Wishes, missed: int) -> Iterator[Relaxed]:
        now = wishes.debugging
        for count in _from(now, missed):
            text = self._tasks("--debugging", DEBUGGING, now, count)
            yield Relaxed(wishes=replace(wishes, debugging=count), text=text, change=abs(count - now) / max(1, now))

    def _tasks(self, option: str, kind: str, now: int, count: int) -> Text:
        """Fewer tasks of a kind, and how many there are to choose from."""
        fits, level = is_kind(kind), self._wishes.level
        there = self.pool.count(lambda entry: fits(entry) and level_distance(entry, level) <= 1)
        return Text(
            en="{change} (the bank has {there} that fit the role, the level and the time)",
            zh="{change}（题库中符合岗位、级别和时间的有 {there} 道）",
        ).filled(change=_changed(f"{option} {now}", f"{option} {count}"), there=there)

    def _avoided(self, wishes: Wishes, choice: Choice) -> Iterator[Relaxed]:
        """Without the entries of `avoid` that a choice took, or that are about an exercise that it took."""
        taken = [self.pool.entries[place] for taken in choice.lists for place in taken]
        again = {entry.id: exercise_of(entry) for entry in taken if self.pool.was_asked(entry)}
        slugs = set(again.values())
        gone = sorted(name for name in wishes.avoid if name in again or exposed([name], self._bank) & slugs)
        if not gone:
            return
        names = ", ".join(f"`{name}`" for name in gone[:NAMED]) + (", …" if len(gone) > NAMED else "")
        text = Text(
            en="take {count} of the {all} entries out of --avoid, so that they come again: {names}",
            zh="从 --avoid 的 {all} 道题中去掉 {count} 道，让它们可以再次出现：{names}",
        ).filled(count=len(gone), all=len(wishes.avoid), names=names)
        left = replace(wishes, avoid=wishes.avoid - set(gone))
        yield Relaxed(wishes=left, text=text, change=len(gone) / len(wishes.avoid))


def _minutes(wishes: Wishes, missed: int) -> Iterator[Relaxed]:
    """The next round number, the number itself, and what lies beyond where the welcome takes of it."""
    now, aim = wishes.minutes, wishes.minutes + missed
    step = ROUND_MINUTES if missed > 0 else -ROUND_MINUTES
    rounded = math.ceil(aim / step) * step
    for minutes in (rounded, aim, rounded + step, rounded + 2 * step):
        if MIN_MINUTES <= minutes <= MAX_MINUTES and minutes != now:
            opening, closing = frame_of(minutes)
            changed = replace(wishes, minutes=minutes, opening=opening, closing=closing)
            text = _changed(f"--minutes {now}", f"--minutes {minutes}")
            yield Relaxed(wishes=changed, text=text, change=abs(minutes - now) / now)


def _per_topic(wishes: Wishes, missed: int) -> Iterator[Relaxed]:
    now = wishes.per_topic
    for count in range(now + missed, MAX_COUNT + 1):
        text = _changed(f"--per-topic {now}", f"--per-topic {count}")
        yield Relaxed(wishes=replace(wishes, per_topic=count), text=text, change=(count - now) / now)


def _levels(wishes: Wishes) -> Iterator[Relaxed]:
    """Other levels, the nearest first."""
    here = LEVELS.index(wishes.level)
    for level in sorted(LEVELS, key=lambda other: abs(LEVELS.index(other) - here)):
        if level != wishes.level:
            text = _changed(f"--level {wishes.level}", f"--level {level}")
            yield Relaxed(wishes=replace(wishes, level=level), text=text, change=float(abs(LEVELS.index(level) - here)))


def _from(now: int, missed: int) -> Iterable[int]:
    """Numbers from the one that is told by how much a wish was missed, away from now."""
    return range(now + missed, -1, -1) if missed < 0 else range(now + missed, MAX_COUNT + 1)


def _joined(clauses: Sequence[Text]) -> Text:
    return Text(en="; and ".join(one.en for one in clauses), zh="；并且".join(one.zh for one in clauses))


def _changed(old: str, new: str) -> Text:
    return Text(en=f"change `{old}` to `{new}`", zh=f"把 `{old}` 改为 `{new}`")


def _fewer(option: str, name: str, asked: int, possible: int, there: int) -> Text:
    """Ask for fewer of something of which the pool holds so many."""
    clause = (
        Text(en=f"leave out `{option} {name}:{asked}`", zh=f"去掉 `{option} {name}:{asked}`")
        if possible < 1
        else _changed(f"{option} {name}:{asked}", f"{option} {name}:{possible}")
    )
    return Text(
        en=f"{clause.en} (the bank has {there} that fit the level and the time)",
        zh=f"{clause.zh}（题库中符合级别和时间的有 {there} 道）",
    )
