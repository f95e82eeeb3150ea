"""Hidden cases of prefix_cache: sizes, tokens and requests are drawn anew for every verdict.

The candidate's cache and one of the reference are given the same calls, one at a time, and looked at after each.
"""

import pytest

from grader.judge import assert_close, assert_each_raises, assert_refuses


class Pair:
    """A cache of the candidate and one of the reference, with ids and tokens to feed them."""

    def __init__(self, candidate, reference, rng, blocks, size=None):
        self.rng, self.size = rng, size or int(rng.integers(2, 5))
        self.theirs, self.ours = (module.PrefixCache(blocks, self.size) for module in (candidate, reference))
        self.ids = (rng.permutation(60)[:50] + 1).tolist()
        self.words = (rng.permutation(90)[:60] + 10).tolist()  # tokens that no two blocks share

    def piece(self):
        """A block of tokens like no other."""
        return [self.words.pop(), *self.rng.integers(0, 2**31, self.size - 1).tolist()]

    def acquire(self, tokens, request=None):
        """Acquire on both sides, with the same blocks and hits or the same error; the id."""
        request = self.ids.pop() if request is None else request
        try:
            expected = self.ours.acquire(request, tokens)
        except (ValueError, RuntimeError) as error:
            assert_each_raises(type(error), self.theirs.acquire, [(request, tokens)])
        else:
            assert_close(self.theirs.acquire(request, tokens), expected)
        assert_close(self.theirs.free_blocks, self.ours.free_blocks)
        return request

    def release(self, *requests):
        """Release on both sides, one after the other."""
        for request in requests:
            if request in self.ours.held:
                self.ours.release(request)
                self.theirs.release(request)
            else:
                assert_each_raises(ValueError, self.theirs.release, [(request,)])

    def look(self, *prompts):
        """Each of them is cached as far as it should be."""
        for tokens in prompts:
            assert_close(self.theirs.match(tokens), self.ours.match(tokens))
        assert_close(self.theirs.free_blocks, self.ours.free_blocks)


@pytest.mark.task("prefixes")
def test_longest_prefix(candidate, reference, rng):
    """A match goes as far as full blocks are cached, from the first token on, and no further.

    匹配从第一个 token 开始，到最后一个已缓存的完整块为止。
    """
    pair = Pair(candidate, reference, rng, 8)
    a, b, c, d, e = (pair.piece() for _ in range(5))
    pair.look([], a)
    pair.acquire(a + b + c)
    pair.acquire(a + d + c[:-1])
    other = [*b[:-1], b[-1] ^ 1]
    pair.look(
        a + b + c, a + b + c + e, a + b, a + b + c[:-1], a[:-1], [], a + other + c, a + e + c, b + c, c, a[1:] + b + c
    )
    pair.look(a + d, a + d + c, d, a + c, a + b + d, a[:1], e + a + b)


@pytest.mark.task("prefixes")
def test_same_tokens_elsewhere(candidate, reference, rng):
    """Blocks with the same tokens after different beginnings are different blocks, also where the tokens look alike.

    前文不同而 token 相同的块是不同的块，哪怕它们看起来很像。
    """
    pair = Pair(candidate, reference, rng, 12)
    a, b = pair.piece(), pair.piece()
    prompts = [a + b + a, b + a, a + a, b + b + a]
    for k in rng.permutation(4).tolist():
        pair.acquire(prompts[k])
    pair.look(*prompts, b + a + b, a + a + a)
    pair = Pair(candidate, reference, rng, 12, 2)
    alike = [[1, 11], [11, 1], [1, 1], [11, 11], [0, 0], [0, 1], [111, 1], [1, 111]]
    for k in rng.permutation(len(alike)).tolist():
        pair.acquire(alike[k])
    pair.look(*alike, [1, 0], [1, 11, 1])


@pytest.mark.task("prefixes")
def test_any_token(candidate, reference, rng):
    """Tokens up to 2^31 - 1 are told apart, also where narrow numbers or a weak hash would agree.

    直到 2^31 - 1 的 token 都能区分，即使换成较窄的整数或较弱的哈希就会相同。
    """
    pair = Pair(candidate, reference, rng, 12, 2)
    x, y = rng.integers(32, 1000, 2).tolist()
    alike = [[x, y], [x + 2**16, y], [x - 31, y + 1], [x + 1, y - 31], [y, x], [2**31 - 1, x], [2**31 - 1 - 2**16, x]]
    alike += [[x, 2**24], [x, 2**24 + 1], [x, 2**31 - 1], [x, 2**31 - 2]]
    for k in rng.permutation(len(alike)).tolist():
        pair.acquire(alike[k])
    pair.look(*alike, [x + 2**24, y], [x, 2**24 + 2])


@pytest.mark.task("prefixes")
def test_blocks_and_hits(candidate, reference, rng):
    """A request gets all its blocks in order, new ones by the smallest number, and how many were there; left-over tokens do not count.

    请求按顺序得到自己的所有块，新块取最小编号，并得知有几块原本就在；不足一块的 token 不计。
    """
    pair = Pair(candidate, reference, rng, 9)
    a, b, c, d = (pair.piece() for _ in range(4))
    for tokens in (a + b + c[:-1], a + b + c, a + b + c, [], a[:-1], a + d, d + b + c, a + b + c + d + d[:1]):
        pair.acquire(tokens)
    pair = Pair(candidate, reference, rng, 3, 1)
    for tokens in ([4, 4], [4], [4, 4, 4]):
        pair.acquire(tokens)


@pytest.mark.task("prefixes")
def test_released_blocks_stay(candidate, reference, rng):
    """What was released is still cached, in the same blocks, and is found by the next request.

    释放之后内容仍在缓存里，块号不变，下一个请求可以命中。
    """
    pair = Pair(candidate, reference, rng, 5)
    a, b, c = (pair.piece() for _ in range(3))
    request = pair.acquire(a + b)
    pair.release(request)
    pair.look(a + b, a + c)
    pair.release(pair.acquire(a + c))
    pair.acquire(a + b + c, request)
    pair.look(a + c)


@pytest.mark.task("eviction")
def test_from_the_end_of_a_line(candidate, reference, rng):
    """A block goes only after all its continuations have gone: the last block first, then the one before it.

    所有后续都淘汰之后才轮到一个块：先淘汰最后一块，再淘汰前一块。
    """
    pair = Pair(candidate, reference, rng, 5)
    line = sum((pair.piece() for _ in range(5)), [])
    pair.release(pair.acquire(line))
    for _ in range(3):
        pair.acquire(pair.piece())
        pair.look(line)


@pytest.mark.task("eviction")
def test_longest_unused_first(candidate, reference, rng):
    """The order of eviction is the order of release, not that of arrival or of the numbers.

    淘汰的顺序是释放的顺序，而不是到达的顺序或编号的顺序。
    """
    pair = Pair(candidate, reference, rng, 6)
    prompts = [pair.piece() for _ in range(6)]
    requests = [pair.acquire(tokens) for tokens in prompts]
    order = rng.permutation(6).tolist()
    if order == sorted(order):
        order.reverse()
    for k in order:
        pair.release(requests[k])
    pair.release(pair.acquire(prompts[order[1]]))  # used again, so it goes after the others
    for _ in range(5):
        pair.acquire(pair.piece())
    pair.look(*prompts)


@pytest.mark.task("eviction")
def test_each_release_is_a_use(candidate, reference, rng):
    """A common beginning was last used when the last of its requests was released, its branches each at their own.

    共同开头的最近使用是最后一个请求释放的时候，各个分支则是各自释放的时候。
    """
    pair = Pair(candidate, reference, rng, 6)
    a, b, c, d, e = (pair.piece() for _ in range(5))
    first, second, other, short = pair.acquire(a + b), pair.acquire(a + c), pair.acquire(d + e), pair.acquire(a)
    pair.release(second, first, other, short)
    prompts = a + b, a + c, d + e
    for _ in range(5):
        pair.acquire(pair.piece())
        pair.look(*prompts)


@pytest.mark.task("eviction")
def test_looking_is_no_use(candidate, reference, rng):
    """A match changes nothing, not even the order of eviction.

    `match` 不改变任何东西，包括淘汰的顺序。
    """
    pair = Pair(candidate, reference, rng, 3)
    prompts = [pair.piece() for _ in range(3)]
    requests = [pair.acquire(tokens) for tokens in prompts]
    pair.release(*requests)
    pair.look(prompts[0], prompts[0] + prompts[1], prompts[0])
    pair.acquire(pair.piece())
    pair.look(*prompts[::-1])
    pair.acquire(pair.piece())
    pair.look(*prompts)


@pytest.mark.task("eviction")
def test_no_more_than_needed(candidate, reference, rng):
    """Free blocks are taken before anything is evicted, then just as many go as are lacking; new blocks have ascending numbers.

    先用空闲块，不够才淘汰，缺几块就淘汰几块；新块的编号从小到大。
    """
    pair = Pair(candidate, reference, rng, 7)
    prompts = [pair.piece() + pair.piece(), pair.piece(), pair.piece() + pair.piece()]
    requests = [pair.acquire(tokens) for tokens in prompts]
    pair.release(*requests[::-1])
    pair.look(*prompts)
    pair.release(pair.acquire(pair.piece()))
    pair.look(*prompts)
    pair.acquire(sum((pair.piece() for _ in range(4)), []))
    pair.look(*prompts)
    pair.acquire(prompts[0] + pair.piece())
    pair.look(*prompts)


@pytest.mark.task("holding")
def test_held_blocks_stay(candidate, reference, rng):
    """A block stays as long as one of several requests holds it, whichever is released first.

    只要多个请求中还有一个持有，块就不会被淘汰，无论谁先释放。
    """
    pair = Pair(candidate, reference, rng, 3)
    a, b, c, d = (pair.piece() for _ in range(4))
    pair.release(pair.acquire(a + b))
    pair.acquire(a + b)  # all of it was cached before, and is held all the same
    pair.acquire(c + d)
    pair.look(a + b, c + d)
    pair = Pair(candidate, reference, rng, 4)
    a, b, c = (pair.piece() for _ in range(3))
    requests = [pair.acquire(a + b), pair.acquire(a + b), pair.acquire(a)]
    for request in rng.permutation(requests).tolist():
        pair.acquire(c + pair.piece() + pair.piece())
        pair.look(a + b)
        pair.release(request)
        pair.release(pair.acquire(pair.piece() + pair.piece()))
        pair.look(a + b)
    pair.acquire(pair.piece() + pair.piece() + pair.piece() + pair.piece())


@pytest.mark.task("holding")
def test_own_beginning_stays(candidate, reference, rng):
    """A request does not evict its own cached beginning, however long it has not been used.

    请求不会淘汰自己已缓存的开头，无论它多久没有使用。
    """
    pair = Pair(candidate, reference, rng, 4)
    a, b, c, d = (pair.piece() for _ in range(4))
    old, new = pair.acquire(a + b), pair.acquire(c + d)
    pair.release(old, new)
    extended = pair.acquire(a + b + pair.piece())
    pair.look(a + b, c + d)
    pair.release(extended)
    pair.acquire(c + pair.piece() + pair.piece() + pair.piece())
    pair.acquire(c + pair.piece() + pair.piece() + pair.piece() + pair.piece())
    pair.look(a + b, c + d)


@pytest.mark.task("holding")
def test_without_room_nothing_changes(candidate, reference, rng):
    """A request that does not fit evicts nothing, holds nothing and is no use; one that just fits gets all.

    放不下的请求不淘汰、不持有，也不算使用；刚好放得下的请求得到全部。
    """
    pair = Pair(candidate, reference, rng, 5)
    a, b, c, d, e = (pair.piece() for _ in range(5))
    first, second = pair.acquire(a + b), pair.acquire(c)
    pair.release(first, second)
    holder = pair.acquire(d)
    for tokens in (e + b + c + d + a, a + c + d + e + c, a + b + c + d + e, d + a + b + c + d + e):
        request = pair.acquire(tokens)
        pair.look(a + b, c, tokens)
        pair.release(request)  # unknown
    pair.acquire(e + d)  # in the free block and that of b, as if nothing had been asked for
    pair.look(a + b, c)
    pair.acquire(d + a + b, request)
    pair.look(a + b, c)
    pair.release(holder)
    pair.acquire(b)


@pytest.mark.task("holding")
def test_random_calls(candidate, reference, rng):
    """After every one of many calls in random order, those that fail included, the cache is right.

    以随机顺序调用多次，包括会失败的调用，每一次之后缓存都正确。
    """
    pair = Pair(candidate, reference, rng, 8, int(rng.integers(1, 3)))
    prompts = []
    for step in range(45):
        held = list(pair.ours.held)
        if held and rng.random() < (0.3 if len(held) < 3 else 0.6):
            pair.release(int(rng.choice(held)))
        else:
            prompts.append(rng.integers(0, 2, int(rng.integers(1, 6 * pair.size))).tolist())
            pair.acquire(prompts[-1])
        if step % 5 == 4:
            pair.look(*(prompts[k] for k in rng.integers(0, len(prompts), 2)))


@pytest.mark.task("contract")
def test_ids(candidate, reference, rng):
    """An id that holds blocks cannot acquire, and one that holds none cannot be released; a release returns nothing.

    持有块的 id 不能再 acquire，没有持有的 id 不能 release；release 没有返回值。
    """
    pair = Pair(candidate, reference, rng, 4)
    a, b, c, d = (pair.piece() for _ in range(4))
    pair.release(0)
    pair.acquire(a + b, 0)
    one = pair.acquire([])
    for tokens, request in ((a, 0), (c, 0), ([], one), (a + c, one)):
        pair.acquire(tokens, request)
    pair.look(a + b, c, a + c)
    pair.release(one, one, 0, 0, 77)
    for request in (0, one):
        pair.acquire(c, request)
    pair.ours.release(one)
    assert_close(pair.theirs.release(one), None)
    pair.acquire(a + d + b, one)
    pair.look(a + b, c)


@pytest.mark.task("contract")
def test_sizes(candidate, reference, rng):
    """Sizes below 1 raise ValueError, and the smallest work; two caches have nothing in common.

    小于 1 的参数抛出 `ValueError`，最小的参数可以正常使用；两个缓存没有任何共用的东西。
    """
    sound = {"num_blocks": 1, "block_size": 1}
    assert_refuses(candidate.PrefixCache, sound, dict.fromkeys(sound, [0, -1, -2]))
    pairs = [Pair(candidate, reference, rng, blocks, 1) for blocks in (1, 2)]
    for tokens in ([5], [5, 6], [6]):
        requests = [pair.acquire(tokens, 3) for pair in pairs]
        for pair, request in zip(pairs, requests, strict=True):
            pair.look([5, 6], [6])
            pair.release(request)
