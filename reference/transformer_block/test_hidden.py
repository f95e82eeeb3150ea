"""Hidden suite of transformer_block: sizes, weights, inputs and padding are drawn anew for every verdict."""

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
    draw_mask,
    pair_of_modules,
)

pytestmark = pytest.mark.on_device  # on a GPU, results stay there


class Drawn:
    """The blocks of both sides with the same weights, on the device and in `dtype`, and inputs for them."""

    def __init__(self, candidate, reference, rng, torch_rng, device, sizes=None, dtype=torch.float32, peak=2):
        self.rng, self.torch_rng, self._device, self.dtype = rng, torch_rng, device, dtype
        self.peak = peak
        self.batch, self.length, heads, pairs, self.d_ff = distinct_sizes(rng, 5, 2, 6)
        self.d_model, heads, self.d_ff = sizes or (2 * pairs * heads, heads, self.d_ff)
        self.sizes = self.d_model, heads, self.d_ff
        both = candidate.TransformerBlock, reference.TransformerBlock
        pair = pair_of_modules(*both, *self.sizes, generator=torch_rng, draw=self._draw)
        self.block, self.known = (side.to(device=device, dtype=dtype) for side in pair)

    def _draw(self, name, old):
        """Queries and keys `peak` times the usual, so that attention is far from uniform; the rest as always."""
        if name[:2] in ("q_", "k_"):
            return self.peak * torch.randn(old.shape, generator=self.torch_rng) / self.d_model**0.5
        return None

    def input(self, batch=None, length=None, scale=1.0):
        """Normal numbers with a mean that centering would take off, (B, L, d_model)."""
        shape = self.batch if batch is None else batch, self.length if length is None else length, self.d_model
        x = torch.randn(shape, generator=self.torch_rng, dtype=torch.float64) + 0.5
        return (x * scale).to(device=self._device, dtype=self.dtype)

    def mask(self, batch=None):
        """Every item has tokens and padding, at places of its own; of the first, the first token is padding."""
        mask = torch.from_numpy(draw_mask(self.rng, (batch or self.batch, self.length)))
        mask[0, 0], mask[0, -1] = False, True
        return mask.to(self._device)

    def views(self, x, mask):
        """The same as views of one table, tokens first in memory: a column more in `x` holds the mask."""
        table = torch.zeros(*mask.T.shape, self.d_model + 1, dtype=self.dtype, device=self._device)
        views = table[..., :-1].transpose(0, 1), table.view(torch.bool)[..., -1].T
        return [view.copy_(tensor) for view, tensor in zip(views, (x, mask), strict=True)]

    def check(self, *args):
        """The candidate gives for these arguments what the reference gives."""
        with torch.no_grad():
            expected = self.known(*args)
            assert_close(self.block(*args), expected)


@pytest.fixture
def draw(candidate, reference, rng, torch_rng, device):
    """Makes a `Drawn`, with sizes and a dtype where they matter."""
    return lambda *args, **given: Drawn(candidate, reference, rng, torch_rng, device, *args, **given)


@pytest.mark.task("wiring")
def test_single_tokens(draw):
    """A token alone reads itself: norms, projections, residuals and the gated feed-forward are in their places.

    单独一个 token 只读自己：归一化、投影、残差与带门控的前馈层都在正确的位置。
    """
    drawn = draw(dtype=torch.float64)
    drawn.check(drawn.input(length=1))
    drawn.check(drawn.input(batch=1, length=1))


@pytest.mark.task("wiring")
def test_sizes(draw):
    """Numbers of size 0.001, where the 1e-6 under the root shows, and of size 1000 give right results.

    数值小到 0.001（此时根号里的 1e-6 有影响）或大到 1000，结果都正确。
    """
    drawn = draw(dtype=torch.float64)
    for scale in (1e-3, 0.1, 300.0):
        drawn.check(drawn.input(scale=scale))


@pytest.mark.task("wiring")
def test_bfloat16(draw):
    """A block moved to `bfloat16` gives results of that dtype, with the values of the formula.

    转为 `bfloat16` 的块，结果保持该 dtype，数值符合公式。
    """
    drawn = draw(dtype=torch.bfloat16)
    for args in ((drawn.input(),), (drawn.input(), drawn.mask())):
        with torch.no_grad():
            expected = drawn.known.double()(args[0].double(), *args[1:]).to(torch.bfloat16)
            assert_close(drawn.block(*args), expected)


@pytest.mark.task("attention")
def test_tokens_among_others(draw):
    """Tokens read from earlier ones, by head and by distance, in `float64` to 8 digits, also where scores are large.

    token 按头、按距离从更早的 token 读取；`float64` 下精确到 8 位，分数很大时也一样。
    """
    drawn = draw(dtype=torch.float64)
    drawn.check(drawn.input())
    drawn.check(drawn.input(batch=1, length=70))
    drawn = draw(dtype=torch.float64, peak=60)
    drawn.check(drawn.input())


@pytest.mark.task("attention")
def test_heads(draw, rng):
    """One head, several heads, heads of width 2 and sizes that are all equal work alike.

    一个头、多个头、宽度为 2 的头，以及各个大小都相等时，同样正确。
    """
    (pairs,) = distinct_sizes(rng, 1, 3, 5)
    for sizes in ((2 * pairs, 1, 3), (2 * pairs, pairs, 1), (12, 3, 40)):
        drawn = draw(sizes)
        drawn.check(drawn.input())
    drawn = draw((4, 2, 2))
    drawn.check(drawn.input(2, 2))


@pytest.mark.task("attention")
def test_the_future_is_hidden(draw, rng):
    """What comes later does not change earlier results; what comes earlier changes later ones.

    后面的 token 不影响前面的结果，前面的 token 影响后面的结果。
    """
    drawn = draw(dtype=torch.float64)
    x, cut = drawn.input(), int(rng.integers(1, drawn.length))
    for later in (x, torch.cat([x[:, :cut], drawn.input()[:, cut:] * 50], dim=1)):
        drawn.check(later)
    drawn.check(x[:, :cut])
    drawn.check(torch.cat([drawn.input()[:, :cut], x[:, cut:]], dim=1))


@pytest.mark.task("padding")
def test_padding(draw):
    """Nobody attends to padding, wherever it stands; its own rows are computed like others. Views work alike.

    不论填充在哪里，都没有 token 关注它；它自己的行照常计算。传入视图也一样。
    """
    drawn = draw()
    x, mask = drawn.input(), drawn.mask()
    for some in (mask, torch.ones_like(mask), mask.sort(dim=1).values, mask.sort(dim=1, descending=True).values):
        drawn.check(x, some)
    n = drawn.batch  # where sizes are equal, the mask is still (B, L)
    drawn.length = n
    drawn.check(*drawn.views(drawn.input(), drawn.mask()))


@pytest.mark.task("padding")
def test_rows_that_see_nothing(draw):
    """Rows without a token before them get nothing from the attention, also where an item is padding throughout.

    前面没有任何 token 的行，从注意力那里得不到任何东西；整个样本都是填充时也一样。
    """
    drawn = draw()
    mask = drawn.mask()
    mask[0], mask[1] = False, torch.arange(drawn.length, device=mask.device) == drawn.length - 1
    drawn.check(drawn.input(), mask)
    drawn.check(drawn.input(), torch.zeros_like(mask))


@pytest.mark.task("gradients")
def test_gradients(draw):
    """The gradients of `x` and of all nine weights are right in `float64`.

    `x` 和九个权重的梯度在 `float64` 下都正确。
    """
    drawn = draw(dtype=torch.float64)
    assert_same_gradients(drawn.block, drawn.known, drawn.input(), generator=drawn.torch_rng, names=("x",))


@pytest.mark.task("gradients")
def test_gradients_with_padding(draw):
    """With padding, rows that see nothing included, no gradient is NaN and all are right, in evaluation mode too.

    有填充时，包括什么都看不到的行在内，梯度里没有 NaN，数值全部正确，评估模式下也是如此。
    """
    drawn = draw(dtype=torch.float64)
    mask = drawn.mask()
    mask[1] = False
    for training in (True, False):
        block = drawn.block.train(training)
        how = {"generator": drawn.torch_rng, "names": ("x",), "mask": mask}
        assert_same_gradients(block, drawn.known, drawn.input(), **how)


@pytest.mark.task("contract")
def test_state(draw, candidate):
    """The state dict of a new block holds the nine weights of the table, and nothing else.

    新建的块，其 state dict 恰好是表里的九个权重，别无他物。
    """
    drawn = draw()
    both = candidate.TransformerBlock(*drawn.sizes).state_dict(), drawn.known.state_dict()
    assert_close(*({name: tuple(value.shape) for name, value in dict(state).items()} for state in both))


@pytest.mark.task("contract")
def test_bad_sizes(candidate, rng):
    """Sizes below 1, a width that the heads do not divide, and heads of odd width are refused.

    大小小于 1、宽度不能被头数整除、头的宽度为奇数时，会被拒绝。
    """
    heads, pairs, d_ff = distinct_sizes(rng, 3, 2, 6)
    sound = {"d_model": 2 * heads * pairs, "num_heads": heads, "d_ff": d_ff}
    widths = [0, -2 * heads, heads * (2 * pairs + 1), 2 * heads * pairs + 2, 2]
    assert_refuses(candidate.TransformerBlock, sound, {"d_model": [w for w in widths if w % (2 * heads) or w < 1]})
    assert_refuses(candidate.TransformerBlock, sound, {"num_heads": [0, -1, -heads], "d_ff": [0, -1, -d_ff]})


@pytest.mark.task("contract")
def test_bad_inputs(draw):
    """An `x` that is not (B, L, d_model), and a mask that is not boolean or not (B, L), raise ValueError.

    `x` 的形状不是 (B, L, d_model)，或 `mask` 不是布尔型、形状不是 (B, L) 时，抛出 `ValueError`。
    """
    drawn = draw()
    x, mask = drawn.input(), drawn.mask()
    drawn.check(x, mask)
    wrong = [x[0], x[0, 0], x[None], x[..., :1], x[..., 1:], torch.cat([x, x], dim=-1), x.mT]
    with torch.no_grad():
        assert_each_raises(ValueError, drawn.block, [(one,) for one in wrong])
        masks = [mask[:1], mask[:, :1], mask[0], mask[:, 1:], mask[:, None], mask.mT, mask[..., None]]
        masks += [mask.to(dtype) for dtype in (torch.float32, torch.int64, torch.uint8)]
        assert_refuses(drawn.block, {"x": x, "mask": mask}, {"mask": masks})


@pytest.mark.task("contract")
def test_empty(draw):
    """Without items or tokens the result is empty, with the shape and dtype of `x`.

    没有样本或 token 时，返回与 `x` 形状和 dtype 相同的空张量。
    """
    drawn = draw()
    drawn.check(drawn.input())
    for dtype in (torch.float32, torch.bfloat16, torch.float64):
        drawn.block.to(dtype), drawn.known.to(dtype)
        drawn.dtype = dtype
        for sizes in ((0, 3), (2, 0)):
            mask = torch.ones(sizes, dtype=torch.bool, device=drawn.input().device)
            drawn.check(drawn.input(*sizes), None if dtype == torch.bfloat16 else mask)


@pytest.mark.task("contract")
def test_no_side_effects(draw):
    """After a right result `x`, `mask`, weights and modes are as they were; a second call gives the same.

    在结果正确的前提下，`x`、`mask`、权重与各种模式保持原样；再次调用结果相同。
    """
    drawn = draw()
    x, mask = drawn.input(), drawn.mask()
    expected = drawn.known(x, mask).detach()
    for training in (True, False):
        block = drawn.block.train(training)
        assert_close(assert_leaves_no_state(block, x, mask).detach(), expected)
        assert_same_again(lambda block=block: block(x, mask).detach())
    assert_unchanged(x, mask)
    assert_close(dict(drawn.block.state_dict()), dict(drawn.known.state_dict()), rtol=0, atol=0)
