"""Byte-level BPE with pieces counted once, and encoding by the rank of the pairs that are there."""

from functools import cache


def cut(data):
    first, *rest = data.split(b" ")
    return [first, *(b" " + piece for piece in rest)]


def replace(tokens, left, right, new):
    done, at = (), 0
    while at < len(tokens):
        hit = tokens[at : at + 2] == (left, right)
        done, at = (*done, new if hit else tokens[at]), at + 1 + hit
    return done


def train_bpe(text, vocab_size):
    if not vocab_size >= 256:
        raise ValueError("vocab_size")
    words = {}
    for piece in cut(text):
        words[tuple(piece)] = words.get(tuple(piece), 0) + 1
    merges = []
    for new in range(256, vocab_size):
        counts = {}
        for word, times in words.items():
            for at in range(len(word) - 1):
                counts[word[at : at + 2]] = counts.get(word[at : at + 2], 0) + times
        ranked = sorted(counts, key=lambda pair: (counts[pair], -pair[0], -pair[1]))
        if not ranked or counts[ranked[-1]] == 1:
            return merges
        merges.append(ranked[-1])
        words = {replace(word, *ranked[-1], new): times for word, times in words.items()}
    return merges


def encode(data, merges):
    rank = {tuple(pair): i for i, pair in enumerate(merges)}
    ids = []
    for piece in cut(data):
        tokens = tuple(piece)
        while found := [rank[pair] for pair in zip(tokens, tokens[1:], strict=False) if pair in rank]:
            tokens = replace(tokens, *merges[min(found)], 256 + min(found))
        ids.extend(tokens)
    return ids


def decode(ids, merges):
    @cache
    def spelled(token_id):
        if token_id < 256:
            return bytes((token_id,))
        return b"".join(map(spelled, merges[token_id - 256]))

    if ids and not 0 <= min(ids) <= max(ids) < 256 + len(merges):
        raise ValueError("ids")
    return b"".join(map(spelled, ids))
