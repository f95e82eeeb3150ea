"""Who takes part in a session, and what a person corrected: renamed, removed, taken back.

A ledger is only ever appended to, so a correction is a record too. `current` reads the records in the light of all
corrections; whatever makes figures of a ledger, or adds to it, begins there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from grader.errors import UsageError
from grader.model.session_results import Attempt, Correction, Judged, Record, Sheet, Turned
from grader.sessions.names import find_names, fold, near_name


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One candidate as the records have them: `key` tells them apart, `name` is what they call themselves."""

    key: str
    name: str
    attempts: tuple[Attempt, ...]
    verdicts: tuple[Judged, ...]
    rubrics: tuple[Sheet, ...]


@dataclass(slots=True)
class _Gathered:
    name: str
    attempts: list[Attempt] = field(default_factory=list)
    verdicts: list[Judged] = field(default_factory=list)
    rubrics: list[Sheet] = field(default_factory=list)


def current(records: Iterable[Record]) -> list[Record]:
    """The records that still hold, under the names that hold now."""
    return _read(records).records


def new_names(records: Iterable[Record]) -> Mapping[str, str]:
    """What each former name is called now: folded names to keys."""
    return _read(records).called


def people(records: Iterable[Record]) -> list[Person]:
    """Everybody who handed something in or has a rubric, in the order in which they came."""
    holding = current(records)
    gathered: dict[str, _Gathered] = {}
    for record in holding:
        if isinstance(record, Attempt):
            person = gathered.setdefault(record.candidate, _Gathered(record.name))
            person.name = record.name
            person.attempts.append(record)
        elif isinstance(record, Judged):
            gathered.setdefault(record.candidate, _Gathered(record.candidate)).verdicts.append(record)
    meant = find_names((key, person.name) for key, person in gathered.items())
    for sheet in (record for record in holding if isinstance(record, Sheet)):
        key = meant.setdefault(fold(sheet.candidate), sheet.candidate)
        gathered.setdefault(key, _Gathered(sheet.candidate)).rubrics.append(sheet)
    return [
        Person(
            key=key,
            name=person.name,
            attempts=tuple(person.attempts),
            verdicts=tuple(person.verdicts),
            rubrics=tuple(person.rubrics),
        )
        for key, person in gathered.items()
    ]


def find_person(name: str, everybody: Sequence[Person]) -> Person | str:
    """Whom a name means; else the name that is nearest to it, or an empty text."""
    by_key = {person.key: person for person in everybody}
    meant = find_names((person.key, person.name) for person in everybody)
    key = name if name in by_key else meant.get(fold(name))
    return by_key[key] if key is not None else near_name(name, meant)


def check_free(name: str, but: Person, everybody: Sequence[Person]) -> None:
    """Raise UsageError where somebody else goes by a new name: two people are never made one."""
    if not fold(name) or not name.isprintable():
        raise UsageError("the new name is empty; write one in one line", "新名字为空；请写一个单行的名字")
    taken = next((p for p in everybody if p.key != but.key and fold(name) in (fold(p.key), fold(p.name))), None)
    if taken is not None:
        raise UsageError(
            f"{name!r} is the name of another candidate ({taken.key}); choose another, or remove that one first",
            f"{name!r} 已是另一位候选人（{taken.key}）的名字；请换一个，或先移除那一位",
        )


@dataclass(slots=True)
class _Reading:
    """Records as they hold after the corrections so far, and what former names mean."""

    records: list[Record] = field(default_factory=list)
    called: dict[str, str] = field(default_factory=dict)

    def correct(self, correction: Correction) -> None:
        """Read what was recorded before in the light of one more correction."""
        key = correction.name
        match correction.action:
            case "rename":
                self._rename(key, correction.to)
            case "remove":
                of_key = self._of(key)
                self.records = [record for record in self.records if not of_key(record)]
                self.called = {old: new for old, new in self.called.items() if new != key}
            case "rubric":
                of_key = self._of(key)
                own = [r for r in self.records if isinstance(r, Sheet) and of_key(r) and r.interviewer == correction.to]
                self.records = [record for record in self.records if not own or record is not own[-1]]
            case "refusal":
                self.records = [r for r in self.records if not (isinstance(r, Turned) and r.archive == key)]

    def _rename(self, key: str, to: str) -> None:
        of_key = self._of(key)
        own = {fold(record.name) for record in self.records if isinstance(record, Attempt) and of_key(record)}
        self.records = [_under(record, to) if of_key(record) else record for record in self.records]
        self.called = {old: to if new == key else new for old, new in self.called.items()}
        taken = {fold(r.name) for r in self.records if isinstance(r, Attempt) and r.candidate != to}
        self.called |= dict.fromkeys({fold(key), *(own - taken)} - {fold(to)}, to)
        self.called.pop(fold(to), None)

    def _of(self, key: str) -> Callable[[Record], bool]:
        """Whether a record is of the candidate `key`; rubrics name people by hand."""
        meant = find_names((r.candidate, r.name) for r in self.records if isinstance(r, Attempt))

        def is_of_key(record: Record) -> bool:
            if isinstance(record, Sheet):
                return meant.get(fold(record.candidate), record.candidate) == key
            return isinstance(record, Attempt | Judged) and record.candidate == key

        return is_of_key


def _read(records: Iterable[Record]) -> _Reading:
    reading = _Reading()
    for record in records:
        if isinstance(record, Correction):
            reading.correct(record)
        elif isinstance(record, Sheet) and fold(record.candidate) in reading.called:
            reading.records.append(_under(record, reading.called[fold(record.candidate)]))
        else:
            reading.records.append(record)
    return reading


def _under(record: Record, key: str) -> Record:
    """A record under another name."""
    if isinstance(record, Attempt):
        return replace(record, candidate=key, name=key)
    return replace(record, candidate=key) if isinstance(record, Judged | Sheet) else record
