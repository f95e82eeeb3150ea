"""Python's ints for the products, sorted rows instead of buckets, and a search through the links."""

import zlib

import numpy as np

P = (1 << 61) - 1


def shingles(text: str, n: int) -> set[str]:
    if n <= 0:
        raise ValueError("n")
    words = text.split()
    if not words:
        return set()
    runs = zip(*(words[skip:] for skip in range(min(n, len(words)))), strict=False)
    return set(map(" ".join, runs))


def _check(n: int, a: np.ndarray, b: np.ndarray) -> None:
    ok = n >= 1 and np.ndim(a) == 1 and np.shape(a) == np.shape(b) and len(a) > 0
    if not ok or any(not 1 <= x < P for x in a.tolist()) or any(not x < P for x in b.tolist()):
        raise ValueError("n, a or b")


def signatures(documents: list[str], n: int, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    _check(n, a, b)
    rows = []
    for document in documents:
        hashes = [zlib.crc32(bytes(shingle, "utf-8")) for shingle in shingles(document, n)]
        rows.append(
            [
                min(((x * h + y) % P % 2**32 for h in hashes), default=2**32 - 1)
                for x, y in zip(a.tolist(), b.tolist(), strict=True)
            ]
        )
    return np.array(rows, dtype=np.uint32).reshape(len(documents), len(a))


def candidate_pairs(signatures: np.ndarray, bands: int) -> list[tuple[int, int]]:
    count, width = signatures.shape
    if bands < 1 or width % bands != 0:
        raise ValueError("bands")
    r = width // bands
    found = []
    for start in range(0, width, r):
        part = signatures[:, start : start + r]
        order = np.lexsort(part.T[::-1])
        new = np.ones(count, dtype=bool)
        new[1:] = (part[order][1:] != part[order][:-1]).any(axis=1)
        for group in np.split(order, np.flatnonzero(new)[1:]) if new.sum() < count else []:
            group = sorted(group.tolist())
            found += [(i, j) for place, i in enumerate(group) for j in group[place + 1 :]]
    return sorted(set(found))


def dedup(documents: list[str], n: int, a: np.ndarray, b: np.ndarray, bands: int, threshold: float) -> np.ndarray:
    if not (threshold > 0 and threshold <= 1):
        raise ValueError("threshold")
    links: list[list[int]] = [[] for _ in documents]
    for i, j in candidate_pairs(signatures(documents, n, a, b), bands):
        one, other = shingles(documents[i], n), shingles(documents[j], n)
        if one and other and len(one & other) / len(one | other) >= threshold:
            links[i].append(j)
            links[j].append(i)
    labels = np.full(len(documents), -1, dtype=np.int64)
    for start in range(len(documents)):
        waiting = [start] if labels[start] < 0 else []
        while waiting:
            i = waiting.pop()
            if labels[i] < 0:
                labels[i] = start
                waiting += links[i]
    return labels
