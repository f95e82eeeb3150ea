"""The entries of a bank that wishes could be met with, and the rows that a choice of them must meet."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property

from grader.model.entry import Entry
from grader.sessions.debugging import DEBUGGING, exercise_of, exposed, form_of, is_hands_on, is_repair
from grader.sessions.hands_on import BALANCE, belongs, level_distance, worth
from grader.sessions.likeness import near_duplicates
from grader.sessions.programme import Choice, Row, solve
from grader.sessions.wishes import Wishes

# How far the mean difficulty may be from the level's target. Two coding tasks leave little time to make up for them.
MEAN_SLACK = 1.5
FORM_SLACK = 0.15  # how far the mean difficulty of a parallel form may be from that of the first one
MEAN_FREE = 0.5  # how far it may be before that costs anything
# A minute of an entry is worth up to about 0.5. Dearer customs would let what fits the clock beat what fits the role.
MIX_PRICE, CURVE_PRICE, CODING_PRICE, TOPIC_PRICE = 2.0, 6.0, 15.0, 15.0
FORM_PRICE = 2.0
TASK_GAP = 1e-4


def preference(entry: Entry, wishes: Wishes, seed: int) -> float:
    """How welcome a minute of this entry is: the role's weight of its main topic, the level, and the seed's whim."""
    weight = wishes.weights.get(entry.topics[0], 1.0)
    return 0.4 * weight - 0.4 * level_distance(entry, wishes.level) + 1.2 * whim(seed, entry.id)


def whim(seed: int, name: str) -> float:
    """A number in [0, 1) that depends on the seed and the name only, so that a new entry moves no other's."""
    digest = hashlib.sha256(f"{seed}:{name}".encode()).digest()
    return int.from_bytes(digest[:8]) / 2**64


def _usable(wishes: Wishes, entries: Iterable[Entry]) -> list[Entry]:
    """Active entries of topics that the role does not leave out; tasks at a keyboard only of what the role does.

    Repair tasks are there only where they are wished for.
    """
    wanted = {topic for wish in wishes.topics for topic in wish.topics}
    return [
        entry
        for entry in entries
        if entry.status == "active"
        and (wishes.debugging or not is_repair(entry))
        and (not is_hands_on(entry) or belongs(entry, wishes))
        and entry.minutes <= max(1, wishes.budget)
        and (wishes.weights.get(entry.topics[0], 1.0) > 0 or wanted & set(entry.topics))
    ]


Test = Callable[[Entry], bool]


def is_kind(kind: str) -> Test:
    """Whether an entry is of a kind."""
    return lambda entry: form_of(entry) == kind


def is_about(topics: frozenset[str]) -> Test:
    """Whether an entry is about one of the topics."""
    return lambda entry: bool(topics & set(entry.topics))


def _is_mainly(topic: str) -> Test:
    return lambda entry: entry.topics[0] == topic


class Pool:
    """The entries of a bank that wishes could be met with, and the rows that a choice of them must meet."""

    def __init__(self, wishes: Wishes, bank: Sequence[Entry], seed: int, forms: int) -> None:
        self.wishes = wishes
        self.entries = _usable(wishes, bank)
        self.forms = forms
        self._known = exposed(wishes.avoid, bank)  # exercises that the entries of `avoid` were about
        self._seed = seed

    def choose(self) -> Choice | None:
        """The best choice under all rows: first the tasks at a keyboard, then what is asked around them."""
        values = [preference(entry, self.wishes, self._seed) * entry.minutes / 5 for entry in self.entries]
        if not self._ranked:
            return solve(values, self.rows, forms=self.forms)
        tasks = self._tasks()
        return tasks and solve(values, [*self.rows, *self._held(tasks)], forms=self.forms)

    def relaxed(self, elastic: Sequence[str] = ()) -> Choice | None:
        """Some choice under the firm rows alone, where those of the `elastic` wishes may be missed."""
        rows = [row for row in self.rows if row.price is None]
        return solve([0.0] * len(self.entries), rows, forms=self.forms, elastic=elastic)

    @cached_property
    def _ranked(self) -> frozenset[int]:
        """Places of the tasks of which somebody said how many there should be."""
        wishes = self.wishes
        kinds = {"code"} if wishes.coding or wishes.usual_coding or wishes.kinds.get("code") else set()
        kinds |= {DEBUGGING} if wishes.debugging else set()
        return frozenset(place for place, entry in enumerate(self.entries) if form_of(entry) in kinds)

    def _tasks(self) -> Choice | None:
        """The choice with the tasks that suit best, whatever is asked around them."""
        values = [
            worth(entry, self.wishes, whim(self._seed, entry.id)) if place in self._ranked else 0.0
            for place, entry in enumerate(self.entries)
        ]
        rows = [row for row in self.rows if row.price is None or row.wish == "usual coding"]
        return solve(values, rows, forms=self.forms, gap=TASK_GAP)

    def _held(self, choice: Choice) -> Iterable[Row]:
        """Rows that hold the tasks of a choice."""
        for form, taken in enumerate(choice.lists):
            for place in sorted(self._ranked):
                count = float(place in taken)
                yield Row(wish="tasks", terms={(form, place): 1.0}, low=count, high=count)

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
            about = self._terms(form, is_about(wish.topics))
            yield Row(wish=f"topic:{wish.name}", terms=about, low=wish.count)
        for wish in wishes.usual_topics:
            about = self._terms(form, is_about(wish.topics))
            yield Row(wish="usual topics", terms=about, low=wish.count, price=TOPIC_PRICE)
        coding = self._terms(form, is_kind("code"))
        if wishes.coding is not None:
            yield Row(wish="coding", terms=coding, low=wishes.coding, high=wishes.coding)
        elif wishes.usual_coding is not None:
            usual = wishes.usual_coding
            yield Row(wish="usual coding", terms=coding, low=usual, high=usual, price=CODING_PRICE)
        if wishes.debugging:
            repairs = self._terms(form, is_kind(DEBUGGING))
            yield Row(wish="debugging", terms=repairs, low=wishes.debugging, high=wishes.debugging)
        yield from self._kinds(form)
        yield from self._limits(form)
        yield from self._curve(form)

    def _kinds(self, form: int) -> Iterable[Row]:
        for kind, count in self.wishes.kinds.items():
            yield Row(wish=f"kind:{kind}", terms=self._terms(form, is_kind(kind)), low=count)
        for kind, count in self.wishes.mix.items():
            if kind not in self.wishes.kinds:
                terms = self._terms(form, is_kind(kind))
                yield Row(wish="mix", terms=terms, low=count, high=count + 2, price=MIX_PRICE)

    def _limits(self, form: int) -> Iterable[Row]:
        wishes = self.wishes
        far = self._terms(form, lambda entry: level_distance(entry, wishes.level) > 1)
        yield Row(wish="level", terms=far, high=0)
        if wishes.avoid:
            yield Row(wish="avoid", terms=self._terms(form, self.was_asked), high=0)
        for topic in sorted({entry.topics[0] for entry in self.entries}):
            asked = max((wish.count for wish in wishes.topics if topic in wish.topics), default=0)
            own = self._terms(form, _is_mainly(topic))
            yield Row(wish="per_topic", terms=own, high=max(wishes.per_topic, asked))
        for first, second in self._pairs:
            yield Row(wish="duplicates", terms={(form, first): 1.0, (form, second): 1.0}, high=1)

    def was_asked(self, entry: Entry) -> bool:
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
        """Form `form` is as hard and as long as the first one, and has as many questions of each kind.

        What is done at a keyboard takes as long too, within `BALANCE` minutes.
        """
        budget, target = self.wishes.budget, self.wishes.target
        yield self._difference(form, lambda entry: entry.minutes, 2, None)
        # Of equally long forms this is the difference of the means; what is left is measured and told afterwards.
        yield self._difference(form, lambda e: (e.difficulty - target) * e.minutes, FORM_SLACK * budget, None)
        yield self._difference(form, lambda entry: is_hands_on(entry) * entry.minutes, BALANCE, None)
        for kind in sorted({form_of(entry) for entry in self.entries}):
            yield self._difference(form, is_kind(kind), 0, FORM_PRICE)

    def _difference(self, form: int, weigh: Callable[[Entry], float], room: float, price: float | None) -> Row:
        terms = self._terms(form, weigh)
        terms |= {key: -weight for key, weight in self._terms(0, weigh).items()}
        return Row(wish="parallel", terms=terms, low=-room, high=room, price=price)
