"""Hidden suite of batch_norm: state, shapes and inputs are drawn anew for every verdict."""

import math

import pytest
import torch

from grader.judge import (
    assert_close,
    assert_each_raises,
    assert_leaves_no_state,
    assert_refuses,
    assert_same_gradients,
    assert_unchanged,
    distinct_sizes,
    pair_of_modules,
)

pytestmark = pytest.mark.on_device  # on a GPU, results stay there
NAN, INF = float("nan"), float("inf")
DTYPES = (torch.float32, torch.float64)
HALVES = (torch.bfloat16, torch.float16)


class Drawn:
    """The layers of both sides with the same drawn parameters and running statistics, in `dtype` on the device."""

    def __init__(self, candidate, reference, torch_rng, device, channels, *given, dtype=torch.float32, **kwargs):
        both = candidate.BatchNorm, reference.BatchNorm
        pair = pair_of_modules(*both, channels, *given, generator=torch_rng, draw=_some_batches, **kwargs)
        self.layer, self.known = (layer.to(device=device, dtype=dtype) for layer in pair)
        self._channels, self._dtype, self._device, self._rng = channels, dtype, device, torch_rng

    def input(self, count, *others, scale=1.0, dtype=None):
        """Normal numbers (count, C, *others); each channel has a mean and a deviation of its own."""
        shape = (1, self._channels, *[1] * len(others))
        x, mean, size = (self._normal(*one) for one in ((count, self._channels, *others), shape, shape))
        return ((x * size.exp() + 2 * mean) * scale).to(device=self._device, dtype=dtype or self._dtype)

    def _normal(self, *shape):
        return torch.randn(*shape, generator=self._rng, dtype=torch.float64)

    def mode(self, training):
        """Both sides in training or in evaluation mode."""
        self.layer.train(training)
        self.known.train(training)

    def check(self, x, **tolerance):
        """The candidate gives for `x` what the reference gives."""
        with torch.no_grad():
            expected = self.known(x)
            assert_close(self.layer(x), expected, **tolerance)

    def check_state(self):
        """Parameters and buffers are the reference's."""
        assert_close(dict(self.layer.state_dict()), dict(self.known.state_dict()))

    def check_gradients(self, x):
        """So are the gradients of `x` and the parameters."""
        assert_same_gradients(self.layer, self.known, x, generator=self._rng, names=("x",))


def _some_batches(name, tensor):
    return tensor + 3 if name == "num_batches_tracked" else None


@pytest.fixture
def draw(candidate, reference, torch_rng, device):
    """Makes a `Drawn` for a number of channels and the other arguments."""
    return lambda *given, **kwargs: Drawn(candidate, reference, torch_rng, device, *given, **kwargs)


def draw_axes(rng):
    """Numbers of channels and examples and up to two more axes, all different."""
    channels, *axes = distinct_sizes(rng, 4, 2, 6)
    return channels, [axes[:count] for count in (1, 2, 3)]


@pytest.mark.task("training")
def test_shapes(draw, rng):
    """Each channel of a batch with two, three or four axes is normalized by itself.

    批次为二、三、四维时，每个通道各自归一化。
    """
    channels, shapes = draw_axes(rng)
    for dtype, some in ((torch.float32, shapes), (torch.float64, shapes[1:])):
        drawn = draw(channels, dtype=dtype)
        for shape in some:
            drawn.check(drawn.input(*shape))
    drawn = draw(1)
    for shape in ((2,), (1, 2), (1, 1, 2), (1, 2, 1)):  # two values in the only channel
        drawn.check(drawn.input(*shape))


@pytest.mark.task("training")
def test_eps(draw, rng):
    """An eps from 1e-6 to 1 is added to the variance, under the root; a constant channel gives its bias.

    `eps` 从 1e-6 到 1，加在根号下的方差上；数值恒定的通道得到它的 bias。
    """
    channels, shapes = draw_axes(rng)
    for eps, modes in ((1e-6, (True, False)), (10.0 ** rng.uniform(-4, -1), (True,)), (1.0, (False,))):
        drawn = draw(channels, eps, dtype=torch.float64)
        for training in modes:
            drawn.mode(training)
            x = drawn.input(*shapes[1], scale=math.sqrt(eps))
            x[:, 0] = 0.25
            drawn.check(x)
    drawn = draw(channels, dtype=torch.float64)
    drawn.check(drawn.input(*shapes[0], scale=3e-3))  # the default, 1e-5


@pytest.mark.task("training")
def test_not_affine(draw, rng):
    """Without `affine` there is neither weight nor bias, in either mode.

    `affine` 为假时没有 weight 和 bias，两种模式都是如此。
    """
    channels, shapes = draw_axes(rng)
    drawn = draw(channels, affine=False)
    for training in (True, False):
        drawn.mode(training)
        drawn.check(drawn.input(*shapes[2]))
        drawn.check_state()


@pytest.mark.task("running")
def test_running_statistics(draw, rng):
    """Batches of different sizes update the buffers, the variance unbiased; parameters stay.

    大小不同的批次逐次更新 buffer，其中方差为无偏方差；参数不变。
    """
    channels, shapes = draw_axes(rng)
    for dtype, some in ((torch.float32, (*shapes, (2,))), (torch.float64, shapes[1:2])):
        drawn = draw(channels, 1e-3, float(rng.uniform(0.2, 0.7)), dtype=dtype)
        for shape in some:
            drawn.check(drawn.input(*shape))
        drawn.check_state()
    drawn = draw(channels)  # the default, 0.1
    drawn.check(drawn.input(7))
    drawn.check_state()


@pytest.mark.task("running")
def test_ends_of_momentum(draw, rng):
    """With a momentum of 0 the statistics stay and the counter grows, with 1 they are those of the last batch.

    `momentum` 为 0 时统计量不变而计数增加；为 1 时就是最后一个批次的统计量。
    """
    channels, shapes = draw_axes(rng)
    for momentum in (0, 1.0):
        drawn = draw(channels, momentum=momentum)
        drawn.check(drawn.input(*shapes[1]))
        drawn.check_state()


@pytest.mark.task("running")
def test_cumulative_average(draw, candidate, reference, rng):
    """Without a momentum the buffers are averages over all batches: in a new layer, and after a state was loaded.

    `momentum` 为 None 时，buffer 是所有批次的平均：新建的层如此，加载状态之后也如此。
    """
    channels, shapes = draw_axes(rng)
    drawn = draw(channels, momentum=None, dtype=torch.float64)
    new = candidate.BatchNorm(channels, 1e-5, None), reference.BatchNorm(channels, 1e-5, None)
    for shape in shapes:
        x = drawn.input(*shape)
        drawn.check(x)
        with torch.no_grad():
            assert_close(new[0](x.float()), new[1](x.float()))
    drawn.check_state()
    assert_close(dict(new[0].state_dict()), dict(new[1].state_dict()))


@pytest.mark.task("running")
def test_evaluation(draw, rng):
    """Evaluation uses the buffers and leaves them, for batches of any size; training afterwards goes on from them.

    评估模式使用 buffer 且不改动它们，批次大小任意；之后继续训练，就从它们接着来。
    """
    channels, shapes = draw_axes(rng)
    for dtype, some in ((torch.float32, [*shapes, (1,)]), (torch.float64, [shapes[1], (1, 1, 1)])):
        drawn = draw(channels, 1e-2, float(rng.uniform(0.2, 0.7)), dtype=dtype)
        for training, used in ((False, some[:1]), (True, some[:1]), (False, some)):
            drawn.mode(training)
            for shape in used:
                drawn.check(drawn.input(*shape))
            drawn.check_state()


@pytest.mark.task("gradients")
def test_gradients_in_training(draw, rng):
    """The gradients go through mean and variance of the batch, of the weight and bias too.

    梯度经过批次的均值与方差，`weight` 与 `bias` 的梯度也正确。
    """
    channels, shapes = draw_axes(rng)
    for dtype, some in ((torch.float32, shapes[::2]), (torch.float64, shapes[1:])):
        drawn = draw(channels, float(rng.uniform(0.1, 1)), dtype=dtype)
        for shape in some:
            drawn.check_gradients(drawn.input(*shape))
        drawn.check_state()
    draw(channels, 0.5, affine=False).check_gradients(drawn.input(*shapes[0]).float())


@pytest.mark.task("gradients")
def test_gradients_in_evaluation(draw, rng):
    """In evaluation mode the statistics are constants, and buffers never require grad.

    评估模式下统计量是常数；buffer 从不需要梯度。
    """
    channels, shapes = draw_axes(rng)
    for dtype, shape in zip(DTYPES, shapes[::2], strict=True):
        drawn = draw(channels, 0.1, dtype=dtype)
        drawn.check_gradients(drawn.input(*shapes[1]))
        drawn.mode(False)
        drawn.check_gradients(drawn.input(*shape))
        attached = {n: bool(t.requires_grad) for n, t in drawn.layer.state_dict(keep_vars=True).items()}
        assert_close(attached, {name: name in ("weight", "bias") for name in attached})


@pytest.mark.task("precision")
def test_half_precision(draw, rng):
    """Half-precision batches give results of their dtype, and running statistics right to `float32`.

    半精度的批次得到同一 dtype 的结果，滑动统计量则达到 `float32` 的精度。
    """
    channels, shapes = draw_axes(rng)
    for dtype in HALVES:
        drawn = draw(channels, 1e-3, 0.5)
        for shape, training in zip(shapes, (False, True, False), strict=True):
            drawn.mode(training)
            drawn.check(drawn.input(*shape, dtype=dtype))
        drawn.check_state()


@pytest.mark.task("precision")
def test_large_half(draw, rng):
    """Values of up to 60,000 in `float16`, whose squares it cannot hold, are normalized.

    `float16` 下大到 60000 的数值照样归一化，尽管它装不下它们的平方。
    """
    channels, shapes = draw_axes(rng)
    drawn = draw(channels)
    for shape in shapes[::2]:
        x = drawn.input(*shape, dtype=torch.float64)
        drawn.check((x / x.abs().amax() * 6e4).to(torch.float16))
    drawn.check_state()


@pytest.mark.task("precision")
def test_far_from_zero(draw, rng):
    """Channels whose mean is 3000 times their deviation are normalized in `float32`.

    均值为标准差 3000 倍的通道，在 `float32` 下照样归一化。
    """
    drawn = draw(16, affine=False)
    x = drawn._normal(int(rng.integers(30, 50)), 16, 3)
    x = x - x.mean(dim=(0, 2), keepdim=True)
    x = x / x.std(dim=(0, 2), keepdim=True, correction=0) + 2990
    drawn.check(x.float().to(drawn._device), rtol=0, atol=0.02)


@pytest.mark.task("contract")
def test_state(candidate, rng):
    """A new layer's state dict has the stated names, dtypes and values, and nothing else.

    新建的层，其 state dict 里的名称、dtype 和值如题所述，别无其他。
    """
    for channels, affine in ((distinct_sizes(rng, 1)[0], False), (1, True), (distinct_sizes(rng, 1)[0], True)):
        ones, zeros = torch.ones(channels), torch.zeros(channels)
        expected = {"running_mean": zeros, "running_var": ones, "num_batches_tracked": torch.tensor(0)}
        if affine:
            expected |= {"weight": ones, "bias": zeros}
        assert_close(dict(candidate.BatchNorm(channels, 1e-5, None, affine).state_dict()), expected)


@pytest.mark.task("contract")
def test_bad_arguments(candidate, rng):
    """Sizes below 1, an eps that is not positive and finite, a momentum outside 0 to 1 are refused, alone and together.

    小于 1 的通道数、不是正有限值的 `eps`、不在 0 到 1 之间的 `momentum`，单独或同时出现都被拒绝。
    """
    sound = {"num_features": int(rng.integers(1, 9)), "eps": 1e-5, "momentum": 0.1}
    bad = {"num_features": [0, -1], "eps": [0.0, -1e-5, NAN, INF], "momentum": [-0.1, 1.1, NAN, INF]}
    assert_refuses(candidate.BatchNorm, sound, bad)
    assert_each_raises(ValueError, candidate.BatchNorm, [(0, 1e-5, None), (3, NAN, None), (3, 0.0, 0), (3, -1.0, 1)])


@pytest.mark.task("contract")
def test_wrong_inputs(draw, rng):
    """Other numbers of axes or channels, and fewer than two values in training, are refused, and the buffers stay.

    维数或通道数不符、训练模式下每个通道不足两个值，都被拒绝，buffer 保持不变。
    """
    channels, batch = distinct_sizes(rng, 2, 3, 7)
    drawn = draw(channels, momentum=[None, 0.3][int(rng.integers(2))])
    wrong = [(channels,), (batch, channels + 1), (batch, 1), (2, channels, 2, 2, 2), (channels, batch)]
    wrong += [(batch, batch, channels), (), (batch, 0), (batch, 1, 2, 2)]
    for training in (True, False):
        drawn.mode(training)
        few = (
            [(1, channels), (0, channels), (1, channels, 1), (2, channels, 0), (1, channels, 1, 1)] if training else []
        )
        with torch.no_grad():
            bad = [drawn.input(1).new_ones(shape) for shape in (*(wrong if training else wrong[:4]), *few)]
            x = drawn.input(batch)
            assert_refuses(drawn.layer, {"x": x}, {"x": bad})
            drawn.known(x)
        drawn.check_state()


@pytest.mark.task("contract")
def test_empty(draw, rng):
    """In evaluation mode an empty input gives an empty result of its shape and dtype.

    评估模式下，空输入返回形状与 dtype 相同的空张量。
    """
    channels, length = distinct_sizes(rng, 2)
    shapes = [(0,), (0, length), (2, 0), (0, 2, length), (2, length, 0)]
    for own, dtype, some in (
        (torch.float32, torch.float32, shapes),
        (torch.float64, torch.float64, shapes[:1]),
        (torch.float32, torch.float16, shapes[2:3]),
    ):
        drawn = draw(channels, dtype=own)
        drawn.mode(False)
        for shape in some:
            drawn.check(drawn.input(*shape, dtype=dtype))
        drawn.check_state()


@pytest.mark.task("contract")
def test_no_side_effects(draw, rng):
    """After right results `x`, the parameters and the mode are as they were.

    在结果正确的前提下，`x`、参数和 training 状态保持原样。
    """
    channels, shapes = draw_axes(rng)
    for dtype, modes in ((torch.float32, (True, False)), (torch.float64, (True,))):
        drawn = draw(channels, dtype=dtype)
        for training in modes:
            drawn.mode(training)
            x = drawn.input(*shapes[training])
            expected = drawn.known(x).detach()
            assert_close(assert_leaves_no_state(drawn.layer, x).detach(), expected)
            assert_unchanged(x)
            drawn.check_state()
