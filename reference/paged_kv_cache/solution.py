"""Paged KV cache (Kwon et al. 2023): block tables, reference counts and copy-on-write."""

import heapq

import numpy as np


class PagedKVCache:
    """Rows of keys and values in blocks of equal size, with a table of blocks for each sequence."""

    def __init__(self, num_blocks, block_size, width):
        if num_blocks < 1 or block_size < 1 or width < 1:
            raise ValueError("num_blocks, block_size and width must be at least 1")
        self.pool = np.zeros((num_blocks, block_size, width), np.float32)
        self.tables = {}
        self.ref_counts = [0] * num_blocks
        self.lengths = {}
        self.unused = list(range(num_blocks))  # a heap: the smallest number comes out first

    def append(self, seq, rows):
        """Write `rows` at the end of `seq`; RuntimeError, with nothing changed, if the blocks do not suffice."""
        size, width = self.pool.shape[1:]
        if rows.ndim != 2 or rows.shape[1] != width:
            raise ValueError(f"rows must have the shape (n, {width}), not {rows.shape}")
        table = list(self.tables.get(seq, []))
        length = self.lengths.get(seq, 0)
        end = length + len(rows)
        missing = -(-end // size) - len(table)
        # Rows go into the last block first, if it has room. Others must not see them there.
        copies = len(rows) > 0 and length % size > 0 and self.ref_counts[table[-1]] > 1
        if missing + copies > len(self.unused):
            raise RuntimeError(f"{missing + copies} blocks are needed, {len(self.unused)} are free")
        if copies:
            shared = table[-1]
            table[-1] = self._take()
            self.pool[table[-1]] = self.pool[shared]
            self.ref_counts[shared] -= 1  # another table still holds it
        table.extend(self._take() for _ in range(missing))
        for t, row in enumerate(rows, start=length):
            self.pool[table[t // size], t % size] = row
        self.tables[seq] = table
        self.lengths[seq] = end

    def fork(self, parent, child):
        """Make the sequence `child`, which shares all blocks of `parent`."""
        if parent not in self.tables or child in self.tables:
            raise ValueError("the parent must be known and the child must not")
        self.tables[child] = list(self.tables[parent])
        self.lengths[child] = self.lengths[parent]
        for block in self.tables[child]:
            self.ref_counts[block] += 1

    def free(self, seq):
        """Forget `seq`; blocks that no table holds any more are free."""
        if seq not in self.tables:
            raise ValueError(f"there is no sequence {seq}")
        del self.lengths[seq]
        for block in self.tables.pop(seq):
            self.ref_counts[block] -= 1
            if self.ref_counts[block] == 0:
                heapq.heappush(self.unused, block)

    def _take(self):
        """The free block with the smallest number, counted once."""
        block = heapq.heappop(self.unused)
        self.ref_counts[block] = 1
        return block
