"""Words in, entries and exercises out."""

from __future__ import annotations

import pytest

from grader.content.search import Hits, search
from grader.content.selection import Selection, Wish, select
from grader.wiring import open_packs


@pytest.fixture(scope="module")
def shipped() -> Selection:
    """Everything that is active in the bank."""
    return select(open_packs(()), Wish())


def first(hits: Hits, count: int) -> list[str]:
    """Ids of the best."""
    return [item.id for item in hits.items[:count]]


@pytest.mark.parametrize(
    ("query", "wanted", "among"),
    [
        ("kv cache", "kv_cache", 6),
        ("KV-cache", "kv_cache", 6),
        ("dpo", "dpo_loss", 4),
        ("f1", "f1_auc", 4),
        ("rotary", "rope", 3),
        ("拉普拉斯", "laplace_mechanism", 3),
        ("早停", "early_stopping", 3),
        ("分组查询注意力", "grouped_query_attention", 3),
        ("quantisation 8 bits", "affine_quantization", 8),
    ],
)
def test_what_is_meant_comes_first(shipped: Selection, query: str, wanted: str, among: int) -> None:
    """In either language, in British spelling, with any capitals and dashes."""
    assert wanted in first(search(shipped, query), among)


def test_more_words_found_come_before_fewer(shipped: Selection) -> None:
    """What holds every word comes before what holds one of them."""
    both = search(shipped, "paged cache")
    assert first(both, 1) == first(search(shipped, "cache paged"), 1)
    assert "paged" in both.items[0].title.get("en").lower()
    assert len(both.items) > len(search(shipped, "paged").items)


def test_a_beginning_finds_the_word(shipped: Selection) -> None:
    """Half a word is enough, and so is one Chinese character."""
    assert "speculative_decoding" in first(search(shipped, "specul"), 5)
    assert search(shipped, "蒸").items


def test_a_slip_finds_the_nearest_words_and_says_so(shipped: Selection) -> None:
    """A misspelled word is looked for as the one that it is most alike; nonsense finds nothing."""
    hits = search(shipped, "attenton")
    assert hits.instead == ("attention",)
    assert hits.items
    assert search(shipped, "attention").instead == ()
    assert search(shipped, "zqxjv").items == ()


@pytest.mark.parametrize(
    "query",
    ["", "  ", '"', "NEAR(", "title:x OR *", "'; DROP TABLE texts", "%%%", "…", " ".join(map(str, range(5000)))],
)
def test_anything_may_be_typed(shipped: Selection, query: str) -> None:
    """What the index has a meaning for has none in a query."""
    assert isinstance(search(shipped, query), Hits)
