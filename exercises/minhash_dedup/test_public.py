"""Public cases of minhash_dedup: small ones, worked out by hand."""

import numpy as np
import pytest

from grader.judge import assert_close

ONE = np.array([1], dtype=np.uint64), np.array([0], dtype=np.uint64)


@pytest.mark.task("shingling")
def test_five_words_by_hand(candidate):
    """Five words have four runs of two, one of five, and one shingle where eight are wanted.

    五个词有四个两词的 shingle、一个五词的；要求八个词时也有一个。
    """
    text = "a rose is a rose"
    assert_close(sorted(candidate.shingles(text, 2)), ["a rose", "is a", "rose is"])
    assert_close([candidate.shingles(text, 5), candidate.shingles(text, 8)], [{text}, {text}])


@pytest.mark.task("signing")
def test_the_smallest_hash(candidate):
    """With a = 1 and b = 0 the value is the smallest crc32: a has 3904355907, b 1908338681, c 112844655.

    a = 1、b = 0 时的值就是最小的 crc32：a 为 3904355907，b 为 1908338681，c 为 112844655。
    """
    expected = np.array([[1908338681], [112844655]], dtype=np.uint32)
    assert_close(candidate.signatures(["a b a", "c b a"], 1, *ONE), expected)


@pytest.mark.task("banding")
def test_bands_by_hand(candidate):
    """Rows that are equal in a whole band are a pair, once; equal in half of each band they are not.

    整段相等的两行是一对，只出现一次；每段各有一半相等的不是。
    """
    table = np.array([[5, 6, 7, 8], [5, 0, 7, 0], [5, 6, 7, 8], [0, 6, 7, 8]], dtype=np.uint32)
    assert_close(candidate.candidate_pairs(table, 2), [(0, 2), (0, 3), (2, 3)])
    assert_close(candidate.candidate_pairs(table, 1), [(0, 2)])


@pytest.mark.task("clustering")
def test_linked_by_a_third(candidate):
    """Two documents of nothing in common are in one cluster with a third that resembles both.

    两篇毫无共同之处的文档，因为都与第三篇相似而同属一个簇。
    """
    a, b = np.arange(1, 33, dtype=np.uint64) * 1_234_567_891_011_121, np.arange(32, dtype=np.uint64)
    documents = ["a b c d", "e f g h", "a b c d e f g h", "i j"]
    assert_close(candidate.dedup(documents, 1, a, b, 32, 0.5), np.array([0, 0, 0, 3]))


@pytest.mark.task("contract")
def test_bands_that_do_not_divide(candidate):
    """Three bands of four columns raise ValueError, two are fine.

    四列分三段时抛出 `ValueError`，分两段没问题。
    """
    table = np.zeros((2, 4), dtype=np.uint32)
    assert_close(candidate.candidate_pairs(table, 2), [(0, 1)])
    with pytest.raises(ValueError):
        candidate.candidate_pairs(table, 3)
