"""Near-duplicates by MinHash and LSH; the contract is in statement.en.md (English) and statement.zh.md (Chinese)."""

import numpy as np


def shingles(text: str, n: int) -> set[str]:
    """All runs of `n` consecutive words, each joined by single spaces."""
    raise NotImplementedError


def signatures(documents: list[str], n: int, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """MinHash signatures, uint32 (N, K), for coefficients `a` and `b`, uint64 (K,)."""
    raise NotImplementedError


def candidate_pairs(signatures: np.ndarray, bands: int) -> list[tuple[int, int]]:
    """Pairs of rows that are equal in all columns of at least one band."""
    raise NotImplementedError


def dedup(documents: list[str], n: int, a: np.ndarray, b: np.ndarray, bands: int, threshold: float) -> np.ndarray:
    """For each document the smallest index in its cluster of near-duplicates, int64 (N,)."""
    raise NotImplementedError
