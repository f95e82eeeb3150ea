"""Prefix cache; the contract is in statement.en.md (English) and statement.zh.md (Chinese)."""


class PrefixCache:
    """A tree of token blocks: what requests have in common at their beginning is kept once.

    Attribute: `free_blocks`, the number of blocks that hold nothing.
    """

    def __init__(self, num_blocks: int, block_size: int):
        """All blocks are free; ValueError for a number below 1."""
        raise NotImplementedError

    def match(self, tokens: list[int]) -> list[int]:
        """Numbers of the cached blocks from the beginning of `tokens` to the first that is not cached."""
        raise NotImplementedError

    def acquire(self, request: int, tokens: list[int]) -> tuple[list[int], int]:
        """Hold all blocks of `tokens`: (their numbers, how many were cached); RuntimeError, nothing changed, without room."""
        raise NotImplementedError

    def release(self, request: int) -> None:
        """End `request`; its blocks stay cached until they are evicted."""
        raise NotImplementedError
