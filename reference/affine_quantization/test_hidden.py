"""Hidden suite of affine_quantization: ranges, scales, codes and shapes are drawn anew for every verdict."""

import numpy as np
import pytest
import torch

from grader.judge import assert_close, assert_leaves_no_state, assert_refuses, assert_unchanged, draw_shape

pytestmark = pytest.mark.on_device  # on a GPU, results stay there
CODES = {torch.int8: (-128, 127), torch.uint8: (0, 255)}
FLOATS = (torch.float32, torch.float64)
NAN, INF = float("nan"), float("inf")


def spread(rng, shape, dtype, size=1.0):
    """Normal numbers of about that size, around a mean that is not zero."""
    return torch.as_tensor(rng.normal(rng.normal(), 1.0, shape) * size).to(dtype)


def far_from_ties(x, axis=None):
    """Whether no zero point of `x` hangs on the last digits."""
    rows = x.double().reshape(1, -1) if axis is None else x.double().movedim(axis, 0).reshape(x.shape[axis], -1)
    low, high = rows.amin(1).clamp(max=0), rows.amax(1).clamp(min=0)
    quotient = 255 * low / (high - low)
    return bool(((quotient - quotient.floor() - 0.5).abs() > 0.002).all())


def drawn(rng, shape, dtype, axis=None, size=1.0):
    """A tensor with ranges that are far from ties."""
    while True:
        x = spread(rng, shape, dtype, size)
        if far_from_ties(x, axis):
            return x


def off_ties(rng, shape):
    """Parts of a step, half of them 0.002 away from a tie, the others further."""
    near = rng.choice([-0.498, 0.498], shape)
    return np.where(rng.random(shape) < 0.5, near, rng.uniform(-0.4, 0.4, shape))


class Codes:
    """For a shape and an axis: a scale, a zero point, and codes of which some are out of range."""

    def __init__(self, rng, shape, kind, dtype, axis, device, powers=False):
        self.shape, self.kind, self.axis, self.rng = shape, kind, axis, rng
        self.low, self.high = CODES[kind]
        channels = () if axis is None else (shape[axis],)
        scale = 2.0 ** rng.integers(-6, 7, channels) if powers else 10.0 ** rng.uniform(-6, 4, channels)
        self.scale = torch.as_tensor(scale).to(dtype).to(device)
        self.zero_point = torch.as_tensor(rng.integers(self.low, self.high + 1, channels)).to(device)
        self.device = device

    def floats(self, steps):
        """So many steps from zero: numbers in the dtype of the scale."""
        return (torch.as_tensor(steps).to(self.device) * self.spread(self.scale).double()).to(self.scale.dtype)

    def steps(self, beyond):
        """Whole numbers of steps, of the shape, up to `beyond` out of range."""
        low, high = self.low - beyond, self.high + 1 + beyond
        zero_point = self.spread(self.zero_point).cpu().numpy()
        return self.rng.integers(low, high, self.shape) - zero_point

    def spread(self, value):
        """A parameter along its axis."""
        if self.axis is None:
            return value
        return value.reshape([-1 if k == self.axis % len(self.shape) else 1 for k in range(len(self.shape))])

    def check(self, candidate, reference, x):
        """The candidate's codes for `x` are the reference's."""
        given = (x, self.scale, self.zero_point, self.kind, self.axis)
        expected = reference.quantize(*given)
        assert_close(candidate.quantize(*given), expected)


def layouts(rng):
    """Shapes with an axis: none, each of a tensor with three axes, from the end too, and the only one of a vector."""
    shape = draw_shape(rng, 3, 2, 6)
    return [(shape, None), (shape, 0), (shape, 1), (shape, -1), (shape, -3), (shape[:1], 0), ((), None)]


def check_parameters(candidate, reference, x, axis=None, kinds=tuple(CODES)):
    for kind in kinds:
        expected = reference.choose_qparams(x, kind, axis)
        assert_close(candidate.choose_qparams(x, kind, axis), expected)


@pytest.mark.task("parameters")
def test_parameters(candidate, reference, rng, device):
    """Scale and zero point of a tensor with none to three axes and of its channels along each, in either dtype.

    没有维度到三维的张量，整个张量的以及沿每一维各通道的 scale 和零点，两种 dtype 都正确。
    """
    for index, (shape, axis) in enumerate(layouts(rng)):
        x = drawn(rng, shape, FLOATS[index % 2], axis)
        check_parameters(candidate, reference, x.to(device), axis, (list(CODES)[index // 2 % 2],))


@pytest.mark.task("parameters")
def test_one_sided(candidate, reference, rng, device):
    """Channels without negative or without positive elements, far from zero, have a range that starts or ends at zero.

    没有负元素或没有正元素、且离零很远的通道，范围以零为起点或终点。
    """
    channels, length = draw_shape(rng, 2, 3, 7)
    sign = torch.ones(channels, 1)
    sign[int(rng.integers(1, channels)) :] = -1.0
    x = (torch.from_numpy(rng.uniform(3, 5, (channels, length))).float() * sign).to(device)
    check_parameters(candidate, reference, x, 0)
    check_parameters(candidate, reference, x[0])
    check_parameters(candidate, reference, x[-1])


@pytest.mark.task("parameters")
def test_all_zero(candidate, reference, rng, device):
    """A tensor or a channel of zeros has scale 1; one in which every element is the same but not zero has not.

    全零的张量或通道，scale 为 1；元素全相同但不为零的则不是。
    """
    channels, length = draw_shape(rng, 2, 3, 7)
    x = drawn(rng, (length, channels), torch.float64, 1)
    x[:, int(rng.integers(channels))] = 0.0
    check_parameters(candidate, reference, x.to(device), 1)
    check_parameters(candidate, reference, torch.zeros(length, channels, device=device))
    check_parameters(candidate, reference, torch.full((length,), float(rng.choice([-0.3, 7.0]))).to(device))


@pytest.mark.task("parameters")
def test_tied_zero_point(candidate, reference, rng, device):
    """Where the lower end lies between two steps, the even one is taken.

    下端落在两步正中间时，取偶数。
    """
    below = torch.from_numpy(rng.choice([0.5, 1.5, 2.5, 3.5, 100.5, 101.5, 254.5, 253.5], (5,), replace=False))
    scale = torch.from_numpy(2.0 ** rng.integers(-4, 5, 5))
    x = torch.stack([-below * scale, (255 - below) * scale, scale * 0.0]).float()
    check_parameters(candidate, reference, x.to(device), 1)


@pytest.mark.task("parameters")
def test_sizes(candidate, reference, rng, device):
    """Elements of size 1e-29 to 1e29 give a right scale and zero point, also with channels of all sizes side by side.

    元素的量级从 1e-29 到 1e29，scale 和零点都正确；大小悬殊的通道并列时也一样。
    """
    for dtype in FLOATS:
        sizes = 10.0 ** rng.permutation([-29.0, -9.0, rng.uniform(-20, 20), 29.0])[:, None]
        x = drawn(rng, (4, 6), dtype, 0, size=sizes).to(device)
        check_parameters(candidate, reference, x, 0)
        check_parameters(candidate, reference, x[0], None, (torch.int8,))


@pytest.mark.task("quantize")
def test_codes(candidate, reference, rng, device):
    """Codes of a tensor and of channels along each axis, in either dtype, also a little out of range.

    整个张量的以及沿每一维各通道的量化结果，两种 dtype 都正确，略超出范围时也一样。
    """
    for index, (shape, axis) in enumerate(layouts(rng)):
        kind = list(CODES)[int(rng.integers(2))]
        codes = Codes(rng, shape, kind, FLOATS[index % 2], axis, device)
        steps = codes.steps(9) + off_ties(rng, shape)
        codes.check(candidate, reference, codes.floats(steps))


@pytest.mark.task("quantize")
def test_ties(candidate, reference, rng, device):
    """Halves go to the even quotient, before an even or odd zero point is added, above zero and below.

    商恰为半整数时取偶数，然后才加零点；零点可奇可偶，商可正可负。
    """
    for kind in CODES:
        codes = Codes(rng, (6, 5), kind, torch.float32, 0, device, powers=True)
        codes.zero_point = torch.as_tensor(rng.permutation([-3, -2, 0, 1, 4, 7])).to(device) + codes.low + 20
        codes.check(candidate, reference, codes.floats(rng.integers(-9, 9, (6, 5)) + 0.5))
        alone = Codes(rng, (12,), kind, torch.float64, None, device, powers=True)
        alone.zero_point = torch.tensor(int(rng.choice([21, 83])), device=device)
        alone.check(candidate, reference, alone.floats(rng.permutation(12) - 6 + 0.5))


@pytest.mark.task("quantize")
def test_saturation(candidate, reference, rng, device):
    """What is out of range takes the nearest code: one step, some hundreds, 1e30 or infinitely far.

    超出范围的取最近的整数：超出一步、几百步、1e30 或无穷大都一样。
    """
    for dtype in FLOATS:
        for kind, (low, high) in CODES.items():
            codes = Codes(rng, (10,), kind, dtype, None, device, powers=True)
            zero = int(codes.zero_point)
            beyond = int(rng.integers(200, 400))
            steps = [
                low - 1 - zero,
                high + 1 - zero,
                low - beyond - zero,
                high + beyond - zero,
                low - zero,
                high - zero,
            ]
            x = torch.cat([codes.floats(steps), torch.tensor([-1e30, 1e30, -INF, INF], dtype=dtype, device=device)])
            codes.check(candidate, reference, x)
            assert_unchanged(x)


@pytest.mark.task("dequantize")
def test_back(candidate, reference, rng, device):
    """All 256 codes, with a zero point at either end or between, in the dtype of the scale.

    全部 256 个整数，零点在两端或中间，结果的 dtype 与 scale 相同。
    """
    for dtype in FLOATS:
        for kind, (low, high) in CODES.items():
            q = torch.from_numpy(rng.permutation(256) + low).to(kind).to(device)
            for zero_point in (low, high) if dtype is FLOATS[0] else (int(rng.integers(low + 50, high - 50)),):
                scale = torch.tensor(10.0 ** rng.uniform(-6, 4), dtype=dtype, device=device)
                given = (q, scale, torch.tensor(zero_point, device=device))
                expected = reference.dequantize(*given)
                assert_close(candidate.dequantize(*given), expected)


@pytest.mark.task("dequantize")
def test_channels_back(candidate, reference, rng, device):
    """Codes of a tensor and of channels along each axis become floats again.

    整个张量的以及沿每一维各通道的整数，都能还原为浮点数。
    """
    for index, (shape, axis) in enumerate(layouts(rng)):
        kind = list(CODES)[index // 2 % 2]
        codes = Codes(rng, shape, kind, FLOATS[index % 2], axis, device)
        q = torch.from_numpy(rng.integers(codes.low, codes.high + 1, shape, dtype="int64")).to(kind).to(device)
        given = (q, codes.scale, codes.zero_point, axis)
        expected = reference.dequantize(*given)
        assert_close(candidate.dequantize(*given), expected)


@pytest.mark.task("contract")
def test_bad_ranges(candidate, rng):
    """`choose_qparams` refuses other dtypes and axes, and an `x` that is empty or not finite.

    `choose_qparams` 拒绝其他 dtype 和不存在的维，以及空的或含非有限值的 `x`。
    """
    x = spread(rng, draw_shape(rng, 2), torch.float32)
    unsound = []
    for value in (NAN, INF, -INF):
        unsound.append(x.clone())
        unsound[-1].view(-1)[int(rng.integers(x.numel()))] = value
    unsound += [x[:0], x[:, :0]]
    kinds = [torch.int32, torch.float32, torch.bool]
    bad = {"x": unsound, "dtype": kinds, "axis": [2, -3, 7]}
    assert_refuses(candidate.choose_qparams, {"x": x, "dtype": torch.int8, "axis": 1}, bad)
    assert_refuses(candidate.choose_qparams, {"x": x, "dtype": torch.uint8, "axis": None}, {"x": unsound[:3]})
    sound = {"x": x[0, 0], "dtype": torch.uint8, "axis": None}
    assert_refuses(candidate.choose_qparams, sound, {"axis": [0, -1]})


@pytest.mark.task("contract")
def test_bad_parameters(candidate, rng):
    """`quantize` and `dequantize` refuse other axes, and a `scale` or `zero_point` of any other shape.

    `quantize` 和 `dequantize` 拒绝不存在的维，以及形状不符的 `scale` 或 `zero_point`。
    """
    shape = draw_shape(rng, 2, 3, 7)
    x, q = spread(rng, shape, torch.float32), torch.zeros(shape, dtype=torch.uint8)
    others = {None: [(1,), shape, shape[1:]], 0: [(), (1,), (shape[0], 1)], -1: [(), (1,), shape[:1]]}
    for axis, unfit in others.items():
        fits = () if axis is None else (shape[axis],)
        scale, zero_point = torch.ones(fits), torch.ones(fits, dtype=torch.int64)
        bad = {
            "scale": [torch.ones(one) for one in unfit],
            "zero_point": [torch.ones(one, dtype=torch.int64) for one in unfit],
        }
        given = {"scale": scale, "zero_point": zero_point}
        both = axis is None
        assert_refuses(candidate.quantize, {"x": x, **given, "dtype": torch.int8, "axis": axis}, bad, pairs=both)
        assert_refuses(candidate.dequantize, {"q": q, **given, "axis": axis}, bad, pairs=False)
        if axis == 0:
            assert_refuses(
                candidate.quantize,
                {"x": x, **given, "dtype": torch.int8, "axis": 0},
                {"dtype": [torch.int16, torch.float32], "axis": [2, -3]},
            )
            assert_refuses(candidate.dequantize, {"q": q, **given, "axis": 0}, {"axis": [2, -3]})


@pytest.mark.task("contract")
def test_empty(candidate, reference, rng, device):
    """An empty tensor gives an empty one, with channels and without any.

    空张量得到空张量，有通道或通道数为 0 都一样。
    """
    length = int(rng.integers(2, 7))
    for shape, axis in (((0, length), None), ((0, length), 1), ((0, length), 0), ((length, 0), -1), ((0,), 0)):
        codes = Codes(rng, shape, torch.uint8, torch.float32, axis, device)
        codes.check(candidate, reference, torch.zeros(shape, device=device))
        given = (torch.zeros(shape, dtype=torch.int8, device=device), codes.scale, codes.zero_point, axis)
        expected = reference.dequantize(*given)
        assert_close(candidate.dequantize(*given), expected)


@pytest.mark.task("contract")
def test_arguments_stay(candidate, reference, rng, device):
    """After right results all arguments and the global state are as they were.

    在结果正确的前提下，所有参数和全局状态保持原样。
    """
    shape = draw_shape(rng, 2, 3, 7)
    for dtype in FLOATS:
        x = drawn(rng, shape, dtype, 0).to(device)
        expected = reference.choose_qparams(x, torch.int8, 0)
        assert_close(assert_leaves_no_state(candidate.choose_qparams, x, torch.int8, 0), expected)
        codes = Codes(rng, shape, torch.int8, dtype, 0, device)
        scaled = codes.floats(codes.steps(2) + off_ties(rng, shape))
        given = (scaled, codes.scale, codes.zero_point, torch.int8, 0)
        q = reference.quantize(*given)
        assert_close(assert_leaves_no_state(candidate.quantize, *given), q)
        back = (q, codes.scale, codes.zero_point, 0)
        expected = reference.dequantize(*back)
        assert_close(assert_leaves_no_state(candidate.dequantize, *back), expected)
        assert_unchanged(x, scaled, q, codes.scale, codes.zero_point)
