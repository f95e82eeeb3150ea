"""Hidden suite of ring_attention: sizes and vectors are drawn anew, and every rank is told its own block only."""

import itertools
from contextlib import contextmanager

import numpy as np
import pytest
import torch

from grader.judge import assert_close, assert_each_raises, assert_refuses, assert_unchanged, distinct_sizes

DTYPES = (torch.float32, torch.float64)
MET = {}  # the ranks that stand in a process group together and have passed the case, with the port where they met


@contextmanager
def together(ranks, count):
    """Ranks in a process group; that of the case before if they are the same and passed it."""
    group = ranks(count)
    members = tuple(group)
    known = MET.pop(members, 0)
    MET.clear()
    port = group[0].driver.open_store(count, known)
    if port != known:
        group.call("driver.join", [(rank, count, port) for rank in range(count)])
    yield group
    MET[members] = port


class Drawn:
    """Sizes (N, L, D, Dv), no two equal and L even, and whole sequences of them."""

    def __init__(self, reference, rng, torch_rng):
        self.items, self.width, self.values = (2 * size + 1 for size in distinct_sizes(rng, 3, 1, 4))
        self.length = 2 * int(rng.integers(2, 4))
        self.reference, self.rng, self.torch_rng = reference.ring_attention, rng, torch_rng

    def sequence(self, world, dtype=torch.float64, **sizes):
        """q, k and v of all positions; sizes that are not given are as drawn."""
        for name, size in sizes.items():
            setattr(self, name, size)
        return [
            torch.randn(self.items, world * self.length, width, generator=self.torch_rng, dtype=torch.float64).to(dtype)
            for width in (self.width, self.width, self.values)
        ]

    def check(self, group, sequence, causal=False, zigzag=False, *, strided=False, **tolerance):
        """Every rank has its part of attention over the whole sequence, and its arguments as they were."""
        whole = self.reference(*sequence, causal)  # without a group it is ordinary attention
        blocks = [parts_of(x, len(group), zigzag) for x in sequence]
        given = [(*block, causal, zigzag, strided) for block in zip(*blocks, strict=True)]
        answers = group.call("driver.attend", given)
        returned = [answer["returned"] for answer in answers]
        assert_close(returned, parts_of(whole, len(group), zigzag), **tolerance)
        return [answer["arguments"] for answer in answers], [list(block[:3]) for block in given]


def parts_of(x, world, zigzag):
    """What of the positions (axis 1) each rank holds."""
    if not zigzag:
        return [part.clone() for part in x.chunk(world, dim=1)]
    chunks = x.chunk(2 * world, dim=1)
    return [torch.cat([chunks[rank], chunks[-1 - rank]], dim=1) for rank in range(world)]


@pytest.fixture
def drawn(reference, rng, torch_rng):
    """Sizes, and draws for them."""
    return Drawn(reference, rng, torch_rng)


@pytest.mark.task("ring")
def test_three_ranks(ranks, drawn):
    """Every rank sees the blocks of all three, in `float64` to 9 digits, in calls of other sizes one after the other.

    每个 rank 都看到全部三块，`float64` 下精确到 9 位；大小不同的调用接连进行也一样。
    """
    with together(ranks, 3) as group:
        for sizes in ({}, {"length": 1}, {"length": 9, "width": 1}, {"items": 1, "width": 64}):
            drawn.check(group, drawn.sequence(3, **sizes))
        drawn.check(group, drawn.sequence(3, torch.float32))


@pytest.mark.task("ring")
def test_strides_and_arguments(ranks, drawn):
    """Blocks that are strided in memory give the same results, and arguments stay as they are.

    块在内存中不连续时结果相同，且参数保持原样。
    """
    with together(ranks, 3) as group:
        for strided, causal in itertools.product((False, True), (False, True)):
            assert_close(*drawn.check(group, drawn.sequence(3), causal, strided=strided))


@pytest.mark.task("causal")
def test_causal_on_three_ranks(ranks, drawn):
    """A query sees the keys up to its own position in the whole sequence, in whichever block they are.

    查询看到整个序列里直到自己位置为止的键，不论它们在哪一块。
    """
    with together(ranks, 3) as group:
        for dtype in DTYPES:
            drawn.check(group, drawn.sequence(3, dtype), causal=True)
        for length in (1, 7):
            drawn.check(group, drawn.sequence(3, length=length), causal=True)


@pytest.mark.task("zigzag")
def test_zigzag_on_three_ranks(ranks, drawn):
    """Each rank holds a chunk from the front and one from the back, and has the results of these in this order.

    每个 rank 各持有靠前和靠后的一段，并按此顺序得到结果。
    """
    with together(ranks, 3) as group:
        for dtype, causal in itertools.product(DTYPES, (True, False)):
            drawn.check(group, drawn.sequence(3, dtype), causal, True)
        drawn.check(group, drawn.sequence(3, length=2), True, True)


@pytest.mark.task("stability")
def test_large_scores(ranks, drawn):
    """Products from -10,000 to 10,000 give right results, rising or falling along the ring, hidden ones too.

    点积从 -10000 到 10000 时结果都正确，沿环上升或下降都一样，被屏蔽的也不例外。
    """
    with together(ranks, 3) as group:
        for dtype, width, causal, zigzag in (
            (DTYPES[0], 16, True, False),
            (DTYPES[1], 16, False, False),
            (DTYPES[1], 1, True, True),
        ):
            q, k, v = drawn.sequence(3, dtype, width=width)  # its root is exact
            for x in (q, k):
                x.zero_()[..., -1] = torch.randint(-100, 101, x.shape[:-1], generator=drawn.torch_rng).to(dtype)
                x[0, 0, -1], x[0, -1, -1] = -100.0, 100.0  # the ends of the range
            k[0, :, -1] = k[0, :, -1].sort().values  # rising for some queries, and falling for others
            k[1, :, -1] = k[1, :, -1].sort(descending=True).values
            q[2, :, -1], k[2, :, -1] = 100.0, -100.0  # nothing that is seen is greater
            # A logsumexp of 10,000 is rounded by 0.0005 in float32, which is a relative error of the weights made from it.
            wide = {"rtol": 0.01, "atol": 0.01} if dtype == torch.float32 else {}
            drawn.check(group, (q, k, v), causal, zigzag, **wide)


@pytest.mark.task("zigzag")
def test_two_ranks(ranks, drawn):
    """On two ranks, causal or not, in either order.

    两个 rank，因果或非因果，两种顺序。
    """
    with together(ranks, 2) as group:
        for causal, zigzag in itertools.product((True, False), (True, False)):
            drawn.check(group, drawn.sequence(2), causal, zigzag)


@pytest.mark.task("alone")
def test_refused_before_any_message(ranks, drawn):
    """What is refused on a group has sent nothing: the call that follows is right.

    在进程组中被拒绝的调用没有发送任何消息：随后的调用结果正确。
    """
    with together(ranks, 2) as group:
        q, k, v = drawn.sequence(1)
        odd = [x[:, 1:] for x in (q, k, v)]
        for bad in ((q[..., 1:], k, v, True, False), (q[1:], k, v, True, True), (*odd, True, True)):
            assert_close(group.call("driver.refused", [bad] * 2), [True, True])
        assert_close(group.call("driver.refused", [(q, k, v, True, False)] * 2), [False, False])
        drawn.check(group, drawn.sequence(2))


@pytest.mark.task("alone")
def test_one_process(ranks, candidate, drawn):
    """Without a process group, or in one of one rank, it is ordinary attention.

    没有进程组，或进程组中只有一个 rank 时，就是普通的注意力。
    """
    with together(ranks, 1) as group:
        for causal, zigzag in itertools.product((True, False), (True, False)):
            sequence = drawn.sequence(1)
            drawn.check(group, sequence, causal, zigzag)
            expected = drawn.reference(*sequence, causal, zigzag)
            assert_close(candidate.ring_attention(*sequence, causal, zigzag), expected)
            assert_unchanged(*sequence)


@pytest.mark.task("alone")
def test_bad_arguments(ranks, candidate, drawn):
    """Other than three axes, other sizes (1 is not stretched) and odd halves are refused.

    不是三维，大小不符（长度为 1 也不作广播），以及无法对半分的长度，都会被拒绝。
    """
    q, k, v = drawn.sequence(1)
    sound = {"q": q, "k": k, "v": v, "causal": True, "zigzag": True}
    bad = {
        "q": [q[0], q[None], q[:1], q[1:], q[:, 2:], q[:, :1], q[..., 1:], q[..., :1]],
        "k": [k[0], k[None], k[:1], k[1:], k[:, 2:], k[:, :1], k[..., 1:], k[..., :1], k[..., None]],
        "v": [v[0], v[None], v[:1], v[1:], v[:, 2:], v[:, :1], v[..., 0], v[..., None]],
    }
    bad = {name: [value.clone() for value in values] for name, values in bad.items()}
    assert_close(assert_refuses(candidate.ring_attention, sound, bad, pairs=False), drawn.reference(q, k, v, True))
    odd, one, four = ([x[at].clone() for x in (q, k, v)] for at in (np.s_[:, 1:], np.s_[:, :1], None))
    refused = [(*odd, True, True), (*odd, False, True), (*one, True, True), tuple(four)]
    assert_each_raises(ValueError, candidate.ring_attention, refused)
    assert_close(candidate.ring_attention(*odd, True), drawn.reference(*odd, True))
