"""Multiplies modulo 2^61 - 1 in two halves of uint64, and finds equal bands by sorting."""

import zlib
from itertools import combinations

import numpy as np

PRIME = 2**61 - 1
EMPTY = 2**32 - 1


def check(n: int, a: np.ndarray, b: np.ndarray) -> None:
    """ValueError for unsound arguments of `signatures`."""
    check_length(n)
    if a.ndim != 1 or a.shape != b.shape or len(a) < 1:
        raise ValueError("a and b must both be (K,)")
    if (a == 0).any() or (a >= PRIME).any() or (b >= PRIME).any():
        raise ValueError("a or b out of range")


def check_length(n: int) -> None:
    """ValueError for shingles of no words."""
    if n < 1:
        raise ValueError("n must be at least 1")


def shingles(text: str, n: int) -> set[str]:
    """All runs of `n` consecutive words, each joined by single spaces."""
    check_length(n)
    words = text.split()
    if not words:
        return set()
    return {" ".join(words[start : start + n]) for start in range(max(len(words) - n, 0) + 1)}


def fold(x: np.ndarray) -> np.ndarray:
    """Something below 2^62 that is congruent to `x` modulo the prime, because 2^61 is congruent to 1."""
    return (x & np.uint64(PRIME)) + (x >> np.uint64(61))


def smallest(parts: set[str], a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The signature of one document."""
    result = np.full(len(a), EMPTY, dtype=np.uint64)
    hashes = np.array([zlib.crc32(part.encode()) for part in parts], dtype=np.uint64)
    upper, lower = a >> np.uint64(32), a & np.uint64(2**32 - 1)
    for start in range(0, len(hashes), 4096):
        h = hashes[start : start + 4096, None]
        high = upper * h  # below 2^61, and worth 2^32 times as much: a rotation of 61 bits
        turned = (high >> np.uint64(29)) + ((high & np.uint64(2**29 - 1)) << np.uint64(32))
        values = fold(fold(lower * h) + turned + b) % np.uint64(PRIME)
        result = np.minimum(result, (values & np.uint64(2**32 - 1)).min(axis=0))
    return result.astype(np.uint32)


def signatures(documents: list[str], n: int, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """MinHash signatures, uint32 (N, K), for coefficients `a` and `b`, uint64 (K,)."""
    check(n, a, b)
    result = np.empty((len(documents), len(a)), dtype=np.uint32)
    for row, text in zip(result, documents, strict=True):
        row[:] = smallest(shingles(text, n), a, b)
    return result


def candidate_pairs(signatures: np.ndarray, bands: int) -> list[tuple[int, int]]:
    """Pairs of rows that are equal in all columns of at least one band."""
    if bands < 1 or signatures.shape[1] % bands:
        raise ValueError("bands must divide the columns")
    pairs = set()
    for columns in np.split(signatures, bands, axis=1):
        order = np.lexsort(columns.T)
        ordered = columns[order]
        borders = np.flatnonzero((ordered[1:] != ordered[:-1]).any(axis=1)) + 1
        for bucket in np.split(order, borders):
            pairs.update(combinations(sorted(bucket.tolist()), 2))
    return sorted(pairs)


def dedup(documents: list[str], n: int, a: np.ndarray, b: np.ndarray, bands: int, threshold: float) -> np.ndarray:
    """For each document the smallest index in its cluster of near-duplicates, int64 (N,)."""
    check(n, a, b)
    if not 0 < threshold <= 1:
        raise ValueError("threshold must be in (0, 1]")
    if bands < 1 or len(a) % bands:
        raise ValueError("bands must divide K")
    sets = [shingles(text, n) for text in documents]
    full = [index for index, one in enumerate(sets) if one]
    leader = list(range(len(documents)))

    def find(index: int) -> int:
        while leader[index] != index:
            leader[index] = index = leader[leader[index]]
        return index

    table = signatures([documents[index] for index in full], n, a, b)
    for i, j in candidate_pairs(table, bands):
        one, other = sets[full[i]], sets[full[j]]
        if len(one & other) / len(one | other) >= threshold:
            low, high = sorted((find(full[i]), find(full[j])))
            leader[high] = low
    return np.array([find(index) for index in range(len(documents))], dtype=np.int64)
