"""BM25; the contract is in statement.en.md (English) and statement.zh.md (Chinese)."""

import numpy as np


class BM25:
    """An index of documents, each a list of tokens. ValueError unless `k1` is finite and at least 0 and `b` is in [0, 1]."""

    def __init__(self, documents: list[list[str]], k1: float = 1.2, b: float = 0.75) -> None:
        raise NotImplementedError

    def scores(self, query: list[str]) -> np.ndarray:
        """The score of each document for a list of tokens, float64 (N,)."""
        raise NotImplementedError
