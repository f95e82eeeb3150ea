"""A token is one character of a string, so that a merge is `str.replace`, which goes from left to right by itself."""

from collections import Counter

CUT = "\U0010ffff"  # stands between two pieces


def merge_string(characters: str, pair: tuple[int, int], new: int) -> str:
    return characters.replace(chr(pair[0]) + chr(pair[1]), chr(new))


def train_bpe(text: bytes, vocab_size: int) -> list[tuple[int, int]]:
    if vocab_size < 256:
        raise ValueError("vocab_size must be at least 256")
    characters = text.decode("latin-1").replace(" ", CUT + " ")
    merges: list[tuple[int, int]] = []
    while 256 + len(merges) < vocab_size:
        neighbors = zip(characters, characters[1:], strict=False)
        counts = Counter((ord(left), ord(right)) for left, right in neighbors if CUT not in (left, right))
        pair = min(counts, key=lambda two: (-counts[two], two), default=None)
        if pair is None or counts[pair] < 2:
            break
        characters = merge_string(characters, pair, 256 + len(merges))
        merges.append(pair)
    return merges


def encode(data: bytes, merges: list[tuple[int, int]]) -> list[int]:
    characters = data.decode("latin-1")
    for new, pair in enumerate(merges, start=256):
        characters = merge_string(characters, pair, new)
    return [ord(one) for one in characters]


def decode(ids: list[int], merges: list[tuple[int, int]]) -> bytes:
    if any(not 0 <= one < 256 + len(merges) for one in ids):
        raise ValueError("unknown ID")
    characters = "".join(map(chr, ids))
    for new, (left, right) in reversed(list(enumerate(merges, start=256))):
        characters = characters.replace(chr(new), chr(left) + chr(right))
    return characters.encode("latin-1")
