"""Hidden cases of paged_kv_cache: sizes, ids, rows and operations are drawn anew for every verdict.

The candidate's cache and one of the reference are given the same operations, one call at a time, and looked at after each.
"""

import numpy as np
import pytest

from grader.judge import assert_close, assert_each_raises, assert_refuses, distinct_sizes


class Pair:
    """A cache of the candidate and one of the reference, with ids and rows to feed them."""

    def __init__(self, candidate, reference, rng, blocks, size=None, width=None):
        drawn = distinct_sizes(rng, 2, 3, 5)
        self.rng, self.size, self.width = rng, size or drawn[0], width or drawn[1]
        self.theirs, self.ours = (m.PagedKVCache(blocks, self.size, self.width) for m in (candidate, reference))
        self.ids = (rng.permutation(40)[:30] + 1).tolist()

    def rows(self, n):
        """Rows that no other call has."""
        return self.rng.normal(size=(n, self.width)).astype(np.float32)

    def do(self, action, *arguments, look=True):
        """Make one call on both sides; the same error, or none, and then the same cache."""
        try:
            getattr(self.ours, action)(*arguments)
        except (ValueError, RuntimeError) as error:
            assert_each_raises(type(error), getattr(self.theirs, action), [arguments])
        else:
            getattr(self.theirs, action)(*arguments)
        self.look(rows=look)

    def add(self, seq, n, **options):
        """Append n drawn rows."""
        self.do("append", seq, self.rows(n), **options)

    def look(self, *, rows=True):
        """Tables and counts are right, and so is every place of the pool that holds a row."""
        assert_close(self.theirs.tables, self.ours.tables)
        assert_close(self.theirs.ref_counts, self.ours.ref_counts)
        if rows:
            theirs, used = self.theirs.pool, np.zeros(self.ours.pool.shape[:2], bool)
            for seq, table in self.ours.tables.items():
                for t in range(self.ours.lengths[seq]):
                    used[table[t // self.size], t % self.size] = True
            same = isinstance(theirs, np.ndarray) and theirs.shape == self.ours.pool.shape
            assert same, (
                "pool must be an array (num_blocks, block_size, width)\npool 必须是 (num_blocks, block_size, width) 数组"
            )
            assert_close(theirs[used], self.ours.pool[used])


@pytest.mark.task("tables")
def test_one_sequence_grows(candidate, reference, rng):
    """Rows are written in order, over the ends of blocks, and a sequence has as many blocks as its rows need.

    各行按顺序写入，跨过块的边界；序列占用的块数由行数决定，不多不少。
    """
    for size in (int(rng.integers(3, 6)), 1):
        pair = Pair(candidate, reference, rng, 9, size, 2)
        for n in (size - 1, 1, 1, size, 2 * size - 1, 1):
            pair.add(pair.ids[0], n)


@pytest.mark.task("tables")
def test_sequences_side_by_side(candidate, reference, rng):
    """Of all free blocks the one with the smallest number is taken, whoever had it and in whatever order it was freed.

    总是取编号最小的空闲块，无论它先前属于谁、以什么顺序释放。
    """
    pair = Pair(candidate, reference, rng, 12)
    a, b, c, d, e = pair.ids[:5]
    for seq in (a, b, c, a, b, c, d):
        pair.add(seq, pair.size, look=False)
    for seq in rng.permutation([a, c, d]).tolist():
        pair.do("free", seq, look=False)
    pair.add(e, 3 * pair.size - 1)
    pair.add(b, pair.size + 1)
    pair.do("free", e, look=False)
    pair.add(a, 4 * pair.size)


@pytest.mark.task("tables")
def test_no_rows(candidate, reference, rng):
    """No rows make an unknown sequence known and change nothing else; an empty sequence can be forked, grown and freed.

    零行使未知序列成为已知，此外什么都不变；空序列可以分叉、增长和释放。
    """
    pair = Pair(candidate, reference, rng, 4)
    a, b, c, d = pair.ids[:4]
    pair.add(a, 0)
    pair.do("fork", a, b)
    pair.add(b, pair.size - 1)
    pair.do("fork", b, c)
    for seq in (b, c, a):
        pair.add(seq, 0)  # no copy either
    pair.do("free", a)
    pair.add(a, 1)
    for seq, n in ((d, 2 * pair.size), (d, 0), (b, 0), (99, 0)):
        pair.add(seq, n)  # with no block left as well


@pytest.mark.task("sharing")
def test_fork_shares_every_block(candidate, reference, rng):
    """A fork takes no block and adds one to each count; forks of forks do the same.

    分叉不取新块，只把每一块的计数加一；对子序列再分叉也一样。
    """
    pair = Pair(candidate, reference, rng, 3)
    a, b, c, d = pair.ids[:4]
    pair.add(a, 2 * pair.size + 1)
    for parent, child in ((a, b), (b, c), (a, d)):
        pair.do("fork", parent, child)
    for seq in rng.permutation([a, b, c, d]).tolist():
        pair.do("free", seq)


@pytest.mark.task("sharing")
def test_copy_on_write(candidate, reference, rng):
    """Whoever writes to a shared block copies it first; the others keep their rows and tables.

    写共享块的一方先复制；其他序列的行和块表保持不变。
    """
    for first in (0, 1, 2):
        pair = Pair(candidate, reference, rng, 10)
        a, b, c = pair.ids[:3]
        pair.add(a, 2 * pair.size - 1, look=False)
        pair.do("fork", a, b, look=False)
        pair.do("fork", [a, b][first % 2], c)
        for turn, n in enumerate((1, pair.size + 1, 1)):  # the copy is taken before the block that follows
            pair.add([a, b, c][(first + turn) % 3], n)


@pytest.mark.task("sharing")
def test_full_blocks_stay_shared(candidate, reference, rng):
    """A shared last block that is full is not copied; the next row goes into a block of its own.

    写满的共享末块不复制；下一行写入自己的新块。
    """
    pair = Pair(candidate, reference, rng, 6)
    a, b = pair.ids[:2]
    pair.add(a, 2 * pair.size, look=False)
    pair.do("fork", a, b)
    for seq, n in ((b, 1), (a, pair.size), (b, pair.size - 1)):
        pair.add(seq, n)


@pytest.mark.task("sharing")
def test_the_last_holder_writes_in_place(candidate, reference, rng):
    """A block that was shared and is not any more is written in place, whichever of the sequences is left.

    曾经共享、如今只有一个序列持有的块直接原地写入，无论剩下的是哪个序列。
    """
    for gone, left in ((0, 1), (1, 0)):
        pair = Pair(candidate, reference, rng, 3)
        ids = pair.ids[:2]
        pair.add(ids[0], pair.size + 1, look=False)
        pair.do("fork", *ids, look=False)
        pair.do("free", ids[gone], look=False)
        pair.add(ids[left], 1)
        pair.do("fork", ids[left], ids[gone])
        pair.add(ids[gone], 1)
        pair.add(ids[left], 1)


@pytest.mark.task("exhaustion")
def test_exactly_enough(candidate, reference, rng):
    """A call that needs all free blocks succeeds, and one that needs one more changes nothing, the copy included.

    恰好需要全部空闲块的调用成功，再多一块就什么都不改变，写时复制的那一块也计算在内。
    """
    for free in (1, 2):
        pair = Pair(candidate, reference, rng, 2 + free)
        a, b, new = pair.ids[:3]
        pair.add(a, 2 * pair.size - 1, look=False)
        pair.add(new, free * pair.size + 1)
        pair.do("fork", a, b)
        pair.add(b, free * pair.size - pair.size + 2)  # fits but for the copy
        pair.add(a, free * pair.size + 2)
        pair.add(b, free * pair.size - pair.size + 1)
        pair.add(a, 2)
        pair.add(a, 1)  # in place, with no block left
        for seq in (a, b, new):
            pair.add(seq, 1)
    pair.do("free", b)
    pair.add(new, 1)


@pytest.mark.task("exhaustion")
def test_no_block_for_the_copy(candidate, reference, rng):
    """Where no block is free, a row that would need a copy is refused, though there is room for it.

    没有空闲块时，需要先复制的行会被拒绝，即使块里还有空位。
    """
    pair = Pair(candidate, reference, rng, 2)
    a, b = pair.ids[:2]
    pair.add(a, pair.size + 1, look=False)
    pair.do("fork", a, b)
    for seq in (a, b):
        pair.add(seq, 1)
    pair.do("free", a)
    pair.add(b, 1)


@pytest.mark.task("exhaustion")
def test_random_operations(candidate, reference, rng):
    """After every one of many operations in random order, those that fail included, the cache is right.

    以随机顺序执行大量操作，包括会失败的操作，每一步之后缓存都正确。
    """
    pair = Pair(candidate, reference, rng, 7, int(rng.integers(2, 4)), 1)
    for step in range(32):
        known, fresh = list(pair.ours.tables), pair.ids[step % 30]
        kind = rng.choice(["append", "fork", "free", "new"], p=[0.45, 0.25, 0.15, 0.15])
        seq = int(rng.choice(known)) if known else fresh
        if kind == "fork":
            pair.do("fork", seq, fresh, look=False)
        elif kind == "free":
            pair.do("free", seq, look=False)
        else:
            pair.add(fresh if kind == "new" else seq, int(rng.integers(1, 2 * pair.size + 1)), look=step % 3 == 0)
    pair.look()


@pytest.mark.task("contract")
def test_ids(candidate, reference, rng):
    """Unknown parents, known children and freeing what is unknown are refused, and nothing changes; 0 is an id as any.

    未知的父序列、已存在的子序列、释放未知序列都被拒绝，且什么都不改变；0 是普通的 id。
    """
    pair = Pair(candidate, reference, rng, 6)
    a, unknown, other = pair.ids[:3]
    pair.do("free", 0)
    pair.add(0, pair.size + 1)
    pair.do("fork", 0, a)
    for arguments in ((unknown, other), (0, a), (a, 0), (0, 0), (unknown, a), (unknown, unknown), (unknown, 0)):
        pair.do("fork", *arguments, look=False)
    pair.do("free", unknown)
    pair.do("fork", a, other)
    pair.do("free", a)
    for action in (("free", a), ("fork", a, unknown), ("free", 0), ("free", 0)):
        pair.do(*action, look=False)
    pair.do("fork", other, 0)
    pair.add(a, 1)


@pytest.mark.task("contract")
def test_sizes_and_rows(candidate, reference, rng):
    """Sizes below 1 and rows of another shape are refused, and nothing changes.

    小于 1 的尺寸和形状不符的行被拒绝，且什么都不改变。
    """
    bad = [0, -1, -2]
    sound = {"num_blocks": 2, "block_size": 3, "width": 4}
    assert_refuses(candidate.PagedKVCache, sound, dict.fromkeys(sound, bad))
    smallest = Pair(candidate, reference, rng, 1, 1, 1)
    smallest.add(0, 1)
    pair = Pair(candidate, reference, rng, 4, 3, 4)
    a, new = pair.ids[:2]
    pair.add(a, 2)
    rows = pair.rows(2)
    for seq in (a, new):
        for wrong in (
            rows[0],
            rows[:, :3],
            rows[:, :1],
            rows[..., None],
            rows[None],
            np.array(rows[0, 0]),
            rows[:0, :2],
        ):
            pair.do("append", seq, wrong, look=False)
    pair.add(new, 2)


@pytest.mark.task("contract")
def test_two_caches(candidate, reference, rng):
    """Two caches in use at once have nothing in common.

    同时使用的两个缓存没有任何共用的东西。
    """
    first, second = Pair(candidate, reference, rng, 3), Pair(candidate, reference, rng, 4)
    seq = first.ids[0]
    first.add(seq, 2)
    second.add(seq, 3)
    second.do("fork", seq, seq + 1)
    first.do("free", seq)
    for pair in (first, second):
        pair.add(seq, 1)
