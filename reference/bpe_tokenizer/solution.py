"""Byte-level byte-pair encoding (Sennrich et al. 2016), with ties decided by IDs."""

import re
from collections import Counter
from itertools import pairwise


def train_bpe(text, vocab_size):
    """Merges (left, right), in the order in which they are learned."""
    if vocab_size < 256:
        raise ValueError("the 256 bytes are tokens")
    pieces = [list(piece) for piece in re.split(b"(?= )", text)]  # a space may only begin a piece, and so a token
    merges = []
    while len(merges) < vocab_size - 256:
        counts = Counter(pair for piece in pieces for pair in pairwise(piece))
        best = min(counts, key=lambda pair: (-counts[pair], pair), default=None)
        if counts[best] < 2:
            break
        pieces = [joined(piece, best, 256 + len(merges)) for piece in pieces]
        merges.append(best)
    return merges


def joined(tokens, pair, token_id):
    """`tokens` with `token_id` in place of each `pair`, from left to right."""
    result = []
    for token in tokens:
        if result and (result[-1], token) == pair:
            result[-1] = token_id
        else:
            result.append(token)
    return result


def encode(data, merges):
    """The IDs of any bytes. There is nothing to cut: no merge has a space anywhere but in front."""
    tokens = list(data)
    for i, pair in enumerate(merges):
        tokens = joined(tokens, pair, 256 + i)
    return tokens


def decode(ids, merges):
    """The bytes of the tokens, one after the other."""
    vocabulary = [bytes([value]) for value in range(256)]
    for left, right in merges:
        vocabulary.append(vocabulary[left] + vocabulary[right])
    if not all(0 <= token_id < len(vocabulary) for token_id in ids):
        raise ValueError("an ID that is no token's")
    return b"".join(vocabulary[token_id] for token_id in ids)
