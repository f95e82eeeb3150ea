"""What the shell offers when somebody presses Tab: exercises, entries, topics and paths of the built-in pack."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from grader.content.pack import Pack


def exercises(incomplete: str) -> list[str]:
    """Slugs that begin so."""
    return _beginning(incomplete, _pack().slugs)


def entries_and_exercises(incomplete: str) -> list[str]:
    """Whatever `viva show` knows."""
    pack = _pack()
    return _beginning(incomplete, [*pack.slugs, *pack.entry_paths])


def topics(incomplete: str) -> list[str]:
    """Topics and areas."""
    syllabus = _pack().syllabus
    return _beginning(incomplete, [*(area.id for area in syllabus.areas), *syllabus.topics])


def paths(incomplete: str) -> list[str]:
    """Learning paths."""
    return _beginning(incomplete, _pack().path_files)


def _beginning(incomplete: str, names: Iterable[str]) -> list[str]:
    return [name for name in names if name.startswith(incomplete)]


def _pack() -> Pack:
    from grader.content.pack import Pack, builtin_pack_root

    return Pack(builtin_pack_root())
