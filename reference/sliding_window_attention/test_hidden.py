"""Hidden suite of sliding_window_attention: sizes and vectors are drawn anew for every verdict."""

import contextlib
import re
import resource
from pathlib import Path

import pytest
import torch

from grader.judge import (
    assert_close,
    assert_leaves_no_state,
    assert_refuses,
    assert_same_gradients,
    assert_unchanged,
    distinct_sizes,
)

pytestmark = pytest.mark.on_device  # on a GPU, results stay there
DTYPES = (torch.float32, torch.float64)
NAMES = ("q", "k", "v")


class Drawn:
    """Sizes (N, Lq, Lk, D, Dv), no two equal and Lq < Lk, and what is drawn for them."""

    def __init__(self, candidate, reference, rng, torch_rng, device):
        self.items, self.queries, self.width, self.values = distinct_sizes(rng, 4, 3, 7)
        self.keys = int(rng.integers(8, 12))
        self.candidate, self.reference = candidate.sliding_window_attention, reference.sliding_window_attention
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
        assert_close(self.candidate(*args, **kwargs), self.reference(*args, **kwargs))


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


@pytest.mark.task("window")
def test_windows(drawn):
    """Windows of one key, of any number, of all keys and of more, without sinks.

    窗口含一个键、任意个键、全部键或更多，没有 sink。
    """
    length = drawn.keys
    for window in (1, 2, 3, length - 1, length, length + 1, 10**6):
        drawn.check(*drawn.inputs(queries=length), window)


@pytest.mark.task("window")
def test_sizes(drawn):
    """In `float64` 9 digits are right, be there one key or hundreds, windows of a few keys or many, and width 1 or 64.

    `float64` 下，只有一个键或者有几百个，窗口小或大，宽度为 1 或 64，9 位数字都正确。
    """
    for items, length, width, values, windows in (
        (3, 1, 2, 5, (1, 2)),
        (1, 9, 64, 1, (3,)),
        (2, 257, 1, 3, (7, 32, 64, 65, 150)),  # one more than blocks of powers of two hold
    ):
        sizes = {"items": items, "queries": length, "keys": length, "width": width, "values": values}
        for window in windows:
            drawn.check(*drawn.inputs(torch.float64, **sizes), window)


@pytest.mark.task("sinks")
def test_sinks(drawn):
    """Any number of sinks beside any window, also where the two overlap or one is longer than the sequence.

    任意多个 sink 配任意的窗口，两者重叠、或比序列还长时也一样。
    """
    length = drawn.keys
    inputs = drawn.inputs(queries=length)
    for window, counts in (
        (1, (0, 2, length + 2)),
        (2, (1, 4)),
        (3, (1, 4, length)),
        (length - 1, (1, 2, length + 2)),
        (length + 1, (2, length)),
    ):
        for sinks in counts:
            drawn.check(*inputs, window, sinks)
    drawn.check(*inputs, 3, sinks=10**6)


@pytest.mark.task("sinks")
def test_sinks_of_hundreds(drawn):
    """Among hundreds of keys the sinks are those at the start, be they fewer than the window or more.

    键有几百个时，sink 仍是开头的那些，不论它们少于还是多于窗口。
    """
    length = int(drawn.rng.integers(200, 230))
    inputs = drawn.inputs(torch.float64, items=2, queries=length, keys=length)
    for window, sinks in ((5, 3), (64, 1), (3, 70), (17, 100), (100, 90)):
        drawn.check(*inputs, window, sinks)


@pytest.mark.task("offset")
def test_fewer_queries(drawn):
    """The queries are at the last positions, one of them or nearly as many as keys, with sinks and without.

    查询位于最后的那些位置，无论只有一个还是几乎与键一样多，也无论有无 sink。
    """
    length = drawn.keys
    for queries, dtype in ((1, DTYPES[0]), (2, DTYPES[1]), (drawn.queries, DTYPES[0]), (length - 1, DTYPES[1])):
        inputs = drawn.inputs(dtype, queries=queries)
        for window, sinks in ((1, 0), (3, 0), (2, 3), (length - 2, 1), (length, 2))[queries % 2 :: 2]:
            drawn.check(*inputs, window, sinks)


@pytest.mark.task("offset")
def test_queries_of_a_chunk(drawn):
    """A chunk of a hundred queries at the end of hundreds of keys.

    几百个键，末尾是上百个查询。
    """
    keys, queries = int(drawn.rng.integers(280, 330)), int(drawn.rng.integers(90, 140))
    inputs = drawn.inputs(torch.float64, items=2, queries=queries, keys=keys)
    for window, sinks in ((6, 0), (48, 5), (130, 2), (250, 70)):
        drawn.check(*inputs, window, sinks)


@pytest.mark.task("numerics")
def test_large_scores(drawn):
    """Products from -10,000 to 10,000 give right values, those of keys that are not seen too.

    点积从 -10000 到 10000 时数值都正确，看不到的键也不例外。
    """
    for dtype, width in zip(DTYPES, (1, 16), strict=True):  # roots that are exact
        q, k, v = drawn.inputs(dtype, width=width)
        for x in (q, k):
            x.zero_()[..., -1] = drawn.send(torch.randint(-100, 101, x.shape[:-1], generator=drawn.torch_rng), dtype)
        k[0, :, -1] = k[0, :, -1].sort(descending=True).values  # the greatest have left the window
        k[0, 0, -1], k[0, -1, -1], q[0, :, -1] = 100.0, -100.0, 100.0
        k[1, :, -1] = k[1, :, -1].sort().values  # the greatest come after the query
        k[1, 0, -1], k[1, -1, -1], q[1, :, -1] = -100.0, 100.0, 100.0
        k[2, 1:, -1], k[2, 0, -1] = -100.0, 100.0  # a sink takes everything, or is hidden
        for window, sinks in ((1, 0), (2, 0), (2, 1), (3, 4)):
            # Through a logsumexp of 10,000, which float32 rounds by 0.0005, weights are off by as much.
            wide = {"rtol": 0.01, "atol": 0.01} if dtype == torch.float32 else {}
            found = drawn.candidate(q, k, v, window, sinks)
            assert_close(found, drawn.reference(q, k, v, window, sinks), **wide)


@pytest.mark.task("numerics")
def test_gradients(drawn):
    """The gradients of `q`, `k` and `v` are right, of each alone and of all, whatever is seen.

    `q`、`k`、`v` 的梯度都正确，单独求或一起求，无论看到哪些键都一样。
    """
    both = drawn.candidate, drawn.reference
    more = {"generator": drawn.torch_rng, "names": NAMES}
    assert_same_gradients(*both, *drawn.inputs(), window=3, sinks=2, **more)  # some windows leave the sinks behind
    length = drawn.keys
    for queries, window, sinks in ((length, 4, 2), (2, 3, 2), (length, length + 1, 1)):
        inputs = drawn.inputs(torch.float64, queries=queries)
        assert_same_gradients(*both, *inputs, window=window, sinks=sinks, alone=False, **more)


def check_cost(candidate, reference, torch_rng, queries, keys):
    """Right values within the memory of the manifest and the time of a case."""
    q, few_keys, few_values = (torch.randn(1, size, 1, generator=torch_rng) for size in (queries, 1024, 1024))
    k, v = few_keys.repeat(1, keys // 1024, 1), few_values.repeat(1, keys // 1024, 1)
    expected = reference.sliding_window_attention(q, k, v, 64, 4)
    with little_memory(48):
        found = candidate.sliding_window_attention(q, k, v, 64, 4)
    assert_close(found, expected)


@pytest.mark.task("cost")
def test_long_sequence(candidate, reference, torch_rng):
    """4096 queries and keys, for all pairs of which there is no memory.

    4096 个查询和键：若每对都有分数，内存装不下。
    """
    check_cost(candidate, reference, torch_rng, 4096, 4096)


@pytest.mark.task("cost")
def test_many_keys(candidate, reference, torch_rng):
    """4096 queries at the end of a million keys, for all pairs of which there is no time.

    一百万个键末尾的 4096 个查询：若每对都算分数，时间不够。
    """
    check_cost(candidate, reference, torch_rng, 4096, 2**20)


@pytest.mark.task("contract")
def test_bad_items(drawn):
    """Other than three axes and first sizes that differ are refused; a size of 1 is not stretched.

    不是三维，或 N 不同，都会被拒绝；长度为 1 时也不作广播。
    """
    q, k, v = drawn.inputs()
    sound = {"q": q, "k": k, "v": v, "window": 2, "sinks": 1}
    bad = {
        "q": [q[0], q[None], q[:, None], q[:1], q[1:], q[..., 0]],
        "k": [k[0], k[None], k[:1], k[1:]],
        "v": [v[0], v[None], v[:1], v[1:], v[..., 0]],
    }
    bad = {name: [value.clone() for value in values] for name, values in bad.items()}
    cases = [(q[:, None], k[:, None], v[:, None]), (q[0], k[0], v[0])]
    cases += [(q[:1], k[:1], v), (q, k[:1], v[:1]), (q[:1], k, v[:1])]
    bad[("q", "k", "v")] = [tuple(x.clone() for x in case) for case in cases]
    result = assert_refuses(drawn.candidate, sound, bad, pairs=False)
    assert_close(result, drawn.reference(*sound.values()))
    single = dict(zip("qkv", drawn.inputs(items=1, queries=2), strict=True)) | {"window": 10, "sinks": 0}
    assert_refuses(drawn.candidate, single, {name: [single[name].repeat(2, 1, 1)] for name in "qkv"}, pairs=False)


@pytest.mark.task("contract")
def test_bad_sizes(drawn):
    """Widths of `q` and `k`, or lengths of `k` and `v`, that differ are refused, also where there are no queries.

    `q` 与 `k` 宽度不同，或 `k` 与 `v` 长度不同，都会被拒绝，没有查询时也一样。
    """
    for queries in (drawn.queries, 0):
        q, k, v = drawn.inputs(queries=queries)
        sound = {"q": q, "k": k, "v": v, "window": 2, "sinks": 1}
        bad = {
            "q": [q[..., 1:], q[..., :1]],
            "k": [k[..., 1:], k[..., :1], k[:, 1:], k[:, :1]],
            "v": [v[:, 1:], v[:, :1]],
        }
        bad = {name: [value.clone() for value in values] for name, values in bad.items()}
        result = assert_refuses(drawn.candidate, sound, bad, pairs=False)
        assert_close(result, drawn.reference(*sound.values()))


@pytest.mark.task("contract")
def test_too_many_queries(drawn):
    """More queries than keys are refused, also where there are no items.

    查询多于键会被拒绝，没有样本时也一样。
    """
    few = drawn.queries
    for items in (drawn.items, 0):
        long = drawn.inputs(items=items, queries=drawn.keys + 1)[0]
        q, k, v = drawn.inputs(queries=few)
        sound = {"q": q, "k": k, "v": v, "window": 2, "sinks": 1}
        bad = {"q": [long], ("q", "k", "v"): [(long, k[:, 1:].clone(), v[:, 1:].clone())]}
        result = assert_refuses(drawn.candidate, sound, bad, pairs=False)
        assert_close(result, drawn.reference(*sound.values()))


@pytest.mark.task("contract")
def test_bad_windows(drawn):
    """An empty window and negative sinks are refused, each and both, also where there are no queries.

    窗口小于 1、sink 数为负，或两者都有，都会被拒绝，没有查询时也一样。
    """
    for queries in (drawn.queries, 0):
        sound = dict(zip("qkv", drawn.inputs(queries=queries), strict=True)) | {"window": 2, "sinks": 1}
        result = assert_refuses(drawn.candidate, sound, {"window": [0, -1, -128], "sinks": [-1, -2]})
        assert_close(result, drawn.reference(*sound.values()))


@pytest.mark.task("contract")
def test_empty(drawn):
    """Without items or queries the result is empty.

    没有样本或查询时结果为空。
    """
    drawn.check(*drawn.inputs(), 3, 1)
    for sizes in ({"items": 0}, {"items": 3, "queries": 0}, {"keys": 0}, {"items": 0}):
        for dtype, sinks in zip(DTYPES, (0, 2), strict=True):
            drawn.check(*drawn.inputs(dtype, **sizes), 3, sinks)


@pytest.mark.task("contract")
def test_arguments_stay(drawn):
    """After right results `q`, `k`, `v` and all modes are as they were.

    在结果正确的前提下，`q`、`k`、`v` 与各种模式保持原样。
    """
    for dtype, sinks in zip(DTYPES, (0, 2), strict=True):
        given = drawn.inputs(dtype)
        expected = drawn.reference(*given, 3, sinks)
        assert_close(assert_leaves_no_state(drawn.candidate, *given, 3, sinks), expected)
        assert_unchanged(*given)
