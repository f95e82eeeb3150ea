"""Tokens are characters of one string, so that a merge is `str.replace`; no pair ends in a token that begins a piece."""

from collections import Counter

SPACE = 32


def train_bpe(text: bytes, vocab_size: int) -> list[tuple[int, int]]:
    """Merges (left, right) in the order in which they are learned."""
    if vocab_size < 256:
        raise ValueError("the 256 bytes are always tokens")
    line = text.decode("latin-1")
    begins_piece = {SPACE}
    merges: list[tuple[int, int]] = []
    while 256 + len(merges) < vocab_size:
        counts = Counter(zip(map(ord, line), map(ord, line[1:]), strict=False))
        candidates = [(-count, pair) for pair, count in counts.items() if pair[1] not in begins_piece and count >= 2]
        if not candidates:
            break
        pair = min(candidates)[1]
        new = 256 + len(merges)
        if pair[0] in begins_piece:
            begins_piece.add(new)
        merges.append(pair)
        line = _merged(line, pair, new)
    return merges


def encode(data: bytes, merges: list[tuple[int, int]]) -> list[int]:
    """The IDs of `data`."""
    line = data.decode("latin-1")
    for new, pair in enumerate(merges, start=256):
        line = _merged(line, pair, new)
    return [ord(token) for token in line]


def decode(ids: list[int], merges: list[tuple[int, int]]) -> bytes:
    """The bytes of the tokens, one after the other."""
    spelled = [bytes([byte]) for byte in range(256)]
    for left, right in merges:
        spelled.append(spelled[left] + spelled[right])
    if any(not 0 <= i < len(spelled) for i in ids):
        raise ValueError("an ID is no token's")
    return b"".join(spelled[i] for i in ids)


def _merged(line: str, pair: tuple[int, int], new: int) -> str:
    return line.replace(chr(pair[0]) + chr(pair[1]), chr(new))
