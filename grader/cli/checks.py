"""What several commands check of their options before they do anything."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from grader.content.suggestion import one_of, suggestion
from grader.errors import UsageError

LARGEST_SEED = 2**63 - 1


def values_of(option: str, given: Sequence[str] | None, known: Sequence[str] = ()) -> tuple[str, ...]:
    """The values of an option that may be repeated or hold commas. Raises UsageError for one that is not `known`."""
    values = tuple(value.strip() for one in given or () for value in one.split(",") if value.strip())
    for value in values:
        if known and value not in known:
            fix = suggestion(value, known, one_of(known))
            raise UsageError(
                f"--{option} {value}: there is no such {option}; {fix.en}", f"--{option} {value}：没有这一项；{fix.zh}"
            )
    return values


def check_seed(seed: int | None) -> None:
    """Raise UsageError for a seed that cannot be replayed everywhere."""
    if seed is not None and not 0 <= seed <= LARGEST_SEED:
        raise UsageError(
            f"--seed is {seed}; give a whole number from 0 to 2^63 - 1",
            f"--seed 是 {seed}；请给出 0 到 2^63 - 1 之间的整数",
        )


def check_folder_of(option: str, file: Path | None) -> None:
    """Raise UsageError when the folder that a command is to write `file` to is not there."""
    if file is not None and not file.resolve().parent.is_dir():
        raise UsageError(
            f"{option}: the folder of {file} does not exist; make it first",
            f"{option}：{file} 所在的目录不存在；请先建立它",
        )
