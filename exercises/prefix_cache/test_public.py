"""Public cases of prefix_cache: small ones, worked out by hand."""

import pytest

from grader.judge import assert_close, assert_each_raises


@pytest.mark.task("prefixes")
def test_sharing_by_hand(candidate):
    """A common beginning is cached once, and the same tokens after another beginning are another block.

    相同的开头只缓存一次；前文不同，即使 token 相同也是另一个块。
    """
    cache = candidate.PrefixCache(6, 2)
    assert_close(cache.acquire(4, [1, 2, 3, 4, 5]), ([0, 1], 0))
    assert_close(cache.acquire(9, [1, 2, 3, 4, 5, 6]), ([0, 1, 2], 2))
    assert_close(cache.acquire(2, [3, 4]), ([3], 0))
    assert_close([cache.match([1, 2, 3, 4, 5]), cache.match([3, 4, 1, 2]), cache.match([1])], [[0, 1], [3], []])
    assert_close(cache.free_blocks, 2)


@pytest.mark.task("eviction")
def test_eviction_by_hand(candidate):
    """The block that was released longest ago goes first; of one request the last block does.

    最早释放的块先被淘汰；同一个请求中，最后一块先被淘汰。
    """
    cache = candidate.PrefixCache(3, 1)
    cache.acquire(0, [8, 9])
    cache.acquire(1, [7])
    cache.release(0)
    cache.release(1)
    assert_close(cache.acquire(2, [5]), ([1], 0))
    assert_close([cache.match([8, 9]), cache.match([7])], [[0], [2]])
    assert_close(cache.acquire(3, [6, 4]), ([0, 2], 0))


@pytest.mark.task("holding")
def test_no_room_by_hand(candidate):
    """What is held is not evicted, nor the request's own beginning; then nothing changes.

    被持有的块不会被淘汰，请求自己的开头也不会；放不下时什么都不改变。
    """
    cache = candidate.PrefixCache(3, 1)
    cache.acquire(0, [1])
    cache.acquire(1, [2, 3])
    cache.release(1)
    assert_each_raises(RuntimeError, cache.acquire, [(2, [2, 4, 5]), (2, [4, 5, 6])])
    assert_close(cache.match([2, 3]), [1, 2])
    assert_close(cache.acquire(2, [2, 4]), ([1, 2], 1))
