"""Hidden cases of minhash_dedup: texts, coefficients and tables are drawn anew for every verdict."""

import numpy as np
import pytest

from grader.judge import assert_close, assert_each_raises, assert_refuses, assert_unchanged, distinct_sizes

PRIME = 2**61 - 1
WORDS = "the The cat sat, sat naïve nai\u0308ve 数据 清洗 🐈 x. x Straße STRASSE".split()
# shares whose product with the size of the union is not the size of the intersection again
SHARES = [(14, 25), (15, 29), (29, 35), (21, 38), (25, 39), (13, 23), (15, 22), (31, 39)]


def draw_coefficients(rng, k, low=1, high=PRIME):
    """a and b, uint64 (k,)."""
    return rng.integers(low, high, k, dtype=np.uint64), rng.integers(0, high, k, dtype=np.uint64)


def draw_words(rng, count, words=WORDS):
    """Words, some of them again and again."""
    return [str(word) for word in rng.choice(words, count)]


def fresh_words(rng, count):
    """Words that come nowhere else."""
    return [f"w{number}" for number in rng.choice(10**9, count, replace=False)]


def blank(rng):
    """What separates two words, or surrounds them."""
    return str(rng.choice([" ", "  ", "\n", "\t ", "\u3000", "\xa0", "\r\n", "\u2003"]))


def spread(rng, words):
    """The words as a text with blanks of all kinds."""
    return blank(rng) + "".join(word + blank(rng) for word in words)


def assert_clusters(candidate, reference, *arguments):
    """The clusters of the reference."""
    expected = reference.dedup(*arguments)
    assert_close(candidate.dedup(*arguments), expected)


@pytest.mark.task("shingling")
def test_runs_of_words(candidate, reference, rng):
    """All runs of one word to some, each once, in a set.

    所有一到若干个词的连续片段，各出现一次，装在集合里。
    """
    text = " ".join(draw_words(rng, int(rng.integers(15, 30)), WORDS[:5]))
    for n in (1, 2, 3, int(rng.integers(4, 8))):
        expected = reference.shingles(text, n)
        assert_close(candidate.shingles(text, n), expected)


@pytest.mark.task("shingling")
def test_fewer_words_than_a_shingle(candidate, reference, rng):
    """Exactly n words, one less, one more, a single word, and none at all.

    正好 n 个词、少一个、多一个、只有一个词，以及没有词。
    """
    n = int(rng.integers(3, 7))
    for count in (n, n - 1, n + 1, 1, 0):
        text = spread(rng, draw_words(rng, count))
        expected = reference.shingles(text, n)
        assert_close(candidate.shingles(text, n), expected)
    assert_close([candidate.shingles("", 1), candidate.shingles(" \n", n)], [set(), set()])


@pytest.mark.task("shingling")
def test_words_as_they_are(candidate, reference, rng):
    """Blanks of every kind separate words; case, marks and code points are kept.

    各种空白都分隔单词；大小写、标点与码位保持原样。
    """
    for n in (1, int(rng.integers(2, 4))):
        text = spread(rng, rng.permutation(WORDS).tolist())
        expected = reference.shingles(text, n)
        assert_close(candidate.shingles(text, n), expected)


@pytest.mark.task("signing")
def test_drawn_signatures(candidate, reference, rng):
    """Signatures for coefficients from 1 to p - 1.

    系数取遍 1 到 p - 1 时的签名。
    """
    size, k = distinct_sizes(rng, 2, 3, 9)
    documents = [spread(rng, draw_words(rng, int(rng.integers(1, 20)))) for _ in range(size)]
    n, (a, b) = int(rng.integers(1, 4)), draw_coefficients(rng, k)
    expected = reference.signatures(documents, n, a, b)
    assert_close(candidate.signatures(documents, n, a, b), expected)


@pytest.mark.task("signing")
def test_sizes_of_coefficients(candidate, reference, rng):
    """The smallest and the largest coefficients, and those whose products need 33, 64 and 65 bits.

    最小和最大的系数，以及乘积需要 33、64、65 位的系数。
    """
    a = np.array([1, 2, 3, 2**31, 2**32 - 1, 2**32, 2**32 + 1, 2**33, 2**60, PRIME - 1, PRIME - 2], dtype=np.uint64)
    b = np.array([0, 1, PRIME - 1, 2**32, 2**60, PRIME - 2], dtype=np.uint64)
    documents = [" ".join(fresh_words(rng, count)) for count in (1, 5, 40)]
    for shift in range(len(b)):
        offsets = np.resize(np.roll(b, shift), a.size)
        expected = reference.signatures(documents, 1, a, offsets)
        assert_close(candidate.signatures(documents, 1, a, offsets), expected)


@pytest.mark.task("signing")
def test_nothing_to_sign(candidate, reference, rng):
    """Documents without words have the largest value everywhere, and no documents give shape (0, K).

    没有词的文档处处取最大值；没有文档时形状为 (0, K)。
    """
    k, n = int(rng.integers(2, 6)), int(rng.integers(1, 5))
    a, b = draw_coefficients(rng, k)
    for documents in (["", "one", " \t\u3000", "one two"], [""], []):
        expected = reference.signatures(documents, n, a, b)
        assert_close(candidate.signatures(documents, n, a, b), expected)


@pytest.mark.task("banding")
def test_drawn_tables(candidate, reference, rng):
    """Tables of few different values, cut into any number of bands, one and K included.

    取值很少的表，切成任意段数，包括 1 段和 K 段。
    """
    for _ in range(2):
        table = rng.integers(0, 3, (int(rng.integers(9, 14)), 12)).astype(np.uint32)
        table[rng.integers(len(table))] = table[rng.integers(len(table))]
        for bands in (1, 2, 3, 4, 6, 12):
            expected = reference.candidate_pairs(table, bands)
            assert_close(candidate.candidate_pairs(table, bands), expected)


@pytest.mark.task("banding")
def test_the_same_band_of_both(candidate, reference, rng):
    """Equal values in two different bands make no pair, nor do equal sums, sorted values or strings of digits.

    两段不同的位置上相等不算一对；和相等、排序后相等、数字串相同也不算。
    """
    x, y, z = (int(v) for v in rng.choice(9, 3, replace=False) + 1)
    rows = [[x, y, z, z], [y + 20, x, x, y], [y, x, 30, 31], [x * 10 + y, z, 32, 33], [x, y * 10 + z, 34, 35]]
    rows += [[x + 1, y - 1, 36, 37], [x + 256, y, 38, 39], [x, y + 2**31, 40, 41], [x, y, 42, 43], [44, 45, z, z]]
    table = np.array(rows, dtype=np.uint32)
    for bands in (2, 4, 1):
        expected = reference.candidate_pairs(table, bands)
        assert_close(candidate.candidate_pairs(table, bands), expected)


@pytest.mark.task("banding")
def test_none_or_one_row(candidate, reference, rng):
    """No row and one row have no pairs; rows that are all equal are all pairs.

    没有行或只有一行时没有对；所有行都相等时两两成对。
    """
    for rows in (0, 1, 4):
        table = np.full((rows, 6), int(rng.integers(2**32)), dtype=np.uint32)
        for bands in (1, 3, 6):
            expected = reference.candidate_pairs(table, bands)
            assert_close(candidate.candidate_pairs(table, bands), expected)


@pytest.mark.task("banding")
def test_many_rows(candidate, rng):
    """Among 20,000 rows the few pairs are found in time.

    在 20,000 行中按时找出为数不多的几对。
    """
    table = rng.permutation(40_000).reshape(20_000, 2).astype(np.uint32)
    places = rng.choice(20_000, (30, 2), replace=False)
    table[places[:, 1]] = table[places[:, 0]]
    expected = sorted((int(min(pair)), int(max(pair))) for pair in places)
    assert_close(candidate.candidate_pairs(table, 1), expected)


@pytest.mark.task("clustering")
def test_edited_copies(candidate, reference, rng):
    """Copies with some words changed, among others, in any order and at several thresholds.

    改动过几个词的副本混在其他文档中，次序任意，阈值若干。
    """
    documents = []
    for _ in range(4):
        original = fresh_words(rng, 25)
        for changes in (0, 1, 3, 8):
            copy = original.copy()
            for place in rng.choice(25, changes, replace=False):
                copy[place] = fresh_words(rng, 1)[0]
            documents.append(" ".join(copy))
    documents = rng.permutation(documents).tolist()
    a, b = draw_coefficients(rng, 24)
    for n, bands, threshold in ((1, 24, 0.6), (2, 12, 0.4), (1, 6, 0.8)):
        assert_clusters(candidate, reference, documents, n, a, b, bands, threshold)


@pytest.mark.task("clustering")
def test_chains(candidate, reference, rng):
    """A chain of links makes one cluster, named by its smallest index, in whatever order its documents come.

    由连接串成的链是一个簇，以最小下标命名，无论文档以什么顺序出现。
    """
    words = fresh_words(rng, 40)
    chain = [" ".join(words[start : start + 12]) for start in range(0, 28, 4)]
    a, b = draw_coefficients(rng, 48)
    for order in (range(6, -1, -1), (0, 6, 2, 4, 1, 5, 3), rng.permutation(7)):
        documents = [str(rng.integers(10**9))] + [chain[place] for place in order]
        assert_clusters(candidate, reference, documents, 1, a, b, 48, 0.45)


@pytest.mark.task("clustering")
def test_at_the_threshold(candidate, reference, rng):
    """A similarity equal to the threshold links, as a float quotient, and one below it does not.

    相似度（浮点商）等于阈值时相连，略低于阈值则不连。
    """
    a, b = draw_coefficients(rng, 32)
    for shared, union in rng.permutation(SHARES)[:3].tolist():
        words = fresh_words(rng, union)
        split = shared + int(rng.integers(1, union - shared))
        documents = [" ".join(words[:split]), " ".join(words[:shared] + words[split:])]
        for threshold in (shared / union, float(np.nextafter(shared / union, 1))):
            assert_clusters(candidate, reference, documents, 1, a, b, 32, threshold)
    same = " ".join(fresh_words(rng, 5))
    assert_clusters(candidate, reference, [same, same, same + " x"], 2, a, b, 32, 1)


@pytest.mark.task("clustering")
def test_only_pairs_and_only_verified(candidate, reference, rng):
    """Similar documents that are no candidate pair stay apart, and so do candidates that are not similar.

    相似却不是候选对的文档不相连，是候选对却不相似的也不相连。
    """
    a, b = draw_coefficients(rng, 40)
    documents = []
    for _ in range(5):
        words = fresh_words(rng, 16)
        documents += [" ".join(words[:11]), " ".join(words[5:])]  # 6 of 16
    for bands, threshold in ((1, 0.2), (40, 0.9), (40, 0.2), (8, 0.2)):
        assert_clusters(candidate, reference, documents, 1, a, b, bands, threshold)


@pytest.mark.task("clustering")
def test_sets_and_not_lists(candidate, reference, rng):
    """Similarity counts each shingle once, however often a document repeats it.

    相似度里每个 shingle 只计一次，无论文档重复多少次。
    """
    a, b = draw_coefficients(rng, 30)
    x, y, z = fresh_words(rng, 3)
    documents = [f"{x} " * 9 + y, f"{x} {y}", f"{x} " * 9 + z, f"{x} {y} {z} {y}"]
    for threshold in (0.3, 0.5, 0.7):
        assert_clusters(candidate, reference, documents, 1, a, b, 30, threshold)


@pytest.mark.task("clustering")
def test_documents_without_words(candidate, reference, rng):
    """Documents without words are linked with none, each other included; no documents give an empty result.

    没有词的文档不与任何文档相连，彼此也不连；没有文档时结果为空。
    """
    a, b = draw_coefficients(rng, 6)
    for documents in (["", "one two", " ", "one two", "\u3000", "two"], ["", ""], []):
        for bands in (1, 2, 6):
            assert_clusters(candidate, reference, documents, 2, a, b, bands, 0.5)


@pytest.mark.task("contract")
def test_bad_arguments(candidate, reference, rng):
    """What the statement refuses raises ValueError, with documents and without.

    题面拒绝的参数都抛出 `ValueError`，有没有文档都一样。
    """
    a, b = draw_coefficients(rng, 6)

    def changed(array, place, value):
        array = array.copy()
        array[place] = value
        return array

    bad_a = [changed(a, 2, 0), changed(a, 5, PRIME), changed(a, 0, 2**63), a[:5], a[None], a[:0]]
    bad_b = [changed(b, 3, PRIME), changed(b, 0, 2**64 - 1), b[:5], b[:1], b[:, None]]
    sound = {"documents": ["one two", "two"], "n": 2, "a": a, "b": b}
    assert_refuses(candidate.signatures, sound, {"n": [0, -1, -2], "a": bad_a[:3], "b": bad_b[:3]})
    assert_refuses(candidate.signatures, sound, {"a": bad_a[3:]})
    bad = {"n": [0, -1], "a": bad_a[:2], "b": bad_b[:2], "bands": [4, -2], "threshold": [1.001, float("nan")]}
    assert_refuses(candidate.dedup, {**sound, "bands": 3, "threshold": 0.5}, bad)
    one_band = {**sound, "bands": 1, "threshold": 1}
    assert_refuses(candidate.dedup, one_band, {"threshold": [-0.5, 0], "bands": [12, 0], "b": bad_b[3:]})
    for documents in (sound["documents"], []):
        empty, wide = (documents, 1, a[:0], b[:0]), (documents, 1, a[None], b[None])
        lone = [
            (documents, 0, a, b),
            (documents, 2, bad_a[1], b),
            (documents, 2, a, bad_b[0]),
            (documents, 2, bad_a[3], b),
        ]
        assert_each_raises(ValueError, candidate.signatures, [empty, wide, *lone])
        options = [
            (documents, 2, a, b, bands, share) for bands, share in ((4, 0.5), (0, 0.5), (3, 0), (3, float("nan")))
        ]
        assert_each_raises(ValueError, candidate.dedup, [*((*each, 1, 0.5) for each in (empty, wide, *lone)), *options])
    assert_each_raises(ValueError, candidate.shingles, [("one two", 0), ("", 0), ("one", -1)])
    for rows in (3, 0):
        table = np.zeros((rows, 6), dtype=np.uint32)
        assert_refuses(
            candidate.candidate_pairs, {"signatures": table, "bands": 2}, {"bands": [0, -1, -2, 4, 5, 7, 12]}
        )


@pytest.mark.task("contract")
def test_arguments_stay(candidate, reference, rng):
    """Documents, coefficients and tables are as they were, after results that are right.

    在结果正确的前提下，文档、系数与表保持原样。
    """
    documents = [spread(rng, draw_words(rng, 8)) for _ in range(5)]
    a, b = draw_coefficients(rng, 8)
    table = rng.integers(0, 3, (7, 8)).astype(np.uint32)
    for name, arguments in (
        ("signatures", (documents, 2, a, b)),
        ("candidate_pairs", (table, 4)),
        ("dedup", (documents, 1, a, b, 8, 0.3)),
    ):
        expected = getattr(reference, name)(*arguments)
        assert_close(getattr(candidate, name)(*arguments), expected)
        assert_unchanged(*[argument for argument in arguments if isinstance(argument, (list, np.ndarray))])
