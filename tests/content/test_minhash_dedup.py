"""The reference of minhash_dedup against datasketch (signatures, banding), Python's ints and networkx (components).

datasketch's scheme `legacy` has the same formula, in uint64 arithmetic that wraps around: right as long as a h + b
stays below 2^64, so coefficients are kept below 2^31 there. Larger ones are compared with Python's ints.
"""

from __future__ import annotations

import runpy
import zlib
from itertools import combinations
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from datasketch import MinHash, MinHashLSH

ROOT = Path(__file__).resolve().parents[2]
SOLUTION = runpy.run_path(str(ROOT / "reference" / "minhash_dedup" / "solution.py"))
PRIME = 2**61 - 1


def draw(seed: int, size: int = 14) -> tuple[np.random.Generator, list[str]]:
    """Documents in groups that share most of their words, and one without words."""
    rng = np.random.default_rng(seed)
    documents = [""]
    while len(documents) < size:
        words = [f"wörd{number}" for number in rng.integers(0, 10**6, 30)]
        for changes in range(3):
            copy = list(words)
            for place in rng.integers(0, 30, 3 * changes):
                copy[place] = f"x{rng.integers(10**6)}"
            documents.append(" ".join(copy))
    return rng, [documents[place] for place in rng.permutation(len(documents))]


def sketches(documents: list[str], n: int, a: np.ndarray, b: np.ndarray) -> list[MinHash]:
    """One of datasketch's for each document."""
    result = []
    for document in documents:
        sketch = MinHash(num_perm=len(a), hashfunc=zlib.crc32, permutations=(a, b), scheme="legacy")
        sketch.update_batch([shingle.encode() for shingle in SOLUTION["shingles"](document, n)])
        result.append(sketch)
    return result


@pytest.mark.parametrize("seed", range(10))
def test_signatures_of_datasketch(seed: int) -> None:
    """The same values, documents without words included."""
    rng, documents = draw(seed)
    a, b = (rng.integers(1, 2**31, 16, dtype=np.uint64) for _ in range(2))
    expected = np.array([sketch.hashvalues for sketch in sketches(documents, 2, a, b)])
    np.testing.assert_array_equal(SOLUTION["signatures"](documents, 2, a, b), expected)


@pytest.mark.parametrize("seed", range(10))
def test_python_ints(seed: int) -> None:
    """Products of any size."""
    rng = np.random.default_rng(seed)
    h = np.append(rng.integers(0, 2**32, 200, dtype=np.uint64), np.array([0, 1, 2**32 - 1], np.uint64))[:, None]
    a = np.append(rng.integers(1, PRIME, 20, dtype=np.uint64), np.array([1, 2**32, PRIME - 1], np.uint64))
    b = np.append(rng.integers(0, PRIME, 20, dtype=np.uint64), np.array([0, PRIME - 1, PRIME - 1], np.uint64))
    expected = [[(x * int(y) + z) % PRIME for x, z in zip(a.tolist(), b.tolist(), strict=True)] for (y,) in h]
    np.testing.assert_array_equal(SOLUTION["affine_mod_prime"](h, a, b), np.array(expected, dtype=np.uint64))


@pytest.mark.parametrize(("bands", "rows"), [(16, 1), (8, 2), (4, 4), (2, 8)])
@pytest.mark.parametrize("seed", range(5))
def test_banding_of_datasketch(seed: int, bands: int, rows: int) -> None:
    """The index of datasketch answers with the same pairs."""
    rng, documents = draw(seed)
    a, b = (rng.integers(1, 2**31, bands * rows, dtype=np.uint64) for _ in range(2))
    index, found = MinHashLSH(num_perm=bands * rows, params=(bands, rows)), set()
    for place, sketch in enumerate(sketches(documents, 1, a, b)):
        found |= {(other, place) for other in index.query(sketch)}
        index.insert(place, sketch)
    assert SOLUTION["candidate_pairs"](SOLUTION["signatures"](documents, 1, a, b), bands) == sorted(found)


@pytest.mark.parametrize("threshold", [0.2, 0.5, 0.8])
@pytest.mark.parametrize("seed", range(5))
def test_components_of_networkx(seed: int, threshold: float) -> None:
    """Candidates of datasketch, similarity by counting, components by networkx."""
    rng, documents = draw(seed, 24)
    a, b = (rng.integers(1, 2**31, 32, dtype=np.uint64) for _ in range(2))
    graph = nx.empty_graph(len(documents))
    values = [sketch.hashvalues for sketch in sketches(documents, 1, a, b)]
    for i, j in combinations(range(len(documents)), 2):
        one, other = documents[i].split(), documents[j].split()
        agrees = (values[i] == values[j]).reshape(16, 2).all(axis=1).any()
        if agrees and one and other:
            shared = sum(word in other for word in dict.fromkeys(one))
            if shared / len(dict.fromkeys(one + other)) >= threshold:
                graph.add_edge(i, j)
    expected = np.arange(len(documents))
    for component in nx.connected_components(graph):
        expected[list(component)] = min(component)
    np.testing.assert_array_equal(SOLUTION["dedup"](documents, 1, a, b, 16, threshold), expected)
    assert len(set(expected.tolist())) < len(documents)


def test_estimate_of_the_similarity() -> None:
    """The share of equal places is the Jaccard similarity up to its standard error (six of them)."""
    rng = np.random.default_rng(0)
    a, b = rng.integers(1, PRIME, 4000, dtype=np.uint64), rng.integers(0, PRIME, 4000, dtype=np.uint64)
    words = [f"word{number}" for number in range(100)]
    table = SOLUTION["signatures"]([" ".join(words[:70]), " ".join(words[30:])], 1, a, b)
    assert abs((table[0] == table[1]).mean() - 0.4) < 6 * np.sqrt(0.24 / 4000)
