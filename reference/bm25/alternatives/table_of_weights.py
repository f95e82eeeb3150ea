"""BM25 with all weights worked out ahead, as a table of tokens by documents."""

import numpy as np


class BM25:
    def __init__(self, documents, k1=1.2, b=0.75):
        if not 0 <= k1 < float("inf") or b < 0 or not b <= 1:
            raise ValueError("k1 or b")
        self.rows = {token: row for row, token in enumerate({token for document in documents for token in document})}
        counts = np.zeros((len(self.rows) + 1, len(documents)))  # the last row is for tokens that are unknown
        for column, document in enumerate(documents):
            for token in document:
                counts[self.rows[token], column] += 1
        lengths = counts.sum(axis=0)
        held = (counts > 0).sum(axis=1, keepdims=True)
        weights = np.log((len(documents) + 1) / (held + 0.5))
        norms = (1 - b) + b * lengths / max(lengths.sum() / max(len(documents), 1), 1e-300)
        denominators = np.where(counts > 0, counts + k1 * norms, 1)
        self.table = weights * counts * (k1 + 1) / denominators

    def scores(self, query):
        rows = [self.rows.get(token, len(self.rows)) for token in query]
        return self.table[rows].sum(axis=0) if rows else np.zeros(self.table.shape[1])
