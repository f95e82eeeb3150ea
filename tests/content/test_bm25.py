"""The reference of bm25 against PyPI's rank_bm25: saturation and lengths of its BM25Okapi, rarity of its BM25L."""

from __future__ import annotations

import runpy
from pathlib import Path

import numpy as np
import pytest
import rank_bm25

ROOT = Path(__file__).resolve().parents[2]
BM25 = runpy.run_path(str(ROOT / "reference" / "bm25" / "solution.py"))["BM25"]
WORDS = [f"w{number}" for number in range(30)]


class Mixed(rank_bm25.BM25Okapi):
    """Lucene's form: BM25L has log((N + 1) / (n + 0.5)), which is log(1 + (N - n + 0.5) / (n + 0.5))."""

    _calc_idf = rank_bm25.BM25L._calc_idf


def draw(seed: int) -> tuple[list[list[str]], list[str]]:
    """Documents, some of them empty, and a query with repeated and unknown words."""
    rng = np.random.default_rng(seed)
    chances = 1 / np.arange(1, 31)
    documents = [list(rng.choice(WORDS, size, p=chances / chances.sum())) for size in rng.integers(0, 40, 25)]
    documents[int(rng.integers(25))] = []
    return documents, [*rng.choice(WORDS, 6), "unknown"]


@pytest.mark.parametrize(("k1", "b"), [(1.2, 0.75), (0.4, 1.0), (3.0, 0.0), (50.0, 0.2)])
@pytest.mark.parametrize("seed", range(12))
def test_the_library_gives_the_same_scores(seed: int, k1: float, b: float) -> None:
    """Scores of all documents."""
    documents, query = draw(seed)
    with np.errstate(invalid="ignore"):  # the library divides 0 by 0 for an empty document with b = 1
        expected = np.nan_to_num(Mixed(documents, k1=k1, b=b).get_scores(query))
    np.testing.assert_allclose(BM25(documents, k1, b).scores(query), expected, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("seed", range(12))
def test_rare_tokens_weigh_as_in_the_classical_form(seed: int) -> None:
    """For a token of fewer than half of the documents, BM25Okapi as it is ranks its holders in the same order."""
    documents, query = draw(seed)
    own, classical = BM25(documents, 1.5, 0.75), rank_bm25.BM25Okapi(documents)
    for token in query:
        scores, expected = own.scores([token]), classical.get_scores([token])
        if 0 < np.count_nonzero(scores) < 12:
            assert list(np.argsort(scores, kind="stable")) == list(np.argsort(expected, kind="stable"))
