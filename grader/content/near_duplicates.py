"""Pairs of entries that ask nearly the same, by the rare words that their titles and prompts share in either language.

A word counts for more the fewer entries have it (tf-idf), so that what every question is made of ("how many",
"stored in bfloat16", figures, units) makes no two of them alike. Questions that come with an exercise are told apart by
it. Where one entry mentions the other (`entry:ID`), their author knows of both, and the pair is left alone.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from grader.content.check_texts import mentions
from grader.markup import dialect
from grader.model.entry import BugEntry, CodeEntry, Entry
from grader.model.text import Lang

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

THRESHOLD: Final = {"en": 0.40, "zh": 0.28}  # a question put in other words has 0.3 to 0.6 with itself, others 0.02
MAX_CHARS: Final = {"en": 420, "zh": 200}
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two entries, and how alike they are, from 0 to 1."""

    left: Entry
    right: Entry
    lang: Lang
    score: float

    def __str__(self) -> str:
        return f"`{self.left.id}` and `{self.right.id}` are {100 * self.score:.0f}% alike in {self.lang}"


def find_near_duplicates(entries: Sequence[Entry]) -> tuple[Pair, ...]:
    """Pairs over the threshold, the most alike first; a pair is named once, in the language in which it is nearer."""
    asking = [entry for entry in entries if not _has_an_exercise(entry)]
    apart = {frozenset((entry.id, name)) for entry in asking for _, name in mentions(entry)}
    found: dict[frozenset[str], Pair] = {}
    for pair in (*_pairs(asking, "en"), *_pairs(asking, "zh")):
        names = frozenset((pair.left.id, pair.right.id))
        known = found.get(names)
        if names not in apart and (known is None or known.score < pair.score):
            found[names] = pair
    return tuple(sorted(found.values(), key=lambda pair: -pair.score))


def _has_an_exercise(entry: Entry) -> bool:
    return isinstance(entry, CodeEntry) or (isinstance(entry, BugEntry) and entry.exercise is not None)


def _pairs(entries: Sequence[Entry], lang: Lang) -> list[Pair]:
    import numpy as np

    asked = [(entry, words) for entry in entries if (words := _asked(entry, lang))]
    if len(asked) < 2:
        return []
    scores = _cosines([words for _, words in asked])
    return [
        Pair(left=asked[left][0], right=asked[right][0], lang=lang, score=float(scores[left, right]))
        for left, right in np.argwhere(np.triu(scores, 1) >= THRESHOLD[lang])
    ]


def _cosines(texts: Sequence[Counter[str]]) -> NDArray[np.float64]:
    """How alike each two texts are: the cosine of their words, weighed by how rare these are."""
    import numpy as np
    from scipy.sparse import csr_array

    holding = Counter(word for text in texts for word in text)
    column = {word: place for place, word in enumerate(sorted(holding))}
    cells = [
        (row, column[word], (1 + math.log(count)) * math.log(1 + len(texts) / holding[word]))
        for row, text in enumerate(texts)
        for word, count in text.items()
    ]
    rows, columns, weights = zip(*cells, strict=True)
    table = csr_array((weights, (rows, columns)), shape=(len(texts), len(column)))
    products: NDArray[np.float64] = (table @ table.T).toarray()
    lengths = np.sqrt(products.diagonal())
    cosines: NDArray[np.float64] = products / np.outer(lengths, lengths)
    return cosines


def _asked(entry: Entry, lang: Lang) -> Counter[str]:
    """The words of title and prompt; of Chinese, the pairs of characters that follow each other."""
    source = f"{entry.title.get(lang)}\n\n{entry.prompt.get(lang)}"
    words = re.sub(r"\s+", " ", dialect.words(source)).strip().lower()[: MAX_CHARS[lang]]
    if lang == "zh":
        solid = words.replace(" ", "")
        return Counter(solid[at : at + 2] for at in range(len(solid) - 1))
    return Counter(_WORD.findall(words))
