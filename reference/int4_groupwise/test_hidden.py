"""Hidden suite of int4_groupwise: sizes, weights, bytes and inputs are drawn anew for every verdict."""

import numpy as np
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
FLOATS = (torch.float32, torch.float64)


def layouts(rng):
    """Columns and group sizes, both odd and even: with a shorter last group, one of a single column, and none."""
    return [
        (int(rng.choice([12, 20])), int(rng.choice([4, 2]))),  # all even, all full
        (int(rng.choice([9, 15])), 3),  # odd and full
        (int(rng.choice([17, 23])), int(rng.choice([5, 7]))),  # odd, the last group shorter
        (int(rng.choice([14, 22])), int(rng.choice([5, 9]))),  # an even number of columns in odd groups
        (int(rng.choice([13, 21])), 4),  # the last group of one column
        (7, 1),
        (int(rng.choice([5, 6])), int(rng.choice([7, 1000]))),  # one group, which is not full
    ]


def grouped_weight(rng, rows, columns, group_size, dtype, ties=False, size=1.0):
    """(O, I) weights: in every group both ends of its range, which seldom contains zero, and in between quotients that
    are ties, or 0.002 and more away from one."""
    weight = np.zeros((rows, columns))
    for start in range(0, columns, group_size):
        length = min(group_size, columns - start)
        scale = 2.0 ** rng.integers(-5, 3, (rows, 1)) if ties else 10.0 ** rng.uniform(-2, 0, (rows, 1)) * size
        inner = rng.integers(0, 15, (rows, length)) + 0.5
        if not ties:
            near = rng.choice([-0.002, 0.002], inner.shape)
            inner += np.where(rng.random(inner.shape) < 0.5, near, rng.uniform(0.1, 0.4, inner.shape))
        steps = rng.permuted(np.concatenate([np.tile([0.0, 15.0], (rows, 1)), inner], axis=1)[:, :length], axis=1)
        weight[:, start : start + length] = scale * (rng.integers(-60, 60, (rows, 1)) * 0.5 + steps)
    return torch.from_numpy(weight).to(dtype)


class Stored:
    """Random bytes with scales and minima for them, on the device."""

    def __init__(self, rng, rows, columns, group_size, dtype, device):
        groups = -(-columns // group_size)
        packed = torch.from_numpy(rng.integers(0, 256, (rows, -(-columns // 2)), dtype=np.uint8)).to(device)
        scales = torch.from_numpy(rng.uniform(0.01, 0.1, (rows, groups))).to(dtype).to(device)
        mins = torch.from_numpy(rng.normal(0, 1, (rows, groups))).to(dtype).to(device)
        self.parts = (packed, scales, mins)
        self.named = {"packed": packed, "scales": scales, "mins": mins, "group_size": group_size}
        self.columns, self.group_size, self._rng = columns, group_size, rng

    def input(self, *axes):
        """Normal numbers, (*axes, I)."""
        x = torch.from_numpy(np.asarray(self._rng.normal(size=(*axes, self.columns))))
        return x.to(self.parts[1].dtype).to(self.parts[0].device)

    def check_weight(self, candidate, reference):
        given = (*self.parts, self.group_size, self.columns)
        expected = reference.dequantize_int4(*given)
        assert_close(candidate.dequantize_int4(*given), expected)

    def check_product(self, candidate, reference, *axes):
        given = (self.input(*axes), *self.parts, self.group_size)
        expected = reference.int4_linear(*given)
        assert_close(candidate.int4_linear(*given), expected)


def check_codes(candidate, reference, weight, group_size, **tolerance):
    expected = reference.quantize_int4(weight, group_size)
    assert_close(candidate.quantize_int4(weight, group_size), expected, **tolerance)


@pytest.mark.task("groups")
def test_groups(candidate, reference, rng, device):
    """Scales, minima and codes for odd and even sizes, whether or not the last group is full.

    行列与组的大小可奇可偶，最后一组满或不满，scale、最小值与编码都正确。
    """
    for index, (columns, group_size) in enumerate(layouts(rng)):
        weight = grouped_weight(rng, 3, columns, group_size, FLOATS[index % 2])
        check_codes(candidate, reference, weight.to(device), group_size)


@pytest.mark.task("groups")
def test_last_group(candidate, reference, rng, device):
    """A last group that is not full has its own range, above zero or below, and nothing else in it.

    不满的最后一组只看自己的权重，范围可以全在零以上或零以下。
    """
    for group_size, length in ((5, 2), (4, 3), (8, 2)):
        columns = group_size * int(rng.integers(1, 3)) + length
        weight = grouped_weight(rng, 4, columns, group_size, torch.float64)
        last = torch.from_numpy(rng.permuted([[0.0, 1.0, 0.24][:length]] * 4, axis=1))
        weight[:, -length:] = last + torch.tensor([[4.0], [-6.0], [7.0], [-3.0]], dtype=torch.float64)
        check_codes(candidate, reference, weight.to(device), group_size)


@pytest.mark.task("groups")
def test_equal_weights(candidate, reference, rng, device):
    """Groups whose weights are all equal, zero or not, have scale 0 and codes 0, and come back as they were.

    权重全部相等的组（为零或不为零），scale 和编码都是 0，还原后与原来相同。
    """
    columns, group_size = int(rng.choice([11, 14])), int(rng.choice([3, 4]))
    weight = grouped_weight(rng, 4, columns, group_size, torch.float32)
    weight[0, :group_size], weight[1, group_size : 2 * group_size] = 0.0, -7.25
    weight[2], weight[3, -(columns % group_size) :] = float(rng.choice([0.3, -0.7])), 123.4
    weight = weight.to(device)
    check_codes(candidate, reference, weight, group_size)
    parts = candidate.quantize_int4(weight[2:3], group_size)
    assert_close(candidate.dequantize_int4(*parts, group_size, columns), weight[2:3])


@pytest.mark.task("groups")
def test_ties(candidate, reference, rng, device):
    """Quotients that end in a half go to the even code.

    商为半整数时取偶数编码。
    """
    for group_size in (6, 9):
        weight = grouped_weight(rng, 5, 18, group_size, torch.float32, ties=True)
        check_codes(candidate, reference, weight.to(device), group_size)


@pytest.mark.task("groups")
def test_sizes(candidate, reference, rng, device):
    """Weights of size 1e-11 are quantized as those of size 1000.

    量级为 1e-11 的权重与量级为 1000 的权重同样量化。
    """
    for dtype, size in ((FLOATS[0], 1e-10), (FLOATS[1], 100.0), (FLOATS[1], 1e-10)):
        weight = grouped_weight(rng, 3, 15, 4, dtype, size=size).to(device)
        check_codes(candidate, reference, weight, 4, rtol=1e-5, atol=0.0)
    narrow = torch.tensor([[1.0, 0.9899, 0.996]], dtype=torch.float64, device=device) * 1e-12  # codes 15, 0 and 9
    check_codes(candidate, reference, narrow, 3, rtol=1e-5, atol=0.0)


@pytest.mark.task("packing")
def test_weights_back(candidate, reference, rng, device):
    """Random bytes become weights for odd and even sizes; the last high bits of an odd row are ignored.

    任意字节都能还原成权重，大小可奇可偶；列数为奇数时忽略末尾的高 4 位。
    """
    for index, (columns, group_size) in enumerate(layouts(rng)):
        Stored(rng, 3, columns, group_size, FLOATS[index % 2], device).check_weight(candidate, reference)


@pytest.mark.task("packing")
def test_all_bytes(candidate, reference, rng, device):
    """All 256 bytes are read right, and written right.

    全部 256 种字节都读得对，也写得对。
    """
    low, high = (torch.from_numpy(one) for one in np.divmod(rng.permutation(256), 16))
    codes = torch.stack([low, high], dim=-1).reshape(4, 128).double()
    parts = [torch.ones(4, 1, dtype=torch.float64), torch.zeros(4, 1, dtype=torch.float64)]
    packed = (low + 16 * high).reshape(4, 64).to(torch.uint8)
    given = [one.to(device) for one in (packed, *parts)]
    assert_close(candidate.dequantize_int4(*given, 128, 128), codes.to(device))
    weight = torch.cat([torch.tensor([[0.0, 15.0]] * 4, dtype=torch.float64), codes], dim=1)
    check_codes(candidate, reference, weight.to(device), 130)


@pytest.mark.task("product")
def test_product(candidate, reference, rng, device):
    """The product with odd and even sizes, in either dtype.

    大小可奇可偶，两种 dtype 下乘积都正确。
    """
    for index, (columns, group_size) in enumerate(layouts(rng)[:4]):
        stored = Stored(rng, 3 if index else 1, columns, group_size, FLOATS[index % 2], device)
        stored.check_product(candidate, reference, 2)


@pytest.mark.task("product")
def test_leading_axes(candidate, reference, rng, device):
    """From none to three leading axes of `x`.

    `x` 前面没有维度或有一到三维。
    """
    *axes, rows, columns = distinct_sizes(rng, 5, 2, 9)
    stored = Stored(rng, rows, columns, 3, torch.float64, device)
    for first in (0, 1, 3):
        stored.check_product(candidate, reference, *axes[first:])


@pytest.mark.task("product")
def test_gradient(candidate, reference, rng, torch_rng, device):
    """The gradient of `x` is right in `float32` and `float64`, with leading axes and without.

    `x` 的梯度在 `float32` 和 `float64` 下都正确，前面有没有维度都一样。
    """
    length, rows, columns = distinct_sizes(rng, 3, 3, 9)
    for dtype, axes in zip(FLOATS, ((), (2, length)), strict=True):
        stored = Stored(rng, rows, columns, int(rng.integers(2, 5)), dtype, device)
        both = candidate.int4_linear, reference.int4_linear
        assert_same_gradients(*both, stored.input(*axes), generator=torch_rng, names=("x",), **stored.named)


@pytest.mark.task("contract")
def test_bad_weights(candidate, rng):
    """`quantize_int4` refuses a group size below 1, and weights that have not two axes.

    `quantize_int4` 拒绝小于 1 的组大小和不是二维的权重。
    """
    rows, columns = distinct_sizes(rng, 2, 3, 9)
    weight = torch.from_numpy(rng.normal(size=(rows, columns)))
    bad = {"weight": [weight[0], weight[None], weight[0, 0]], "group_size": [0, -1, -columns]}
    assert_refuses(candidate.quantize_int4, {"weight": weight, "group_size": 2}, bad)


@pytest.mark.task("contract")
def test_unfit_parts(candidate, rng):
    """Parts whose shapes do not fit the number of columns or each other are refused; nothing is stretched.

    各部分的形状与列数不符或互不相符时会被拒绝，也不作广播。
    """
    rows, columns, group_size = 3, int(rng.choice([10, 11])), int(rng.choice([2, 3]))
    stored = Stored(rng, rows, columns, group_size, torch.float32, "cpu")
    packed, scales, mins = stored.parts
    bad = {
        "packed": [packed[:, :-1], packed[:1], packed[0], torch.cat([packed, packed], dim=1), packed[:, :, None]],
        "scales": [scales[:, :1], scales[:1], scales[0], scales[:, :-1], scales[:, :, None]],
        "mins": [mins[:, :1], mins[:1], mins[0], mins[:, :-1], mins[:, :, None]],
        "group_size": [0, -1, columns, 1],
    }
    sound = {"packed": packed, "scales": scales, "mins": mins, "group_size": group_size}
    unfit = {"in_features": [columns + 2, columns - 2, 0]}
    call = candidate.dequantize_int4
    assert_refuses(call, {**sound, "in_features": columns}, {**bad, **unfit}, pairs=False)
    both = {("scales", "mins"): list(zip(bad["scales"], bad["mins"], strict=True))[:3]}
    assert_refuses(call, {**sound, "in_features": columns}, both, pairs=False)
    x = stored.input(2)
    unfit = {"x": [x[:, :-2], x[:, :0], x[0, 0], x.T], "group_size": [0, -1]}
    unfit |= {name: bad[name][:2] for name in ("packed", "scales", "mins")}
    assert_refuses(candidate.int4_linear, {"x": x, **sound}, unfit, pairs=False)


@pytest.mark.task("contract")
def test_empty(candidate, reference, rng, device):
    """No rows, no columns, or no vectors: everything empty has its shape, and a product over no columns is zero.

    没有行、没有列或没有向量时，空的结果形状正确；没有列时乘积为零。
    """
    rows, columns, length = distinct_sizes(rng, 3, 3, 8)
    for shape in ((0, columns), (rows, 0), (0, 0)):
        weight = torch.zeros(shape, dtype=torch.float64, device=device)
        check_codes(candidate, reference, weight, 3)
        stored = Stored(rng, *shape, 3, torch.float64, device)
        stored.check_weight(candidate, reference)
        stored.check_product(candidate, reference, length)
    Stored(rng, rows, columns, 3, torch.float32, device).check_product(candidate, reference, 0, length)


@pytest.mark.task("contract")
def test_arguments_stay(candidate, reference, rng, device):
    """After right results all arguments and the global state are as they were.

    在结果正确的前提下，所有参数和全局状态保持原样。
    """
    rows, columns = distinct_sizes(rng, 2, 4, 9)
    for dtype, group_size in zip(FLOATS, (2, 3), strict=True):
        weight = grouped_weight(rng, rows, columns, group_size, dtype).to(device)
        expected = reference.quantize_int4(weight, group_size)
        assert_close(assert_leaves_no_state(candidate.quantize_int4, weight, group_size), expected)
        stored = Stored(rng, rows, columns, group_size, dtype, device)
        x = stored.input(2)
        expected = reference.dequantize_int4(*stored.parts, group_size, columns)
        given = (*stored.parts, group_size)
        assert_close(assert_leaves_no_state(candidate.dequantize_int4, *given, columns), expected)
        assert_close(assert_leaves_no_state(candidate.int4_linear, x, *given), reference.int4_linear(x, *given))
        assert_unchanged(weight, x, *stored.parts)
