"""A repair task: the reference of an exercise with the mistake of one mutant in it, to be found and mended."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from grader.model.exercise import Exercise, Mutant
from grader.model.text import Text

HANDLE = 4  # hex digits, or as many as tell the mutants of an exercise apart
LEAST_MINUTES = 5
SHARE = 0.4  # of an exercise's minutes: most of the code is there already, and has to be read


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """The mutant that is planted, and the `handle` that names it to a person without naming the mistake."""

    exercise: Exercise
    mutant: Mutant
    handle: str

    @property
    def name(self) -> str:
        """What a person calls it: `f1_auc#3f2a`."""
        return f"{self.exercise.id}#{self.handle}"

    @property
    def key(self) -> str:
        """A name for records, which stays whatever other mutants there are."""
        return f"{self.exercise.id}#{planted_digest(self.exercise.id, self.mutant.id)[:16]}"

    @property
    def minutes(self) -> int:
        """How long it takes: two fifths of writing the whole, and five minutes at least."""
        return max(LEAST_MINUTES, round(SHARE * self.exercise.minutes))


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownRepair:
    """A repair task in words: the `source` that a person is given, and for others what is wrong with it.

    `edit` is a unified diff from the right code to `source`, both without comments.
    """

    mutant: str
    title: Text
    advice: Text
    source: str
    edit: str


def planted_digest(slug: str, mutant_id: str) -> str:
    """SHA-256 in hex over both names, so that a folder can remember a mutant without telling it."""
    return hashlib.sha256(f"{slug}#{mutant_id}".encode()).hexdigest()


def exercise_of_key(key: str) -> str:
    """The exercise that the key of a repair task, or an exercise's own slug, is about."""
    return key.partition("#")[0]
