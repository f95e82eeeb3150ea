"""All hashes lie in one flat array; a product modulo 2^61 - 1 is made of halves and a rotation, minima come by reduceat."""

import zlib
from itertools import combinations

import numpy as np

P = np.uint64(2**61 - 1)
LOW = np.uint64(2**30 - 1)
UP, DOWN = np.uint64(30), np.uint64(31)


def check(n: int, a: np.ndarray, b: np.ndarray) -> None:
    """ValueError for a bad length of shingles or bad coefficients."""
    if n < 1:
        raise ValueError("n must be at least 1")
    if a.ndim != 1 or a.shape != b.shape or a.size == 0:
        raise ValueError("a and b must have the same shape (K,)")
    if (a == 0).any() or (a >= P).any() or (b >= P).any():
        raise ValueError("a or b out of range")


def check_bands(bands: int, columns: int) -> None:
    if bands < 1 or columns % bands:
        raise ValueError("bands must divide the number of columns")


def shingles(text: str, n: int) -> set[str]:
    if n < 1:
        raise ValueError("n must be at least 1")
    words = text.split()
    if len(words) <= n:
        return {" ".join(words)} - {""}
    return {" ".join(run) for run in zip(*(words[i:] for i in range(n)), strict=False)}


def affine(h: np.ndarray, a: np.uint64, b: np.uint64) -> np.ndarray:
    """(a h + b) mod p: the upper 31 bits of a times h, turned left by 30 of 61 bits, and the lower 30 times h."""
    upper = (a >> UP) * h % P
    turned = ((upper << UP) & P) | (upper >> DOWN)
    return (turned + (a & LOW) * h + b) % P


def signed(sets: list[set[str]], a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Signatures of sets of shingles."""
    table = np.full((len(sets), len(a)), 2**32 - 1, dtype=np.uint32)
    filled = [row for row, found in enumerate(sets) if found]
    if not filled:
        return table
    flat = np.array([zlib.crc32(s.encode()) for row in filled for s in sets[row]], dtype=np.uint64)
    begins = np.cumsum([0] + [len(sets[row]) for row in filled[:-1]])
    for column in range(len(a)):
        hashes = affine(flat, a[column], b[column]).astype(np.uint32)
        table[filled, column] = np.minimum.reduceat(hashes, begins)
    return table


def signatures(documents: list[str], n: int, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    check(n, a, b)
    return signed([shingles(text, n) for text in documents], a, b)


def candidate_pairs(signatures: np.ndarray, bands: int) -> list[tuple[int, int]]:
    rows, columns = signatures.shape
    check_bands(bands, columns)
    pairs: set[tuple[int, int]] = set()
    for band in np.split(signatures, bands, axis=1):
        order = np.lexsort(band.T)
        if rows < 2:
            continue
        arranged = band[order]
        cuts = np.flatnonzero((arranged[1:] != arranged[:-1]).any(axis=1)) + 1
        for group in np.split(order, cuts):
            if len(group) > 1:
                pairs.update(combinations(sorted(group.tolist()), 2))
    return sorted(pairs)


def dedup(documents: list[str], n: int, a: np.ndarray, b: np.ndarray, bands: int, threshold: float) -> np.ndarray:
    check(n, a, b)
    check_bands(bands, len(a))
    if not 0 < threshold <= 1:
        raise ValueError("threshold must be above 0 and at most 1")
    sets = [shingles(text, n) for text in documents]
    neighbors: dict[int, list[int]] = {row: [] for row in range(len(sets))}
    for i, j in candidate_pairs(signed(sets, a, b), bands):
        if sets[i] and sets[j] and len(sets[i] & sets[j]) / len(sets[i] | sets[j]) >= threshold:
            neighbors[i].append(j)
            neighbors[j].append(i)

    smallest = np.full(len(sets), -1, dtype=np.int64)
    for root in range(len(sets)):
        stack = [root] if smallest[root] < 0 else []
        while stack:
            row = stack.pop()
            if smallest[row] < 0:
                smallest[row] = root
                stack.extend(neighbors[row])
    return smallest
