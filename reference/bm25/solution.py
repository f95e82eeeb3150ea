"""BM25 over an inverted index, with the idf of Lucene, which is never negative."""

import math
from collections import Counter

import numpy as np


class BM25:
    """Which documents hold a token and how often, and what each document's length does to its scores."""

    def __init__(self, documents, k1=1.2, b=0.75):
        if not 0 <= k1 < math.inf:
            raise ValueError("k1 must be finite and at least 0")
        if not 0 <= b <= 1:
            raise ValueError("b must be from 0 to 1")
        lengths = np.array(list(map(len, documents)))
        relative = lengths * len(documents) / max(lengths.sum(), 1)  # to the mean, which is 0 if all are empty
        self.k1 = k1
        self.penalties = k1 * (1 - b + b * relative)
        self.postings = {}  # token: [(document, occurrences in it), ...]
        for place, document in enumerate(documents):
            for token, occurrences in Counter(document).items():
                self.postings.setdefault(token, []).append((place, occurrences))

    def scores(self, query):
        """The score of each document, float64 (N,)."""
        total = np.zeros(len(self.penalties))
        for token in query:
            holders = self.postings.get(token, [])
            rarity = math.log1p((len(total) - len(holders) + 0.5) / (len(holders) + 0.5))
            for place, occurrences in holders:  # all others get nothing, so that 0/0 cannot come up
                total[place] += rarity * occurrences * (self.k1 + 1) / (occurrences + self.penalties[place])
        return total
