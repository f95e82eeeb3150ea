"""`reference/figures.json`: what was measured of each exercise's suite, with the digest of the suite that it holds for.

`exercises/README.md` has the same figures as a table for people. Both are written by `viva check` with `--mutate` or
`--steady` and `--record`; a figure whose digest is not that of the files any more says nothing, and a test refuses to
have one committed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, TypeAlias

import msgspec

from grader.content.pack import Pack
from grader.content.promises import read_promises
from grader.errors import ContentError, unreadable, unwritable
from grader.files import read_file, write_file, write_text
from grader.model.coverage import LEVELS
from grader.model.exercise import Exercise
from grader.model.syllabus import Area

FILE: Final = "reference/figures.json"
TABLE: Final = "exercises/README.md"
_INTRODUCTION: Final = """# Exercises
Written by `viva check` with `--mutate --record` and `--steady --record`. *Promises* are the graded sentences of a
statement. *Mutants* make one realistic mistake each; they are caught on every seed, and each is a repair task.
*Automatic* are small changes of the reference (an operator, a constant, a dropped statement) that break a promise; the
*score* is the share of them that the suite tells from the reference. *Steady* is how many verdicts of the reference
were accepted, each on a seed of its own, with every core busy. The *floor* is the time of all cases without box and
wire, in milliseconds on the machine that measured it.

"""
_DESCRIBED: Final = ("exercise", "what", "family", "topic", "level", "minutes", "environment", "promises", "mutants")
_MEASURED: Final = ("automatic", "score", "steady", "floor")
Measured: TypeAlias = Mapping[str, int | float]  # new values of fields of `Figures`


class Figures(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Of one exercise: its suite's digest, and what was measured; None for what was not.

    Automatic mutants that count and how many of them no case notices; verdicts of the reference and how many of them
    were not accepted; all cases without box and wire, in milliseconds.
    """

    digest: str
    counted: int | None = None
    survivors: int = 0
    verdicts: int | None = None
    rejected: int = 0
    floor_ms: float | None = None

    @property
    def score(self) -> float | None:
        """The share of automatic mutants that the suite tells from the reference."""
        return None if self.counted is None else 1 - self.survivors / max(1, self.counted)


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


def record_figures(pack: Pack, measured: Mapping[str, Measured]) -> None:
    """Write `measured`, by slug, beside what still holds, and the table. Raises UsageError."""
    figures = dict(current_figures(pack))
    for slug, values in measured.items():
        known = figures.get(slug, Figures(digest=pack.exercise(slug).suite_digest))
        figures[slug] = msgspec.structs.replace(known, **values)
    encoded = msgspec.json.format(msgspec.json.encode(dict(sorted(figures.items()))), indent=1)
    try:
        write_file(pack.root / FILE, encoded + b"\n")
        write_text(pack.root / TABLE, table(pack, figures))
    except OSError as error:
        raise unwritable(pack.root, error.strerror, "mend its permissions", "请修正其权限") from error


def table(pack: Pack, figures: Mapping[str, Figures]) -> str:
    """The text of `exercises/README.md`: in the order of the syllabus, the easier first within an area."""
    active = [exercise for exercise in pack.exercises() if exercise.status == "active"]
    areas = [area.id for area in pack.syllabus.areas]

    def place(exercise: Exercise) -> tuple[int, int, str]:
        return areas.index(_area(pack, exercise).id), LEVELS.index(exercise.level), exercise.id

    heads = (*_DESCRIBED, *_MEASURED)
    nothing = Figures(digest="")
    rows = ([*_described(pack, one), *_measured(figures.get(one.id, nothing))] for one in sorted(active, key=place))
    return _INTRODUCTION + "".join(f"| {' | '.join(row)} |\n" for row in (heads, ["---"] * len(heads), *rows))


def _area(pack: Pack, exercise: Exercise) -> Area:
    return pack.syllabus.area_of(exercise.topics[0])


def _holds(figures: Figures, exercise: Exercise) -> bool:
    return figures.digest == exercise.suite_digest


def _described(pack: Pack, exercise: Exercise) -> Iterator[str]:
    yield f"`{exercise.id}`"
    yield f"{exercise.title.en} / {exercise.title.zh}"
    yield _area(pack, exercise).title.en
    yield exercise.topics[0]
    yield exercise.level
    yield str(exercise.minutes)
    yield exercise.environment
    yield str(len(read_promises(exercise)))
    yield str(sum(mutant.device == "cpu" for mutant in exercise.mutants))  # the others are no repair tasks


def _measured(figures: Figures) -> Iterator[str]:
    yield "" if figures.counted is None else str(figures.counted)
    yield "" if figures.score is None else f"{figures.score:.3f}"
    yield "" if figures.verdicts is None else f"{figures.verdicts - figures.rejected} of {figures.verdicts}"
    yield "" if figures.floor_ms is None else f"{figures.floor_ms:.0f}"
