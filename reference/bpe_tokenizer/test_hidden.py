"""Hidden cases of bpe_tokenizer: texts, data and IDs are drawn anew for every verdict."""

import numpy as np
import pytest

from grader.judge import assert_close, assert_each_raises, assert_unchanged


def draw_bytes(rng, size, alphabet):
    """So many bytes of an alphabet."""
    return bytes(rng.choice(np.frombuffer(alphabet, np.uint8), size))


def draw_alphabet(rng, size=4):
    """Different bytes but the space, in no order, from the whole range."""
    return bytes(rng.permutation(np.delete(np.arange(256, dtype=np.uint8), 32))[:size])


def draw_text(rng, words=40, alphabet=b"", longest=9):
    """Words of a few bytes, of which some come again and again, each with a space in front but the first."""
    alphabet = alphabet or draw_alphabet(rng)
    known = [draw_bytes(rng, int(rng.integers(2, longest)), alphabet) for _ in range(words // 3)]
    return b" ".join(known[i] for i in rng.integers(len(known), size=words))


def many_merges(rng):
    """132 merges, and the text that gives them: each pair of 11 bytes comes twice with a space in front."""
    letters = sorted(draw_alphabet(rng, 11))
    words = [bytes([32, one, other]) for one in letters for other in letters for _ in range(2)]
    merges = [(32, one) for one in letters]  # each stands 22 times
    merges += [(256 + i, other) for i in range(11) for other in letters]
    return merges, b"".join(words[i] for i in rng.permutation(242))


def assert_merges(candidate, reference, text, vocab_size):
    """The merges are those of the reference."""
    expected = reference.train_bpe(text, vocab_size)
    assert_close(candidate.train_bpe(text, vocab_size), expected)


@pytest.mark.task("training")
def test_drawn_texts(candidate, reference, rng):
    """The merges of drawn texts, in their order, with merges of merges.

    随机文本的合并规则及其先后，其中有合并结果的再次合并。
    """
    for words in (12, 50):
        assert_merges(candidate, reference, draw_text(rng, words), 256 + int(rng.integers(12, 20)))
    for merge in candidate.train_bpe(draw_text(rng, 12), 260):
        assert isinstance(merge, tuple), "each merge must be a tuple\n每条合并规则都必须是元组"


@pytest.mark.task("training")
def test_ties(candidate, reference, rng):
    """Among equal counts the smallest left ID wins, and then the smallest right one, whatever came first in the text.

    次数相同时取最小的 `left`，再取最小的 `right`，与在文本中出现的先后无关。
    """
    a, b, c, d, e, f = (bytes([value]) for value in sorted(draw_alphabet(rng, 6)))
    pieces = [a + e, a + f, b + c, b + d, c + a, f + a]
    for _ in range(2):
        order = [pieces[i] for i in rng.permutation(6)]
        assert_merges(
            candidate, reference, b" ".join([order[0], *order, *order[::-1], order[0]]).replace(b" ", b"  "), 262
        )
    text = b" ".join(
        [b + c + d] * 3 + [a + b] * 2 + [f + e] * 3 + [f + a] * 3 + [e + c] * 3
    )  # later, bcd, f e and ab tie
    assert_merges(candidate, reference, text, 264)


@pytest.mark.task("training")
def test_runs_of_one_byte(candidate, reference, rng):
    """In a run, overlapping positions count, and replacing goes from left to right.

    在重复的字节里，重叠的位置都计数，替换从左到右进行。
    """
    a, b, c = (bytes([value]) for value in draw_alphabet(rng, 3))
    for text in (a * 7, a * 3 + b, b + a * 3, a * 1000, b" " + a * 5 + b" " + b * 6 + b" " + a * 3 + c + a * 9):
        assert_merges(candidate, reference, text, 256 + 12)
    contest = b" ".join([a * 3] * 2 + [b + c] * 3)  # 4 overlapping positions against 3
    assert_merges(candidate, reference, contest, 257)


@pytest.mark.task("training")
def test_cuts(candidate, reference, rng):
    """A space begins a piece: it joins what follows, never what precedes, and two spaces are two pieces.

    空格是一段的开头：它与后面的字节合并，不与前面的合并；连续两个空格是两段。
    """
    a, b, c = (bytes([value]) for value in draw_alphabet(rng, 3))
    for text in (
        (a + b"  ") * 6,
        b"    ",
        (a + b + b" ") * 4 + c,
        b" " + (a + b" " + b) * 5,
        (b" " + a + c) * 4 + b" ",
    ):
        assert_merges(candidate, reference, text, 300)
    text = (a + b"\n" + b + b"\t" + c + b"\xc2\xa0" + a + b"\x00 " + b) * 4  # only byte 32 cuts
    assert_merges(candidate, reference, text, 300)


@pytest.mark.task("training")
def test_pieces_that_come_again(candidate, reference, rng):
    """A piece counts as often as it comes, and a pair as often as it stands in the piece.

    一段出现几次就计几次，一对在段中出现几次也计几次。
    """
    a, b, c, d, e, f = (bytes([value]) for value in draw_alphabet(rng, 6))
    text = b" ".join([a + b] * 5 + [c + d + c, c + d + f, e + c + d] + [e + f + e + f] * 2)
    for vocab_size in (257, 258, 262):
        assert_merges(candidate, reference, text, vocab_size)


@pytest.mark.task("training")
def test_more_than_a_hundred_merges(candidate, rng):
    """A text of more than 700 bytes whose pairs give 132 merges.

    一段七百多字节的文本，能学到 132 条合并规则。
    """
    merges, text = many_merges(rng)
    assert_close(candidate.train_bpe(text, 256 + len(merges)), merges)


@pytest.mark.task("training")
def test_when_it_ends(candidate, reference, rng):
    """Training ends at vocab_size, or earlier, when no pair stands at two positions.

    达到 `vocab_size` 时停止；没有哪一对出现在两个位置时提前停止。
    """
    text = draw_text(rng)
    for vocab_size in (256, 257, 258, 256 + int(rng.integers(5, 9))):
        assert_merges(candidate, reference, text, vocab_size)
    once = bytes(rng.permutation(np.delete(np.arange(256, dtype=np.uint8), 32))[:90])
    twice = once[:2] + b" " + once[:2]
    for text in (once, twice, once + b" " + once[40:43], twice + once[::-1]):
        assert_merges(candidate, reference, text, 400)


@pytest.mark.task("training")
def test_no_text_and_small_vocabularies(candidate, reference, rng):
    """No text gives no merges, as does one byte; a vocab_size below 256 raises ValueError.

    没有文本或只有一个字节时没有合并规则；`vocab_size` 小于 256 时抛出 `ValueError`。
    """
    assert_merges(candidate, reference, draw_text(rng), 260)
    for text in (b"", b" ", draw_alphabet(rng, 1)):
        for vocab_size in (256, 300):
            assert_close(candidate.train_bpe(text, vocab_size), [])
    text = draw_text(rng)
    assert_each_raises(ValueError, candidate.train_bpe, [(text, size) for size in (255, 0, -1, -300)] + [(b"", 255)])


@pytest.mark.task("encoding")
def test_drawn_data(candidate, reference, rng):
    """Data that was not trained on, of the same bytes, gets the IDs that the order of the merges gives.

    由相同字节组成、但没有训练过的数据，按合并规则的先后得到相应的 ID。
    """
    sources = [draw_alphabet(rng, 2), draw_alphabet(rng, 3)]
    learned = [(alphabet, reference.train_bpe(draw_text(rng, 40, alphabet), 256 + 24)) for alphabet in sources]
    merges, text = many_merges(rng)
    for alphabet, merges in [*learned, (text, merges)]:
        data = draw_bytes(rng, 120, alphabet + b" ")
        expected = reference.encode(data, merges)
        assert_close(candidate.encode(data, merges), expected)


@pytest.mark.task("encoding")
def test_earlier_merges_first(candidate, reference, rng):
    """Of two pairs that overlap the one learned first is joined, wherever it stands and however long the tokens are.

    两对重叠时，先合并先学到的一对，与位置和 token 长短无关。
    """
    a, b, c, d, e = (bytes([value]) for value in draw_alphabet(rng, 5))
    text = b" ".join([b + c] * 9 + [a + b] * 8 + [c + d] * 7 + [c + d + e] * 6 + [d + e + a] * 5)
    merges = reference.train_bpe(text, 400)
    for data in (a + b + c + d + e + a, c + d + e + a + b + c, b + c + d + a + b, d + e + a + b + c + d + e):
        expected = reference.encode(data, merges)
        assert_close(candidate.encode(data, merges), expected)
    merges = reference.train_bpe(a * 40, 400)
    for size in (1, 2, 3, 7, 31, 1000):
        expected = reference.encode(a * size, merges)
        assert_close(candidate.encode(a * size, merges), expected)


@pytest.mark.task("encoding")
def test_any_bytes_come_back(candidate, reference, rng):
    """IDs of all byte values, of UTF-8 cut in the middle and of bytes never seen, and the bytes that they give back.

    所有字节值、截断的 UTF-8、训练时没见过的字节都能编码，并且解码后还原。
    """
    text = "naïve 茶杯 naïve 茶叶 茶杯 🫖 🫖".encode()
    merges = reference.train_bpe(text, 290)
    everything = bytes(rng.permutation(256).astype(np.uint8))
    for data in (
        everything,
        text[int(rng.integers(3, 9)) : -2],
        "茶".encode()[:2] + b"\xff\x00\r\n  \x80",
        draw_bytes(rng, 60, everything),
    ):
        expected = reference.encode(data, merges)
        assert_close(candidate.encode(data, merges), expected)
        assert_close(candidate.decode(expected, merges), data)


@pytest.mark.task("encoding")
def test_nothing_to_encode(candidate, reference, rng):
    """No data gives no IDs; without merges the IDs are the bytes. The merges are as they were.

    没有数据就没有 ID；没有合并规则时，ID 就是各字节。`merges` 保持原样。
    """
    text, merges = draw_text(rng), []
    assert_close(candidate.encode(text, merges), list(text))
    assert_unchanged(merges)
    merges = reference.train_bpe(text, 270)
    assert_close(candidate.encode(b"", merges), [])
    assert_close(candidate.encode(text, merges), reference.encode(text, merges))
    assert_unchanged(merges)


@pytest.mark.task("decoding")
def test_any_ids(candidate, reference, rng):
    """IDs in any order spell their tokens, also where encode would have joined them further.

    任意排列的 ID 都按各自的 token 拼出字节，`encode` 本会继续合并的也一样。
    """
    merges = reference.train_bpe(draw_text(rng, 60), 256 + 25)
    ids = [int(i) for i in rng.integers(256 + len(merges), size=80)] + [
        0,
        255,
        256,
        255 + len(merges),
        *merges[0],
        *merges[-1],
    ]
    expected = reference.decode(ids, merges)
    assert_close(candidate.decode(ids, merges), expected)
    others = reference.train_bpe(draw_text(rng, 60), 256 + len(merges))  # as many, but others
    few = [token_id for token_id in ids[:9] if token_id < 256 + len(others)] + [256]
    assert_close(candidate.decode(few, others), reference.decode(few, others))
    assert_close(
        [candidate.decode([], merges), candidate.decode([], []), candidate.decode([65, 0], [])], [b"", b"", b"A\0"]
    )
    assert_unchanged(ids, merges)


@pytest.mark.task("decoding")
def test_ids_of_no_token(candidate, reference, rng):
    """A negative ID, or one above the last token's, raises ValueError, wherever it stands.

    ID 为负，或大于最后一个 token 的 ID，无论在什么位置都抛出 `ValueError`。
    """
    merges = reference.train_bpe(draw_text(rng), 256 + int(rng.integers(3, 9)))
    last = 255 + len(merges)
    ids = [int(i) for i in rng.integers(last + 1, size=6)]
    assert_close(candidate.decode([*ids, last, 0], merges), reference.decode([*ids, last, 0], merges))
    bad = [[*ids[:at], token_id, *ids[at:]] for token_id in (-1, last + 1, -last - 1, 10**6) for at in (0, 3, 6)]
    assert_each_raises(
        ValueError,
        candidate.decode,
        [*((some, merges) for some in bad), ([256], []), ([-1], []), ([-1, last + 1], merges)],
    )
