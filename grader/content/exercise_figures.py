"""`reference/figures.json`: what was measured of each exercise's suite, with the digest of the suite that it holds for.

`exercises/README.md` has the same figures as a table for people. Both are written by `viva check --mutate --record`; a
figure whose digest is not that of the files any more says nothing, and a test refuses to have one committed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import msgspec

from grader.content.pack import Pack
from grader.content.promises import read_promises
from grader.errors import ContentError, unreadable, unwritable
from grader.files import read_file, write_file, write_text
from grader.model.exercise import Exercise

FILE: Final = "reference/figures.json"
TABLE: Final = "exercises/README.md"
_HEAD: Final = """# Exercises
Written by `viva check --mutate --record`. *Promises* are the graded sentences of a statement. *Mutants* make one
realistic mistake each; they are caught on every seed, and each is a repair task. *Automatic* are small changes of the
reference (an operator, a constant, a dropped statement) that break a promise; the *score* is the share of them that the
suite tells from the reference.

| exercise | what | topic | level | minutes | environment | promises | mutants | automatic | score |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
"""


class Figures(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of one exercise: its suite's digest, automatic mutants that count, and how many of them no case notices."""

    digest: str
    counted: int
    survivors: int

    @property
    def score(self) -> float:
        """The share of automatic mutants that the suite tells from the reference."""
        return 1.0 if not self.counted else 1 - self.survivors / self.counted


def read_figures(root: Path) -> Mapping[str, Figures]:
    """The figures of the pack at `root`, by slug; none where there is no file. Raises ContentError."""
    path = root / FILE
    if not path.is_file():
        return {}
    try:
        return msgspec.json.decode(read_file(path), type=dict[str, Figures])
    except OSError as error:
        raise unreadable(path, error.strerror, "mend its permissions", "请修正其权限") from error
    except msgspec.MsgspecError as error:
        fix = "write it anew with `viva check --mutate --record`"
        raise ContentError(path, "", f"it does not hold figures ({error})", fix) from error


def current_figures(pack: Pack) -> Mapping[str, Figures]:
    """Those that hold for the files as they are."""
    figures = read_figures(pack.root)
    return {slug: own for slug, own in figures.items() if slug in pack.slugs and _holds(own, pack.exercise(slug))}


def record_figures(pack: Pack, measured: Mapping[str, Figures]) -> None:
    """Write `measured` beside what still holds of the others, and the table. Raises UsageError."""
    figures = {**current_figures(pack), **measured}
    encoded = msgspec.json.format(msgspec.json.encode(dict(sorted(figures.items()))), indent=1)
    try:
        write_file(pack.root / FILE, encoded + b"\n")
        write_text(pack.root / TABLE, table(pack, figures))
    except OSError as error:
        raise unwritable(pack.root, error.strerror, "mend its permissions", "请修正其权限") from error


def table(pack: Pack, figures: Mapping[str, Figures]) -> str:
    """The text of `exercises/README.md`."""
    active = [exercise for exercise in pack.exercises() if exercise.status == "active"]
    return _HEAD + "".join(_row(exercise, figures.get(exercise.id)) for exercise in active)


def _holds(figures: Figures, exercise: Exercise) -> bool:
    return figures.digest == exercise.suite_digest


def _row(exercise: Exercise, figures: Figures | None) -> str:
    return f"| {' | '.join(_cells(exercise, figures))} |\n"


def _cells(exercise: Exercise, figures: Figures | None) -> Iterator[str]:
    yield f"`{exercise.id}`"
    yield f"{exercise.title.en} / {exercise.title.zh}"
    yield exercise.topics[0]
    yield exercise.level
    yield str(exercise.minutes)
    yield exercise.environment
    yield str(len(read_promises(exercise)))
    yield str(len(exercise.mutants))
    yield "not measured" if figures is None else str(figures.counted)
    yield "" if figures is None else f"{figures.score:.3f}"
