"""Public cases of bpe_tokenizer: small ones, worked out by hand."""

import pytest

from grader.judge import assert_close


@pytest.mark.task("training")
def test_four_merges_by_hand(candidate):
    """Ties go to the smallest IDs, and training ends when no pair stands twice.

    次数相同时取最小的 ID；没有哪一对出现两次时停止。
    """
    assert_close(candidate.train_bpe(b"low lower lowest", 300), [(108, 111), (256, 119), (32, 257), (258, 101)])
    assert_close(candidate.train_bpe(b"low lower lowest", 258), [(108, 111), (256, 119)])


@pytest.mark.task("encoding")
def test_order_of_learning(candidate):
    """bc was learned before ab, so abc is a and bc.

    先学到 bc、后学到 ab，所以 abc 编码成 a 和 bc。
    """
    merges = [(98, 99), (97, 98)]
    assert_close(candidate.encode(b"abcab", merges), [97, 256, 257])


@pytest.mark.task("decoding")
def test_tokens_of_tokens(candidate):
    """Token 257 is made of token 256 and a byte; an ID of 258 is refused.

    token 257 由 token 256 和一个字节组成；ID 258 会被拒绝。
    """
    merges = [(195, 169), (256, 33)]
    assert_close(candidate.decode([257, 195, 256], merges), b"\xc3\xa9!\xc3\xc3\xa9")
    with pytest.raises(ValueError):
        candidate.decode([257, 258], merges)
