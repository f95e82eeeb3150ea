"""Hidden suite of flash_attention: sizes and vectors are drawn anew for every verdict."""

import contextlib
import itertools
import math
import re
import resource
from pathlib import Path

import pytest
import torch

from grader.judge import (
    assert_close,
    assert_leaves_no_state,
    assert_refuses,
    assert_unchanged,
    distinct_sizes,
)

pytestmark = pytest.mark.on_device  # on a GPU, results stay there
DTYPES = (torch.float32, torch.float64)
LONG, SHORT, BLOCK = 131_072, 64, 1024  # 32 MiB of scores in float32, where a box has 28
ALIKE = 16  # different keys or queries; all others are copies of these


class Drawn:
    """Sizes (N, Lq, Lk, D, Dv), no two equal, and what is drawn for them."""

    def __init__(self, candidate, reference, rng, torch_rng, device):
        self.items, self.queries, self.keys, self.width, self.values = distinct_sizes(rng, 5, 3, 8)
        self.candidate, self.reference = candidate.flash_attention, reference.flash_attention
        self.rng, self.torch_rng, self._device = rng, torch_rng, device

    def inputs(self, dtype=torch.float32, **sizes):
        """q, k and v of normal numbers; sizes that are not given are as drawn."""
        for name, size in sizes.items():
            setattr(self, name, size)
        shapes = (self.queries, self.width), (self.keys, self.width), (self.keys, self.values)
        return [
            self.send(torch.randn(self.items, *axes, generator=self.torch_rng, dtype=torch.float64), dtype)
            for axes in shapes
        ]

    def send(self, x, dtype):
        """The tensor in that dtype, on the device."""
        return x.to(dtype).to(self._device)

    def check(self, *args, **kwargs):
        """The candidate gives for these arguments what the reference gives."""
        assert_both(self.candidate(*args, **kwargs), self.reference(*args, **kwargs))


def assert_both(found, expected, **tolerance):
    """A tuple of output and logsumexp; the tolerance is that of the output."""
    assert isinstance(found, tuple) and len(found) == 2, "a tuple (out, lse) is wanted\n应返回元组 (out, lse)"
    assert_close(found[0], expected[0], **tolerance)
    assert_close(found[1], expected[1])


@pytest.fixture
def drawn(candidate, reference, rng, torch_rng, device):
    """Sizes, and draws for them."""
    return Drawn(candidate, reference, rng, torch_rng, device)


@contextlib.contextmanager
def little_memory(mib):
    """In a box the manifest's limit holds. Where the candidate shares the suite's process, this stands in for it."""
    status = Path("/proc/self/status")
    if not status.exists():
        yield
        return
    used = int(re.search(r"VmData:\s+(\d+)", status.read_text())[1]) * 1024
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    most = used + mib * 2**20
    resource.setrlimit(resource.RLIMIT_DATA, (most if soft == resource.RLIM_INFINITY else min(most, soft), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


@pytest.mark.task("values")
def test_block_sizes(drawn):
    """Tiles of one, of sizes that divide the lengths or do not, of all and of more give the same results.

    块大小为 1、整除或不整除两个长度、等于或大于长度，结果都相同。
    """
    inputs = drawn.inputs()
    for block_size in (1, 2, 3, max(drawn.queries, drawn.keys), 10**6):
        drawn.check(*inputs, False, block_size)
    drawn.check(*inputs)


@pytest.mark.task("values")
def test_sizes(drawn):
    """In `float64` 9 digits are right, be there one query, one key or hundreds, and width 1 or 64.

    `float64` 下，只有一个查询、一个键，或者有几百个，宽度为 1 或 64，9 位数字都正确。
    """
    for items, queries, keys, width, values in (
        (1, 1, 9, 64, 3),
        (3, 7, 1, 3, 1),
        (2, 5, 300, 1, 4),
        (2, 270, 6, 2, 5),
    ):
        sizes = {"items": items, "queries": queries, "keys": keys, "width": width, "values": values}
        inputs = drawn.inputs(torch.float64, **sizes)
        drawn.check(*inputs, **({"block_size": 4} if max(queries, keys) < 100 else {}))


@pytest.mark.task("causal")
def test_lower_right_corner(drawn):
    """The last query sees the last key, whichever of the lengths is greater and however tiles cut the triangle.

    无论哪个长度更大，也无论怎样分块，最后一个查询都能看到最后一个键。
    """
    short, long = sorted((drawn.queries, drawn.keys))
    for queries, keys, blocks in (
        (short, long, (1, 3, long - 1)),
        (long, long, (2, 3, 128)),
        (1, long, (2, 128)),
        (long, long + 1, (2, long - 1)),
    ):
        inputs = drawn.inputs(queries=queries, keys=keys)
        for block_size in blocks:
            drawn.check(*inputs, True, block_size)
    drawn.check(*drawn.inputs(torch.float64), causal=True)


@pytest.mark.task("causal")
def test_queries_before_any_key(drawn):
    """Queries that see nothing get zeros and -inf, in whichever tile they stand; the others are as usual.

    什么都看不到的查询得到零和负无穷，不论落在哪一块；其余照常。
    """
    short, long = sorted((drawn.queries, drawn.keys))
    for dtype, queries, keys, blocks in (
        (torch.float32, long, short, (1, 2, long)),
        (torch.float64, long, 1, (3,)),
        (torch.float64, long + 1, long, (2, long)),
        (torch.float32, 2 * long, 2, (2, 3, long)),
    ):
        inputs = drawn.inputs(dtype, queries=queries, keys=keys)
        for block_size in blocks:
            drawn.check(*inputs, True, block_size)


@pytest.mark.task("stability")
def test_large_scores(drawn):
    """Products from -10,000 to 10,000 give right results, rising or falling along the keys, hidden ones too.

    点积从 -10000 到 10000 时结果都正确，沿键的方向上升或下降都一样，被屏蔽的也不例外。
    """
    for dtype, width in itertools.product(DTYPES, (1, 16)):  # roots that are exact
        q, k, v = drawn.inputs(dtype, width=width)
        for x in (q, k):
            whole = torch.randint(-100, 101, x.shape[:-1], generator=drawn.torch_rng)
            x.zero_()[..., -1] = drawn.send(whole, dtype)
            x[0, :, -1] = x[0, :, -1].sort().values  # rising for some queries, and falling for others
            x[0, 0, -1], x[0, -1, -1] = -100.0, 100.0  # the ends of the range
        q[1] = 100.0 if width == 1 else q[1]
        k[1, ..., -1] = -100.0  # nothing but the lowest
        for block_size, causal in ((1, True), (2, width == 1), (128, width > 1)):
            # A logsumexp of 10,000 is rounded by 0.0005 in float32, which is a relative error of the weights made from it.
            wide = {"rtol": 0.01, "atol": 0.01} if dtype == torch.float32 else {}
            found = drawn.candidate(q, k, v, causal, block_size)
            assert_both(found, drawn.reference(q, k, v, causal, block_size), **wide)


@pytest.mark.task("memory")
def test_many_keys(candidate, reference, torch_rng):
    """Few queries over 131,072 keys, whose scores would take more memory than there is.

    少数查询对 131,072 个键，全部分数超出内存。
    """
    q, few_keys, few_values = (torch.randn(1, size, 1, generator=torch_rng) for size in (SHORT, ALIKE, ALIKE))
    copies = LONG // ALIKE
    out, lse = reference.flash_attention(q, few_keys, few_values)  # the copies of a key share its weight
    with little_memory(28):
        found = candidate.flash_attention(
            q, few_keys.repeat(1, copies, 1), few_values.repeat(1, copies, 1), False, BLOCK
        )
    assert_both(found, (out, lse + math.log(copies)))


@pytest.mark.task("memory")
def test_many_queries(candidate, reference, torch_rng):
    """131,072 queries over few keys: there is no room for all scores this way round either.

    131,072 个查询对少数键：反过来，内存同样放不下全部分数。
    """
    few, k, v = (torch.randn(1, size, 1, generator=torch_rng) for size in (ALIKE, SHORT, SHORT))
    copies = LONG // ALIKE
    out, lse = reference.flash_attention(few, k, v)
    with little_memory(28):
        found = candidate.flash_attention(few.repeat(1, copies, 1), k, v, False, BLOCK)
    assert_both(found, (out.repeat(1, copies, 1), lse.repeat(1, copies)))


@pytest.mark.task("contract")
def test_bad_items(drawn):
    """Other than three axes and first sizes that differ are refused; a size of 1 is not stretched.

    不是三维，或 N 不同，都会被拒绝；长度为 1 时也不作广播。
    """
    q, k, v = drawn.inputs()
    sound = {"q": q, "k": k, "v": v, "causal": True, "block_size": 2}
    bad = {
        "q": [q[0], q[None], q[:, None], q[:1], q[1:], q[..., 0]],
        "k": [k[0], k[None], k[:1], k[1:]],
        "v": [v[0], v[None], v[:1], v[1:], v[..., 0]],
    }
    bad = {name: [value.clone() for value in values] for name, values in bad.items()}
    cases = [(q[0], k[0], v[0]), (q[None], k[None], v[None]), (q[:1], k[:1], v), (q, k[:1], v[:1]), (q[:1], k, v[:1])]
    bad[("q", "k", "v")] = [tuple(x.clone() for x in case) for case in cases]
    result = assert_refuses(drawn.candidate, sound, bad, pairs=False)
    assert_both(result, drawn.reference(*sound.values()))
    single = drawn.inputs(items=1)
    drawn.check(*single)
    pairs = {name: [x.repeat(2, 1, 1)] for name, x in zip("qkv", single, strict=True)}
    assert_refuses(drawn.candidate, dict(zip("qkv", single, strict=True)), pairs, pairs=False)


@pytest.mark.task("contract")
def test_bad_sizes(drawn):
    """Widths of `q` and `k`, or lengths of `k` and `v`, that differ are refused, also where there are no queries.

    `q` 与 `k` 宽度不同，或 `k` 与 `v` 长度不同，都会被拒绝，没有查询时也一样。
    """
    for queries in (drawn.queries, 0):
        q, k, v = drawn.inputs(queries=queries)
        sound = {"q": q, "k": k, "v": v, "causal": True, "block_size": 2}
        bad = {
            "q": [q[..., 1:], q[..., :1]],
            "k": [k[..., 1:], k[..., :1], k[:, 1:], k[:, :1]],
            "v": [v[:, 1:], v[:, :1]],
        }
        bad = {name: [value.clone() for value in values] for name, values in bad.items()}
        result = assert_refuses(drawn.candidate, sound, bad, pairs=False)
        assert_both(result, drawn.reference(*sound.values()))


@pytest.mark.task("contract")
def test_bad_blocks(drawn):
    """Tiles of nothing are refused, also where there is nothing to do.

    小于 1 的块会被拒绝，即使没有东西要算。
    """
    for sizes in ({}, {"queries": 0}, {"queries": 3, "keys": 0}):
        sound = dict(zip("qkv", drawn.inputs(**sizes), strict=True)) | {"causal": False, "block_size": 2}
        result = assert_refuses(drawn.candidate, sound, {"block_size": [0, -1, -128]})
        assert_both(result, drawn.reference(*sound.values()))


@pytest.mark.task("contract")
def test_empty(drawn):
    """Without items or queries both results are empty; without keys they are zeros and -inf.

    没有样本或查询时两个结果都为空，没有键时是零和负无穷。
    """
    drawn.check(*drawn.inputs())
    for sizes in ({"items": 0}, {"items": 3, "queries": 0}, {"queries": 5, "keys": 0}, {"items": 0}):
        for dtype, causal in ((torch.float32, True), (torch.float64, False)):
            drawn.check(*drawn.inputs(dtype, **sizes), causal, 2)


@pytest.mark.task("contract")
def test_arguments_stay(drawn):
    """After right results `q`, `k`, `v` and all modes are as they were.

    在结果正确的前提下，`q`、`k`、`v` 与各种模式保持原样。
    """
    for dtype, causal in ((torch.float32, True), (torch.float64, False)):
        given = drawn.inputs(dtype)
        expected = drawn.reference(*given, causal, 2)
        assert_both(assert_leaves_no_state(drawn.candidate, *given, causal, 2), expected)
        assert_unchanged(*given)
