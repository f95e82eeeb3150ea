"""An inverted index: for every token the numbers of its documents and what it adds to their scores, worked out once."""

import math
from collections import Counter, defaultdict

import numpy as np


class BM25:
    def __init__(self, documents: list[list[str]], k1: float = 1.2, b: float = 0.75) -> None:
        if not (math.isfinite(k1) and k1 >= 0):
            raise ValueError("k1 must be finite and at least 0")
        if not 0 <= b <= 1:
            raise ValueError("b must be in [0, 1]")
        self._size = len(documents)
        total = sum(map(len, documents))
        held: dict[str, dict[int, float]] = defaultdict(dict)
        for number, document in enumerate(documents):
            for token, frequency in Counter(document).items():
                length = 1 - b + b * len(document) * self._size / total
                # both sides of the fraction are divided by k1 + 1, which keeps them small
                held[token][number] = frequency / (frequency / (k1 + 1) + k1 / (k1 + 1) * length)
        self._postings = {token: self._weigh(parts) for token, parts in held.items()}

    def _weigh(self, parts: dict[int, float]) -> tuple[np.ndarray, np.ndarray]:
        rarity = math.log1p((self._size - len(parts) + 0.5) / (len(parts) + 0.5))
        return np.array(list(parts)), rarity * np.array(list(parts.values()))

    def scores(self, query: list[str]) -> np.ndarray:
        result = np.zeros(self._size)
        for token in query:
            if token in self._postings:
                numbers, parts = self._postings[token]
                result[numbers] += parts
        return result
