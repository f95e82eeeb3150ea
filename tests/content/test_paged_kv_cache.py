"""The reference of paged_kv_cache against a model without blocks: plain lists of rows, and the counts that follow.

The model knows of each sequence only its rows and which rows it has in memory together with others; how many blocks
that takes is counted from sets. Layout, sharing and what a failing call leaves behind are claimed as invariants after
each step, of sequences drawn with numpy and of sequences that hypothesis searches.
"""

from __future__ import annotations

import runpy
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

ROOT = Path(__file__).resolve().parents[2]
PagedKVCache = runpy.run_path(str(ROOT / "reference" / "paged_kv_cache" / "solution.py"))["PagedKVCache"]


class Model:
    """Sequences as lists of (where, value): `where` is a name for a block that is never used twice."""

    def __init__(self, blocks: int, size: int) -> None:
        self.blocks, self.size = blocks, size
        self.sequences: dict[int, list[tuple[int, float]]] = {}
        self.names = 0

    def used(self, sequences: dict[int, list[tuple[int, float]]]) -> int:
        """Blocks that hold a row of any sequence."""
        return len({where for rows in sequences.values() for where, _ in rows})

    def append(self, seq: int, values: list[float]) -> bool:
        """Row by row, on a copy that is only kept if it never needed more blocks than there are."""
        after = deepcopy(self.sequences)
        rows = after.setdefault(seq, [])
        for value in values:
            room = len(rows) % self.size
            tail = rows[len(rows) - room :]
            others = {where for other, held in after.items() if other != seq for where, _ in held}
            if not tail:
                self.names += 1
                rows.append((self.names, value))
            elif tail[0][0] in others:
                self.names += 1
                rows[len(rows) - room :] = [(self.names, old) for _, old in tail]
                rows.append((self.names, value))
            else:
                rows.append((tail[0][0], value))
            if self.used(after) > self.blocks:
                return False
        self.sequences = after
        return True


def assert_alike(cache: Any, model: Model) -> None:
    """Content, number of blocks, sharing and counts of the cache are those of the model."""
    size = model.size
    assert cache.tables.keys() == model.sequences.keys()
    names: dict[int, int] = {}
    for seq, rows in model.sequences.items():
        table = cache.tables[seq]
        assert len(table) == len({where for where, _ in rows}) == -(-len(rows) // size)
        for t, (where, value) in enumerate(rows):
            assert cache.pool[table[t // size], t % size].tolist() == [value, -value]
            assert names.setdefault(where, table[t // size]) == table[t // size]
    assert len(set(names.values())) == len(names)  # blocks are shared where the model shares, and nowhere else
    held = [block for table in cache.tables.values() for block in table]
    assert cache.ref_counts == [held.count(block) for block in range(model.blocks)]


def play(sizes: tuple[int, int], operations: list[tuple[str, int, int, int]]) -> int:
    """Run the operations on both; how many appends failed for want of blocks."""
    cache, model, failed, value = PagedKVCache(*sizes, 2), Model(*sizes), 0, 0.0
    for action, one, other, n in operations:
        before = deepcopy((cache.tables, cache.ref_counts))
        known = one in model.sequences
        if action == "append":
            values = [value + k + 1 for k in range(n)]
            value += n
            rows = np.array([[v, -v] for v in values], np.float32).reshape(n, 2)
            if model.append(one, values):
                free = [block for block, count in enumerate(cache.ref_counts) if not count]
                cache.append(one, rows)
                news = [block for block in cache.tables[one] if block not in before[0].get(one, [])]
                assert news == free[: len(news)]  # smallest numbers first, in the order of the rows
            else:
                failed += 1
                with pytest.raises(RuntimeError):
                    cache.append(one, rows)
                assert (cache.tables, cache.ref_counts) == before
        elif (action == "fork" and known and other not in model.sequences) or (action == "free" and known):
            if action == "fork":
                model.sequences[other] = list(model.sequences[one])
                cache.fork(one, other)
            else:
                del model.sequences[one]
                cache.free(one)
        else:
            with pytest.raises(ValueError, match=r"must be known|no sequence"):
                cache.fork(one, other) if action == "fork" else cache.free(one)
            assert (cache.tables, cache.ref_counts) == before
        assert_alike(cache, model)
    return failed


def test_random_operations() -> None:
    """Forty runs of sixty operations, of which some run out of blocks."""
    failed = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        sizes = int(rng.integers(1, 9)), int(rng.integers(1, 5))
        kinds = rng.choice(["append", "append", "append", "fork", "fork", "free"], size=60).tolist()
        failed += play(sizes, [(kind, *rng.integers(0, 5, 2).tolist(), int(rng.integers(0, 7))) for kind in kinds])
    assert failed > 100


OPERATION = st.tuples(
    st.sampled_from(["append", "fork", "free"]), st.integers(0, 2), st.integers(0, 2), st.integers(0, 7)
)


@settings(max_examples=80, deadline=None, derandomize=True, database=None)
@given(st.tuples(st.integers(1, 6), st.integers(1, 4)), st.lists(OPERATION, min_size=8, max_size=25))
def test_searched_operations(sizes: tuple[int, int], operations: list[tuple[str, int, int, int]]) -> None:
    """Whatever hypothesis comes up with."""
    play(sizes, operations)
