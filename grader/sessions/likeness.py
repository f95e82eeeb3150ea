"""Which entries of the bank ask nearly the same, so that no session holds both."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from grader.model.entry import Entry
from grader.sessions.debugging import is_repair

ALIKE = 0.55  # share of word pairs in common from which two prompts count as one question
_WORD = re.compile(r"[a-z0-9_]+")


def near_duplicates(entries: Sequence[Entry]) -> list[tuple[int, int]]:
    """Pairs of places whose entries share their exercise, or most of their words."""
    prints = [_prints(entry) for entry in entries]
    exercises = [getattr(entry, "exercise", None) for entry in entries]
    return [
        (first, second)
        for first in range(len(entries))
        for second in range(first + 1, len(entries))
        if (exercises[first] and exercises[first] == exercises[second]) or alike(prints[first], prints[second]) >= ALIKE
    ]


def _prints(entry: Entry) -> frozenset[tuple[str, str]]:
    """The word pairs of a question; repair tasks are told apart by their exercises, however alike they are put."""
    return frozenset() if is_repair(entry) else _word_pairs(f"{entry.title.en}\n{entry.prompt.en}")


def alike(first: frozenset[tuple[str, str]], second: frozenset[tuple[str, str]]) -> float:
    """What two sets have in common, as a share of all they hold (Jaccard); 0 for two empty ones."""
    smaller, larger = sorted((len(first), len(second)))
    if smaller < ALIKE * larger or not larger:  # cannot reach the threshold
        return 0.0
    common = len(first & second)
    return common / (smaller + larger - common)


def _word_pairs(text: str) -> frozenset[tuple[str, str]]:
    words = _WORD.findall(text.lower())
    return frozenset(itertools.pairwise(words))
