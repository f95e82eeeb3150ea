"""Hidden cases of continuous_batching: requests and their ends are drawn anew for every verdict.

The candidate's scheduler and one of the reference are told the same, one iteration at a time; who finishes is only decided then.
"""

import pytest

from grader.judge import assert_close, assert_each_raises, assert_refuses


class Pair:
    """A scheduler of the candidate and one of the reference, with ids to feed them."""

    def __init__(self, candidate, reference, rng, *sizes):
        self.rng, self.room = rng, sizes[1] * sizes[2]
        self.theirs, self.ours = candidate.Scheduler(*sizes), reference.Scheduler(*sizes)
        self.ids = (rng.permutation(60)[:50] + 1).tolist()

    def new(self, *lengths):
        """Requests of these lengths, with ids that were not there before."""
        return [(self.ids.pop(), int(length)) for length in lengths]

    def step(self, finished=(), arrived=(), *, look=True):
        """One iteration on both sides, with the same plan or the same error, and the same scheduler afterwards."""
        arguments = list(finished), list(arrived)
        try:
            expected = self.ours.step(*arguments)
        except ValueError:
            assert_each_raises(ValueError, self.theirs.step, [arguments])
            expected = None
        else:
            assert_close(self.theirs.step(*arguments), expected)
        if look:
            self.look()
        return expected

    def look(self):
        """Who waits, and how many blocks are free; who runs is in the plan."""
        assert_close([self.theirs.waiting, self.theirs.free_blocks], [self.ours.waiting, self.ours.free_blocks])

    def play(self, steps, arrivals, lengths, end):
        """Draw what happens: how many arrive, of what lengths, and who of those that may finish does. Preemptions, in all."""
        preempted = 0
        for number in range(steps):
            full = [one for one in self.ours.produced if self.ours.lengths[one] >= self.room]
            finished = [one for one in self.ours.produced if one in full or self.rng.random() < end]
            number_of_new = min(int(self.rng.poisson(arrivals)), 20 - len(self.ours.lengths), len(self.ids))
            arrived = self.new(*self.rng.integers(1, lengths + 1, max(number_of_new, 0)))
            order = self.rng.permutation(len(finished)).tolist()
            plan = self.step([finished[k] for k in order], arrived, look=number % 4 == 3)
            preempted += len(plan[1])
        return preempted


@pytest.mark.task("tokens")
def test_prompts_in_pieces(candidate, reference, rng):
    """A prompt longer than the budget is computed in pieces that follow each other, and only its end gives a token.

    比预算长的 prompt 分几次依次计算，算到末尾才产生 token。
    """
    budget = int(rng.integers(3, 6))
    pair = Pair(candidate, reference, rng, budget, 12, 4)
    pair.step((), pair.new(2 * budget + 1, budget + 2, 1))
    for _ in range(6):
        pair.step()


@pytest.mark.task("tokens")
def test_first_arrived_first_served(candidate, reference, rng):
    """The budget goes to the running requests by age, decoding or not; a prompt that does not get all goes on next time.

    预算按到达先后分给运行中的请求，无论是否在解码；没有分完的 prompt 下次接着算。
    """
    pair = Pair(candidate, reference, rng, 3, 12, int(rng.integers(3, 6)))
    decoding = pair.new(1, 1)
    pair.step((), decoding)
    pair.step((), pair.new(4, 2))
    for finished in ((), (), [decoding[0][0]], (), ()):
        pair.step(finished)
    pair = Pair(candidate, reference, rng, 2, 12, 4)
    one, other, long = pair.new(2, 1, 5)
    pair.step((), [one, long])  # the long prompt waits for a token, not for blocks
    pair.step((), [other])
    pair.step([one[0]])
    for _ in range(4):
        pair.step()


@pytest.mark.task("tokens")
def test_one_token_an_iteration(candidate, reference, rng):
    """With a budget of one token the oldest request takes it, again and again, until it is done.

    预算只有一个 token 时，总是由最早的请求得到，直到它完成。
    """
    pair = Pair(candidate, reference, rng, 1, 3, 1)
    first, second = pair.new(2, 1)
    for finished, arrived in (((), [first, second]), ((), ()), ((), ()), ([first[0]], ()), ([second[0]], ()), ((), ())):
        pair.step(finished, arrived)


@pytest.mark.task("admission")
def test_joins_a_running_batch(candidate, reference, rng):
    """A request that fits joins in the call in which it arrives, also while others are running.

    放得下的请求在到达的那次调用就加入，即使其他请求正在运行。
    """
    pair = Pair(candidate, reference, rng, 20, 12, int(rng.integers(2, 5)))
    for lengths in ((2,), (1, 3), (), (4,)):
        pair.step((), pair.new(*lengths))


@pytest.mark.task("admission")
def test_freed_blocks_at_once(candidate, reference, rng):
    """Blocks of finished requests are there for admission in the same call.

    完成的请求交出的块，在同一次调用中就可以用于接纳。
    """
    size = int(rng.integers(2, 6))
    pair = Pair(candidate, reference, rng, 40, 4, size)
    batch = pair.new(size, 2 * size, size, 2 * size)
    pair.step((), batch)
    pair.step([batch[1][0], batch[0][0]])
    pair.step((), pair.new(1))


@pytest.mark.task("admission")
def test_order_of_arrival(candidate, reference, rng):
    """The first that waits is admitted before all others, however small they are and however long it takes.

    等待队列中的第一个最先被接纳，无论后面的请求多小，也无论要等多久。
    """
    size = int(rng.integers(2, 5))
    pair = Pair(candidate, reference, rng, 30, 4, size)
    small, large = pair.new(1, 4 * size)
    pair.step((), [small, large, *pair.new(1)])
    for number in range(3):
        pair.step([small[0]] if number == 2 else (), pair.new(1))
    pair.step([large[0]])


@pytest.mark.task("admission")
def test_what_just_fits(candidate, reference, rng):
    """A request that needs all free blocks is admitted, and one that needs one more is not, whatever it computes first.

    所需的块恰等于空闲块的请求被接纳，多一块就不行，无论它这一次先计算多少。
    """
    size = int(rng.integers(2, 6))
    for more in (0, 1):
        pair = Pair(candidate, reference, rng, 2 * size, 5, size)
        pair.step((), pair.new(size - 1, 4 * size + more, 1))
        pair.step()
    pair = Pair(candidate, reference, rng, size + 2, 1, size)
    for length in (size, 1):
        request = pair.new(length)
        pair.step((), request)
        pair.step([request[0][0]])


@pytest.mark.task("preemption")
def test_the_youngest_give_way(candidate, reference, rng):
    """Of those that run, the last to arrive is pre-empted first, then the next, until the others fit, and no more.

    运行中的请求里，最晚到达的先被抢占，然后依次往前，直到其余的放得下为止，不多抢占。
    """
    size = int(rng.integers(2, 5))
    pair = Pair(candidate, reference, rng, 40, 6, size)
    pair.ids.sort(reverse=True)  # ids rise from one arrival to the next
    pair.step((), pair.new(size, size, size, 1, 2 * size))  # after one token the first three need six blocks
    for _ in range(2 * size + 1):
        pair.step((), pair.new(1))


@pytest.mark.task("preemption")
def test_all_tokens_again(candidate, reference, rng):
    """A pre-empted request keeps the tokens it has produced and computes all of them again, in pieces if need be.

    被抢占的请求保留已产生的 token，并全部重新计算，必要时分几次。
    """
    size = int(rng.integers(3, 6))
    pair = Pair(candidate, reference, rng, size + 1, 3, size)
    first, second = pair.new(2, size - 1)
    pair.step((), [first, second])
    number = 0
    while second[0] in pair.ours.running:
        pair.step(look=number < 2)
        number += 1
    pair.step([first[0]])
    for _ in range(3):
        pair.step()


@pytest.mark.task("preemption")
def test_back_to_the_front(candidate, reference, rng):
    """Pre-empted requests wait in the order of their arrival, ahead of all that have not run yet.

    被抢占的请求按到达先后等待，排在所有尚未运行过的请求之前。
    """
    size = int(rng.integers(2, 5))
    pair = Pair(candidate, reference, rng, 30, 4, size)
    pair.ids.sort()  # ids fall from one arrival to the next
    batch = pair.new(2 * size, size, size, 1)
    pair.step((), batch)
    pair.step((), pair.new(1))
    pair.step([batch[0][0]], pair.new(1))
    for _ in range(2):
        pair.step()


@pytest.mark.task("preemption")
def test_many_iterations(candidate, reference, rng):
    """After every one of many iterations with drawn arrivals and ends, the plan is right, when memory is short and when tokens are.

    随机到达、随机结束，经过许多次迭代，每一次的计划都正确，无论紧张的是显存还是 token。
    """
    preempted = 0
    for sizes, arrivals, lengths, end in (((9, 8, 3), 0.7, 9, 0.1), ((4, 12, 2), 0.5, 8, 0.25)):
        preempted += Pair(candidate, reference, rng, *sizes).play(28, arrivals, lengths, end)
    while preempted < 2:  # rarely
        preempted += Pair(candidate, reference, rng, 8, 6, 2).play(12, 2.0, 4, 0.0)


@pytest.mark.task("contract")
def test_ends_that_cannot_be(candidate, reference, rng):
    """Only who has just produced a token can finish; any other id raises ValueError and changes nothing.

    只有刚产生了 token 的请求可以结束；其他 id 抛出 `ValueError`，且什么都不改变。
    """
    pair = Pair(candidate, reference, rng, 5, 4, 4)
    done, half, late, never = pair.new(2, 6, 9, 1)
    pair.step((), [done, half, late])
    for bad in ([half[0]], [late[0]], [never[0]], [done[0], half[0]], [done[0], never[0]], [0]):
        pair.step(bad, [never], look=False)
    pair.step([done[0]], [(0, 2)])
    pair.step([done[0]], look=False)
    pair.step((), [done])
    pair.step()


@pytest.mark.task("contract")
def test_arrivals_that_cannot_be(candidate, reference, rng):
    """Known ids, ids twice and lengths out of range raise ValueError and change nothing; finished ids may come again.

    已存在的 id、重复的 id 和超出范围的长度抛出 `ValueError`，且什么都不改变；已完成的 id 可以再次使用。
    """
    pair = Pair(candidate, reference, rng, 6, 3, 3)
    one, two, new = pair.new(2, 9, 1)
    pair.step((), [one, two, (0, 1)])
    for bad in ([new, one], [new, two], [new, new], [new, (0, 1)], [(new[0], 0)], [(new[0], -1)], [new, (77, 10)]):
        pair.step([one[0]] if one not in bad else [], bad, look=False)
    pair.step((), ())
    pair.step([one[0]], [new, (one[0], 9)])
    pair.step([two[0]])


@pytest.mark.task("contract")
def test_sizes(candidate, reference, rng):
    """Sizes below 1 raise ValueError, and the smallest sizes work; two schedulers have nothing in common.

    小于 1 的参数抛出 `ValueError`，最小的参数可以正常使用；两个调度器没有任何共用的东西。
    """
    sound = {"max_tokens": 1, "num_blocks": 1, "block_size": 1}
    assert_refuses(candidate.Scheduler, sound, dict.fromkeys(sound, [0, -1, -2]))
    pairs = [Pair(candidate, reference, rng, *sizes) for sizes in ((1, 1, 1), (4, 3, 2))]
    for lengths in ((1,), ()):
        for pair in pairs:
            pair.step(pair.ours.produced, pair.new(*lengths))
