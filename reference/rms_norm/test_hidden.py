"""Hidden suite of rms_norm: weights, shapes and inputs are drawn anew for every verdict."""

import math

import pytest
import torch

from grader.judge import (
    assert_close,
    assert_each_raises,
    assert_leaves_no_state,
    assert_refuses,
    assert_same_again,
    assert_same_gradients,
    assert_unchanged,
    distinct_sizes,
    draw_shape,
    pair_of_modules,
)

pytestmark = pytest.mark.on_device  # on a GPU, results stay there
HALVES = (torch.float16, torch.bfloat16)
NAN, INF = float("nan"), float("inf")


class Drawn:
    """The layers of both sides with the same weight, on the device and in `dtype`; `eps` is left out if it is None."""

    def __init__(self, candidate, reference, torch_rng, device, dim, eps=None, dtype=torch.float32):
        given = {} if eps is None else {"eps": eps}
        pair = pair_of_modules(candidate.RMSNorm, reference.RMSNorm, dim, generator=torch_rng, **given)
        self.layer, self.known = (layer.to(device=device, dtype=dtype) for layer in pair)
        self.dim, self._dtype, self._device, self._rng = dim, dtype, device, torch_rng

    def input(self, *axes, scale=1.0, dtype=None):
        """Normal numbers of that scale, (*axes, dim), with a mean of one scale: centering would show."""
        x = (torch.randn(*axes, self.dim, generator=self._rng, dtype=torch.float64) + 1) * scale
        return x.to(device=self._device, dtype=dtype or self._dtype)

    def spread(self, *axes, around=1.0):
        """Vectors whose sizes differ, some below and some above `around`."""
        sizes = torch.randn(*axes, 1, generator=self._rng, dtype=torch.float64).exp() * around
        return self.input(*axes, dtype=torch.float64).mul(sizes.to(self._device)).to(self._dtype)

    def turn_to(self, dtype):
        """Both layers, and what is drawn from now on, are of this dtype."""
        self.layer, self.known, self._dtype = self.layer.to(dtype), self.known.to(dtype), dtype

    def check(self, x):
        """The candidate gives for `x` what the reference gives."""
        with torch.no_grad():
            expected = self.known(x)
            assert_close(self.layer(x), expected)


@pytest.fixture
def draw(candidate, reference, torch_rng, device):
    """Makes a `Drawn` for a width, and an eps and a dtype where they matter."""
    return lambda dim, eps=None, dtype=torch.float32: Drawn(candidate, reference, torch_rng, device, dim, eps, dtype)


@pytest.mark.task("values")
def test_leading_axes(draw, rng):
    """From none to four leading axes, also of length 1, each vector along the last axis is normalized by itself.

    前面没有维度或有一到四维时（长度可以是 1），沿最后一维的每个向量各自归一化。
    """
    *axes, dim = draw_shape(rng, 4)
    drawn = draw(dim)
    for first in range(len(axes) + 1):
        drawn.check(drawn.spread(*axes[first:]))
    for lone in ((1,), (axes[0], 1), (1, *axes)):
        drawn.check(drawn.spread(*lone))


@pytest.mark.task("values")
def test_views(draw, driver, rng):
    """`x` may be a view that is not contiguous.

    `x` 可以是不连续的视图。
    """
    *axes, dim = draw_shape(rng, 3)
    drawn = draw(dim)
    x = drawn.spread(*axes)
    expected = drawn.known(x).detach()
    assert_close(driver.of_reversed(drawn.layer, x.permute(2, 1, 0)).detach(), expected)


@pytest.mark.task("values")
def test_widths(draw, rng):
    """Vectors of length 1, 2 and some hundreds are divided by the root of the mean of D squares.

    长度为 1、2 或数百的向量，都除以 D 个平方的均值之平方根。
    """
    for drawn in [draw(dim) for dim in (1, 2, int(rng.integers(200, 400)))]:
        drawn.check(drawn.input(3))


@pytest.mark.task("values")
def test_eps(draw, rng):
    """An eps from 1e-12 to 1 is added to the mean square, under the root, for vectors of about its size.

    `eps` 从 1e-12 到 1，都加在根号下的均方值上；向量的大小与之相当。
    """
    (dim,) = distinct_sizes(rng, 1, 3, 8)
    every = [10.0**exponent for exponent in (-12, -rng.uniform(2, 10), 0)]
    for eps, drawn in [(eps, draw(dim, eps)) for eps in every]:
        for times in (0.3, 2.0):
            drawn.check(drawn.input(4, scale=times * math.sqrt(eps)))


@pytest.mark.task("values")
def test_default_eps(draw, rng):
    """Where no eps is given it is 1e-6, which vectors of size 0.001 show.

    没有给出 `eps` 时取 1e-6；大小约为 0.001 的向量能看出差别。
    """
    drawn = draw(int(rng.integers(3, 9)))
    drawn.check(drawn.input(5, scale=1e-3))


@pytest.mark.task("precision")
def test_float64(draw, rng):
    """In `float64` the result is precise to 9 digits, also after the layer was used in `float32`.

    `float64` 下结果精确到 9 位；此前以 `float32` 用过的层也一样。
    """
    *axes, dim = draw_shape(rng, 3)
    drawn = draw(dim, 10.0 ** -rng.uniform(4, 8))
    drawn.check(drawn.input(*axes))
    drawn.turn_to(torch.float64)
    for scale in (1e-4, 1.0, 1e15):
        drawn.check(drawn.input(*axes, scale=scale))


@pytest.mark.task("precision")
def test_half_precision(draw, rng):
    """In half precision the result has the dtype of `x` and sound values, also where the weight stays in `float32`.

    半精度下，结果保持 `x` 的 dtype，数值合理；`weight` 仍为 `float32` 时也是如此。
    """
    *axes, dim = draw_shape(rng, 3)
    for dtype in HALVES:
        for drawn in (draw(dim, dtype=dtype), draw(dim)):
            drawn.check(drawn.input(*axes, dtype=dtype))


@pytest.mark.task("precision")
def test_large_entries(draw, rng):
    """Entries of 10,000 to 60,000 in `float16`, and of up to 1e15 in `float32` and `bfloat16`, give right results.

    `float16` 下元素为 10000 到 60000，`float32` 和 `bfloat16` 下大到 1e15，结果都正确。
    """
    length, dim = distinct_sizes(rng, 2, 3, 9)
    for dtype, largest in ((torch.float16, 6e4), (torch.float32, 1e15), (torch.bfloat16, 9.9e14)):
        drawn = draw(dim, dtype=dtype)
        x = drawn.input(length, dtype=torch.float64)
        x = x.sign() * (x.abs() / x.abs().max()).clamp(min=1 / 6) * largest
        drawn.check(x.to(dtype))


@pytest.mark.task("precision")
def test_small_entries(draw, rng):
    """Entries of about 1e-4 with an eps far below their squares give results of about 1 in every dtype.

    元素约为 1e-4、`eps` 远小于其平方时，在各种 dtype 下结果的量级都约为 1。
    """
    length, dim = distinct_sizes(rng, 2, 3, 9)
    for dtype in (torch.float32, *HALVES):
        drawn = draw(dim, 10.0 ** -rng.uniform(10, 12), dtype)
        drawn.check(drawn.input(length, scale=1e-4))


@pytest.mark.task("gradients")
def test_gradients(draw, rng):
    """The gradients of `x` and `weight` are right in `float32` and `float64`, in either mode.

    `x` 和 `weight` 的梯度在 `float32` 和 `float64` 下都正确，训练与评估模式都是如此。
    """
    *axes, dim = draw_shape(rng, 3)
    for dtype in (torch.float32, torch.float64):
        eps = 10.0 ** -rng.uniform(0, 1)
        drawn = draw(dim, eps, dtype)
        drawn.layer.train(dtype == torch.float32)
        x = drawn.spread(*axes, around=math.sqrt(eps))
        assert_same_gradients(drawn.layer, drawn.known, x, generator=drawn._rng, names=("x",))


@pytest.mark.task("gradients")
def test_zero_vectors(draw, rng):
    """Zero vectors among others give zeros, and the gradient that the formula has there.

    夹在其他向量之间的零向量得到零，梯度与公式在该处的值一致。
    """
    length, dim = distinct_sizes(rng, 2, 3, 9)
    drawn = draw(dim, 10.0 ** -rng.uniform(0, 6), torch.float64)
    x = drawn.input(length)
    x[int(rng.integers(length))] = 0.0
    for given in (x, torch.zeros_like(x)):
        assert_same_gradients(drawn.layer, drawn.known, given, generator=drawn._rng, names=("x",))


@pytest.mark.task("contract")
def test_state(candidate, rng):
    """A new layer's state dict is `weight`, `dim` ones in `float32`, and nothing else.

    新建的层，其 state dict 只有 `weight`：`dim` 个 1，`float32`。
    """
    for dim in (1, *distinct_sizes(rng, 2)):
        assert_close(dict(candidate.RMSNorm(dim).state_dict()), {"weight": torch.ones(dim)})


@pytest.mark.task("contract")
def test_bad_dim(candidate, rng):
    """A `dim` below 1 is refused, whatever eps is; one of 1 or more is not.

    不论 `eps` 取何值，`dim` 小于 1 都会被拒绝；1 及以上则不会。
    """
    assert_refuses(candidate.RMSNorm, {"dim": int(rng.integers(1, 9)), "eps": 1e-5}, {"dim": [0, -1, -7]})
    assert_each_raises(ValueError, candidate.RMSNorm, [(0, 0.0), (-1, -1.0), (0, NAN), (-2, INF)])


@pytest.mark.task("contract")
def test_bad_eps(candidate):
    """An eps that is not finite and greater than 0 is refused, one from 1e-12 to 1 is not.

    `eps` 不是大于 0 的有限值时会被拒绝，取 1e-12 到 1 之间的值则不会。
    """
    for eps in (1e-12, 1.0):
        assert_refuses(candidate.RMSNorm, {"dim": 3, "eps": eps}, {"eps": [0.0, -1e-6, -1.0, NAN, INF, -INF]})


@pytest.mark.task("contract")
def test_wrong_last_axis(draw, rng):
    """An `x` whose last axis is not `dim` long, be it 1 or `dim` 1, and one without axes are refused.

    `x` 最后一维的长度不是 `dim`（包括该长度为 1 或 `dim` 为 1），或 `x` 没有维度时，会被拒绝。
    """
    batch, dim = distinct_sizes(rng, 2, 3, 9)
    for width in (dim, 1):
        drawn = draw(width)
        wrong = [torch.randn(axes) for axes in ((batch, width + 1), (width + 1,), (width, batch), ())]
        wrong += [torch.randn(batch, 1), torch.randn(1)] if width > 1 else []
        with torch.no_grad():
            bad = {"x": [x.to(drawn.input().device) for x in wrong]}
            assert_refuses(drawn.layer, {"x": drawn.input(batch)}, bad)
            empty = [drawn.input(batch)[:, :0], drawn.input(0).repeat(1, 2)]
            assert_each_raises(ValueError, drawn.layer, [(x,) for x in empty])


@pytest.mark.task("contract")
def test_empty(draw, rng):
    """A leading axis of length 0 gives an empty result of that shape, in every dtype.

    前面某一维长度为 0 时，各种 dtype 下都返回形状相同的空张量。
    """
    length, dim = distinct_sizes(rng, 2)
    dtypes = (torch.float64, torch.float32, *HALVES)
    for axes, dtype in zip(((0,), (0, length), (length, 0), (0, 0)), dtypes, strict=True):
        drawn = draw(dim, dtype=dtype)
        drawn.check(drawn.input(*axes))


@pytest.mark.task("contract")
def test_no_side_effects(draw, rng):
    """After a right result `x`, `weight` and all modes are as they were; a second call, in either mode, gives the same.

    在结果正确的前提下，`x`、`weight` 与各种模式保持原样；再次调用结果相同，训练与评估模式都是如此。
    """
    batch, dim = distinct_sizes(rng, 2)
    for dtype, own in ((torch.float32, torch.float32), (torch.float64, torch.float64), (torch.float16, torch.float32)):
        drawn = draw(dim, dtype=own)
        x = drawn.input(batch, dtype=dtype)
        for training in (True, False):
            layer = drawn.layer.train(training)
            expected = drawn.known(x).detach()
            assert_close(assert_leaves_no_state(layer, x).detach(), expected)
            assert_same_again(lambda layer=layer, x=x: layer(x).detach())
        assert_unchanged(x)
        assert_close(dict(drawn.layer.state_dict()), dict(drawn.known.state_dict()), rtol=0, atol=0)
