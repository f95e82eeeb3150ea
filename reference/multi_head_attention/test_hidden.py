"""Hidden suite of multi_head_attention: sizes, weights, inputs and masks are drawn anew for every verdict."""

import itertools

import numpy as np
import pytest
import torch

from grader.judge import (
    assert_close,
    assert_leaves_no_state,
    assert_refuses,
    assert_same_gradients,
    assert_unchanged,
    blind_masks,
    distinct_sizes,
    draw_mask,
    pair_of_modules,
)

pytestmark = pytest.mark.on_device  # on a GPU, results stay there
NAMES = ("query", "key", "value")
DTYPES = (torch.float64, torch.float32, torch.bfloat16, torch.float16)  # one after the other, weights lose nothing


class Drawn:
    """The layers of both sides with the same weights, for the sizes (B, H, Lq, Lk, D). No cast changes what is drawn."""

    def __init__(self, candidate, reference, torch_rng, sizes, dtype=torch.float32, given=()):
        self.shape, self.d_model, self.dtype, self._torch_rng = sizes[:4], sizes[1] * sizes[4], dtype, torch_rng
        both = candidate.MultiHeadAttention, reference.MultiHeadAttention
        draw = lambda name, old: dict(given).get(name, self._normal(*old.shape, scale=max(3, old[0].numel()) ** -0.5))  # noqa: E731
        self.layer, self.known = pair_of_modules(*both, self.d_model, sizes[1], generator=torch_rng, draw=draw)
        self.layer.to(dtype), self.known.to(dtype)

    def _normal(self, *shape, scale=1.0):
        return (scale * torch.randn(shape, generator=self._torch_rng)).to(torch.bfloat16).float()

    def inputs(self):
        """Query, key and value, all different."""
        batch, _, queries, keys = self.shape
        return [self._normal(batch, length, self.d_model).to(self.dtype) for length in (queries, keys, keys)]

    def check(self, masks=(None,), inputs=None, dtype=None):
        """For each mask, the candidate, moved to `dtype`, gives what the reference gives for this mask at full size."""
        inputs, dtype = inputs or self.inputs(), dtype or self.dtype
        self.layer.to(dtype)
        with torch.no_grad():
            for mask in masks:
                expected = self.known(*inputs, None if mask is None else mask.expand(self.shape).clone())
                assert_close(self.layer(*(x.to(dtype) for x in inputs), mask), expected.to(dtype))

    def check_no_nan(self, mask, inputs, dtype):
        """No gradient of the candidate's holds one, in `dtype`."""
        leaves = [x.to(dtype, copy=True).requires_grad_() for x in inputs]
        self.layer(*leaves, mask).sum().backward()
        grads = [x.grad for x in (*leaves, *self.layer.state_dict(keep_vars=True).values()) if x.grad is not None]
        assert not any(bool(grad.isnan().any()) for grad in grads), "a gradient holds a NaN\n梯度里有 NaN"

    def check_gradients(self, mask, *inputs, **given):
        """Those of `inputs` and all parameters; what is `given` by name requires none."""
        how = {"generator": self._torch_rng, "names": NAMES, "alone": False, "mask": mask}
        assert_same_gradients(self.layer, self.known, *inputs, **how, **given)


def leading_axes(shape):
    """The first axes of all shapes that broadcast to `shape`, from none to all but the last."""
    return [axes for n in range(len(shape)) for axes in itertools.product(*((1, size) for size in shape[n:-1]))]


def draw_mask_to(rng, *shape):
    """A mask in which each row keeps a key and hides one."""
    return torch.from_numpy(draw_mask(rng, shape))


def draw_blind(rng, shape):
    """Masks in which nothing is kept by an item, by a head, by a query, and by single queries in single heads."""
    return [torch.from_numpy(mask) for _, mask in blind_masks(rng, shape)]


@pytest.mark.task("construction")
def test_state(candidate, reference, rng):
    """The state is the weights and biases of `q_proj`, `k_proj`, `v_proj` and `out_proj`, and nothing else.

    模块的状态就是 `q_proj`、`k_proj`、`v_proj` 和 `out_proj` 的权重和偏置，此外别无他物。
    """
    heads, width = distinct_sizes(rng, 2)
    both = [module.MultiHeadAttention(heads * width, heads).state_dict() for module in (candidate, reference)]
    assert_close(*({name: tuple(value.shape) for name, value in dict(state).items()} for state in both))


@pytest.mark.task("construction")
def test_indivisible(candidate, rng):
    """A width that the number of heads does not divide is a ValueError, also if it is smaller than that number.

    `d_model` 不能被 `num_heads` 整除时抛出 `ValueError`，`d_model` 小于 `num_heads` 时也一样。
    """
    heads = int(rng.integers(3, 9))
    n, rest = heads * int(rng.integers(1, 7)), int(rng.integers(1, heads))
    sound, bad = {"d_model": n, "num_heads": heads}, {"d_model": [n + rest, rest]}
    assert_refuses(candidate.MultiHeadAttention, sound, bad, by_name=list(sound))


@pytest.mark.task("construction")
def test_single_position(candidate, reference, torch_rng):
    """With one query and one key there is nothing to choose: the output is `out_proj(v_proj(value))`.

    只有一个查询和一个键时别无选择：输出就是 `out_proj(v_proj(value))`。
    """
    Drawn(candidate, reference, torch_rng, (2, 3, 1, 1, 4)).check()


@pytest.mark.task("attention")
def test_self_attention(candidate, reference, rng, torch_rng):
    """Query, key and value may be one tensor, or views of one that are not contiguous, passed by name.

    `query`、`key`、`value` 可以是同一个张量，也可以是它的不连续视图，并可按名字传入。
    """
    batch, heads, length, width = distinct_sizes(rng, 4, 3, 7)
    drawn = Drawn(candidate, reference, torch_rng, (batch, heads, length, length, width))
    x = torch.randn(length, batch, drawn.d_model, generator=torch_rng).transpose(0, 1)
    for inputs in ((x, x, x), (x, x, -x), (x[:, 1:], x[:, :-1], x[:, 1:])):
        given = dict(zip(NAMES, inputs, strict=True), mask=None)
        assert_close(drawn.layer(**given).detach(), drawn.known(**given).detach())


@pytest.mark.task("attention")
def test_head_counts(candidate, reference, rng, torch_rng):
    """Layers with one head, several heads and heads of width 1 work side by side, in float64.

    `float64` 下，只有一个头、有多个头、每个头宽度为 1 的层同时使用，互不干扰。
    """
    batch, heads, length, width = distinct_sizes(rng, 4)
    sizes = [(batch, h, length, length, heads * width // h) for h in (1, heads, heads * width)]
    for drawn in [Drawn(candidate, reference, torch_rng, each, torch.float64) for each in sizes]:
        drawn.check()


@pytest.mark.task("cross")
def test_lengths(candidate, reference, rng, torch_rng):
    """Queries may be fewer or more than keys; one item, one query, one key and hundreds of them work.

    查询可以少于或多于键；只有一个样本、一个查询、一个键，或者有数百个时，都能正确计算。
    """
    heads, width, few, many = distinct_sizes(rng, 4, 2, 6)
    drawn = Drawn(candidate, reference, torch_rng, (1, heads, 1, 1, width))
    for batch, *lengths in ((2, few, many), (3, many, few), (2, 1, many), (1, many, 1), (1, 130, 540)):
        drawn.shape = (batch, heads, *lengths)
        drawn.check()


@pytest.mark.task("masking")
def test_mask_shapes(candidate, reference, rng, torch_rng):
    """The axes of a mask of any shape are, from the right, keys, queries, heads and items, be their numbers equal or not.

    无论样本数、头数、查询数、键数是否相等，任何形状的掩码从右起各维依次为键、查询、头、样本。
    """
    drawn = Drawn(candidate, reference, torch_rng, distinct_sizes(rng, 5, 2, 7))
    drawn.check(draw_mask_to(rng, *drawn.shape[first:]) for first in range(4))
    drawn = Drawn(candidate, reference, torch_rng, (int(rng.integers(4, 6)),) * 5)
    drawn.check(draw_mask_to(rng, *axes, drawn.shape[3]) for axes in leading_axes(drawn.shape))
    Drawn(candidate, reference, torch_rng, (1, 1, 1, 4, 1)).check([draw_mask_to(rng, 4), draw_mask_to(rng, 1, 1, 1, 4)])
    Drawn(candidate, reference, torch_rng, (1, 2, 3, 540, 4)).check([torch.arange(540) < 300, torch.arange(540) > 300])


@pytest.mark.task("masking")
def test_blind_queries(candidate, reference, rng, torch_rng):
    """A query that may attend to nothing in a head gets zeros from that head, and all else is as usual.

    查询在某个头里不可关注任何键时，从这个头得到零，其余照常。
    """
    drawn = Drawn(candidate, reference, torch_rng, distinct_sizes(rng, 5, 2, 7))
    # Those of whole rows: every second one keeps all, the others nothing; where there is one, nothing, and all.
    rows = [torch.from_numpy(np.resize([False, True], (*axes, 1))) for axes in leading_axes(drawn.shape)]
    drawn.check([*draw_blind(rng, drawn.shape), *rows, torch.tensor(False), torch.tensor(True)])
    Drawn(candidate, reference, torch_rng, (2, 3, 2, 1, 4)).check([torch.tensor([[False], [True]])])


@pytest.mark.task("gradients")
def test_gradients(candidate, reference, rng, torch_rng):
    """Gradients of query, key, value and all parameters are right and never None, whatever requires them.

    `query`、`key`、`value` 和所有参数的梯度都正确，且都不是 `None`，不论其中哪些需要梯度。
    """
    drawn = Drawn(candidate, reference, torch_rng, distinct_sizes(rng, 5, 2, 7), torch.float64)
    drawn.check_gradients(None, *drawn.inputs())
    drawn.layer.eval()
    drawn.check_gradients(draw_mask_to(rng, *drawn.shape[2:]), **dict(zip(NAMES, drawn.inputs(), strict=True)))


@pytest.mark.task("gradients")
def test_gradients_of_blind_queries(candidate, reference, rng, torch_rng):
    """Queries that may attend to nothing, in one head, in all, or all of them, leave every gradient finite and right.

    有查询在一个头里、在所有头里，或者全部查询都不可关注任何键时，所有梯度仍然有限且正确。
    """
    drawn = Drawn(candidate, reference, torch_rng, distinct_sizes(rng, 5, 2, 7), torch.float64)
    item, head, query, single = draw_blind(rng, drawn.shape)
    for mask in (item, single & (head.any(-1, keepdim=True) & query.any(-1, keepdim=True)), torch.tensor(False)):
        drawn.check_gradients(mask, *drawn.inputs())


@pytest.mark.task("robustness")
def test_half_precision(candidate, reference, rng, torch_rng):
    """In bfloat16 and float16 the output has that dtype and the values of float32, and no gradient holds a NaN.

    `bfloat16` 和 `float16` 下，输出保持相同的 dtype，数值与 `float32` 相符，梯度里没有 NaN。
    """
    drawn = Drawn(candidate, reference, torch_rng, distinct_sizes(rng, 5, 2, 7))
    inputs, blind = drawn.inputs(), draw_blind(rng, drawn.shape)[-1]
    for dtype in DTYPES[2:]:
        drawn.check([None, draw_mask_to(rng, *drawn.shape[2:]), blind], inputs, dtype)
        drawn.check_no_nan(blind, inputs, dtype)


@pytest.mark.task("robustness")
def test_large_logits(candidate, reference, rng, torch_rng):
    """Products from -60,000 to 60,000 pick the right key in every dtype, whatever is masked and in the other items.

    点积从 -60000 到 60000 时，在每种 dtype 下都选出正确的键，不论屏蔽了哪些键，也不论其他样本如何。
    """
    unchanged = {"weight": torch.eye(2), "bias": torch.zeros(2)}
    given = {f"{name}_proj.{part}": value for name in "qk" for part, value in unchanged.items()}
    drawn = Drawn(candidate, reference, torch_rng, (3, 2, 4, 4, 1), given=given)
    # An item's keys have both signs in one head, and one sign in the other. Up to 2 * 200 * 150, and exact in every dtype.
    key = rng.permuted(np.tile([[1.0, 0.5, -0.5, -1.0], [1.0, 0.75, 0.5, 0.25]], (3, 1, 1)), axis=-1)  # (B, H, Lk)
    query = rng.permuted(np.tile([2.0, -2.0], (3, 2, 2)), axis=-1)
    logits = query[..., None] * key[:, :, None]
    lowest, some = torch.from_numpy(logits == logits.min(axis=-1, keepdims=True)), draw_blind(rng, logits.shape)[0]
    inputs = [size * torch.from_numpy(x).float().mT for size, x in ((200, query), (150, key))] + drawn.inputs()[2:]
    for dtype in DTYPES:
        drawn.check([None, lowest, some], inputs, dtype)
    drawn.check_no_nan(lowest & some, inputs, torch.float16)


@pytest.mark.task("robustness")
def test_nothing_is_left_behind(candidate, reference, rng, torch_rng):
    """Calls leave arguments, parameters, modes and random state as they were, and later ones do not depend on them.

    调用之后，传入的参数、模块的参数、各种模式和随机状态都保持原样，之后的调用也不受影响。
    """
    drawn = Drawn(candidate, reference, torch_rng, distinct_sizes(rng, 5, 2, 7))
    for training, dtype in zip((True, False, True, False, False), (*DTYPES, DTYPES[-1]), strict=True):
        drawn.known.load_state_dict({name: -value for name, value in drawn.known.state_dict().items()})
        drawn.layer.load_state_dict(drawn.known.state_dict())
        drawn.layer.to(dtype), drawn.known.to(dtype), drawn.layer.train(training)
        given = [*(x.to(dtype) for x in drawn.inputs()), draw_blind(rng, drawn.shape)[-1 if training else -2]]
        with torch.set_grad_enabled(training):
            result = assert_leaves_no_state(drawn.layer, *given)
        assert_close(result.detach(), drawn.known(*given).detach())
        assert_unchanged(*given)
        assert_close(dict(drawn.layer.state_dict()), dict(drawn.known.state_dict()), rtol=0, atol=0)
