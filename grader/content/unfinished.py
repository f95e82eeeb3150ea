"""What is left to write of an exercise: the places that TODO marks, in the order in which an author works.

statements, manifest → stub, solution, alternatives → suites → mutants, promises → notes → entry
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.content.manifest import read_manifest
from grader.content.new_exercise import entry_id
from grader.content.pack import Pack
from grader.content.promises import read_promises
from grader.content.yaml_source import read_prose
from grader.errors import ContentError

SHOWN = 5
_MARK = re.compile(r"\bTODO\b")
_BEFORE = " \t:：#*\"'`}]),，-"  # what stands between a mark and its text, in prose, Python and YAML
_AFTER = " \t\r\"'.。"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A draft of an exercise: where something is left to write, and what of it breaks its format, in reading order."""

    left: tuple[str, ...]
    broken: tuple[str, ...]


def is_draft(pack: Pack, slug: str) -> bool:
    """Whether the manifest says so; what else is wrong with it is for whoever reads the exercise to tell."""
    try:
        return read_manifest(pack.root / "exercises" / slug)[1].status == "draft"
    except ContentError:
        return False


def read_draft(pack: Pack, slug: str) -> Draft:
    """What a draft lacks; nothing of it is run."""
    entries = sorted((pack.root / "bank").glob(f"*/{entry_id(slug)}.yaml"))
    error = _format_error(pack, slug)
    left = [mark for path in (*_files(pack.root, slug), *entries) for mark in _marks(path)]
    manifest = pack.root / "exercises" / slug / "exercise.yaml"
    if not left and error is None:
        line = read_manifest(manifest.parent)[0].line(("status",))
        left.append(f"{manifest}:{line}: write `status: active`, and check again")
    return Draft(left=tuple(left), broken=_told(error))


def marks_left(pack: Pack, slug: str) -> tuple[str, ...]:
    """The marks in both halves of an exercise."""
    return tuple(mark for path in _files(pack.root, slug) for mark in _marks(path))


def first_of(left: Sequence[str]) -> tuple[str, ...]:
    """The first few, and how many there are beside them."""
    more = len(left) - SHOWN
    return (*left[:SHOWN], *([f"and {more} more"] if more > 0 else []))


def _files(root: Path, slug: str) -> Iterator[Path]:
    """The files that an author writes, in that order; some may not be there."""
    public, private = root / "exercises" / slug, root / "reference" / slug
    yield from (public / name for name in ("statement.en.md", "statement.zh.md", "exercise.yaml", "stub.py"))
    yield from (public / "driver.py", private / "solution.py", *sorted((private / "alternatives").glob("*.py")))
    yield from (public / "test_public.py", private / "test_hidden.py", private / "mutants.yaml")
    yield from (*sorted((private / "mutants").glob("*.py")), private / "promises.yaml", private / "notes.md")


def _marks(path: Path) -> Iterator[str]:
    """`file:line: what to write` for each line with a mark; the last one of a line speaks for it."""
    try:
        lines = read_prose(path).split("\n") if path.is_file() else []
    except ContentError:
        return  # whoever reads the exercise tells what is wrong with it
    for number, line in enumerate(lines, start=1):
        if _MARK.search(line):
            yield f"{path}:{number}: {_MARK.split(line)[-1].lstrip(_BEFORE).rstrip(_AFTER) or 'write it'}"


def _format_error(pack: Pack, slug: str) -> ContentError | None:
    """The first thing that breaks a format; a topic that is still to be chosen is none."""
    try:
        exercise = pack.exercise(slug)
        if not any(_marks(exercise.public_dir / "exercise.yaml")):
            pack.check_exercise(slug)
        read_promises(exercise)
    except ContentError as error:
        return error
    return None


def _told(error: ContentError | None) -> tuple[str, ...]:
    return () if error is None else (str(error), *getattr(error, "__notes__", ()))
