"""Progress in a database: the adapter behind the port of `grader.practice`."""

from __future__ import annotations

import functools
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, fields
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, TypeVar, cast, get_args

from grader.model.entry import Level
from grader.model.progress import OVERALL, Ability, Aim, Answered, Attempt, Goal, Memory, Rating, Result, Solved
from grader.store.database import Database, UnreadableRow

_T = TypeVar("_T")
Update = Callable[[Answered, Memory | None, Mapping[str, Ability]], tuple[Memory, Mapping[str, Ability]]]


def _put(table: str, columns: Iterable[str]) -> str:
    """A row, in the place of the one with its key."""
    names = tuple(columns)
    places = ", ".join(f":{name}" for name in names)
    return f"INSERT OR REPLACE INTO {table} ({', '.join(names)}) VALUES ({places})"  # noqa: S608 - names of ours


_PUT_ANSWER = _put("answers", (field.name for field in fields(Answered)))
_PUT_MEMORY = _put("memories", (field.name for field in fields(Memory)))
_PUT_ABILITY = _put("abilities", ("topic", *(field.name for field in fields(Ability))))
_ADD_SOLVED = (
    "INSERT OR IGNORE INTO solved (exercise, version, at) VALUES (:exercise, :version, :at)"  # the first stays
)
_NOTE_TRY = """
    INSERT INTO attempts (name, tries, best, hints, last) VALUES (:name, 1, :share, 0, :at)
    ON CONFLICT (name) DO UPDATE SET
        tries = tries + 1, best = max(best, excluded.best), last = max(last, excluded.last)
"""
_SET_HINTS = """
    INSERT INTO attempts (name, tries, best, hints, last) VALUES (:name, 0, 0.0, :hints, :at)
    ON CONFLICT (name) DO UPDATE SET hints = excluded.hints, last = max(last, excluded.last)
"""
_MERGE_ATTEMPT = """
    INSERT INTO attempts (name, tries, best, hints, last) VALUES (:name, :tries, :best, :hints, :last)
    ON CONFLICT (name) DO UPDATE SET
        tries = max(tries, excluded.tries), best = max(best, excluded.best),
        hints = max(hints, excluded.hints), last = max(last, excluded.last)
"""
_HISTORY = "SELECT * FROM answers ORDER BY at, uid"
_BELIEFS_ABOUT = "SELECT * FROM abilities WHERE topic IN (:topic, :overall)"


class StoredProgress:
    """Progress in one file; every writing method is one transaction. Raises StoreError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @classmethod
    def at(cls, path: Path) -> StoredProgress:
        """The progress in the file `path`, which is made if need be."""
        return cls(Database(path))

    def answers(self) -> list[Answered]:
        """The whole history, oldest first."""
        with self._database.reading() as connection:
            return _answers(connection)

    def memories(self) -> dict[str, Memory]:
        """What is remembered, by entry."""
        with self._database.reading() as connection:
            return {row["entry"]: _memory(row) for row in connection.execute("SELECT * FROM memories")}

    def abilities(self) -> dict[str, Ability]:
        """Beliefs about ability, by topic."""
        with self._database.reading() as connection:
            return _abilities(connection.execute("SELECT * FROM abilities"))

    def solved(self) -> dict[str, Solved]:
        """Exercises that were accepted, by slug."""
        with self._database.reading() as connection:
            rows = connection.execute("SELECT * FROM solved ORDER BY exercise")
            return {row["exercise"]: _solved(row) for row in rows}

    def record(self, answered: Answered, update: Update) -> Memory:
        """Append an answer, and store what `update` makes of it and of what is stored now; the new memory."""
        with self._database.writing() as connection:
            connection.execute(_PUT_ANSWER, _answer_row(answered))
            row = connection.execute("SELECT * FROM memories WHERE entry = ?", (answered.entry,)).fetchone()
            about = {"topic": answered.topic, "overall": OVERALL}
            beliefs = _abilities(connection.execute(_BELIEFS_ABOUT, about))
            memory, changed = update(answered, None if row is None else _memory(row), beliefs)
            connection.execute(_PUT_MEMORY, _memory_row(memory))
            connection.executemany(_PUT_ABILITY, _ability_rows(changed))
        return memory

    def merge(self, answers: Iterable[Answered], solved: Iterable[Solved], update: Update) -> int:
        """Put answers into the history, in the place of those with their uid, and make everything else from it again.

        Returns how many were not there before.
        """
        with self._database.writing() as connection:
            before = connection.execute("SELECT count(*) FROM answers").fetchone()[0]
            connection.executemany(_PUT_ANSWER, map(_answer_row, answers))
            connection.executemany(_ADD_SOLVED, map(_solved_row, solved))
            history = _answers(connection)
            _make_again(connection, history, update)
        return len(history) - int(before)

    def mark_solved(self, solved: Solved) -> None:
        """Note that an exercise was accepted; the first time counts."""
        with self._database.writing() as connection:
            connection.execute(_ADD_SOLVED, _solved_row(solved))

    def attempts(self) -> dict[str, Attempt]:
        """What was tried, and which hints were taken, by name."""
        with self._database.reading() as connection:
            return {row["name"]: _attempt(row) for row in connection.execute("SELECT * FROM attempts ORDER BY name")}

    def note_try(self, name: str, share: float, at: datetime) -> None:
        """Count a verdict on an exercise, with its share of the points."""
        with self._database.writing() as connection:
            connection.execute(_NOTE_TRY, {"name": name, "share": float(share), "at": _moment(at)})

    def set_hints(self, name: str, hints: int, at: datetime) -> None:
        """How many hints have been taken; 0 once an answer has paid for them."""
        with self._database.writing() as connection:
            connection.execute(_SET_HINTS, {"name": name, "hints": hints, "at": _moment(at)})

    def merge_attempts(self, attempts: Iterable[Attempt]) -> None:
        """Bring in attempts of another machine: of two with one name, the larger of each figure stays."""
        rows = [{**asdict(one), "last": _moment(one.last)} for one in attempts]
        with self._database.writing() as connection:
            connection.executemany(_MERGE_ATTEMPT, rows)

    def draft(self, entry: str) -> str:
        """The answer to an entry that was written and not given; empty where there is none."""
        with self._database.reading() as connection:
            row = connection.execute("SELECT text FROM drafts WHERE entry = ?", (entry,)).fetchone()
            return str(row["text"]) if row else ""

    def set_draft(self, entry: str, text: str) -> None:
        """Keep an answer that is not given yet; an empty text forgets it."""
        with self._database.writing() as connection:
            connection.execute("DELETE FROM drafts WHERE entry = ?", (entry,))
            if text:
                connection.execute("INSERT INTO drafts (entry, text) VALUES (?, ?)", (entry, _storable(text)))

    def aim(self) -> Aim | None:
        """What the person practises for, as far as they have said."""
        with self._database.reading() as connection:
            said = {row["name"]: row["value"] for row in connection.execute("SELECT name, value FROM settings")}
        level, goal = said.get("level", ""), said.get("goal")
        is_said = goal in get_args(Goal) and level in {"", *get_args(Level)}
        return (
            Aim(level=level or None, goal=cast("Goal", goal)) if is_said else None
        )  # what nobody could have said is asked again

    def set_aim(self, aim: Aim) -> None:
        """Keep what the person practises for."""
        with self._database.writing() as connection:
            rows = [{"name": name, "value": value or ""} for name, value in asdict(aim).items()]
            connection.executemany(_put("settings", ("name", "value")), rows)


def _make_again(connection: sqlite3.Connection, history: Iterable[Answered], update: Update) -> None:
    """Memories and abilities, from the whole history."""
    memories: dict[str, Memory] = {}
    abilities: dict[str, Ability] = {}
    for answered in history:
        memory, changed = update(answered, memories.get(answered.entry), abilities)
        memories[answered.entry] = memory
        abilities.update(changed)
    connection.execute("DELETE FROM memories")
    connection.execute("DELETE FROM abilities")
    connection.executemany(_PUT_MEMORY, map(_memory_row, memories.values()))
    connection.executemany(_PUT_ABILITY, _ability_rows(abilities))


def _answers(connection: sqlite3.Connection) -> list[Answered]:
    return [_answer(row) for row in connection.execute(_HISTORY)]


def _reads_rows(read: Callable[[sqlite3.Row], _T]) -> Callable[[sqlite3.Row], _T]:
    """`read`, which raises UnreadableRow for a row that another program or a bad disk has changed."""

    @functools.wraps(read)
    def reading(row: sqlite3.Row) -> _T:
        try:
            return read(row)
        except (ValueError, TypeError) as error:
            raise UnreadableRow(str(error)) from error

    return reading


@_reads_rows
def _answer(row: sqlite3.Row) -> Answered:
    read: dict[str, Any] = {
        **row,
        "at": datetime.fromisoformat(row["at"]),
        "day": date.fromisoformat(row["day"]),
        "result": Result(row["result"]),
        "rating": Rating(row["rating"]),
        "self_assessed": bool(row["self_assessed"]),
    }
    return Answered(**read)


def _answer_row(answered: Answered) -> dict[str, Any]:
    return {
        **asdict(answered),
        "at": _moment(answered.at),
        "day": answered.day.isoformat(),
        "result": answered.result.value,
        "rating": answered.rating.value,
        "self_assessed": int(answered.self_assessed),
        "given": _storable(answered.given),
    }


def _storable(text: str) -> str:
    """`text` without lone surrogates, which have no place in a file."""
    return text.encode("utf-8", "replace").decode()


@_reads_rows
def _solved(row: sqlite3.Row) -> Solved:
    return Solved(**{**row, "at": datetime.fromisoformat(row["at"])})


@_reads_rows
def _attempt(row: sqlite3.Row) -> Attempt:
    return Attempt(**{**row, "last": datetime.fromisoformat(row["last"])})


@_reads_rows
def _memory(row: sqlite3.Row) -> Memory:
    return Memory(**{**row, "last": date.fromisoformat(row["last"]), "due": date.fromisoformat(row["due"])})


def _memory_row(memory: Memory) -> dict[str, Any]:
    return {**asdict(memory), "last": memory.last.isoformat(), "due": memory.due.isoformat()}


def _abilities(rows: Iterable[sqlite3.Row]) -> dict[str, Ability]:
    return {row["topic"]: _ability(row) for row in rows}


@_reads_rows
def _ability(row: sqlite3.Row) -> Ability:
    day = row["day"] and date.fromisoformat(row["day"])
    return Ability(mean=row["mean"], variance=row["variance"], answers=row["answers"], day=day)


def _ability_rows(abilities: Mapping[str, Ability]) -> list[dict[str, Any]]:
    return [
        {**asdict(ability), "topic": topic, "day": ability.day and ability.day.isoformat()}
        for topic, ability in abilities.items()
    ]


def _solved_row(solved: Solved) -> dict[str, Any]:
    return {**asdict(solved), "at": _moment(solved.at)}


def _moment(at: datetime) -> str:
    """A time as text that sorts as it does: UTC, always with microseconds."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")
