"""Public cases of paged_kv_cache: small ones, worked out by hand."""

import numpy as np
import pytest

from grader.judge import assert_close, assert_each_raises


def column(*values):
    """Rows of width 1."""
    return np.array(values, dtype=np.float32)[:, None]


@pytest.mark.task("tables")
def test_blocks_by_hand(candidate):
    """Five rows in blocks of two take three blocks; freed blocks are taken again, smallest number first.

    每块两行时，五行占三块；释放的块会被再次取用，编号最小的优先。
    """
    cache = candidate.PagedKVCache(6, 2, 1)
    cache.append(3, column(1, 2, 3, 4, 5))
    cache.append(4, column(6))
    assert_close(cache.tables, {3: [0, 1, 2], 4: [3]})
    cache.free(3)
    cache.append(4, column(7, 8, 9, 10))
    assert_close(cache.tables, {4: [3, 0, 1]})
    assert_close(cache.ref_counts, [1, 1, 0, 1, 0, 0])
    assert_close(cache.pool[[3, 0]], np.array([[[6], [7]], [[8], [9]]], dtype=np.float32))


@pytest.mark.task("sharing")
def test_fork_by_hand(candidate):
    """After a fork the first to write copies the shared block; the other then writes in place.

    分叉之后，先写的一方复制共享块，另一方随后原地写入。
    """
    cache = candidate.PagedKVCache(4, 3, 1)
    cache.append(0, column(1, 2))
    cache.fork(0, 1)
    assert_close([cache.tables, cache.ref_counts], [{0: [0], 1: [0]}, [2, 0, 0, 0]])
    cache.append(0, column(3))
    cache.append(1, column(4))
    assert_close([cache.tables, cache.ref_counts], [{0: [1], 1: [0]}, [1, 1, 0, 0]])
    assert_close(cache.pool[:2], np.array([[[1], [2], [4]], [[1], [2], [3]]], dtype=np.float32))


@pytest.mark.task("exhaustion")
def test_out_of_blocks_by_hand(candidate):
    """Three rows do not fit where one block of two is free; nothing changes, and two rows still fit.

    只剩一个两行的空闲块时放不下三行；什么都不改变，之后两行仍然放得下。
    """
    cache = candidate.PagedKVCache(2, 2, 1)
    cache.append(5, column(1, 2))
    assert_each_raises(RuntimeError, cache.append, [(5, column(3, 4, 5)), (6, column(3, 4, 5))])
    assert_close([cache.tables, cache.ref_counts], [{5: [0]}, [1, 0]])
    cache.append(6, column(3, 4))
    assert_close([cache.tables, cache.ref_counts], [{5: [0], 6: [1]}, [1, 1]])
