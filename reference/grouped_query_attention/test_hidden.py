"""Hidden suite of grouped_query_attention: sizes, vectors and masks are drawn anew for every verdict."""

import contextlib
import itertools
import re
import resource
from pathlib import Path

import numpy as np
import pytest
import torch

from grader.judge import (
    assert_close,
    assert_each_raises,
    assert_leaves_no_state,
    assert_refuses,
    assert_same_gradients,
    assert_unchanged,
    blind_masks,
    distinct_sizes,
    draw_mask,
)

pytestmark = pytest.mark.on_device  # on a GPU, results stay there
NAMES = ("q", "k", "v")


class Drawn:
    """Sizes (B, G, H / G, Lq, Lk, D, Dv), no two equal, and what is drawn for them."""

    def __init__(self, candidate, reference, rng, torch_rng, device):
        sizes = distinct_sizes(rng, 7, 2, 8)
        self.batch, self.shared, self.group, self.queries, self.keys, self.width, self.values = sizes
        self.candidate, self.reference = candidate.grouped_query_attention, reference.grouped_query_attention
        self.rng, self.torch_rng, self._device = rng, torch_rng, device

    @property
    def full(self):
        """The shape of the scores: (B, H, Lq, Lk)."""
        return self.batch, self.shared * self.group, self.queries, self.keys

    def inputs(self, dtype=torch.float32, **sizes):
        """q, k and v of normal numbers, views of what one projection gives; sizes that are not given are as drawn."""
        for name, size in sizes.items():
            setattr(self, name, size)
        batch, heads, queries, keys = self.full
        sizes = (heads, queries, self.width), (self.shared, keys, self.width), (self.shared, keys, self.values)
        columns = [count * width for count, _, width in sizes]
        shape = batch, max(queries, keys), sum(columns)
        table = self.send(torch.randn(shape, generator=self.torch_rng, dtype=torch.float64)).to(dtype)
        parts = zip(table.split(columns, dim=-1), sizes, strict=True)
        return [part[:, :n].unflatten(-1, (count, width)).transpose(1, 2) for part, (count, n, width) in parts]

    def send(self, x):
        """A tensor, or an array as one, on the device."""
        return (torch.from_numpy(np.array(x)) if isinstance(x, np.ndarray) else x).to(self._device)

    def mask(self, *shape):
        """Every row keeps a key and hides one."""
        return self.send(draw_mask(self.rng, shape))

    def check(self, *args):
        """The candidate gives for these arguments what the reference gives."""
        expected = self.reference(*args)
        assert_close(self.candidate(*args), expected)

    def check_gradients(self, *inputs, mask=None, alone=False):
        """Values and gradients are those of the reference."""
        both = self.candidate, self.reference
        assert_same_gradients(*both, *inputs, generator=self.torch_rng, names=NAMES, alone=alone, mask=mask)


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
def test_groups(drawn):
    """One KV head for all query heads, one for each, and any number between, also where sizes agree.

    所有查询头共用一个 KV 头、每个查询头各有一个，以及介于两者之间；各个大小碰巧相等时也一样。
    """
    drawn.check(*drawn.inputs())
    for shared, group in ((1, 6), (5, 1), (2, 4), (4, 2), (3, 3), (1, 1)):
        drawn.check(*drawn.inputs(shared=shared, group=group))
    drawn.check(*drawn.inputs(batch=2, shared=2, group=2, queries=4, keys=4, width=4, values=4))


@pytest.mark.task("values")
def test_sizes(drawn):
    """In `float64` 9 digits are right, be there one item, query or key or a hundred, and width 1 or 64.

    `float64` 下，只有一个样本、一个查询、一个键，或者有上百个，宽度为 1 或 64，9 位数字都正确。
    """
    for batch, queries, keys, width, values in (
        (1, 1, 9, 64, 3),
        (3, 7, 1, 3, 1),
        (2, 5, 130, 1, 4),
        (1, 140, 6, 2, 5),
    ):
        sizes = {"batch": batch, "queries": queries, "keys": keys, "width": width, "values": values}
        drawn.check(*drawn.inputs(torch.float64, **sizes))


@pytest.mark.task("values")
def test_large_logits(drawn):
    """Products from -10,000 to 10,000 give right values, hidden ones too.

    点积从 -10000 到 10000 时数值都正确，被屏蔽的也不例外。
    """
    for dtype, width in itertools.product((torch.float32, torch.float64), (1, 16)):  # roots that are exact
        q, k, v = drawn.inputs(dtype, width=width)
        for x in (q, k):
            x.zero_()[..., -1] = drawn.send(drawn.rng.integers(-100, 101, x.shape[:-1])).to(dtype)
            x[0, :, 0, -1], x[1, :, 0, -1] = 100.0, -100.0  # the ends of the range
        k[0, :, 0] *= -1
        drawn.check(q, k, v)
        drawn.check(q, k, v, drawn.mask(*drawn.full))
        low = torch.ones(drawn.full, dtype=torch.bool)
        low[0, :, 0] = False
        low[0, :, 0, 0] = True  # a query sees nothing but its lowest product
        drawn.check(q, k, v, drawn.send(low))


@pytest.mark.task("masking")
def test_masks(drawn):
    """A mask of any shape that broadcasts hides where it is False, be it of keys, queries, heads or items.

    能广播的任何形状的掩码，都在 False 处屏蔽，不论它按键、查询、头还是样本给出。
    """
    inputs, full = drawn.inputs(), drawn.full
    drawn.check(*inputs, None)
    for axes in itertools.product(*((1, size) for size in full[:3])):
        drawn.check(*inputs, drawn.mask(*axes, drawn.keys))
    for first in (1, 2, 3):
        drawn.check(*inputs, drawn.mask(*full[first:]))
    for mask in (np.resize([True, False], (drawn.queries, 1)), np.array(True), np.array([False])):
        drawn.check(*inputs, drawn.send(mask))


@pytest.mark.task("masking")
def test_masks_where_sizes_agree(drawn):
    """Axes of a mask are matched from the right, also where other axes have the same size.

    掩码的各维从右边对齐，别的维碰巧大小相同时也一样。
    """
    for shared, group in ((2, 2), (1, 4), (4, 1)):
        inputs = drawn.inputs(batch=4, shared=shared, group=group, queries=4, keys=4)
        for shape in ((4, 4), (4, 4, 4), (4, 1, 4), (4, 1, 1, 4), (1, 4, 1, 4), (4, 1, 4, 4)):
            drawn.check(*inputs, drawn.mask(*shape))


@pytest.mark.task("masking")
def test_blind_queries(drawn):
    """A query that may attend to nothing gets zeros, for an item, a head or a row, and the others are as usual.

    不可关注任何键的查询得到零，无论是某个样本、某个头还是某一行如此；其余照常。
    """
    inputs = drawn.inputs()
    for _, mask in blind_masks(drawn.rng, drawn.full):
        drawn.check(*inputs, drawn.send(mask))
    drawn.check(*drawn.inputs(keys=1), drawn.send(np.resize([True, False], (drawn.queries, 1))))


@pytest.mark.task("gradients")
def test_gradients(drawn):
    """The gradients of `q`, `k` and `v` are right, with masks and without, whatever shares a head.

    `q`、`k`、`v` 的梯度都正确，有无掩码、怎样共享都一样。
    """
    drawn.check_gradients(*drawn.inputs(), alone=True)
    drawn.check_gradients(*drawn.inputs(torch.float64), mask=drawn.mask(*drawn.full))
    drawn.check_gradients(*drawn.inputs(torch.float64, shared=1, group=3), mask=drawn.mask(drawn.keys))


@pytest.mark.task("gradients")
def test_gradients_of_blind_queries(drawn):
    """Where queries may attend to nothing, no gradient is NaN and all are right.

    有查询不可关注任何键时，梯度里没有 NaN，数值全部正确。
    """
    inputs = drawn.inputs(torch.float64)
    items, heads, *_, rows = (mask for _, mask in blind_masks(drawn.rng, drawn.full))
    for mask in (items, heads, rows, np.array(False)):
        drawn.check_gradients(*inputs, mask=drawn.send(mask))


@pytest.mark.task("memory")
def test_cache_is_not_copied(candidate, reference, torch_rng):
    """A token of 128 query heads reads a cache of 2 KV heads within memory for no copy of the keys for each of them.

    128 个查询头的一个 token 读取 2 个 KV 头的缓存，可用内存放不下每个查询头一份的键。
    """
    shapes = (1, 128, 1, 32), (1, 2, 8192, 32), (1, 2, 8192, 32)
    q, k, v = (torch.randn(shape, generator=torch_rng) for shape in shapes)
    expected = reference.grouped_query_attention(q, k, v)
    with little_memory(96):
        found = candidate.grouped_query_attention(q, k, v)
    assert_close(found, expected)


@pytest.mark.task("contract")
def test_bad_shapes(drawn):
    """Other than four axes, other batch sizes (1 is not stretched), heads, lengths or widths are refused.

    不是四维，B 不同（长度为 1 也不作广播），或头数、长度、宽度不符，都会被拒绝。
    """
    q, k, v = drawn.inputs(group=2)
    drawn.check(q, k, v)
    few = [(q[0], k[0], v[0]), (q[None], k[None], v[None]), (q[0], k, v), (q, k[0], v), (q, k, v[0]), (q[..., 0], k, v)]
    items = [(q[:1], k, v), (q, k[:1], v), (q, k, v[:1]), (q[:1], k[:1], v), (q, k[:1], v[:1]), (q[1:], k, v)]
    heads = [
        (q, k[:, :1], v),
        (q, k, v[:, :1]),
        (q, k[:, 1:], v),
        (q[:, 1:], k, v),
        (q[:, :-1], k, v),
        (q[:, :1], k, v),
    ]
    sizes = [(q[..., 1:], k, v), (q[..., :1], k, v), (q, k[..., :1], v), (q, k[:, :, :1], v), (q, k, v[:, :, :1])]
    sizes += [(q, k, v[:, :, 1:]), (q.transpose(1, 2), k.transpose(1, 2), v)]
    few += [(q, k[..., 0], v), (q, k, v[..., 0]), (q, k[..., None], v), (q, k, v[..., None])]
    heads += [(q[:0, 1:], k[:0], v[:0])]
    assert_each_raises(ValueError, drawn.candidate, few + items + heads + sizes)
    single = drawn.inputs(batch=1)
    drawn.check(*single)
    stretched = [
        (single[0].expand(2, -1, -1, -1), *single[1:]),
        (single[0], *(x.expand(2, -1, -1, -1) for x in single[1:])),
    ]
    assert_each_raises(ValueError, drawn.candidate, stretched)


@pytest.mark.task("contract")
def test_bad_masks(drawn):
    """A mask that is not boolean, does not broadcast, or would make the result larger is refused.

    掩码不是布尔型、不能广播，或者会把结果撑大时，会被拒绝。
    """
    q, k, v = drawn.inputs(group=max(drawn.group, 5))  # more heads than any other size
    batch, heads, queries, keys = drawn.full
    sound = drawn.mask(*drawn.full)
    shapes = [(keys + 1,), (queries, keys + 1), (keys, queries), (heads, keys), (batch, queries, keys)]
    shapes += [(batch, drawn.shared, queries, keys), (drawn.shared, 1, keys), (drawn.group, queries, keys)]
    shapes += [(batch, drawn.shared, drawn.group, queries, keys), (1, *drawn.full), (batch + 1, 1, 1, keys)]
    bad = [drawn.mask(*shape) for shape in shapes] + [sound.to(dtype) for dtype in (torch.float32, torch.uint8)]
    result = assert_refuses(drawn.candidate, {"q": q, "k": k, "v": v, "mask": sound}, {"mask": bad})
    assert_close(result, drawn.reference(q, k, v, sound))
    nothing = q[:0], k[:0], v[:0]
    assert_each_raises(ValueError, drawn.candidate, [(*nothing, sound[0].float()), (*nothing, sound)])
    small = drawn.inputs(batch=1, shared=1, group=1, queries=1, keys=1)
    drawn.check(*small)
    shapes = (2,), (2, 1), (3, 1, 1), (2, 1, 1, 1), (1, 1, 1, 1, 1)
    larger = [drawn.send(torch.ones(shape, dtype=torch.bool)) for shape in shapes]
    assert_each_raises(ValueError, drawn.candidate, [(*small, mask) for mask in larger])


@pytest.mark.task("contract")
def test_empty(drawn):
    """Without items or queries the result is empty; without keys it is zeros.

    没有样本或查询时结果为空，没有键时结果为零。
    """
    drawn.check(*drawn.inputs())
    for sizes in ({"batch": 0}, {"batch": 3, "queries": 0}, {"queries": 2, "keys": 0}, {"batch": 0}):
        for dtype in (torch.float32, torch.float64):
            inputs = drawn.inputs(dtype, **sizes)
            drawn.check(*inputs)
            drawn.check(*inputs, drawn.send(torch.ones(drawn.full[2:], dtype=torch.bool)))


@pytest.mark.task("contract")
def test_arguments_stay(drawn):
    """After a right result `q`, `k`, `v`, `mask` and all modes are as they were.

    在结果正确的前提下，`q`、`k`、`v`、`mask` 与各种模式保持原样。
    """
    for dtype in (torch.float32, torch.float64):
        inputs = [x.contiguous() for x in drawn.inputs(dtype)]  # `reshape` copies none of them
        given = dict(zip(NAMES, inputs, strict=True), mask=drawn.mask(*drawn.full))
        expected = drawn.reference(**given)
        assert_close(assert_leaves_no_state(drawn.candidate, **given), expected)
        assert_unchanged(*given.values())
