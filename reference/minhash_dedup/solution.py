"""Near-duplicate documents: MinHash signatures, banding, and clusters of the pairs that exact similarity confirms."""

import zlib
from collections import defaultdict
from itertools import combinations

import numpy as np

PRIME = 2**61 - 1
LARGEST = 2**32 - 1


def shingles(text, n):
    """All runs of `n` words; one of fewer words if the text has no more."""
    if n < 1:
        raise ValueError("a shingle has at least one word")
    words = text.split()
    count = max(len(words) - n + 1, min(len(words), 1))
    return {" ".join(words[start : start + n]) for start in range(count)}


def signatures(documents, n, a, b):
    """MinHash signatures, uint32 (N, K)."""
    if n < 1:
        raise ValueError("a shingle has at least one word")
    if a.ndim != 1 or a.shape != b.shape or a.size == 0:
        raise ValueError("a and b must have the same shape (K,), and K must be at least 1")
    if a.min() < 1 or a.max() >= PRIME or b.max() >= PRIME:
        raise ValueError("a must be from 1 to p - 1, and b from 0 to p - 1")
    table = np.full((len(documents), a.size), LARGEST, dtype=np.uint32)
    for row, document in zip(table, documents, strict=True):
        hashes = [zlib.crc32(shingle.encode()) for shingle in shingles(document, n)]
        if hashes:
            permuted = affine_mod_prime(np.array(hashes, dtype=np.uint64)[:, None], a, b)  # (shingles, K)
            row[:] = (permuted & np.uint64(LARGEST)).min(axis=0)
    return table


def affine_mod_prime(h, a, b):
    """(a h + b) mod p for h below 2^32 and a, b below p, in uint64 throughout."""
    high = (a >> 32) * h  # below 2^61; a h = high 2^32 + low
    low = (a & LARGEST) * h  # below 2^64
    # high = top 2^29 + rest, and top 2^29 2^32 = top 2^61, which leaves the remainder top
    top, rest = high >> 29, high & (2**29 - 1)
    return (top + (rest << 32) + low % PRIME + b) % PRIME  # four terms below 2^61 each


def candidate_pairs(signatures, bands):
    """Pairs of rows that are equal in all columns of at least one band, sorted."""
    if bands < 1 or signatures.shape[1] % bands:
        raise ValueError("bands must divide the length of a signature")
    pairs = set()
    for band in np.split(signatures, bands, axis=1):
        buckets = defaultdict(list)  # anew for each band: equal values in two different bands are no match
        for i, values in enumerate(map(tuple, band.tolist())):
            buckets[values].append(i)
        for members in buckets.values():
            pairs.update(combinations(members, 2))
    return sorted(pairs)


def dedup(documents, n, a, b, bands, threshold):
    """For each document the smallest index in its cluster, int64 (N,)."""
    if not 0 < threshold <= 1:
        raise ValueError("threshold must be above 0 and at most 1")
    pairs = candidate_pairs(signatures(documents, n, a, b), bands)
    sets = [shingles(document, n) for document in documents]
    first = list(range(len(documents)))  # a forest; the root of each tree is its smallest index

    def root(i):
        while first[i] != i:
            i = first[i]
        return i

    for i, j in pairs:
        shared = len(sets[i] & sets[j])
        if shared and shared / len(sets[i] | sets[j]) >= threshold:  # nothing shared, nothing linked
            low, high = sorted((root(i), root(j)))
            first[high] = low
    return np.array([root(i) for i in range(len(documents))], dtype=np.int64)
