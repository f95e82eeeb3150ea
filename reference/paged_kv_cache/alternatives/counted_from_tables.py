"""Paged KV cache without books to keep: who holds what is read off the tables, and a call that fails is undone."""

import itertools
from collections import Counter
from copy import deepcopy

import numpy as np


class PagedKVCache:
    def __init__(self, num_blocks, block_size, width):
        if min(num_blocks, block_size, width) <= 0:
            raise ValueError("sizes")
        self.pool = np.full((num_blocks, block_size, width), np.nan, dtype="float32")
        self.sequences = {}  # id: [table, length]

    @property
    def tables(self):
        return {seq: table for seq, (table, _) in self.sequences.items()}

    @property
    def ref_counts(self):
        held = Counter(itertools.chain.from_iterable(self.tables.values()))
        return [held[block] for block in range(len(self.pool))]

    def grow(self, sequence):
        counts = self.ref_counts
        if 0 not in counts:
            raise RuntimeError("no block is free")
        sequence.append(counts.index(0))

    def append(self, seq, rows):
        if rows.ndim != 2 or rows.shape[-1] != self.pool.shape[-1]:
            raise ValueError("rows")
        before = deepcopy(self.sequences), self.pool.copy()
        entry = self.sequences.setdefault(seq, [[], 0])
        try:
            for row in rows:
                table, place = entry[0], entry[1] % self.pool.shape[1]
                if place == 0:
                    self.grow(table)
                elif self.ref_counts[table[-1]] > 1:
                    self.grow(table)
                    self.pool[table[-1], :place] = self.pool[table[-2], :place]
                    del table[-2]
                self.pool[table[-1], place] = row
                entry[1] += 1
        except RuntimeError:
            self.sequences, self.pool = before
            raise

    def fork(self, parent, child):
        if child in self.sequences or parent not in self.sequences:
            raise ValueError("fork")
        self.sequences[child] = deepcopy(self.sequences[parent])

    def free(self, seq):
        try:
            self.sequences.pop(seq)
        except KeyError as error:
            raise ValueError("free") from error
