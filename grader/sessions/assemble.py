"""Choosing a session's entries: wishes and a bank in, one list of entries per form out, by an integer programme.

Wishes of the interviewer are firm. When they cannot be met together, each in turn is made elastic, and the error says
which one to relax and by how much. What is only customary (an easy start, a hard end, a role's usual mix of kinds) is
soft: it gives way without a word.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from grader.errors import UsageError
from grader.model.entry import Entry
from grader.model.text import Text
from grader.sessions.debugging import DEBUGGING, exercise_of, exposed, form_of, is_hands_on, is_repair
from grader.sessions.likeness import near_duplicates
from grader.sessions.programme import Choice, Row, solve
from grader.sessions.wishes import LEVELS, Wishes

MEAN_SLACK = 1.0  # how far the mean difficulty may be from the level's target
FORM_SLACK = 0.15  # how far the mean difficulty of a parallel form may be from that of the first one
MEAN_FREE = 0.5  # how far it may be before that costs anything
# A minute of an entry is worth up to about 0.5. Dearer customs would let what fits the clock beat what fits the role.
MIX_PRICE, CURVE_PRICE, CODING_PRICE = 2.0, 6.0, 15.0
FORM_PRICE = 2.0
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
    pool = _Pool(wishes, _usable(wishes, listed), exposed(wishes.avoid, listed), seed, forms)
    if not pool.entries:
        raise UsageError(
            f"the bank holds no active entry for the level {wishes.level}; name another with --level",
            f"题库中没有适合级别 {wishes.level} 的启用条目；请用 --level 换一个级别",
        )
    choice = pool.solve()
    if choice is None:
        advice = _advice(pool)
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


def level_distance(entry: Entry, wishes: Wishes) -> int:
    """Steps between the entry's level and the wished one."""
    return abs(LEVELS.index(entry.level) - LEVELS.index(wishes.level))


def preference(entry: Entry, wishes: Wishes, seed: int) -> float:
    """How welcome a minute of this entry is: the role's weight of its main topic, the level, and the seed's whim."""
    weight = wishes.weights.get(entry.topics[0], 1.0)
    return 0.4 * weight - 0.4 * level_distance(entry, wishes) + 1.2 * whim(seed, entry.id)


def whim(seed: int, name: str) -> float:
    """A number in [0, 1) that depends on the seed and the name only, so that a new entry moves no other's."""
    digest = hashlib.sha256(f"{seed}:{name}".encode()).digest()
    return int.from_bytes(digest[:8]) / 2**64


def _usable(wishes: Wishes, entries: Iterable[Entry]) -> list[Entry]:
    """Active entries of topics that the role does not leave out; repair tasks only where they are wished for."""
    wanted = {topic for wish in wishes.topics for topic in wish.topics}
    return [
        entry
        for entry in entries
        if entry.status == "active"
        and (wishes.debugging or not is_repair(entry))
        and entry.minutes <= max(1, wishes.budget)
        and (wishes.weights.get(entry.topics[0], 1.0) > 0 or wanted & set(entry.topics))
    ]


Test = Callable[[Entry], bool]


def _is_kind(kind: str) -> Test:
    return lambda entry: form_of(entry) == kind


def _is_about(topics: frozenset[str]) -> Test:
    return lambda entry: bool(topics & set(entry.topics))


def _is_mainly(topic: str) -> Test:
    return lambda entry: entry.topics[0] == topic


class _Pool:
    """The entries to choose from, and the rows that a choice must meet."""

    def __init__(self, wishes: Wishes, entries: Sequence[Entry], known: frozenset[str], seed: int, forms: int) -> None:
        self.wishes = wishes
        self._known = known  # exercises that the entries of `avoid` were about
        self.entries = entries
        self.forms = forms
        self._values = [preference(entry, wishes, seed) * entry.minutes / 5 for entry in entries]

    def solve(self, elastic: Sequence[str] = ()) -> Choice | None:
        """A choice under all rows, where those of the `elastic` wishes may be missed."""
        return solve(self._values, self.rows, forms=self.forms, elastic=elastic)

    @cached_property
    def rows(self) -> list[Row]:
        """Everything asked of a choice."""
        rows = [row for form in range(self.forms) for row in self._rows_of_one(form)]
        return rows + [row for form in range(1, self.forms) for row in self._parallel(form)]

    @cached_property
    def firm(self) -> list[str]:
        """The wishes that an interviewer could relax, each once."""
        names = (row.wish for row in self.rows if row.price is None and row.wish not in ("duplicates", "parallel"))
        return list(dict.fromkeys(names))

    def count(self, fits: Callable[[Entry], bool]) -> int:
        """How many entries of the pool fit."""
        return sum(fits(entry) for entry in self.entries)

    def _terms(self, form: int, weigh: Callable[[Entry], float]) -> dict[tuple[int, int], float]:
        weights = ((place, weigh(entry)) for place, entry in enumerate(self.entries))
        return {(form, place): weight for place, weight in weights if weight}

    def _rows_of_one(self, form: int) -> Iterable[Row]:
        wishes = self.wishes
        slack = max(2, round(0.06 * wishes.budget))
        minutes = self._terms(form, lambda entry: entry.minutes)
        yield Row(wish="minutes", terms=minutes, low=wishes.budget - slack, high=wishes.budget)
        for wish in wishes.topics:
            about = self._terms(form, _is_about(wish.topics))
            yield Row(wish=f"topic:{wish.name}", terms=about, low=wish.count)
        coding = self._terms(form, _is_kind("code"))
        if wishes.coding is not None:
            yield Row(wish="coding", terms=coding, low=wishes.coding, high=wishes.coding)
        elif wishes.usual_coding is not None:
            usual = wishes.usual_coding
            yield Row(wish="usual coding", terms=coding, low=usual, high=usual, price=CODING_PRICE)
        if wishes.debugging:
            repairs = self._terms(form, _is_kind(DEBUGGING))
            yield Row(wish="debugging", terms=repairs, low=wishes.debugging, high=wishes.debugging)
        yield from self._kinds(form)
        yield from self._limits(form)
        yield from self._curve(form)

    def _kinds(self, form: int) -> Iterable[Row]:
        for kind, count in self.wishes.kinds.items():
            yield Row(wish=f"kind:{kind}", terms=self._terms(form, _is_kind(kind)), low=count)
        for kind, count in self.wishes.mix.items():
            if kind not in self.wishes.kinds:
                terms = self._terms(form, _is_kind(kind))
                yield Row(wish="mix", terms=terms, low=count, high=count + 2, price=MIX_PRICE)

    def _limits(self, form: int) -> Iterable[Row]:
        wishes = self.wishes
        far = self._terms(form, lambda entry: level_distance(entry, wishes) > 1)
        yield Row(wish="level", terms=far, high=0)
        if wishes.avoid:
            yield Row(wish="avoid", terms=self._terms(form, self._was_asked), high=0)
        for topic in sorted({entry.topics[0] for entry in self.entries}):
            asked = max((wish.count for wish in wishes.topics if topic in wish.topics), default=0)
            own = self._terms(form, _is_mainly(topic))
            yield Row(wish="per_topic", terms=own, high=max(wishes.per_topic, asked))
        for first, second in self._pairs:
            yield Row(wish="duplicates", terms={(form, first): 1.0, (form, second): 1.0}, high=1)

    def _was_asked(self, entry: Entry) -> bool:
        """Whether an entry is to be avoided, or is about an exercise that one of those was about."""
        return entry.id in self.wishes.avoid or exercise_of(entry) in self._known

    @cached_property
    def _pairs(self) -> list[tuple[int, int]]:
        return near_duplicates(self.entries)

    def _curve(self, form: int) -> Iterable[Row]:
        """The mean difficulty near the level's target, something easy to begin with and something hard to end with."""
        target, budget = self.wishes.target, self.wishes.budget
        above = self._terms(form, lambda entry: (entry.difficulty - target) * entry.minutes)
        room, free = MEAN_SLACK * budget, MEAN_FREE * budget
        yield Row(wish="difficulty", terms=above, low=-room, high=room)
        yield Row(wish="mean", terms=above, low=-free, high=free, price=CURVE_PRICE / budget)
        easy = self._terms(form, lambda entry: not is_hands_on(entry) and entry.difficulty <= target - 1)
        hard = self._terms(form, lambda entry: entry.difficulty >= target + 1)
        yield Row(wish="easy start", terms=easy, low=1, price=CURVE_PRICE)
        yield Row(wish="hard end", terms=hard, low=1, price=CURVE_PRICE)

    def _parallel(self, form: int) -> Iterable[Row]:
        """Form `form` is as hard and as long as the first one, and has as many questions of each kind."""
        budget, target = self.wishes.budget, self.wishes.target
        yield self._difference(form, lambda entry: entry.minutes, 2, None)
        # Of equally long forms this is the difference of the means; what is left is measured and told afterwards.
        yield self._difference(form, lambda e: (e.difficulty - target) * e.minutes, FORM_SLACK * budget, None)
        for kind in sorted({form_of(entry) for entry in self.entries}):
            yield self._difference(form, _is_kind(kind), 0, FORM_PRICE)

    def _difference(self, form: int, weigh: Callable[[Entry], float], room: float, price: float | None) -> Row:
        terms = self._terms(form, weigh)
        terms |= {key: -weight for key, weight in self._terms(0, weigh).items()}
        return Row(wish="parallel", terms=terms, low=-room, high=room, price=price)


def _advice(pool: _Pool) -> Text:
    """Which wish to relax, and by how much; goes on after what is wrong."""
    alone = [(wish, choice) for wish in pool.firm if (choice := pool.solve([wish])) is not None]
    if alone:
        options = [_relaxed(pool, wish, choice.missed.get(wish, 0.0)) for wish, choice in alone]
        if len(options) == 1:
            return Text(en=": {only}", zh="：{only}").filled(only=options[0])
        return Text(en="; relax one of them: {options}", zh="；请放宽其中一项：{options}").filled(
            options=_joined(options, "; or ", "；或者")
        )
    choice = pool.solve(pool.firm)
    if choice is not None and choice.missed:
        changes = [_relaxed(pool, wish, amount) for wish, amount in choice.missed.items()]
        return Text(
            en=", and relaxing one of them is not enough; together these would do: {changes}",
            zh="，只放宽一项也不够；同时做到以下几点即可：{changes}",
        ).filled(changes=_joined(changes, "; and ", "；并且"))
    if pool.forms > 1:
        return Text(
            en=f" in {pool.forms} forms of equal difficulty; ask for fewer with --variants",
            zh=f"，也凑不出 {pool.forms} 份难度相当的试题；请用 --variants 减少份数",
        )
    return Text(en="; ask for less, or add a pack with --pack", zh="；请减少要求，或用 --pack 增加题库包")


def _joined(clauses: Sequence[Text], english: str, chinese: str) -> Text:
    return Text(en=english.join(one.en for one in clauses), zh=chinese.join(one.zh for one in clauses))


def _relaxed(pool: _Pool, wish: str, missed: float) -> Text:
    """What to type instead, in one clause. `missed` is by how much the wish was missed, below 0 for too little."""
    wishes = pool.wishes
    name, _, what = wish.partition(":")
    whole = math.ceil(abs(missed) - 1e-6)
    signed = int(math.copysign(whole, missed))
    if name == "topic":
        asked = next(w for w in wishes.topics if w.name == what)
        there = pool.count(_is_about(asked.topics))
        return _fewer("--topics", what, asked.count, asked.count - whole, there)
    if name == "kind":
        count = next(count for kind, count in wishes.kinds.items() if kind == what)
        return _fewer("--kinds", what, count, count - whole, pool.count(_is_kind(what)))
    if name in ("minutes", "coding", DEBUGGING):
        now = {"minutes": wishes.minutes, "coding": wishes.coding or 0, DEBUGGING: wishes.debugging}[name]
        return _changed(f"--{name} {now}", f"--{name} {now + signed}")
    if name == "per_topic":
        return _changed(f"--per-topic {wishes.per_topic}", f"--per-topic {wishes.per_topic + whole}")
    mean = wishes.target + math.copysign(MEAN_SLACK + abs(missed) / wishes.budget, missed)
    return {
        "avoid": Text(
            en=f"let {whole} of the {len(wishes.avoid)} entries of --avoid come again",
            zh=f"允许 --avoid 的 {len(wishes.avoid)} 道题中有 {whole} 道重新出现",
        ),
        "level": Text(
            en=f"take {whole} from levels two steps away from {wishes.level}, by naming another --level",
            zh=f"换一个 --level，以便从与 {wishes.level} 相差两级的级别中取 {whole} 道",
        ),
        "difficulty": Text(
            en=f"name another --level ({wishes.level} means {wishes.target:g}, the bank can do {mean:.1f})",
            zh=f"换一个 --level（{wishes.level} 意味着 {wishes.target:g}，题库能做到 {mean:.1f}）",
        ),
    }[name]


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
