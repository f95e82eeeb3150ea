"""Pairs of entries that ask nearly the same, by how alike their titles and prompts are in either language."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from grader.markup import dialect
from grader.model.entry import Entry
from grader.model.text import Lang

THRESHOLD: Final = {"en": 64.0, "zh": 52.0}
MAX_CHARS: Final = {"en": 420, "zh": 200}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two entries, and how alike they are, from 0 to 100."""

    left: Entry
    right: Entry
    lang: Lang
    score: float

    def __str__(self) -> str:
        return f"`{self.left.id}` and `{self.right.id}` are {self.score:.0f}% alike in {self.lang}"


def find_near_duplicates(entries: Sequence[Entry]) -> tuple[Pair, ...]:
    """Pairs over the threshold, the most alike first; a pair is named once, in the language in which it is nearer."""
    found: dict[tuple[str, str], Pair] = {}
    for pair in (*_pairs(entries, "en"), *_pairs(entries, "zh")):
        names = (pair.left.id, pair.right.id)
        known = found.get(names)
        if known is None or known.score < pair.score:
            found[names] = pair
    return tuple(sorted(found.values(), key=lambda pair: -pair.score))


def _pairs(entries: Sequence[Entry], lang: Lang) -> list[Pair]:
    """Pairs by the words of their texts in English, and by pairs of characters in Chinese."""
    import numpy as np
    from rapidfuzz import fuzz, process

    asked = [(entry, _asked(entry, lang)) for entry in entries]
    asked = [(entry, text) for entry, text in asked if text]
    texts = [text for _, text in asked]
    cutoff = THRESHOLD[lang]
    scores = process.cdist(texts, texts, scorer=fuzz.token_sort_ratio, score_cutoff=cutoff, dtype=np.float32)
    return [
        Pair(left=asked[left][0], right=asked[right][0], lang=lang, score=float(scores[left, right]))
        for left, right in np.argwhere(np.triu(scores, 1) >= cutoff)
    ]


def _asked(entry: Entry, lang: Lang) -> str:
    """Title and prompt as words that can be sorted."""
    source = f"{entry.title.get(lang)}\n\n{entry.prompt.get(lang)}"
    words = re.sub(r"\s+", " ", dialect.words(source)).strip().lower()[: MAX_CHARS[lang]]
    if lang == "zh":
        solid = words.replace(" ", "")
        return " ".join(solid[at : at + 2] for at in range(len(solid) - 1))
    return words
