"""Hidden suite of rope: shapes, positions, bases and vectors are drawn anew for every verdict."""

import itertools

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
)

pytestmark = pytest.mark.on_device  # on a GPU, results stay there
HALVES = (torch.float16, torch.bfloat16)
FURTHEST = 131_072
NAN, INF = float("nan"), float("inf")


class Drawn:
    """Sizes (B, H, L, D), no two equal, and what is drawn for them."""

    def __init__(self, rng, torch_rng, device):
        (pairs,) = distinct_sizes(rng, 1, 3, 5)
        left = [size for size in range(2, 8) if size != 2 * pairs]
        self.shape = (*(int(size) for size in rng.permutation(left)[:3]), 2 * pairs)
        self.rng, self.torch_rng, self._device = rng, torch_rng, device

    def x(self, dtype=torch.float32, shape=None):
        """Normal numbers."""
        drawn = torch.randn(shape or self.shape, generator=self.torch_rng, dtype=torch.float64)
        return (3 * drawn).clamp(-10, 10).to(device=self._device, dtype=dtype)

    def positions(self, furthest=64, rows=False):
        """All different and not in order, (L,), or as `rows` (B, L)."""
        batch, _, length, _ = self.shape
        shape = (batch, length) if rows else (length,)
        drawn = self.rng.choice(furthest, shape, replace=False)
        return torch.from_numpy(drawn).to(self._device)

    def views(self):
        """`x` in float64 and rows of positions that lie in one table, none of it contiguous."""
        batch, heads, length, width = self.shape
        table = torch.empty(length, batch, heads + 1, width + 1, dtype=torch.float64, device=self._device)
        x, positions = table[:, :, 1:, 1:].permute(1, 2, 0, 3), table[:, :, 0, 0].view(torch.int64).T
        x.copy_(self.x(torch.float64))
        positions.copy_(self.positions(rows=True))
        return x, positions


@pytest.fixture
def drawn(rng, torch_rng, device):
    """Sizes, and draws for them."""
    return Drawn(rng, torch_rng, device)


@pytest.fixture
def check(candidate, reference):
    """The candidate gives for these arguments what the reference gives."""

    def compare(*args, **kwargs):
        expected = reference.rope(*args, **kwargs)
        assert_close(candidate.rope(*args, **kwargs), expected)

    return compare


@pytest.mark.task("rotation")
def test_layouts(drawn, check):
    """Pairs are elements i and i + D/2 by default, and 2i and 2i + 1 when interleaved.

    默认第 i 和第 i + D/2 个元素配对；`interleaved` 时第 2i 和第 2i + 1 个元素配对。
    """
    x, positions = drawn.x(), drawn.positions()
    check(x, positions)
    for interleaved in (False, True):
        check(x, positions, interleaved=interleaved)


@pytest.mark.task("rotation")
def test_base_and_width(drawn, check, rng):
    """The angles follow from base and width: bases from 0.5 to 1e7, widths from 2 to 128.

    角度由 `base` 和宽度决定：`base` 从 0.5 到 1e7，宽度从 2 到 128。
    """
    batch, heads, length, _ = drawn.shape
    for base, width in ((0.5, 6), (1.0, 4), (float(rng.uniform(2, 2000)), 128), (1e7, 64), (500_000.0, 8), (1e4, 2)):
        x = drawn.x(shape=(batch, heads, length, width))
        for interleaved in (False, True):
            check(x, drawn.positions(), base=base, interleaved=interleaved)


@pytest.mark.task("positions")
def test_shared_positions(drawn, check):
    """Positions (L,) hold for every item and head, be they in order, shifted, with gaps, reversed or repeated.

    形状为 (L,) 的位置对所有样本和头有效：顺序、平移、有间隔、倒序或重复的位置都可以。
    """
    x, some = drawn.x(), drawn.positions()
    steps = torch.arange(len(some), device=some.device)
    for positions in (some, steps, steps + 17, 5 * steps, steps.flip(0), steps // 2, some.sort().values):
        check(x, positions)


@pytest.mark.task("positions")
def test_rows_of_positions(drawn, check):
    """Positions (B, L) give every item its own, also where B, H or L is 1 or two of them are equal.

    形状为 (B, L) 的位置让每个样本各用一行；B、H、L 中有 1，或有两个相等时也一样。
    """
    batch, heads, length, width = drawn.shape
    lone = [(1, heads, length), (batch, 1, length), (batch, heads, 1)]
    equal = [(length, heads, length), (batch, batch, length), (batch, length, length)]
    for shape, shared in zip((*lone, *equal), itertools.cycle((False, True))):
        drawn.shape = *shape, width
        check(drawn.x(), drawn.positions(rows=True), interleaved=shared)
        if shared:
            check(drawn.x(), drawn.positions())


@pytest.mark.task("positions")
def test_views(drawn, check):
    """`x` and `positions` may be views that are not contiguous.

    `x` 和 `positions` 可以是不连续的视图。
    """
    x, positions = drawn.views()
    for interleaved in (False, True):
        check(x, positions, interleaved=interleaved)


@pytest.mark.task("precision")
def test_far_positions(drawn, check):
    """Up to position 131,072 the result is right to within 1e-8 in `float64` and 1e-5 in `float32`.

    直到位置 131072，结果的误差在 `float64` 下不超过 1e-8，在 `float32` 下不超过 1e-5。
    """
    for interleaved, dtype in itertools.product((False, True), (torch.float32, torch.float64)):
        positions = drawn.positions(FURTHEST, rows=interleaved)
        positions[..., 0] = FURTHEST
        check(drawn.x(dtype), positions, interleaved=interleaved)


@pytest.mark.task("precision")
def test_half_precision(drawn, check):
    """In `float16` and `bfloat16` the result has that dtype and was rounded once.

    `float16` 和 `bfloat16` 下，结果保持该 dtype，且只舍入一次。
    """
    batch, heads, length, _ = drawn.shape
    for dtype, interleaved in itertools.product(HALVES, (False, True)):
        x = drawn.x(dtype, shape=(batch, heads, length, 64))
        check(x, drawn.positions(FURTHEST, rows=interleaved), interleaved=interleaved)


@pytest.mark.task("gradients")
def test_gradients(candidate, reference, drawn):
    """The gradient of `x` is right in `float32` and `float64`.

    `x` 的梯度在 `float32` 和 `float64` 下都正确。
    """
    for dtype, interleaved in ((torch.float32, False), (torch.float64, True)):
        x, positions, how = drawn.x(dtype), drawn.positions(), {"interleaved": interleaved}
        x[0] = 0.0
        both = [lambda x, rope=side.rope: rope(x, positions, **how) for side in (candidate, reference)]  # noqa: B023
        assert_same_gradients(*both, x, generator=drawn.torch_rng, names=("x",))


@pytest.mark.task("contract")
def test_bad_x(candidate, drawn):
    """An `x` without four axes, of odd width or of width 0 is refused.

    `x` 不是四维，或宽度为奇数或 0 时会被拒绝。
    """
    batch, heads, length, width = drawn.shape
    shapes = [(heads, length, width), (length, width), (1, batch, heads, length, width)]
    shapes += [(batch, heads, length, wrong) for wrong in (0, 1, width + 1)]
    bad = {"x": [drawn.x().sum(), *(drawn.x(shape=shape) for shape in shapes)]}
    assert_refuses(candidate.rope, {"x": drawn.x(), "positions": drawn.positions()}, bad)


@pytest.mark.task("contract")
def test_bad_positions(candidate, drawn):
    """Positions of another shape than (L,) or (B, L) are refused, those that would broadcast too.

    `positions` 的形状不是 (L,) 或 (B, L) 时会被拒绝，能广播的形状也不例外。
    """
    batch, heads, length, _ = drawn.shape
    shapes = [(), (1,), (length + 1,), (length - 1,), (batch,), (1, length), (batch, 1), (length, batch)]
    shapes += [(batch, 1, length), (heads, length), (batch, length, 1), (batch + 1, length), (batch, length + 1)]
    zeros = drawn.positions() * 0
    bad = {"positions": [zeros.new_zeros(shape) for shape in shapes]}
    assert_refuses(candidate.rope, {"x": drawn.x(), "positions": zeros}, bad)


@pytest.mark.task("contract")
def test_negative_positions(candidate, drawn):
    """A single negative position is refused, wherever it stands.

    只要有一个位置为负就会被拒绝，不论它在何处。
    """
    for rows in (False, True):
        sound = drawn.positions(rows=rows) + 1
        bad = [sound.clone() for _ in range(3)]
        for positions, place, value in zip(bad, (0, -1, sound.numel() // 2), (-1, -100, -1), strict=True):
            positions.view(-1)[place] = value
        assert_refuses(candidate.rope, {"x": drawn.x(), "positions": sound}, {"positions": bad})


@pytest.mark.task("contract")
def test_bad_base(candidate, drawn):
    """A base that is not finite and greater than 0 is refused, alone and together with another bad argument.

    `base` 不是大于 0 的有限值时会被拒绝，单独出现或与其他无效参数同时出现都是如此。
    """
    x, positions, values = drawn.x(), drawn.positions(), [0.0, -1.0, -10000.0, NAN, INF, -INF]
    assert_refuses(candidate.rope, {"x": x, "positions": positions, "base": 10.0}, {"base": values})
    both = [
        (x[..., 1:], positions, -1.0),
        (x, positions[1:], NAN),
        (x, -1 - positions, 0.0),
        (x[0], positions[:1], INF),
    ]
    assert_each_raises(ValueError, candidate.rope, [*both, (x[..., 1:], -1 - positions), (x[..., 1:], positions[1:])])


@pytest.mark.task("contract")
def test_empty(candidate, drawn, check):
    """Without items, heads or positions the result is empty, with the shape and dtype of `x`; bad arguments are refused.

    没有样本、头或位置时，返回与 `x` 形状和 dtype 相同的空张量；无效参数照样拒绝。
    """
    full = drawn.shape
    dtypes = itertools.cycle((torch.float32, torch.float64, *HALVES))
    for axis, rows in itertools.product(range(3), (False, True)):
        drawn.shape = tuple(0 if one == axis else size for one, size in enumerate(full))
        check(drawn.x(next(dtypes)), drawn.positions(rows=rows), interleaved=axis == 1)
    drawn.shape = full
    nothing, positions = drawn.x()[:, :0], drawn.positions()
    bad = [
        (nothing, -1 - positions),
        (nothing, positions[1:]),
        (nothing, positions, NAN),
        (nothing[..., 1:], positions),
    ]
    assert_each_raises(ValueError, candidate.rope, bad)


@pytest.mark.task("contract")
def test_calls_are_independent(candidate, reference, drawn):
    """A call is right whatever positions, widths, bases, layouts and dtypes came before; it gives the same again.

    无论之前的调用用了什么位置、宽度、`base`、排布和 dtype，这次调用都正确；再次调用结果相同。
    """
    batch, heads, length, width = drawn.shape
    calls = [(drawn.x(), drawn.positions(8), 10.0, False)]
    calls += [(drawn.x(), drawn.positions(900), base, layout) for base in (10.0, 11.0) for layout in (False, True)]
    calls += [(drawn.x(shape=(batch, heads, length, width + 2)), drawn.positions(), 10.0, False)]
    calls += [(drawn.x(dtype), *calls[0][1:]) for dtype in (torch.float64, torch.float32)]
    for call in (*calls, *calls[:2]):
        expected = reference.rope(*call)
        assert_close(candidate.rope(*call), expected)
    assert_same_again(lambda: candidate.rope(*calls[-1]))


@pytest.mark.task("contract")
def test_arguments_stay(candidate, reference, drawn):
    """After a right result `x`, `positions` and all modes are as they were.

    在结果正确的前提下，`x`、`positions` 与各种模式保持原样。
    """
    for dtype, interleaved in (
        (torch.float32, False),
        (torch.float32, True),
        (torch.float64, True),
        (torch.float16, False),
    ):
        x, positions = drawn.x(dtype), drawn.positions(rows=interleaved)
        expected = reference.rope(x, positions, 100.0, interleaved)
        assert_close(assert_leaves_no_state(candidate.rope, x, positions, 100.0, interleaved), expected)
        assert_unchanged(x, positions)
