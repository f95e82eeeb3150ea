"""Repair tasks: which there are, how a person names one, and the code that they are given.

What is given is the mutant without the words around it: a comment or a docstring of the reference would say what the
code ought to do. Docstrings of the stub are the statement's contract, and stay.
"""

from __future__ import annotations

import difflib
import hashlib

from grader.content.bare_source import bare
from grader.content.suggestion import did_you_mean, nearest, suggestion
from grader.content.yaml_source import read_prose
from grader.errors import ContentError, UsageError
from grader.model.entry import BugEntry
from grader.model.exercise import Exercise, Mutant
from grader.model.repair import HANDLE, Repair, ShownRepair, planted_digest
from grader.model.text import Text

SEE_REPAIRS = Text(en="`viva list --kind repair` shows what there is", zh="`viva list --kind repair` 会列出所有修复题")


def repairs_of(exercise: Exercise) -> tuple[Repair, ...]:
    """The repair tasks that an exercise makes, in the order of their handles, which says nothing about them."""
    digests = {planted_digest(exercise.id, mutant.id): mutant for mutant in _planted(exercise)}
    length = next(size for size in range(HANDLE, 65) if len({name[:size] for name in digests}) == len(digests))
    return tuple(Repair(exercise=exercise, mutant=digests[name], handle=name[:length]) for name in sorted(digests))


def _planted(exercise: Exercise) -> list[Mutant]:
    """Those whose mistake shows on every machine: what is right on the CPU cannot be mended there."""
    return [mutant for mutant in exercise.mutants if mutant.device == "cpu"]


def find_repair(exercise: Exercise, name: str) -> Repair:
    """The repair task that `name` means: a handle, `slug#handle`, or a mutant's id. Raises UsageError."""
    wanted = name.removeprefix(f"{exercise.id}#").lower()
    known = repairs_of(exercise)
    meant = [one for one in known if wanted == one.mutant.id or _begins(one, wanted)]
    if len(meant) == 1:
        return meant[0]
    handles = [one.handle for one in meant or known]  # ids would tell what there is to be found
    fix = did_you_mean(handles) if meant else suggestion(wanted, handles, SEE_REPAIRS)
    raise UsageError(
        f"--repair: {exercise.id} has no repair task {name!r} (a folder is named before `--repair`); {fix.en}",
        f"--repair：{exercise.id} 没有修复题 {name!r}（目录请写在 `--repair` 之前）；{fix.zh}",
    )


def _begins(repair: Repair, digits: str) -> bool:
    digest = planted_digest(repair.exercise.id, repair.mutant.id)
    return len(digits) >= HANDLE and digest.startswith(digits)


def choose_repair(exercise: Exercise, seed: int) -> Repair:
    """One of an exercise's repair tasks, each as likely as another; the same for the same seed. Raises UsageError."""
    pool = repairs_of(exercise)
    if not pool:
        raise UsageError(
            f"--repair: {exercise.id} has no mutants, so there is nothing to mend; {SEE_REPAIRS.en}",
            f"--repair：{exercise.id} 没有典型错解，无从修复；{SEE_REPAIRS.zh}",
        )
    return min(pool, key=lambda one: hashlib.sha256(f"{seed}:{one.key}".encode()).digest())


def repair_of_digest(exercise: Exercise, digest: str) -> Repair | None:
    """The repair task that a folder remembers by `planted_digest`; None where there is none (any more)."""
    return next((one for one in repairs_of(exercise) if planted_digest(exercise.id, one.mutant.id) == digest), None)


def repair_of_entry(exercise: Exercise, entry: BugEntry) -> Repair:
    """The repair task that an entry is. Raises ContentError where the exercise has no such mutant."""
    for one in repairs_of(exercise):
        if one.mutant.id == entry.mutant:
            return one
    known = [mutant.id for mutant in _planted(exercise)]
    meant = nearest(entry.mutant or "", known)
    fix = f"did you mean `{meant}`?" if meant else f"write one of {', '.join(known) or 'none: it has none'}"
    raise ContentError(entry.path, "mutant", f"`{exercise.id}` has no mutant `{entry.mutant}`", fix)


def planted_source(repair: Repair) -> str:
    """What a person is given to mend."""
    return bare(repair.mutant.source, _contract(repair.exercise))


def shown_repair(repair: Repair) -> ShownRepair:
    """The same in words, with what an interviewer is told."""
    mutant, planted = repair.mutant, planted_source(repair)
    right = bare(read_prose(repair.exercise.solution), _contract(repair.exercise))
    diff = list(difflib.unified_diff(right.splitlines(), planted.splitlines(), lineterm="", n=3))
    return ShownRepair(
        mutant=mutant.id, title=mutant.title, advice=mutant.advice, source=planted, edit="\n".join(diff[2:])
    )


def _contract(exercise: Exercise) -> str:
    return read_prose(exercise.stub)
