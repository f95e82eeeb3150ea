"""Byte-level BPE tokenizer; the contract is in statement.en.md (English) and statement.zh.md (Chinese)."""


def train_bpe(text: bytes, vocab_size: int) -> list[tuple[int, int]]:
    """Merges (left, right) in the order in which they are learned; merge i makes ID 256 + i. ValueError below 256."""
    raise NotImplementedError


def encode(data: bytes, merges: list[tuple[int, int]]) -> list[int]:
    """The IDs of `data`: its bytes, with the merges applied in their order."""
    raise NotImplementedError


def decode(ids: list[int], merges: list[tuple[int, int]]) -> bytes:
    """The bytes of the tokens, one after the other. ValueError for an ID that is no token's."""
    raise NotImplementedError
