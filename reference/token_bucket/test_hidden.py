"""Hidden cases of token_bucket: rates, costs, times and keys are drawn anew for every verdict.

The candidate's limiter and one of the reference are given the same calls, one at a time, and have to answer alike.
"""

import pytest

from grader.judge import assert_close, assert_each_raises, assert_refuses

SECOND = 10**9


class Pair:
    """A limiter of the candidate and one of the reference; `now` is the time of the next call."""

    def __init__(self, candidate, reference, rng, capacity=None, refill=None, period=None, now=None):
        self.capacity = capacity or int(rng.integers(6, 12))
        self.refill = refill or int(rng.choice([2, 3, 5]))
        self.period = period or int(rng.choice([7, 11, 13]))  # no multiple of the refill
        self.theirs, self.ours = (
            module.RateLimiter(self.capacity, self.refill, self.period) for module in (candidate, reference)
        )
        self.now = int(rng.integers(0, 1000)) if now is None else now

    def ask(self, method, *arguments):
        """One call on both sides."""
        expected, answer = getattr(self.ours, method)(*arguments), getattr(self.theirs, method)(*arguments)
        if type(answer) is not type(expected) or answer != expected:  # saves most of the time of a case
            assert_close(answer, expected)
        return expected

    def take(self, cost=1, key="a", after=0, method="try_acquire"):
        """Try to acquire, some ticks after the call before."""
        self.now += after
        return self.ask(method, key, self.now, cost)

    def wait(self, cost=1, key="a", after=0):
        """Ask how long to wait."""
        return self.take(cost, key, after, "wait_time")

    def reserve(self, cost=1, key="a", after=0):
        """Reserve."""
        return self.take(cost, key, after, "reserve")

    def drain(self, key="a"):
        """Take token by token until one is refused."""
        while self.take(key=key):
            pass


@pytest.mark.task("spending")
def test_exactly_enough(candidate, reference, rng):
    """As many tokens as the bucket holds can be taken, and not one more, after any gap; a refused call takes nothing.

    无论间隔多久，桶里有多少就能取多少，多一个也不行；被拒绝的调用什么都不取。
    """
    pair = Pair(candidate, reference, rng)
    part = int(rng.integers(2, pair.capacity - 2))
    pair.take(part)
    for cost in (pair.capacity - part + 1, pair.capacity, pair.capacity - part, 1):
        pair.take(cost)
    for _ in range(3):
        pair.take(pair.refill + 1, after=pair.period)
        pair.take(pair.refill)
        pair.take(1)
    for gap in rng.integers(0, 4 * pair.period, 12).tolist():
        pair.take(int(rng.integers(1, pair.capacity + 1)), after=gap)


@pytest.mark.task("spending")
def test_never_above_capacity(candidate, reference, rng):
    """However long a bucket is left alone, it holds its capacity; what does not fit is lost.

    无论闲置多久，桶里最多只有 `capacity` 个；装不下的就丢掉。
    """
    pair = Pair(candidate, reference, rng)
    for gap in (0, 1000 * pair.period, 2**40):
        pair.take(2, after=gap)
        pair.take(pair.capacity - 1)
        pair.drain()
    pair.take(1, after=3 * pair.capacity * pair.period)
    pair.drain()


@pytest.mark.task("spending")
def test_cost_above_capacity(candidate, reference, rng):
    """A cost above the capacity is refused by all three methods, full or not, and nothing is taken.

    `cost` 超过 `capacity` 时三个方法都拒绝，桶满不满都一样，而且什么都不取。
    """
    pair = Pair(candidate, reference, rng)
    for spent in (0, 2, pair.capacity - 2):
        pair.take(spent or 10**6)
        for method in (pair.take, pair.wait, pair.reserve):
            method(pair.capacity + 1)
    for method in (pair.take, pair.wait, pair.reserve):
        method(pair.capacity + 1, after=100 * pair.period)
    pair.drain()


@pytest.mark.task("spending")
def test_keys_apart(candidate, reference, rng):
    """Every key has a full bucket of its own, however late it is first used.

    每个 key 都有自己的满桶，无论多晚才第一次使用。
    """
    pair = Pair(candidate, reference, rng)
    for key in rng.permutation(["", "a", "A", " a", "租户"]).tolist():
        pair.take(pair.capacity - 1, key, after=1)
        pair.drain(key)


@pytest.mark.task("time")
def test_no_drift(candidate, reference, rng):
    """Asked at every tick, a bucket grants at the very ticks at which a whole token has come together.

    每个 tick 要一次，正是在攒够一个令牌的那些 tick 成功。
    """
    pair = Pair(candidate, reference, rng, capacity=3, refill=3, period=int(rng.choice([10, 31])))
    pair.take(3)
    for _ in range(32):
        pair.take(1, after=1)
    pair = Pair(candidate, reference, rng, capacity=5, refill=1, period=10)
    pair.take(5)
    for _ in range(10):
        pair.wait(1, after=1)
    pair.take(1)
    pair.take(1)


@pytest.mark.task("time")
def test_nanoseconds(candidate, reference, rng):
    """With times around 10^18 and slow rates, a token comes at its very tick and not one before.

    时间在 10^18 左右、速率很慢时，令牌也恰在它的那个 tick 到来，不早一个 tick。
    """
    rates = [(int(rng.choice([3, 7, 60])), int(rng.choice([SECOND, 60 * SECOND]))), (int(rng.choice([3, 7])), 10**12)]
    for refill, period in rates:
        pair = Pair(candidate, reference, rng, 10**6, refill, period, int(rng.integers(10**18, 2 * 10**18)))
        pair.take(10**6)
        for tokens in (1, 2, 1000, 10**6 - 1):
            pair.now += pair.ours.wait_time("a", pair.now, tokens) - 2
            for _ in range(3):
                pair.take(tokens, after=1)
            while pair.take(1):
                pass
        pair.now = 2**63 - 1
        pair.wait(10**6)
        pair.take(10**6)
    pair = Pair(candidate, reference, rng, 10**6, 10**6, 10**12, int(rng.integers(0, 10**18)))
    for gap in (0, int(rng.integers(10**13, 18 * 10**12))):  # what flows in has more than 63 bits
        pair.take(10**6, after=gap)


@pytest.mark.task("time")
def test_clock_that_goes_back(candidate, reference, rng):
    """A call with a smaller time finds the level of the clock's time, and later calls get no tick twice.

    时间更小的调用看到的是时钟时间的余量，之后的调用也不会把同一个 tick 算两次。
    """
    pair = Pair(candidate, reference, rng, now=1000)
    pair.drain()
    for back in (50, 1, 400):
        pair.take(2, after=pair.period)
        top = pair.now
        pair.now = top - back
        pair.take(1)
        pair.ask("drop_full", pair.now)
        pair.wait(pair.capacity)
        pair.take(1)
        pair.now = top
        pair.take(1)
        pair.wait(2)
    pair.now = 0
    pair.take(1)
    pair.now = top + pair.period
    pair.drain()
    pair.now = top
    pair.reserve(pair.capacity)


@pytest.mark.task("time")
def test_one_clock_for_all(candidate, reference, rng):
    """Any call moves the clock: of another key, a refused one, one that only asks, and one that drops.

    任何调用都推动时钟：别的 key 的、被拒绝的、只是询问的，以及丢弃桶的。
    """
    movers = [(method, key) for method in ("try_acquire", "wait_time", "reserve") for key in ("other", "a")]
    for method, key in [*movers, ("drop_full", None)]:
        pair = Pair(candidate, reference, rng, now=100)
        pair.take(pair.capacity)
        later, cost = pair.now + pair.period, 1 if key == "other" and method != "try_acquire" else 10**6
        pair.ask(method, *([later] if key is None else [key, later, cost]))
        pair.now = int(rng.integers(0, 101))
        pair.take(pair.refill)
        pair.wait(1)


@pytest.mark.task("waiting")
def test_wait_is_the_first_tick(candidate, reference, rng):
    """After the wait the tokens are there, and one tick before they are not; asking takes nothing.

    等够这么久令牌就有了，早一个 tick 还没有；询问不取走任何令牌。
    """
    pair = Pair(candidate, reference, rng)
    pair.take(pair.capacity)
    for cost in (1, pair.capacity, pair.capacity - 1, 2, pair.refill):
        pair.wait(cost, after=int(rng.integers(0, 3)))
        wait = pair.wait(cost)
        pair.take(cost, after=max(0, wait - 1))
        pair.wait(cost)
        pair.take(cost, after=1)
    pair.wait(1, after=100 * pair.period)
    pair.wait(pair.capacity)


@pytest.mark.task("waiting")
def test_long_waits(candidate, reference, rng):
    """Waits are exact also where a float has not enough digits.

    即使浮点数的位数不够，等待时间也是精确的。
    """
    for refill, period in ((7, 10**12), (999_983, 10**12 - 1), (1, 10**12 - 11)):
        pair = Pair(candidate, reference, rng, 10**6, refill, period, int(rng.integers(0, 10**18)))
        pair.take(10**6)
        for cost in (1, 10**6 - 1, int(rng.integers(10**5, 10**6))):
            pair.wait(cost, after=int(rng.integers(1, 10**9)))
        pair.reserve(10**6)
        pair.wait(int(rng.integers(10**5, 10**6)))
    for _ in range(9):
        pair.reserve(10**6)  # a debt of more than 63 bits, in parts of a tick's share


@pytest.mark.task("waiting")
def test_reservations(candidate, reference, rng):
    """Reservations queue up: each waits for those before it, and nothing can be taken until all is paid off.

    预约依次排队：每个都要等前面的；欠账还清之前什么都取不到。
    """
    pair = Pair(candidate, reference, rng)
    pair.reserve(pair.capacity - 1)
    for cost in (3, 1, pair.capacity, 2):
        pair.reserve(cost, after=int(rng.integers(0, 2)))
        pair.take(1)
    pair.reserve(pair.capacity + 1)
    wait = pair.wait(1)
    for gap in (wait - 1, 1):
        pair.take(1, after=gap)
    pair.reserve(2)
    pair.take(1, after=pair.wait(1))
    for _ in range(12):
        pair.reserve(pair.capacity)  # far into debt
    pair.take(pair.capacity, after=pair.wait(pair.capacity))


@pytest.mark.task("waiting")
def test_many_calls(candidate, reference, rng):
    """Calls of all methods, keys and costs in random order, with times that now and then go back.

    随机顺序调用各个方法、key 与 `cost`，时间偶尔倒退。
    """
    pair = Pair(candidate, reference, rng)
    for _ in range(45):
        pair.now = max(0, pair.now + int(rng.integers(-4, 12)))
        method = rng.choice(["try_acquire", "wait_time", "reserve", "drop_full"], p=[0.5, 0.2, 0.2, 0.1])
        key, cost = str(rng.choice(["x", "y", "z"])), int(rng.integers(1, pair.capacity // 2 + 2))
        pair.ask(method, pair.now) if method == "drop_full" else pair.ask(method, key, pair.now, cost)
        pair.ask("held")


@pytest.mark.task("memory")
def test_what_is_held(candidate, reference, rng):
    """A bucket is held once tokens were taken, not for a question or a refusal, and stays until it is dropped.

    取走过令牌的桶才保留，询问和被拒绝都不算；不丢弃就一直保留。
    """
    pair = Pair(candidate, reference, rng)
    for number in range(4):
        pair.wait(2, key=f"asked{number}")
        pair.take(pair.capacity + 1, key=f"refused{number}")
        pair.reserve(pair.capacity + 1, key=f"never{number}")
    pair.ask("held")
    for number, key in enumerate(rng.permutation(["p", "q", "r", "s"]).tolist()):
        pair.reserve(number + 2, key) if number % 2 else pair.take(number + 1, key)
        pair.ask("held")
    pair.now += 1000 * pair.period
    for key, method, cost in (("p", pair.wait, 1), ("q", pair.take, pair.capacity + 1), ("r", pair.reserve, 10**6)):
        method(cost, key)
        pair.ask("held")
    pair.take(pair.capacity, "p")
    pair.ask("held")


@pytest.mark.task("memory")
def test_what_is_dropped(candidate, reference, rng):
    """Full buckets are dropped at the tick at which they are full, others are not, and a dropped key starts full.

    桶在装满的那个 tick 才可丢弃，没满的不丢；被丢弃的 key 再用时从满桶开始。
    """
    pair = Pair(candidate, reference, rng)
    costs = {"p": 1, "q": 3, "r": pair.capacity}
    start = pair.now
    for key in rng.permutation(list(costs)).tolist():
        pair.take(costs[key], key)
    pair.reserve(pair.capacity, "s")
    pair.reserve(pair.capacity, "s")
    for tokens in (1, 3, pair.capacity, 2 * pair.capacity):
        due = start + -(-tokens * pair.period // pair.refill)
        for now in (due - 1, due) if tokens == 1 else (due - 1, due - 2, due):
            pair.ask("drop_full", now)
            pair.ask("held")
            if now == due - 1 and tokens > 1:
                pair.ask("wait_time", "other", due)  # from here on a smaller time means this one
        pair.now = due
        pair.wait(pair.capacity, "s")
        for key in ("p", "q", "r"):
            pair.wait(pair.capacity, key)
    pair.take(pair.capacity, "s")
    pair.ask("held")


@pytest.mark.task("contract")
def test_bad_arguments(candidate, reference, rng):
    """Numbers below 1 are refused, alone and together, and a refused call changes nothing, the clock included.

    小于 1 的数被拒绝，单独或同时出现都一样；被拒绝的调用什么都不改变，时钟也不变。
    """
    bad = [0, -1, -2]
    sound = {"capacity": 3, "refill": 2, "period": 5}
    assert_refuses(candidate.RateLimiter, sound, dict.fromkeys(sound, bad))
    pair = Pair(candidate, reference, rng, now=10)
    pair.take(pair.capacity)
    later = pair.now + 10 * pair.period
    for method in ("try_acquire", "wait_time", "reserve"):
        calls = [(key, later, cost) for key in ("a", "new") for cost in bad]
        assert_each_raises(ValueError, getattr(pair.theirs, method), calls)
        pair.wait(1, after=1)
        pair.ask("held")
    pair.drain()


@pytest.mark.task("contract")
def test_smallest_and_defaults(candidate, reference, rng):
    """The smallest limiter works, a call without a cost costs one token, and arguments may be given by name.

    最小的限流器可用，不给 `cost` 就是一个令牌，参数可以按名字传。
    """
    pair = Pair(candidate, reference, rng, 1, 1, 1, 0)
    for now in (0, 0, 1, 3):
        for method in ("try_acquire", "wait_time", "reserve"):
            pair.ask(method, "a", now)
    names = {"key": "a", "now": 9, "cost": 1}
    for method in ("try_acquire", "wait_time", "reserve"):
        expected = getattr(pair.ours, method)(**names)
        assert_close(getattr(pair.theirs, method)(**names), expected)


@pytest.mark.task("contract")
def test_two_limiters(candidate, reference, rng):
    """Two limiters share neither buckets nor clock.

    两个限流器既不共用桶，也不共用时钟。
    """
    first, second = Pair(candidate, reference, rng, now=500), Pair(candidate, reference, rng, now=20)
    for pair in (first, second, first):
        pair.take(pair.capacity - 1)
        pair.drain()
        pair.ask("held")
    second.take(2, after=second.period)
    second.wait(1)
    first.ask("held")
