"""Progress as a JSON document, and back: the history, what was solved and tried; the rest is made of them again."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, fields
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, TypeVar, get_args

from grader.errors import UsageError
from grader.model.entry import Kind, Level
from grader.model.progress import MODES, Answered, Attempt, Rating, Result, Solved
from grader.model.text import Text
from grader.practice.history import take_in
from grader.practice.ports import PracticeStore
from grader.report.escaping import to_json

_T = TypeVar("_T", Answered, Solved, Attempt)
SCHEMA = "viva.progress/1"
_EXPORTED = Text(en="give a file that `viva progress export` wrote", zh="请给出 `viva progress export` 写出的文件")
LARGEST_SEED = 2**63
YEARS = range(1900, 2300)  # a computer whose clock lost its battery is in 1970
_CLOSED: Mapping[str, tuple[str, ...]] = {
    "kind": get_args(Kind),
    "level": get_args(Level),
    "mode": MODES,
    "result": tuple(Result),
}
_RANGES: Mapping[str, tuple[float, float]] = {
    "revision": (1, 10**9),
    "difficulty": (1, 10),
    "seed": (0, LARGEST_SEED - 1),
    "seconds": (0, 10**9),
    "score": (0, 1),
    "rating": (1, 4),
    "hints": (0, 10**6),
    "tries": (0, 10**6),
    "chance": (0, 1),
    "version": (1, 10**9),
    "best": (0, 1),
}


def export(store: PracticeStore) -> str:
    """The document, one answer a line."""
    answers = ",\n".join(_line(_plain(asdict(answered))) for answered in store.answers())
    solved = ",\n".join(_line(_plain(asdict(one))) for one in store.solved().values())
    attempts = ",\n".join(_line(_plain(asdict(one))) for one in store.attempts().values())
    lists = {"answers": answers, "solved": solved, "attempts": attempts}
    return ",\n".join([f'{{"schema": "{SCHEMA}"', *(f'"{name}": [\n{text}\n]' for name, text in lists.items())]) + "}\n"


def import_into(store: PracticeStore, text: str, path: Path) -> int:
    """Merge a document; how many answers were new. Raises UsageError, and has changed nothing, for a broken one."""
    answers, solved, attempts = _read(text, path)
    new = store.merge(answers, solved, take_in)
    store.merge_attempts(attempts)
    return new


def _read(text: str, path: Path) -> tuple[list[Answered], list[Solved], list[Attempt]]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(
            f"{path}: it is not JSON ({error}); {_EXPORTED.en}", f"{path}：不是 JSON（{error}）；{_EXPORTED.zh}"
        ) from error
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        raise UsageError(
            f"{path}: schema: found no `{SCHEMA}`; {_EXPORTED.en}", f"{path}：schema：没有 `{SCHEMA}`；{_EXPORTED.zh}"
        )
    return (
        _values(Answered, document, path, "answers"),
        _values(Solved, document, path, "solved"),
        _values(Attempt, {"attempts": [], **document}, path, "attempts"),  # 0.1 had none
    )


def _values(kind: type[_T], document: Mapping[str, Any], path: Path, name: str) -> list[_T]:
    return [_value(kind, item, path, f"{name}.{place}") for place, item in enumerate(_items(document, path, name))]


def _items(document: Mapping[str, Any], path: Path, name: str) -> list[Any]:
    items = document.get(name)
    if not isinstance(items, list):
        raise UsageError(
            f"{path}: {name}: found no list; {_EXPORTED.en}", f"{path}：{name}：这里应是列表；{_EXPORTED.zh}"
        )
    return items


def _value(kind: type[_T], item: Any, path: Path, place: str) -> _T:
    """An `Answered`, `Solved` or `Attempt`, every field checked."""
    names = {field.name: str(field.type) for field in fields(kind)}
    if not isinstance(item, dict) or item.keys() != names.keys():
        listed = ", ".join(names)
        raise UsageError(
            f"{path}: {place}: its fields are not {listed}; export it again",
            f"{path}：{place}：字段应为 {listed}；请重新导出",
        )
    found = {}
    for name, kind_name in names.items():
        try:
            found[name] = _READERS[kind_name](item[name])
            _check(name, item[name])
        except (TypeError, ValueError, KeyError, OverflowError) as error:
            raise UsageError(
                f"{path}: {place}.{name}: found {item[name]!r:.60}; write what export writes",
                f"{path}：{place}.{name}：这里写的是 {item[name]!r:.60}；请写成导出时的样子",
            ) from error
    return kind(**found)


def _check(name: str, value: Any) -> None:
    if name in _CLOSED and value not in _CLOSED[name]:
        raise ValueError(name)
    low, high = _RANGES.get(name, (None, None))
    if low is not None and high is not None and not low <= value <= high:
        raise ValueError(name)


def _exact(kind: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        if type(value) is not kind and not (kind is float and type(value) is int):
            raise TypeError(kind.__name__)
        converted: Any = kind(value)  # a whole number is a real one too
        return converted

    return read


def _text(value: Any) -> str:
    text: str = _exact(str)(value)
    text.encode()  # raises for a lone surrogate, which no file can hold
    return text


def _moment(value: Any) -> datetime:
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError("a time zone is missing")
    if moment.year not in YEARS:
        raise ValueError("nobody practised then")
    return moment.astimezone(UTC)


def _day(value: Any) -> date:
    day = date.fromisoformat(value)
    if day.year not in YEARS:
        raise ValueError("nobody practised then")
    return day


_READERS: Mapping[str, Callable[[Any], Any]] = {
    "str": _text,
    "int": _exact(int),
    "float": _exact(float),
    "bool": _exact(bool),
    "datetime": _moment,
    "date": _day,
    "Result": Result,
    "Rating": Rating,
    "Kind": _exact(str),
    "Level": _exact(str),
    "Mode": _exact(str),
}


def _plain(fields_: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, date) else value for name, value in fields_.items()
    }  # a datetime is a date too


def _line(fields_: Mapping[str, Any]) -> str:
    return to_json(fields_)
