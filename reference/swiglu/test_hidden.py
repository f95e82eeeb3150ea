"""Hidden suite of swiglu: weights, shapes and inputs are drawn anew for every verdict."""

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


class Drawn:
    """The layers of both sides with the same weights, which survive a cast, on the device and in `dtype`."""

    def __init__(self, candidate, reference, torch_rng, device, dim, hidden, dtype=torch.float32, given=()):
        draw = lambda name, old: dict(given).get(name, self.normal(*old.shape) / old.shape[1] ** 0.5)  # noqa: E731
        self._rng, self._dtype, self._device, self.dim = torch_rng, dtype, device, dim
        both = candidate.SwiGLU, reference.SwiGLU
        pair = pair_of_modules(*both, dim, hidden, generator=torch_rng, draw=draw)
        self.layer, self.known = pair[0].to(device=device, dtype=dtype), pair[1].to(device)

    def normal(self, *shape):
        """Normal numbers that bfloat16 holds exactly, and float16 but for less than 3e-8."""
        return torch.randn(shape, generator=self._rng).to(torch.bfloat16).float()

    def input(self, *axes, scale=1.0):
        """Such numbers times `scale`, (*axes, dim), in float32."""
        return self.normal(*axes, self.dim).mul(scale).to(self._device)

    def check(self, x):
        """The candidate gives in its dtype what the reference gives in float32, or in float64 if that is its dtype."""
        exact = torch.float64 if self._dtype == torch.float64 else torch.float32
        with torch.no_grad():
            expected = self.known.to(exact)(x.to(exact)).to(self._dtype)
            assert_close(self.layer(x.to(self._dtype)), expected)

    def check_gradients(self, x):
        """Those of `x` and of the three weights, in the dtype of the layer."""
        known = self.known.to(self._dtype)
        assert_same_gradients(self.layer, known, x.to(self._dtype), generator=self._rng, names=("x",))


@pytest.fixture
def draw(candidate, reference, torch_rng, device):
    """Makes a `Drawn` for the two widths, and a dtype and weights where they matter."""
    return lambda *sizes, **given: Drawn(candidate, reference, torch_rng, device, *sizes, **given)


def large_gates(rng, dim, hidden):
    """Weights whose gates are 32 to 8192 times one element of x, and whose products with up are of size 1."""
    sizes = torch.from_numpy(2.0 ** rng.permutation(range(5, 14))[:hidden]).float()[:, None]
    gate = torch.zeros(hidden, dim)
    gate[torch.arange(hidden), torch.from_numpy(rng.integers(dim, size=hidden))] = 1.0
    up = torch.from_numpy(rng.normal(size=(hidden, dim))).to(torch.bfloat16).float() / dim**0.5
    return {"gate_proj.weight": gate * sizes, "up_proj.weight": up / sizes}


@pytest.mark.task("values")
def test_leading_axes(draw, rng):
    """From none to three leading axes, each vector along the last axis goes through the layer.

    前面没有维度或有一到三维时，沿最后一维的每个向量各自通过这一层。
    """
    *axes, dim, hidden = draw_shape(rng, 5)
    drawn = draw(dim, hidden)
    for first in range(len(axes) + 1):
        drawn.check(drawn.input(*axes[first:], scale=2.0))


@pytest.mark.task("values")
def test_narrow_and_wide(draw, rng):
    """In `float64`, 9 digits are right for a hidden width below, equal to and far above the outer one, and for 1.

    `float64` 下，隐藏层宽度小于、等于或远大于外层宽度，以及宽度为 1 时，9 位数字都正确。
    """
    dim, hidden = distinct_sizes(rng, 2, 3, 8)
    for sizes in ((dim, hidden), (hidden, dim), (dim, dim), (dim, 150), (150, hidden), (1, hidden), (dim, 1)):
        drawn = draw(*sizes, dtype=torch.float64)
        drawn.check(drawn.input(3, scale=3.0))


def widths(candidate, *arguments):
    """The shapes of the new layer's state dict."""
    state = dict(candidate.SwiGLU(*arguments).state_dict())
    return {name: tuple(weight.shape) for name, weight in state.items()}


def shapes(dim, width):
    """What they should be."""
    return {"gate_proj.weight": (width, dim), "up_proj.weight": (width, dim), "down_proj.weight": (dim, width)}


@pytest.mark.task("width")
def test_default_width(candidate, rng):
    """Without a hidden width it is 8 dim / 3, rounded down.

    没有给出隐藏层宽度时，它是 8 dim / 3 向下取整。
    """
    first = int(rng.integers(4, 60))
    for dim in (1, 2, first, first + 1, first + 2):
        assert_close(widths(candidate, dim), shapes(dim, 8 * dim // 3))


@pytest.mark.task("width")
def test_multiples(candidate, rng):
    """The default width is rounded up to the next multiple, and a multiple stays; one above the width is the width.

    默认宽度向上取到下一个倍数；已是倍数则不变；`multiple_of` 大于该宽度时，宽度就等于它。
    """
    k = int(rng.integers(2, 7))
    default = 8 * k // 3
    for dim, multiple in ((3 * k, 8), (3 * k + 1, 8), (3 * k + 2, 2 * k), (k, default - 1), (k, default + 1), (k, 64)):
        width = 8 * dim // 3
        assert_close(widths(candidate, dim, None, multiple), shapes(dim, width + -width % multiple))


@pytest.mark.task("width")
def test_given_width(candidate, rng):
    """A hidden width that is given is used as it is, whatever `multiple_of` says.

    给出的隐藏层宽度按原样使用，不受 `multiple_of` 影响。
    """
    dim, hidden = distinct_sizes(rng, 2, 3, 20)
    for multiple in (1, hidden - 1, hidden + 1, 256):
        assert_close(widths(candidate, dim, hidden, multiple), shapes(dim, hidden))


@pytest.mark.task("stability")
def test_large_gates(draw, rng):
    """Gates from 16 to 8,192 in size and of either sign give right results in every dtype.

    在各种 dtype 下，门值的大小从 16 到 8192、可正可负，结果都正确。
    """
    length, dim, hidden = distinct_sizes(rng, 3, 4, 8)
    given = large_gates(rng, dim, hidden)
    for dtype in (torch.float64, torch.float32, *HALVES):
        drawn = draw(dim, hidden, dtype=dtype, given=given)
        x = torch.from_numpy(rng.choice([-1.0, -0.5, 0.5, 1.0], (length, dim)))
        drawn.check(x.float().to(drawn.input().device))


@pytest.mark.task("stability")
def test_gradients_of_large_gates(draw, rng):
    """Where gates are large the gradients are right in `float64`.

    门值很大时，`float64` 下的梯度正确。
    """
    length, dim, hidden = distinct_sizes(rng, 3, 4, 8)
    drawn = draw(dim, hidden, dtype=torch.float64, given=large_gates(rng, dim, hidden))
    x = torch.from_numpy(rng.choice([-1.0, -0.5, 0.5, 1.0], (length, dim)))
    drawn.check_gradients(x.to(drawn.input().device))


@pytest.mark.task("stability")
def test_half_precision(draw, rng):
    """In `float16` and `bfloat16` the result has that dtype and sound values.

    `float16` 和 `bfloat16` 下，结果保持该 dtype，数值合理。
    """
    length, dim, hidden = draw_shape(rng, 3)
    for dtype in HALVES:
        drawn = draw(dim, hidden, dtype=dtype)
        drawn.check(drawn.input(length))


@pytest.mark.task("gradients")
def test_gradients(draw, rng):
    """The gradients of `x` and of all three weights are right in `float32` and `float64`, in either mode.

    `x` 和三个权重的梯度在 `float32` 和 `float64` 下都正确，训练与评估模式都是如此。
    """
    *axes, dim, hidden = draw_shape(rng, 4)
    for dtype in (torch.float32, torch.float64):
        drawn = draw(dim, hidden, dtype=dtype)
        drawn.layer.train(dtype == torch.float32)
        drawn.check_gradients(drawn.input(*axes))


@pytest.mark.task("contract")
def test_bad_dim(candidate, rng):
    """A `dim` below 1 is refused, and so are several bad arguments at once.

    `dim` 小于 1 时会被拒绝，几个参数同时无效时也一样。
    """
    dim, hidden = distinct_sizes(rng, 2)
    for sound in ({"dim": dim}, {"dim": dim, "hidden_dim": hidden}):
        assert_refuses(candidate.SwiGLU, sound, {"dim": [0, -1, -dim]})
    assert_each_raises(
        ValueError, candidate.SwiGLU, [(-1, -1, -1), (0, 0, 1), (-2, None, -3), (0, hidden, 0), (dim, -1, -1)]
    )


@pytest.mark.task("contract")
def test_bad_hidden_dim(candidate, rng):
    """A `hidden_dim` that is given and below 1 is refused; 0 is not taken for None.

    给出的 `hidden_dim` 小于 1 时会被拒绝；0 不等于没有给出。
    """
    dim, hidden = distinct_sizes(rng, 2)
    assert_refuses(candidate.SwiGLU, {"dim": dim, "hidden_dim": hidden}, {"hidden_dim": [0, -1, -hidden]})


@pytest.mark.task("contract")
def test_bad_multiple(candidate, rng):
    """A `multiple_of` below 1 is refused, also where `hidden_dim` is given.

    `multiple_of` 小于 1 时会被拒绝，给出了 `hidden_dim` 时也一样。
    """
    dim, hidden = distinct_sizes(rng, 2)
    for given in (None, hidden):
        sound = {"dim": dim, "hidden_dim": given, "multiple_of": 3}
        assert_refuses(candidate.SwiGLU, sound, {"multiple_of": [0, -1, -4]})


@pytest.mark.task("contract")
def test_wrong_last_axis(draw, rng):
    """An `x` whose last axis is not `dim` long, be it the hidden width or 1, and one without axes raise ValueError.

    `x` 最后一维的长度不是 `dim`（哪怕等于隐藏层宽度或 1），或 `x` 没有维度时，抛出 `ValueError`。
    """
    batch, dim, hidden = distinct_sizes(rng, 3)
    drawn = draw(dim, hidden)
    axes = ((batch, dim + 1), (dim - 1,), (dim, batch), (batch, hidden), (batch, 1), (batch, 0), ())
    with torch.no_grad():
        assert_refuses(drawn.layer, {"x": drawn.input(batch)}, {"x": [drawn.input().new_zeros(one) for one in axes]})


@pytest.mark.task("contract")
def test_empty(draw, rng):
    """A leading axis of length 0 gives an empty result of that shape, in every dtype.

    前面某一维长度为 0 时，各种 dtype 下都返回形状相同的空张量。
    """
    length, dim, hidden = distinct_sizes(rng, 3)
    for dtype in (torch.float64, torch.float32, *HALVES):
        drawn = draw(dim, hidden, dtype=dtype)
        for axes in ((0,), (0, length), (length, 0)):
            drawn.check(drawn.input(*axes))


@pytest.mark.task("contract")
def test_no_side_effects(draw, rng):
    """After a right result `x`, weights and modes are as they were; a second call, in either mode, gives the same.

    在结果正确的前提下，`x`、权重与各种模式保持原样；再次调用结果相同，训练与评估模式都是如此。
    """
    batch, dim, hidden = distinct_sizes(rng, 3)
    for dtype, scale in ((torch.float32, 1.0), (torch.float64, 300.0)):
        drawn = draw(dim, hidden, dtype=dtype)
        x = drawn.input(batch, scale=scale).clamp(-1000, 1000).to(dtype)
        known = drawn.known.to(dtype)
        for training in (True, False):
            layer = drawn.layer.train(training)
            assert_close(assert_leaves_no_state(layer, x).detach(), known(x).detach())
            assert_same_again(lambda layer=layer, x=x: layer(x).detach())
        assert_unchanged(x)
        assert_close(dict(drawn.layer.state_dict()), dict(known.state_dict()), rtol=0, atol=0)
