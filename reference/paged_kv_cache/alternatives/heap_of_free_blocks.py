"""Free blocks wait in a heap, smallest number first; what an append needs is counted before anything is taken."""

import heapq

import numpy as np


class PagedKVCache:
    """Rows of keys and values in blocks of equal size, with a table of blocks for each sequence."""

    def __init__(self, num_blocks: int, block_size: int, width: int):
        if min(num_blocks, block_size, width) < 1:
            raise ValueError("all sizes must be at least 1")
        self.pool = np.zeros((num_blocks, block_size, width), dtype=np.float32)
        self.tables: dict[int, list[int]] = {}
        self.ref_counts = [0] * num_blocks
        self._lengths: dict[int, int] = {}
        self._heap = list(range(num_blocks))

    def append(self, seq: int, rows: np.ndarray) -> None:
        """Write `rows` (n, width) at the end of `seq`."""
        _, size, width = self.pool.shape
        if rows.ndim != 2 or rows.shape[1] != width:
            raise ValueError(f"rows must be (n, {width})")
        table, length = self.tables.get(seq, []), self._lengths.get(seq, 0)
        end, filled = length + len(rows), length % size
        copies = bool(filled) and len(rows) > 0 and self.ref_counts[table[-1]] > 1
        fresh = -(-end // size) - len(table)
        if copies + fresh > len(self._heap):
            raise RuntimeError("not enough free blocks")

        rows = rows.copy()  # they may lie in the pool
        self.tables[seq], self._lengths[seq] = table, end
        if copies:
            shared, table[-1] = table[-1], self._take()
            self.pool[table[-1], :filled] = self.pool[shared, :filled]
            self._release(shared)
        table.extend(self._take() for _ in range(fresh))
        for t, row in enumerate(rows, start=length):
            self.pool[table[t // size], t % size] = row

    def fork(self, parent: int, child: int) -> None:
        """Make the sequence `child`, which shares all blocks of `parent`."""
        if parent not in self.tables or child in self.tables:
            raise ValueError("the parent must be known and the child new")
        self.tables[child] = list(self.tables[parent])
        self._lengths[child] = self._lengths[parent]
        for block in self.tables[child]:
            self.ref_counts[block] += 1

    def free(self, seq: int) -> None:
        """Forget `seq`."""
        if seq not in self.tables:
            raise ValueError(f"no sequence {seq}")
        del self._lengths[seq]
        for block in self.tables.pop(seq):
            self._release(block)

    def _take(self) -> int:
        block = heapq.heappop(self._heap)
        self.ref_counts[block] = 1
        return block

    def _release(self, block: int) -> None:
        self.ref_counts[block] -= 1
        if self.ref_counts[block] == 0:
            heapq.heappush(self._heap, block)
