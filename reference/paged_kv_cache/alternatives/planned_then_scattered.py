"""Plans a call before it writes: which blocks are taken, then one scatter of all rows by flat places of the pool."""

import numpy as np


class PagedKVCache:
    """Rows of keys and values in blocks of equal size, with a table of blocks for each sequence.

    Attributes: `pool`, float32 (num_blocks, block_size, width); `tables`, dict of lists of block numbers by sequence id;
    `ref_counts`, for each block the number of tables that hold it.
    """

    def __init__(self, num_blocks: int, block_size: int, width: int):
        """All blocks are free; ValueError for a size below 1."""
        if min(num_blocks, block_size, width) < 1:
            raise ValueError("all sizes must be at least 1")
        self.pool = np.zeros((num_blocks, block_size, width), dtype=np.float32)
        self.tables: dict[int, list[int]] = {}
        self.ref_counts = [0] * num_blocks
        self._lengths: dict[int, int] = {}

    def append(self, seq: int, rows: np.ndarray) -> None:
        """Write `rows` (n, width) at the end of `seq`; RuntimeError, with nothing changed, if the blocks do not suffice."""
        _, block_size, width = self.pool.shape
        if np.ndim(rows) != 2 or np.shape(rows)[1] != width:
            raise ValueError("rows must have the shape (n, width)")
        table, before = self.tables.get(seq, []), self._lengths.get(seq, 0)
        after = before + len(rows)
        kept = table
        if len(rows) and before % block_size and self.ref_counts[table[-1]] > 1:
            kept = table[:-1]
        free = [block for block, holders in enumerate(self.ref_counts) if not holders]
        taken = free[: -(-after // block_size) - len(kept)]
        if len(kept) + len(taken) < -(-after // block_size):
            raise RuntimeError("not enough blocks are free")

        for block in table[len(kept) :]:
            self.pool[taken[0]] = self.pool[block]
            self.ref_counts[block] -= 1
        for block in taken:
            self.ref_counts[block] = 1
        self.tables[seq], self._lengths[seq] = kept + taken, after
        places = np.arange(before, after)
        blocks = np.array(self.tables[seq], dtype=np.intp)[places // block_size]
        self.pool[blocks, places % block_size] = rows

    def fork(self, parent: int, child: int) -> None:
        """Make the sequence `child`, which shares all blocks of `parent`."""
        if parent not in self.tables or child in self.tables:
            raise ValueError("parent must be known, and child must not")
        self.tables[child] = self.tables[parent].copy()
        self._lengths[child] = self._lengths[parent]
        self._count(child, 1)

    def free(self, seq: int) -> None:
        """Forget `seq`; blocks that no table holds any more are free."""
        if seq not in self.tables:
            raise ValueError("seq is unknown")
        self._count(seq, -1)
        del self.tables[seq], self._lengths[seq]

    def _count(self, seq: int, by: int) -> None:
        """Change the count of each block of `seq`."""
        for block in self.tables[seq]:
            self.ref_counts[block] += by
