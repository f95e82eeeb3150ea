"""Paged KV cache; the contract is in statement.en.md (English) and statement.zh.md (Chinese)."""

import numpy as np


class PagedKVCache:
    """Rows of keys and values in blocks of equal size, with a table of blocks for each sequence.

    Attributes: `pool`, float32 (num_blocks, block_size, width); `tables`, dict of lists of block numbers by sequence id;
    `ref_counts`, for each block the number of tables that hold it.
    """

    def __init__(self, num_blocks: int, block_size: int, width: int):
        """All blocks are free; ValueError for a size below 1."""
        raise NotImplementedError

    def append(self, seq: int, rows: np.ndarray) -> None:
        """Write `rows` (n, width) at the end of `seq`; RuntimeError, with nothing changed, if the blocks do not suffice."""
        raise NotImplementedError

    def fork(self, parent: int, child: int) -> None:
        """Make the sequence `child`, which shares all blocks of `parent`."""
        raise NotImplementedError

    def free(self, seq: int) -> None:
        """Forget `seq`; blocks that no table holds any more are free."""
        raise NotImplementedError
