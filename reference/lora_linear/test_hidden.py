"""Hidden suite of lora_linear: weights, factors, sizes and inputs are drawn anew for every verdict."""

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
NAN, INF = float("nan"), float("inf")
TRAINS = {"weight": False, "bias": False, "lora_A": True, "lora_B": True}


class Drawn:
    """The layers of both sides with the same weights and factors, in `dtype` on the device."""

    def __init__(self, candidate, reference, torch_rng, device, *given, dtype=torch.float32, **kwargs):
        both = candidate.LoRALinear, reference.LoRALinear
        pair = pair_of_modules(*both, *given, generator=torch_rng, **kwargs)
        self.layer, self.known = (layer.to(device=device, dtype=dtype) for layer in pair)
        self._width, self._dtype, self._device, self._rng = given[0], dtype, device, torch_rng

    def input(self, *axes):
        """Normal numbers, (*axes, in_features)."""
        drawn = torch.randn(*axes, self._width, generator=self._rng, dtype=torch.float64)
        return drawn.to(device=self._device, dtype=self._dtype)

    def both(self, *methods):
        """Call these methods of both sides, one after the other."""
        for name in methods:
            getattr(self.layer, name)()
            getattr(self.known, name)()

    def learn(self):
        """Both sides get other factors and another weight, as from a checkpoint."""
        times = {"lora_B": 3.0, "weight": 0.5}
        state = {name: tensor * times.get(name, 1.0) for name, tensor in self.known.state_dict().items()}
        for layer in (self.layer, self.known):
            layer.load_state_dict({name: tensor.clone() for name, tensor in state.items()})

    def check(self, *axes):
        """For an input with these leading axes the candidate gives what the reference gives."""
        x = self.input(*axes)
        with torch.no_grad():
            assert_close(self.layer(x), self.known(x))

    def check_state(self):
        """The parameters are the reference's, and so is `merged`."""
        assert_close(dict(self.layer.state_dict()), dict(self.known.state_dict()))
        assert_close(self.layer.merged, self.known.merged)

    def check_gradients(self, *axes):
        """Those of an input and of the parameters; frozen ones have none."""
        assert_same_gradients(self.layer, self.known, self.input(*axes), generator=self._rng, names=("x",))


@pytest.fixture
def draw(candidate, reference, torch_rng, device):
    """Makes a `Drawn` for in_features, out_features, rank and alpha."""
    return lambda *given, **kwargs: Drawn(candidate, reference, torch_rng, device, *given, **kwargs)


def an_alpha(rng):
    """Between 0.5 and 64, far from 1."""
    return float(rng.choice([0.5, rng.uniform(3, 9), 64.0]))


def trains(layer):
    """By name, whether a parameter requires grad."""
    return {name: bool(tensor.requires_grad) for name, tensor in layer.state_dict(keep_vars=True).items()}


@pytest.mark.task("values")
def test_leading_axes(draw, rng):
    """From none to three leading axes, each vector goes through both paths.

    前面没有维度或有一到三维，每个向量都经过两条支路。
    """
    *axes, inner, outer, rank = draw_shape(rng, 6, 2, 8)
    drawn = draw(inner, outer, rank, an_alpha(rng))
    for first in range(len(axes) + 1):
        drawn.check(*axes[first:])


@pytest.mark.task("values")
def test_scaling(draw, rng):
    """In `float64`, 9 digits are right for ranks from 1 to more than both sizes and an alpha from 0.5 to 64; with no bias.

    `float64` 下，rank 从 1 到超过两个尺寸，alpha 从 0.5 到 64，没有偏置，9 位数字都正确。
    """
    inner, outer, rank = distinct_sizes(rng, 3, 3, 7)
    sizes = ((inner, outer, rank), (inner, outer, 1), (1, outer, 11), (inner, 1, 7))
    for given, alpha in zip(sizes, (rank + 1, 64, 0.5, 5.0), strict=True):
        draw(*given, alpha, bias=False, dtype=torch.float64).check(3)


@pytest.mark.task("training")
def test_state(candidate, rng):
    """A new layer's state dict has the stated names and shapes in `float32`; without a bias it has no `bias`.

    新建的层，其 state dict 里名称和形状如题所述，都是 `float32`；没有偏置时没有 `bias`。
    """
    inner, outer, rank = distinct_sizes(rng, 3)
    shapes = {"weight": (outer, inner), "bias": (outer,), "lora_A": (rank, inner), "lora_B": (outer, rank)}
    for bias in (True, False):
        layer = candidate.LoRALinear(inner, outer, rank, 2.0, bias)
        state = {name: (tuple(one.shape), str(one.dtype)) for name, one in dict(layer.state_dict()).items()}
        assert_close(state, {name: (shapes[name], "torch.float32") for name in shapes if bias or name != "bias"})
        assert_close(layer.merged, False)


@pytest.mark.task("training")
def test_start(candidate, rng):
    """`lora_B` is zero, `lora_A` is random, row by row and layer by layer, so that a new layer is the base layer.

    `lora_B` 为零，`lora_A` 随机，各行、各层都不同；新建的层就等于基座的线性层。
    """
    inner, outer, rank = distinct_sizes(rng, 3, 3, 7)
    layers = [candidate.LoRALinear(inner, outer, rank, 2.0) for _ in range(3)]
    for layer in layers:
        assert_close(dict(layer.state_dict())["lora_B"], torch.zeros(outer, rank))
    rows = torch.cat([dict(layer.state_dict())["lora_A"] for layer in layers])
    assert_close(tuple(rows.shape), (3 * rank, inner))
    assert bool(rows.isfinite().all()), "lora_A is not finite\nlora_A 含有非有限值"
    assert bool((rows != 0).any(dim=1).all()), "a row of lora_A is zero\nlora_A 有全零的行"
    assert len(rows.unique(dim=0)) == 3 * rank, "lora_A repeats rows\nlora_A 有重复的行"
    base = torch.nn.Linear(inner, outer)
    layers[0].load_state_dict({**dict(layers[0].state_dict()), **base.state_dict()})
    x = torch.from_numpy(rng.normal(size=(5, inner))).float()
    assert_close(layers[0](x).detach(), base(x).detach())


@pytest.mark.task("training")
def test_gradients(draw, rng):
    """The gradients of `x` and both factors are right in `float32` and `float64`, in either mode; the base has none.

    `x` 与两个因子的梯度在 `float32` 和 `float64` 下都正确，训练与评估模式都是如此；基座没有梯度。
    """
    *axes, inner, outer, rank = draw_shape(rng, 5, 2, 7)
    for dtype in (torch.float32, torch.float64):
        drawn = draw(inner, outer, rank, an_alpha(rng), dtype=dtype)
        drawn.layer.train(dtype == torch.float32)
        drawn.check_gradients(*axes)


@pytest.mark.task("training")
def test_first_step(draw, rng):
    """While `lora_B` is zero it gets a gradient, and that of `lora_A` is zero.

    `lora_B` 为零时它有梯度，`lora_A` 的梯度为零。
    """
    batch, inner, outer, rank = draw_shape(rng, 4, 2, 7)
    drawn = draw(inner, outer, rank, 3.0, draw=lambda name, old: old * 0.0 if name == "lora_B" else None)
    drawn.check_gradients(batch)


@pytest.mark.task("training")
def test_what_trains(candidate, rng):
    """Only the factors require grad: in a new layer, merged, and unmerged again.

    只有两个因子的 `requires_grad` 为 True：新建时、合并后、取消合并后都是如此。
    """
    inner, outer, rank = distinct_sizes(rng, 3)
    layer = candidate.LoRALinear(inner, outer, rank, 2.0)
    assert_close(trains(layer), TRAINS)
    for method in (layer.merge, layer.unmerge, layer.unmerge):
        method()
        assert_close(trains(layer), TRAINS)
    without = {name: value for name, value in TRAINS.items() if name != "bias"}
    assert_close(trains(candidate.LoRALinear(inner, outer, rank, 2.0, False)), without)


@pytest.mark.task("merging")
def test_merge(draw, rng):
    """Merged, the weight holds alpha / rank times the product, the result is as before, and the bias stays.

    合并后，权重加上了 alpha / rank 倍的乘积，结果与合并前相同，偏置不变。
    """
    batch, inner, outer, rank = draw_shape(rng, 4, 2, 7)
    for dtype, bias in ((torch.float32, True), (torch.float64, False)):
        drawn = draw(inner, outer, rank, an_alpha(rng), dtype=dtype, bias=bias)
        x = drawn.input(batch)
        before = drawn.known(x).detach()
        drawn.both("merge")
        drawn.check_state()
        assert_close(drawn.layer(x).detach(), before)


@pytest.mark.task("merging")
def test_merged_alone(draw, rng):
    """A merged layer is a plain linear layer: `x` gets its gradient, the factors and the weight get none.

    合并后的层就是普通线性层：`x` 有梯度，两个因子和权重都没有。
    """
    batch, inner, outer, rank = draw_shape(rng, 4, 2, 7)
    drawn = draw(inner, outer, rank, an_alpha(rng), dtype=torch.float64)
    drawn.both("merge")
    drawn.check_gradients(batch)


@pytest.mark.task("merging")
def test_unmerge(draw, rng):
    """Unmerged, the weight is what it was, the result too, and the factors train again; the next merge adds new ones.

    取消合并后，权重和结果都恢复原样，两个因子又能训练；再次合并时，加上的是新的因子。
    """
    batch, inner, outer, rank = draw_shape(rng, 4, 2, 7)
    drawn = draw(inner, outer, rank, an_alpha(rng), dtype=torch.float64)
    drawn.layer.merge()
    drawn.layer.unmerge()
    drawn.check_state()
    drawn.check_gradients(batch)
    drawn.learn()
    for step in ("merge", "unmerge"):
        drawn.both(step)
        drawn.check_state()


@pytest.mark.task("merging")
def test_repeated(draw, rng):
    """Any number of merges is one, any number of unmerges is one, in any order, also before the first merge.

    合并多次等于一次，取消多次也等于一次，次序任意，第一次合并之前取消也一样。
    """
    batch, inner, outer, rank = draw_shape(rng, 4, 2, 7)
    drawn = draw(inner, outer, rank, an_alpha(rng), dtype=torch.float64)
    steps = ["unmerge", "merge", "merge", "merge", "unmerge", "unmerge", "merge"]
    for step in steps:
        drawn.both(step)
        drawn.check_state()
    drawn.check(batch)


@pytest.mark.task("merging")
def test_modes(draw, rng):
    """`train()` and `eval()` neither merge nor unmerge.

    `train()` 和 `eval()` 既不合并，也不取消合并。
    """
    batch, inner, outer, rank = draw_shape(rng, 4, 2, 7)
    drawn = draw(inner, outer, rank, an_alpha(rng), dtype=torch.float64)
    for steps in (("eval",), ("train", "merge"), ("eval",), ("train",), ("unmerge", "eval", "train")):
        drawn.both(*steps)
        drawn.check_state()
        drawn.check(batch)
    drawn.both("eval")
    drawn.learn()
    drawn.check(batch)


@pytest.mark.task("contract")
def test_bad_sizes(candidate, rng):
    """Sizes below 1 and an alpha that is not finite and positive are refused, alone and together.

    小于 1 的尺寸，以及不是正有限值的 alpha，无论单独还是同时出现，都会被拒绝。
    """
    inner, outer, rank = distinct_sizes(rng, 3)
    sound = {"in_features": inner, "out_features": outer, "rank": rank, "alpha": an_alpha(rng)}
    sizes = [0, -1]
    bad = {"in_features": sizes, "out_features": sizes, "rank": sizes, "alpha": [0.0, -1.0, NAN, INF]}
    assert_refuses(candidate.LoRALinear, sound, bad)
    assert_each_raises(ValueError, candidate.LoRALinear, [(-1, -1, -1, -1.0), (inner, outer, 0, 0.0)])


@pytest.mark.task("contract")
def test_wrong_last_axis(draw, rng):
    """An `x` whose last axis is not `in_features` long, and one without axes, are refused, merged or not.

    `x` 最后一维的长度不是 `in_features`，或 `x` 没有维度时，无论是否合并，都会被拒绝。
    """
    batch, inner, outer, rank = draw_shape(rng, 4, 2, 7)
    drawn = draw(inner, outer, rank, 2.0)
    axes = ((batch, inner + 1), (inner - 1,), (inner, batch), (batch, 1), (batch, outer), (batch, 0), ())
    with torch.no_grad():
        for methods in ((), ("merge",)):
            drawn.both(*methods)
            bad = [drawn.input().new_zeros(one) for one in axes]
            assert_refuses(drawn.layer, {"x": drawn.input(batch)}, {"x": bad})


@pytest.mark.task("contract")
def test_empty(draw, rng):
    """A leading axis of length 0 gives an empty result, merged or not.

    前面某一维长度为 0 时返回空张量，无论是否合并。
    """
    length, inner, outer, rank = draw_shape(rng, 4, 2, 7)
    for dtype, methods in ((torch.float32, ()), (torch.float64, ("merge",))):
        drawn = draw(inner, outer, rank, 2.0, dtype=dtype)
        drawn.both(*methods)
        for axes in ((0,), (0, length), (length, 0)):
            drawn.check(*axes)


@pytest.mark.task("contract")
def test_no_side_effects(draw, rng):
    """After right results `x`, parameters, modes and global state are as they were; a second call gives the same.

    在结果正确的前提下，`x`、参数、各种模式和全局状态保持原样；再次调用结果相同。
    """
    batch, inner, outer, rank = draw_shape(rng, 4, 4, 9)
    alpha = float(rng.uniform(50, 64))  # what is merged is far above the weight, so that adding it costs digits
    drawn = draw(inner, outer, rank, alpha)
    x = drawn.input(batch)
    for method, mode in (("merge", True), ("unmerge", False)):
        drawn.layer.train(mode)
        expected = drawn.known(x).detach()
        before = {name: tensor.clone() for name, tensor in dict(drawn.layer.state_dict()).items()}
        assert_close(assert_leaves_no_state(drawn.layer, x).detach(), expected)
        assert_same_again(lambda: drawn.layer(x).detach())
        assert_unchanged(x)
        assert_close(dict(drawn.layer.state_dict()), before, rtol=0, atol=0)
        assert_leaves_no_state(getattr(drawn.layer, method))
        drawn.known.merge() if method == "merge" else drawn.known.unmerge()
        drawn.check_state()
