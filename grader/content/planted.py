"""Repair tasks: which there are, how a person names one, and the code that they are given.

What is given is the mutant without the words around it: a comment or a docstring of the reference would say what the
code ought to do. Docstrings of the stub are the statement's contract, and stay.
"""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Iterable, Iterator, Sequence

from grader.content.bare_source import bare
from grader.content.suggestion import suggestion
from grader.content.yaml_source import read_prose
from grader.errors import UsageError
from grader.model.exercise import Exercise, Mutant
from grader.model.repair import Repair, planted_digest
from grader.model.text import Text

HANDLE = 4  # hex digits, or as many as tell the mutants of an exercise apart
SEE_REPAIRS = Text(en="`viva list --kind repair` shows what there is", zh="`viva list --kind repair` 会列出所有修复题")


def repairs_of(exercise: Exercise) -> tuple[Repair, ...]:
    """The repair tasks that an exercise makes, in the order of their handles, which says nothing about them."""
    digests = {planted_digest(exercise.id, mutant.id): mutant for mutant in exercise.mutants}
    length = next(size for size in range(HANDLE, 65) if len({name[:size] for name in digests}) == len(digests))
    return tuple(
        Repair(exercise=exercise, mutant=digests[name], handle=name[:length]) for name in sorted(digests)
    )


def find_repair(exercise: Exercise, name: str) -> Repair:
    """The repair task that `name` means: a handle, `slug#handle`, or a mutant's id. Raises UsageError."""
    wanted = name.removeprefix(f"{exercise.id}#").lower()
    known = repairs_of(exercise)
    for one in known:
        if wanted in (one.handle, one.mutant.id):
            return one
    fix = suggestion(wanted, [one.handle for one in known], SEE_REPAIRS)  # ids would tell what there is to be found
    raise UsageError(
        f"--repair: {exercise.id} has no repair task {name!r}; {fix.en}, and a folder is named before `--repair`",
        f"--repair：{exercise.id} 没有修复题 {name!r}；{fix.zh}；目录请写在 `--repair` 之前",
    )


def choose_repair(exercise: Exercise, seed: int, among: Iterable[Repair] | None = None) -> Repair:
    """One of an exercise's repair tasks, each as likely as another; the same for the same seed. Raises UsageError."""
    pool = list(repairs_of(exercise) if among is None else among)
    if not pool:
        raise UsageError(
            f"--repair: {exercise.id} has no mutants, so there is nothing to mend; {SEE_REPAIRS.en}",
            f"--repair：{exercise.id} 没有典型错解，无从修复；{SEE_REPAIRS.zh}",
        )
    return min(pool, key=lambda one: hashlib.sha256(f"{seed}:{one.key}".encode()).digest())


def repair_of_digest(exercise: Exercise, digest: str) -> Repair | None:
    """The repair task that a folder remembers by `planted_digest`; None where there is none (any more)."""
    return next((one for one in repairs_of(exercise) if planted_digest(exercise.id, one.mutant.id) == digest), None)


def repair_of_mutant(exercise: Exercise, mutant_id: str) -> Repair:
    """The repair task of a mutant that is there. Raises UsageError for one that is not."""
    return find_repair(exercise, mutant_id)


def planted_source(repair: Repair) -> str:
    """What a person is given to mend."""
    return bare(repair.mutant.source, _contract(repair.exercise))


def planted_edit(exercise: Exercise, mutant: Mutant) -> str:
    """What the mistake is, as a unified diff from the right code to the planted one, both as a person sees them."""
    contract = _contract(exercise)
    right, planted = (bare(source, contract).splitlines() for source in (read_prose(exercise.solution), mutant.source))
    return "\n".join(_without_head(list(difflib.unified_diff(right, planted, lineterm="", n=3))))


def _without_head(diff: Sequence[str]) -> Iterator[str]:
    """A diff without the names of files, which are none."""
    yield from diff[2:]


def _contract(exercise: Exercise) -> str:
    return read_prose(exercise.stub)
