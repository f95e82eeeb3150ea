"""Which entries of the bank ask nearly the same, so that no session holds both."""

from __future__ import annotations

import itertools
import math
import re
from collections import Counter, defaultdict
from collections.abc import Sequence

from grader.model.entry import Entry
from grader.sessions.debugging import exercise_of, is_repair

ALIKE = 0.55  # share of word pairs in common from which two prompts count as one question
_WORD = re.compile(r"[a-z0-9_]+")


def near_duplicates(entries: Sequence[Entry]) -> list[tuple[int, int]]:
    """Pairs of places whose entries share their exercise, or most of their words."""
    prints = [_prints(entry) for entry in entries]
    by_exercise: dict[str, list[int]] = defaultdict(list)
    for place, entry in enumerate(entries):
        slug = exercise_of(entry)
        if slug:
            by_exercise[slug].append(place)
    same = {pair for places in by_exercise.values() for pair in itertools.combinations(places, 2)}
    close = {(first, second) for first, second in _candidates(prints) if alike(prints[first], prints[second]) >= ALIKE}
    return sorted(same | close)


def _candidates(prints: Sequence[frozenset[tuple[str, str]]]) -> set[tuple[int, int]]:
    """Pairs of places that may be alike: all that are, and few others.

    Two sets that have the share `ALIKE` in common also have one in common among the rarest parts of each, as many as
    could be missing and one more; so only sets that meet there are looked at (prefix filtering; Chaudhuri et al. 2006).
    """
    counts = Counter(part for one in prints for part in one)
    holding: dict[tuple[str, str], list[int]] = defaultdict(list)
    for place, one in enumerate(prints):
        rarest = sorted(one, key=lambda part: (counts[part], part))
        for part in rarest[: len(one) - math.ceil(ALIKE * len(one)) + 1]:
            holding[part].append(place)
    return {pair for places in holding.values() for pair in itertools.combinations(places, 2)}


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
