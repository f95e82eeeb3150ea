"""How alike a submission and a mutant fail, case by case, and which mutants that names.

A case agrees by values where what was compared is the same within the tolerance of the comparison, and by words where
nothing was compared and the failure reads alike. Figures in a text are not compared (they may come from random draws),
so words alone name a mutant only if no other matches. A type or dtype that is wrong in the same way reads alike,
whatever the values are. Where a single figure that was estimated from draws is all that agrees, nothing is named: many
mistakes make noise twice too large. Saying nothing is better than being wrong.
"""

from __future__ import annotations

import enum
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from grader.judge.comparison import Observation
from grader.judge.run import CaseRecord
from grader.model.exercise import mutant_of
from grader.model.verdict import Likeness as Claim
from grader.model.verdict import Status

Name = tuple[str, Claim]  # a mutant, and how much is claimed of it
LOOSE = 1e-3  # how far apart two figures may be, relative to their size, to count as more than estimates
ENOUGH = 3  # cases that agree by values where the submission fails, for a mutant that fails elsewhere too


class Case(enum.StrEnum):
    """What a mutant does in a case that the submission fails."""

    PASSES = "p"
    VALUES = "v"  # fails with the same values
    FIGURE = "f"  # fails with a figure, estimated from draws, that is about the same
    WORDS = "w"  # fails with the same words
    DIFFERS = "d"  # fails otherwise


AGREES = frozenset({Case.VALUES, Case.FIGURE, Case.WORDS})


@dataclass(frozen=True, slots=True)
class Beside:
    """One mutant beside the submission: its cases where the submission fails, and whether it fails nowhere else.

    `whole_task` says that in every case of its own task that the submission fails the values agree.
    """

    cases: tuple[Case, ...]
    within: bool
    whole_task: bool = False

    @property
    def is_alike(self) -> bool:
        """Whether every case ended alike, and more than one figure says so."""
        return self.within and all(case in AGREES for case in self.cases) and self.cases != (Case.FIGURE,)

    @property
    def is_part(self) -> bool:
        """Whether what it fails the submission fails alike, in its own task at least, and nothing of it is elsewhere.

        In other tasks a second mistake may have changed what there is to see.
        """
        return self.within and self.fails and (self.whole_task or Case.DIFFERS not in self.cases)

    @property
    def fails(self) -> bool:
        """Whether it fails any of these cases."""
        return any(case is not Case.PASSES for case in self.cases)

    @property
    def by_values(self) -> int:
        """In how many cases the values agree."""
        return sum(case is Case.VALUES for case in self.cases)

    @property
    def is_most(self) -> bool:
        """Whether it fails half of these cases at least; one that passes most of them leaves most unexplained."""
        return 2 * sum(case is not Case.PASSES for case in self.cases) >= len(self.cases)

    @property
    def covers(self) -> bool:
        """Whether the values agree in every one of several cases: the submission makes its mistake, in fewer places."""
        return self.by_values == len(self.cases) >= ENOUGH


UNLIKE = Beside((), within=False)


def compare(submission: CaseRecord, mutant: CaseRecord) -> Case:
    """What the mutant does in a case that the submission fails."""
    if mutant.outcome.status is Status.ACCEPTED:
        return Case.PASSES
    if submission.outcome.status is not mutant.outcome.status:
        return Case.DIFFERS
    ours, theirs = submission.observations, mutant.observations
    if len(ours) != len(theirs) or not (ours.complete and theirs.complete):
        return Case.DIFFERS
    pairs = list(zip(ours, theirs, strict=True))
    if not all(a.agrees(b) for a, b in pairs[:-1]):
        return Case.DIFFERS
    if not all(a.agrees(b) for a, b in pairs[-1:]):
        return Case.WORDS if _same_property(submission, mutant) else Case.DIFFERS
    compared = submission.outcome.cause is not None and mutant.outcome.cause is not None
    if not compared:
        return _by_words(submission, mutant)
    # What a failed claim says is kept after the figure that it is about.
    return Case.FIGURE if any(_loosely(a, b) for a, b in pairs[-2:]) else Case.VALUES


def _loosely(one: Observation, other: Observation) -> bool:
    """Whether two numbers that agree are further apart than the digits of one result may be."""
    a, b = one.value, other.value
    if not (isinstance(a, int | float) and isinstance(b, int | float) and one.rule.rtol == 0.0 and one.rule.atol):
        return False
    return abs(a - b) > LOOSE * max(abs(a), abs(b))


def _by_words(submission: CaseRecord, mutant: CaseRecord) -> Case:
    """Where what was compared was right, or nothing was: the claim that failed says what it is about."""
    status = submission.outcome.status
    if status is Status.TIME_LIMIT:
        return Case.VALUES
    if submission.words == mutant.words:
        return Case.WORDS if status is Status.WRONG_ANSWER and not submission.observations else Case.VALUES
    same_kind = status is Status.RUNTIME_ERROR and submission.raised == mutant.raised
    return Case.WORDS if same_kind else Case.DIFFERS


def _same_property(submission: CaseRecord, mutant: CaseRecord) -> bool:
    """Whether both returned the same wrong type or dtype in the same place, so that no value was looked at.

    A wrong shape is a figure, too: many mistakes are off by one.
    """
    cause = submission.outcome.cause
    if cause is None or cause != mutant.outcome.cause or submission.words != mutant.words:
        return False
    return not (_is_figure(cause.actual) or _is_figure(cause.expected))


def _is_figure(text: str) -> bool:
    if text.startswith(("(", "[", "{")):
        return True
    try:
        float(text)
    except ValueError:
        return False
    return True


def names(beside: Mapping[str, Beside]) -> list[Name]:
    """The mutants that explain a submission: one that behaves like it, else two that do together, else the nearest.

    The nearest is the one that makes the same mistake in more places, else the one that explains most.

    Of a mutant with variants any may be the one; it is named once.
    """
    alike = [name for name, one in beside.items() if one.is_alike]
    strong = [name for name in alike if Case.WORDS not in beside[name].cases]
    if strong or len(_mutants(alike)) == 1:
        return [(name, "behaves_like") for name in _mutants(strong or alike)]
    if alike:
        return []
    pairs = {tuple(_mutants(pair)) for pair in _pairs(beside)}
    if len(pairs) == 1:
        return [(name, "behaves_like") for name in pairs.pop()]
    wider = _mutants(name for name, one in beside.items() if one.covers)
    nearest = wider[0] if len(wider) == 1 else _only_most(beside)
    return [] if nearest is None else [(nearest, "looks_most_like")]


def _pairs(beside: Mapping[str, Beside]) -> Iterator[tuple[str, str]]:
    """Two mutants that together fail what the submission fails, each alike where the other passes."""
    parts = {name: one for name, one in beside.items() if one.within and one.fails and one.by_values}
    for (a, one), (b, other) in itertools.combinations(parts.items(), 2):
        explained = all(map(_explained, zip(one.cases, other.cases, strict=True)))
        if mutant_of(a) != mutant_of(b) and explained and _alone(one, other) and _alone(other, one):
            yield a, b


def _explained(pair: tuple[Case, Case]) -> bool:
    """Whether a case is failed by both (two mistakes at once look like neither), or by one that agrees."""
    a, b = pair
    if Case.PASSES not in pair:
        return True
    return (b if a is Case.PASSES else a) in AGREES


def _alone(one: Beside, other: Beside) -> bool:
    """Whether `one` is needed: it agrees by values in a case that `other` passes."""
    return any(a is Case.VALUES and b is Case.PASSES for a, b in zip(one.cases, other.cases, strict=True))


def _only_most(beside: Mapping[str, Beside]) -> str | None:
    """The one mutant that explains most of what went wrong, if it is the only one that explains so much."""
    parts = {name: one.by_values for name, one in beside.items() if one.is_part and one.is_most and one.by_values}
    most = max(parts.values(), default=0)
    best = _mutants(name for name, agreed in parts.items() if agreed == most)
    return best[0] if len(best) == 1 else None


def _mutants(named: Iterable[str]) -> list[str]:
    """The mutants whose variants are named, each once."""
    return list(dict.fromkeys(map(mutant_of, named)))


def set_beside(submission: Sequence[CaseRecord], mutant: Sequence[CaseRecord], task: str) -> Beside:
    """A mutant that belongs to `task` and ran every case; one that tells nothing of the submission is passed by.

    One that agrees in no case of its own task is no explanation, whatever else agrees by chance.
    """
    both = zip(submission, mutant, strict=True)
    failed = [(ours, theirs) for ours, theirs in both if _failed(ours) and ours.tells]
    cases = [compare(ours, theirs) for ours, theirs in failed]
    own = [case for case, (ours, _) in zip(cases, failed, strict=True) if ours.outcome.task == task]
    within = all(_failed(ours) or not _failed(theirs) for ours, theirs in zip(submission, mutant, strict=True))
    return Beside(tuple(cases), within, set(own) == {Case.VALUES}) if AGREES & set(own) else UNLIKE


def _failed(record: CaseRecord) -> bool:
    return record.outcome.status is not Status.ACCEPTED
