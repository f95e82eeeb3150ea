"""Hidden suite of scaled_dot_product: sizes, vectors and masks are drawn anew for every verdict."""

import itertools

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
HALVES = (torch.float16, torch.bfloat16)


class Drawn:
    """Sizes (B, H, Lq, Lk, D, Dv), no two equal, and what is drawn for them."""

    def __init__(self, candidate, reference, rng, torch_rng, device):
        self.batch, self.heads, self.queries, self.keys, self.width, self.values = distinct_sizes(rng, 6, 2, 7)
        self.candidate, self.reference = candidate.scaled_dot_product, reference.scaled_dot_product
        self.rng, self.torch_rng, self._device = rng, torch_rng, device

    @property
    def lead(self):
        return self.batch, self.heads

    def inputs(self, *lead, queries=None, keys=None, dtype=torch.float32):
        """q, k and v of normal numbers, views of one table (…, L, …, D + D + Dv); what is not given is as drawn."""
        n_queries = self.queries if queries is None else queries
        n_keys = self.keys if keys is None else keys
        widths = [self.width, self.width, self.values]
        shape = *lead[:1], max(n_queries, n_keys), *lead[1:], sum(widths)
        table = self.send(torch.randn(shape, generator=self.torch_rng, dtype=torch.float64)).to(dtype)
        parts = zip(table.split(widths, dim=-1), (n_queries, n_keys, n_keys), strict=True)
        return [part.movedim(len(lead[:1]), -2)[..., :n, :] for part, n in parts]

    def send(self, x):
        """A tensor, or an array as one, on the device."""
        return (torch.from_numpy(np.array(x)) if isinstance(x, np.ndarray) else x).to(self._device)

    def mask(self, *shape):
        """Every row keeps a key and hides one."""
        return self.send(draw_mask(self.rng, shape))

    def blind(self, *shape):
        """Masks with rows that keep nothing, one for each axis, and one in full."""
        return [self.send(mask) for _, mask in blind_masks(self.rng, shape)]

    def check(self, *args, **kwargs):
        """The candidate gives for these arguments what the reference gives."""
        expected = self.reference(*args, **kwargs)
        assert_close(self.candidate(*args, **kwargs), expected)


@pytest.fixture
def drawn(candidate, reference, rng, torch_rng, device):
    """Sizes, and draws for them."""
    return Drawn(candidate, reference, rng, torch_rng, device)


@pytest.mark.task("values")
def test_leading_axes(drawn):
    """From none to three leading axes, each item and head attends by itself.

    前面没有维度或有一到三维时，每个样本、每个头各自计算注意力。
    """
    for lead in ((), (1,), drawn.lead, (2, 1, 3), (drawn.queries, drawn.keys)):
        drawn.check(*drawn.inputs(*lead))


@pytest.mark.task("values")
def test_sizes(drawn):
    """In `float64` 9 digits are right, be there one query, one key or a hundred, and width 1 or 64.

    `float64` 下，只有一个查询、一个键，或者有上百个，宽度为 1 或 64，9 位数字都正确。
    """
    for queries, keys, width, values in ((1, 9, 64, 3), (7, 1, 3, 1), (5, 130, 1, 4), (140, 6, 2, 5), (4, 4, 4, 4)):
        drawn.width, drawn.values = width, values
        drawn.check(*drawn.inputs(2, queries=queries, keys=keys, dtype=torch.float64))


@pytest.mark.task("masking")
def test_masks(drawn):
    """A mask of any shape that broadcasts hides where it is False, be it of keys, queries, heads or items.

    能广播的任何形状的掩码，都在 False 处屏蔽，不论它按键、查询、头还是样本给出。
    """
    full = (*drawn.lead, drawn.queries)
    inputs = drawn.inputs(*drawn.lead)
    drawn.check(*inputs, None)
    for axes in itertools.product(*((1, size) for size in full)):
        drawn.check(*inputs, drawn.mask(*axes, drawn.keys))
    for first in (1, 2, 3):
        drawn.check(*inputs, drawn.mask(*full[first:], drawn.keys))
    queries = drawn.send(np.resize([True, False], (drawn.queries, 1)))
    for mask in (queries, drawn.send(torch.tensor(True)), drawn.send(torch.tensor([False]))):
        drawn.check(*inputs, mask)
    n = drawn.keys  # where sizes are equal, axes are matched from the right all the same
    for lead in ((n,), (n, n)):
        for mask in (drawn.mask(n, n), drawn.mask(*lead, n)):
            drawn.check(*drawn.inputs(*lead, queries=n), mask)


@pytest.mark.task("masking")
def test_blind_queries(drawn):
    """A query that may attend to nothing gets zeros, for an item, a head or a row, and the others are as usual.

    不可关注任何键的查询得到零，无论是某个样本、某个头还是某一行如此；其余照常。
    """
    inputs = drawn.inputs(*drawn.lead)
    for mask in drawn.blind(*drawn.lead, drawn.queries, drawn.keys):
        drawn.check(*inputs, mask)
    drawn.check(*drawn.inputs(keys=1), drawn.send(np.resize([True, False], (drawn.queries, 1))))


@pytest.mark.task("causal")
def test_lower_right_corner(drawn):
    """The last query sees the last key, whichever of the lengths is greater; queries before the first key get zeros.

    无论哪个长度更大，最后一个查询都能看到最后一个键；排在第一个键之前的查询得到零。
    """
    short, long = sorted((drawn.queries, drawn.keys))
    for queries, keys in ((short, long), (long, short), (long, long), (1, long), (long, 1), (long, long + 1)):
        drawn.check(*drawn.inputs(*drawn.lead, queries=queries, keys=keys), causal=True)
    drawn.check(*drawn.inputs(*drawn.lead), None, False)


@pytest.mark.task("causal")
def test_causal_with_mask(drawn):
    """With a mask as well, a key must be allowed by both; where that leaves none, the result is zeros.

    同时给出掩码时，键必须两者都允许；一个键都不剩时，结果为零。
    """
    short, long = sorted((drawn.queries, drawn.keys))
    for queries, keys in ((short, long), (long, short), (long, long)):
        inputs = drawn.inputs(*drawn.lead, queries=queries, keys=keys)
        for shape in ((keys,), (drawn.batch, 1, 1, keys), (*drawn.lead, queries, keys)):
            drawn.check(*inputs, drawn.mask(*shape), causal=True)
        drawn.check(*inputs, drawn.send(torch.arange(keys) > 0), causal=True)  # where lengths agree, query 0 is blind
    drawn.check(*inputs, drawn.send(torch.tensor(True)), causal=True)


@pytest.mark.task("stability")
def test_large_logits(drawn):
    """Products from -60,000 to 60,000 give right results in every dtype, and hidden keys do not matter.

    点积从 -60000 到 60000 时，在每种 dtype 下结果都正确，被屏蔽的键没有影响。
    """
    # Vectors with one element other than 0, so that every dtype holds the products; some keys are alike.
    sizes = drawn.rng.permuted(np.array([[250.0, 128, 64, -250, -128], [250, 250, 128, 96, 64]]), axis=1)
    signs = drawn.rng.permuted(np.tile([240.0, -240.0], (2, 1)), axis=1)
    products = signs[:, :, None] * sizes[:, None]
    lowest, highest = (products == end(products, axis=-1, keepdims=True) for end in (np.min, np.max))
    masks = [None, *(drawn.send(one) for one in (lowest, ~highest, lowest & (products[:1] > 0)))]
    single, double, half, brain = torch.float32, torch.float64, *HALVES
    for dtype, width in ((double, 3), (single, 1), (half, 1), (half, drawn.width), (brain, drawn.width)):
        q, k = (np.zeros((*x.shape, width)) for x in (signs, sizes))
        q[..., -1], k[..., -1] = signs, sizes
        given = [*(drawn.send(x).to(dtype) for x in (q, k)), drawn.inputs(2, keys=5, dtype=dtype)[2]]
        for mask in masks:
            drawn.check(*given, mask)
        drawn.check(*given, causal=True)


@pytest.mark.task("stability")
def test_half_precision(drawn):
    """In `float16` and `bfloat16` the result has that dtype and sound values, with and without a mask.

    `float16` 和 `bfloat16` 下，结果保持该 dtype，数值合理，有无掩码都一样。
    """
    for dtype in HALVES:
        inputs = drawn.inputs(*drawn.lead, dtype=dtype)
        for mask in (None, drawn.mask(drawn.queries, drawn.keys), drawn.blind(*drawn.lead, 1, drawn.keys)[0]):
            drawn.check(*inputs, mask)
    newest = drawn.send(torch.arange(300) > 296)  # bfloat16 does not hold every number above 256
    drawn.check(*drawn.inputs(queries=3, keys=300, dtype=torch.bfloat16), newest, causal=True)


@pytest.mark.task("gradients")
def test_gradients(drawn):
    """The gradients of `q`, `k` and `v` are right in `float32` and `float64`, with masks and without.

    `q`、`k`、`v` 的梯度在 `float32` 和 `float64` 下都正确，有无掩码都一样。
    """
    mask = drawn.mask(drawn.batch, drawn.queries, drawn.keys)
    for dtype, chosen, alone in ((torch.float32, None, False), (torch.float64, mask, True)):
        both = [lambda q, k, v, side=side: side(q, k, v, chosen) for side in (drawn.candidate, drawn.reference)]  # noqa: B023
        inputs = drawn.inputs(drawn.batch, dtype=dtype)
        assert_same_gradients(*both, *inputs, generator=drawn.torch_rng, names=("q", "k", "v"), alone=alone)


@pytest.mark.task("gradients")
def test_gradients_of_blind_queries(drawn):
    """Where queries may attend to nothing, through the mask or through causality, no gradient is NaN and all are right.

    有查询因掩码或因果关系不可关注任何键时，梯度里没有 NaN，数值全部正确。
    """
    short, long = sorted((drawn.queries, drawn.keys))
    blind = drawn.blind(drawn.batch, long, short)
    nothing = drawn.send(torch.tensor(False))
    for mask, causal in ((blind[0], False), (nothing, False), (None, True), (blind[2], True)):
        how = {"mask": mask, "causal": causal}
        both = [lambda q, k, v, side=side: side(q, k, v, **how) for side in (drawn.candidate, drawn.reference)]  # noqa: B023
        inputs = drawn.inputs(drawn.batch, queries=long, keys=short, dtype=torch.float64)
        assert_same_gradients(*both, *inputs, generator=drawn.torch_rng, names=("q", "k", "v"), alone=False)


@pytest.mark.task("contract")
def test_bad_shapes(drawn):
    """Too few axes, other leading axes (1 is not stretched), another width or number of keys are refused.

    维数不足、前面的各维不同（长度为 1 也不作广播）、宽度或键数不同，都会被拒绝。
    """
    q, k, v = drawn.inputs(*drawn.lead)
    drawn.check(q, k, v)
    wrong = [(x, x[:1], x[:, :1], x[0], x[None], x[:-1], x[..., 0]) for x in (q, k, v)]
    cases = [(one, k, v) for one in wrong[0][1:]] + [(q, one, v) for one in wrong[1][1:]]
    cases += [(q, k, one) for one in wrong[2][1:]] + [(q, k[0], v[0]), (q, k[:1], v[:1]), (q[:, :1], k[:, :1], v)]
    cases += [(q[..., 1:], k, v), (q, k[..., :1], v), (q[..., :1], k, v), (q, k, v[..., 1:, :]), (q, k, v[..., :1, :])]
    flat = [x[0, 0] for x in (q, k, v)]
    cases += [(flat[0][0], *flat[1:]), (flat[0], flat[1][0], flat[2]), (*flat[:2], flat[2][:, 0])]
    cases += [(q[0], *flat[1:]), (*flat[:2], v[0])]
    assert_each_raises(ValueError, drawn.candidate, cases)


@pytest.mark.task("contract")
def test_bad_masks(drawn):
    """A mask that is not boolean, does not broadcast, or would make the result larger is refused, causal or not.

    掩码不是布尔型、不能广播，或者会把结果撑大时，会被拒绝；`causal` 取何值都一样。
    """
    q, k, v = drawn.inputs(drawn.heads)
    sound = drawn.mask(drawn.heads, drawn.queries, drawn.keys)
    shapes = [(drawn.keys + 1,), (drawn.queries, drawn.keys + 1), (drawn.keys, drawn.queries)]
    shapes += [(drawn.heads, drawn.keys), (drawn.batch, 1, drawn.queries, drawn.keys), (1, *sound.shape)]
    bad = [drawn.mask(*shape) for shape in shapes] + [sound.to(dtype) for dtype in (torch.float32, torch.uint8)]
    for causal in (False, True):
        given = {"q": q, "k": k, "v": v, "mask": sound, "causal": causal}
        result = assert_refuses(drawn.candidate, given, {"mask": bad})
        assert_close(result, drawn.reference(**given))
    nothing = [x[:0] for x in (q, k, v)]
    assert_each_raises(ValueError, drawn.candidate, [(*nothing, sound.float()), (*nothing, sound)])
    row = [x[:1, :1] for x in (q, k, v)]
    row[2] = row[2][..., :2]
    drawn.check(*row)
    wider = [torch.ones(shape, dtype=torch.bool) for shape in ((1, 2), (2,), (2, 1), (3, 1, 1))]
    assert_each_raises(ValueError, drawn.candidate, [(*row, drawn.send(mask)) for mask in wider])


@pytest.mark.task("contract")
def test_empty(drawn):
    """Without items or queries the result is empty; without keys it is zeros; in every dtype.

    没有样本或查询时结果为空，没有键时结果为零，各种 dtype 都一样。
    """
    drawn.check(*drawn.inputs(drawn.batch))
    dtypes = itertools.cycle((torch.float64, torch.float32, *HALVES))
    for lead, sizes in (((0,), {}), ((3, 0), {}), ((2,), {"queries": 0}), ((2,), {"keys": 0}), ((), {"keys": 0})):
        for causal in (False, True):
            inputs = drawn.inputs(*lead, dtype=next(dtypes), **sizes)
            mask = torch.ones((inputs[0].shape[-2], inputs[1].shape[-2]), dtype=torch.bool)
            drawn.check(*inputs, drawn.send(mask) if causal else None, causal)


@pytest.mark.task("contract")
def test_arguments_stay(drawn):
    """After a right result `q`, `k`, `v`, `mask` and all modes are as they were.

    在结果正确的前提下，`q`、`k`、`v`、`mask` 与各种模式保持原样。
    """
    full = *drawn.lead, drawn.queries, drawn.keys
    for dtype, first, causal in ((torch.float32, 0, True), (torch.float64, 3, False), (torch.float16, 2, True)):
        inputs = [x.contiguous() for x in drawn.inputs(*drawn.lead, dtype=dtype)]  # `reshape` copies none of them
        given = dict(zip("qkv", inputs, strict=True), mask=drawn.mask(*full[first:]), causal=causal)
        expected = drawn.reference(**given)
        assert_close(assert_leaves_no_state(drawn.candidate, **given), expected)
        assert_unchanged(*(given[name] for name in ("q", "k", "v", "mask")))
