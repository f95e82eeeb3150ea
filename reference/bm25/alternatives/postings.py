"""An inverted index: for each token the documents that hold it, with what one occurrence in the query adds to them."""

import math
from collections import Counter, defaultdict

import numpy as np


class BM25:
    """An index of documents, each a list of tokens."""

    def __init__(self, documents: list[list[str]], k1: float = 1.2, b: float = 0.75) -> None:
        if not 0 <= k1 < math.inf:
            raise ValueError("k1 must be finite and at least 0")
        if not 0 <= b <= 1:
            raise ValueError("b must be in [0, 1]")
        self.size = len(documents)
        total = sum(map(len, documents))
        counts = defaultdict(list)
        for d, document in enumerate(documents):
            for token, count in Counter(document).items():
                counts[token].append((d, count))

        self.postings: dict[str, list[tuple[int, float]]] = {}
        for token, found in counts.items():
            rarity = math.log1p((self.size - len(found) + 0.5) / (len(found) + 0.5))
            self.postings[token] = [
                (d, rarity * _saturated(f, k1, 1 - b + b * len(documents[d]) * self.size / total)) for d, f in found
            ]

    def scores(self, query: list[str]) -> np.ndarray:
        """The score of each document for a list of tokens, float64 (N,)."""
        result = np.zeros(self.size)
        for token in query:
            for d, weight in self.postings.get(token, ()):
                result[d] += weight
        return result


def _saturated(f: int, k1: float, norm: float) -> float:
    """f (k1 + 1) / (f + k1 norm), also where k1 is close to the largest float."""
    if k1 <= 1:
        return f * (k1 + 1) / (f + k1 * norm)
    return f * (1 + 1 / k1) / (f / k1 + norm)
