"""Hidden suite of dp_sgd_step: samples, weights and settings are drawn anew; noise is judged as a sample, each claim at 1e-7.

What is expected is the reference's step of the same model, made here, without noise.
"""

import numpy as np
import pytest
import torch
from scipy import special
from torch import nn
from torch.nn import functional

from grader.judge import (
    assert_close,
    assert_distinct,
    assert_distribution,
    assert_each_raises,
    assert_independent,
    assert_independent_along,
    assert_leaves_no_state,
    assert_refuses,
    assert_same_again,
    assert_scale,
    assert_tail,
    distinct_sizes,
    draws_of,
)

NAN, INF = float("nan"), float("inf")
TOKENS, WIDTH, SPARE = 11, 4, 6


class Tagger(nn.Module):
    """The driver's model: a shared table, a frozen scale and a parameter that nothing uses."""

    def __init__(self, n_tokens, width, n_spare):
        super().__init__()
        self.embed = nn.Embedding(n_tokens, width)
        self.head = nn.Linear(width, n_tokens)
        self.head.weight = self.embed.weight
        self.mix = nn.Linear(width, width)
        self.scale = nn.Parameter(torch.ones(()), requires_grad=False)
        self.spare = nn.Parameter(torch.zeros(n_spare))

    def forward(self, tokens):
        return self.scale * self.head(torch.tanh(self.mix(self.embed(tokens).mean(dim=1))))


def half_square(outputs, labels):
    return (outputs - labels).square().sum(dim=1).mean() / 2


def flat(weights, names=None):
    """All of them as one vector, in the order of their names."""
    return torch.cat([weights[name].flatten() for name in sorted(names or weights)])


class Both:
    """The candidate's model in the guest and the reference's here, with the same weights."""

    def __init__(self, driver, reference, weights, **options):
        self.stage = driver.Stage(weights, **options)
        self._dp_sgd_step = reference.dp_sgd_step
        if "weight" in weights:
            self.model, self.loss_fn = nn.Linear(*reversed(weights["weight"].shape)), half_square
        else:
            self.model, self.loss_fn = Tagger(*weights["embed.weight"].shape, *weights["spare"].shape), None
            self.loss_fn, weights = functional.cross_entropy, weights | {"head.weight": weights["embed.weight"]}
        self.model.to(next(iter(weights.values())).dtype).load_state_dict(weights)

    def known_step(self, samples, lr, max_grad_norm, expected_batch_size):
        """The reference's, without noise."""
        rest = {"noise_multiplier": 0.0, "generator": torch.Generator()}
        numbers = {"lr": lr, "max_grad_norm": max_grad_norm, "expected_batch_size": expected_batch_size}
        self._dp_sgd_step(self.model, self.loss_fn, *samples, **numbers, **rest)

    def known(self):
        return {name: value.detach() for name, value in self.model.named_parameters()}

    def check(self, samples, lr, max_grad_norm, expected_batch_size):
        """A step without noise ends where the reference's does."""
        self.known_step(samples, lr, max_grad_norm, expected_batch_size)
        assert_close(self.stage.step(*samples, lr, max_grad_norm, 0.0, expected_batch_size), None)
        assert_close(flat(self.stage.weights()), flat(self.known()))

    def noise(self, samples, lr, max_grad_norm, noise_multiplier, expected_batch_size):
        """By parameter, what a step of the candidate added to the sums, as numpy arrays."""
        self.known_step(samples, lr, max_grad_norm, expected_batch_size)
        self.stage.step(*samples, lr, max_grad_norm, noise_multiplier, expected_batch_size)
        known = {name: value for name, value in sorted(self.known().items()) if name != "scale"}
        all_known = flat(known).double().numpy()
        moved = all_known - draws_of(flat(self.stage.weights(), known), all_known.shape)
        ends = np.cumsum([value.numel() for value in known.values()])
        parts = np.split(moved * expected_batch_size / lr, ends[:-1])
        return {name: part.reshape(known[name].shape) for name, part in zip(known, parts, strict=True)}


@pytest.fixture
def tagger(driver, reference, torch_rng):
    """Makes a `Both` of the tagger, with drawn weights."""

    def make(n_tokens=TOKENS, width=WIDTH, n_spare=SPARE, dtype=torch.float64, **options):
        square = {"mix.weight": (width, width), "mix.bias": (width,), "head.bias": (n_tokens,)}
        shapes = {"embed.weight": (n_tokens, width), **square, "scale": (), "spare": (n_spare,)}
        drawn = {name: torch.randn(shape, generator=torch_rng, dtype=dtype) for name, shape in shapes.items()}
        return Both(driver, reference, drawn, **options)

    return make


@pytest.fixture
def linear(driver, reference, torch_rng):
    """Makes a `Both` of a linear layer of this shape, with weights of this size."""

    def make(outer, inner, size=1.0, dtype=torch.float64, **options):
        shapes = {"weight": (outer, inner), "bias": (outer,)}
        drawn = {name: size * torch.randn(shape, generator=torch_rng, dtype=dtype) for name, shape in shapes.items()}
        return Both(driver, reference, drawn, **options)

    return make


@pytest.fixture
def sentences(torch_rng):
    """Draws tokens (rows, columns) and labels (rows,)."""

    def draw(rows, columns=5, n_tokens=TOKENS):
        return tuple(torch.randint(0, n_tokens, shape, generator=torch_rng) for shape in ((rows, columns), (rows,)))

    return draw


@pytest.fixture
def points(torch_rng):
    """Draws inputs (rows, inner) of very different sizes and labels (rows, outer)."""

    def draw(rows, inner, outer, low=0.1, high=10.0, dtype=torch.float64):
        sizes = torch.logspace(np.log10(low), np.log10(high), max(rows, 1), dtype=dtype)[:rows, None]
        sizes = sizes[torch.randperm(rows, generator=torch_rng)]
        return tuple(sizes * torch.randn(rows, n, generator=torch_rng, dtype=dtype) for n in (inner, outer))

    return draw


def a_lot_size(rng, rows):
    """Not whole, and neither the number of rows nor near to it."""
    return float(rows * rng.choice([0.4, 2.5]) + 0.7 * rng.random() + 0.1)


@pytest.mark.task("clipping")
def test_some_are_clipped(linear, points, rng):
    """Gradients above the bound are scaled to it, those below stay, in `float64` and `float32`.

    超过界限的梯度缩到界限，没有超过的保持不变，`float64` 和 `float32` 都是如此。
    """
    rows, inner, outer = distinct_sizes(rng, 3, 4, 7)
    for dtype in (torch.float64, torch.float32):
        both = linear(outer, inner, 0.3, dtype=dtype)
        both.check(points(rows, inner, outer, dtype=dtype), 0.9, float(rng.uniform(2, 5)), a_lot_size(rng, rows))


@pytest.mark.task("clipping")
def test_one_norm_for_all_parameters(tagger, sentences, rng):
    """The norm is that of all parameters together, also where a bound lies between their norms; a shared one counts once.

    范数由所有参数合在一起算，界限落在各参数的范数之间时也一样；共享的参数只算一次。
    """
    rows = 3
    for dtype, bound in ((torch.float64, 0.2), (torch.float64, 0.8), (torch.float32, 0.6)):
        tagger(dtype=dtype).check(sentences(rows), 3.0, bound, a_lot_size(rng, rows))


@pytest.mark.task("clipping")
def test_norm_of_zero(linear, points, rng):
    """A sample whose gradient is zero adds zero, alone or among others.

    梯度为零的样本贡献为零，单独出现或与其他样本一起都一样。
    """
    inner, outer = distinct_sizes(rng, 2, 3, 7)
    for others in (0, 4):
        both = linear(outer, inner, 0.4)
        x, y = points(others, inner, outer)
        place = int(rng.integers(others + 1))
        bias = both.known()["bias"][None].clone()
        x = torch.cat([x[:place], torch.zeros(1, inner, dtype=x.dtype), x[place:]])
        y = torch.cat([y[:place], bias, y[place:]])
        both.check((x, y), 0.7, float(rng.uniform(0.5, 2)), 3)


@pytest.mark.task("clipping")
def test_ends_of_the_range(linear, points, rng):
    """Nine digits are right for a bound of 10^-3 and of 10^3, and for gradients that are tiny or huge.

    界限为 10^-3 或 10^3、梯度很小或很大时，9 位数字都正确。
    """
    rows, inner, outer = distinct_sizes(rng, 3, 3, 6)
    for bound, low, high in ((1e-3, 1e-2, 1e-1), (1e3, 1.0, 300.0), (1, 1e-2, 300)):
        both = linear(outer, inner, 0.1)
        both.check(points(rows, inner, outer, low, high), 2.0 * rows / bound, bound, rows)


@pytest.mark.task("clipping")
def test_second_step(tagger, sentences, rng):
    """Two steps in a row are two steps: nothing of the first is left in the second.

    连续两步就是独立的两步：第一步没有任何东西留到第二步。
    """
    both = tagger()
    for rows in distinct_sizes(rng, 2, 2, 4):
        both.check(sentences(rows), 2, 0.5, a_lot_size(rng, rows))


@pytest.mark.task("lots")
def test_lot_size(tagger, sentences, rng):
    """The divisor is the expected batch size, whole or not, however many samples there are.

    除数是 `expected_batch_size`，整数或小数都可以，与实际有几个样本无关。
    """
    for rows, expected in ((1, 7), (int(rng.integers(3, 5)), 2.5), (2, 0.3)):
        tagger().check(sentences(rows), 1.5, 0.7, expected)


@pytest.mark.task("lots")
def test_empty_lot(tagger, sentences, linear, points, rng):
    """A lot without samples makes no difference without noise, and noise over the lot size with it.

    没有样本时，无噪声则权重不变，有噪声则只有噪声除以批量。
    """
    for dtype in (torch.float64, torch.float32):
        tagger(dtype=dtype).check(sentences(0), 0.8, 0.6, 3)
    outer, inner = 80, 60
    noise = linear(outer, inner, seed=int(rng.integers(2**31))).noise(points(0, inner, outer), 7.0, 1.7, 2.3, 5)
    assert_scale(np.concatenate([one.ravel() for one in noise.values()]), 1.7 * 2.3, "normal")


@pytest.mark.task("lots")
def test_every_parameter_gets_noise(tagger, sentences, rng):
    """Noise of one scale reaches every parameter and every row, used by a sample or not; what is frozen stays.

    每个参数的每一行都加上标准差相同的噪声，无论样本是否用到；冻结的参数保持不变。
    """
    both = tagger(110, 100, 120, seed=int(rng.integers(2**31)))
    noise = both.noise(sentences(2, n_tokens=5), 4.0, 0.5, 8.0, 2)
    for one in noise.values():
        assert_scale(one, 4.0, "normal")
    assert_scale(noise["embed.weight"][5:], 4.0, "normal")
    assert_distinct(np.concatenate([np.abs(one).ravel() for one in noise.values()]))
    frozen = both.stage.weights()["scale"] - both.known()["scale"]
    assert_close(frozen, torch.zeros((), dtype=torch.float64), rtol=0, atol=0)


@pytest.mark.task("noise")
def test_scale(linear, points, rng):
    """The noise in the sum has standard deviation noise_multiplier times max_grad_norm, however many samples there are.

    总和里噪声的标准差是 `noise_multiplier` 乘以 `max_grad_norm`，与样本数无关。
    """
    for dtype, rows, bound, multiplier in ((torch.float64, 4, 0.35, 4.5), (torch.float32, 2, 6.0, 0.4)):
        both = linear(130, 40, dtype=dtype, seed=int(rng.integers(2**31)))
        noise = both.noise(points(rows, 40, 130, dtype=dtype), 5.0, bound, multiplier, a_lot_size(rng, rows))
        assert_scale(noise["weight"], bound * multiplier, "normal")
        assert_scale(noise["bias"], bound * multiplier, "normal")


@pytest.mark.task("noise")
def test_distribution(linear, points, rng):
    """The noise is normal in bulk and tails, repeats no value, and its elements are independent along both axes.

    噪声的主体和尾部都服从正态分布，没有重复的值，沿两个轴相邻的元素互不依赖。
    """
    both = linear(200, 200, 0.0, seed=int(rng.integers(2**31)))
    noise = both.noise(points(0, 200, 200), 1.0, 1.0, 1.0, 1)
    weight, bias = noise["weight"], noise["bias"]
    assert_distribution(weight, special.ndtr)
    assert_tail(weight, special.ndtr, 3.4)  # where 27 are expected
    assert_distinct(np.abs(np.append(weight, bias)))
    for axis in (0, 1):
        assert_independent_along(weight, axis)
    for row in (0, -1):
        assert_independent(weight[row], bias)


@pytest.mark.task("noise")
def test_next_step(linear, points, rng):
    """The next step has new noise, independent of that before, with and without samples.

    下一步的噪声是新的，与之前的独立，有无样本都一样。
    """
    both = linear(50, 40, 0.0, seed=int(rng.integers(2**31)))
    steps = []
    for rows in (0, 2, 0):
        before = flat(both.known())
        moved = both.noise(points(rows, 40, 50), 1.0, 1.0, 3.0, 1)
        steps.append(np.concatenate([moved["bias"], moved["weight"].ravel()]))
        assert_close(before.shape, (2050,))
        both.model.load_state_dict(both.stage.weights())
    for one, other in ((0, 1), (1, 2), (0, 2)):
        assert_independent(steps[one], steps[other])
    assert_distinct(np.abs(np.concatenate([steps[0], steps[2]])))


@pytest.mark.task("noise")
def test_same_state(driver, sentences, torch_rng, rng, seed_candidate):
    """The same state of the generator gives the same step, whatever the global generators hold, which stay as they are.

    生成器状态相同，得到的更新就相同，与全局生成器无关，也不改动全局生成器。
    """
    shapes = {"embed.weight": (7, 3), "mix.weight": (3, 3), "mix.bias": (3,), "head.bias": (7,), "scale": ()}
    weights = {name: torch.randn(shape, generator=torch_rng) for name, shape in {**shapes, "spare": (5,)}.items()}
    seed, samples = int(rng.integers(2**31)), sentences(0, n_tokens=7)

    def step():
        stage = driver.Stage(weights, seed)
        stage.step(*samples, 0.5, 1.0, 1.0, 4)
        return flat(stage.weights())

    assert_same_again(step, seed_candidate)
    samples = sentences(3, n_tokens=7)
    first = assert_same_again(step, seed_candidate)
    seed += 1
    assert bool((step() != first)[: 7 * 3].all()), "another seed gave the same noise\n换了种子，噪声却相同"
    assert_leaves_no_state(driver.Stage(weights, seed).step, *samples, 0.5, 1.0, 1.0, 4)


@pytest.mark.task("contract")
def test_gradients_and_modes_stay(tagger, sentences, rng):
    """After a right step `.grad`, training mode and `requires_grad` are as they were; old gradients have no part in it.

    在这一步正确的前提下，`.grad`、training 状态和 `requires_grad` 保持原样；旧的梯度不参与这一步。
    """
    for training, rows in ((True, 0), (False, 2)):
        both = tagger(training=training)
        both.stage.fill_gradients(7.25)
        modes, gradients = both.stage.modes(), both.stage.gradients()
        both.check(sentences(rows), 2.0, 0.5, a_lot_size(rng, rows + 1))
        both.stage.step(*sentences(rows), 2.0, 0.5, 1.0, 3)
        assert_close([*both.stage.gradients().values()], [*gradients.values()])
        assert_close([*both.stage.modes()], [*modes])


@pytest.mark.task("contract")
def test_bad_arguments(linear, points, rng):
    """Numbers that are not finite, not positive or negative, and lengths that differ, are refused and change nothing.

    不是有限值、不为正或为负的数，以及样本数不一致，都会被拒绝，且什么都不改变。
    """
    rows, inner, outer = distinct_sizes(rng, 3, 3, 7)
    seed = int(rng.integers(2**31))
    both = linear(outer, inner, seed=seed)
    inputs, labels = points(rows, inner, outer)
    sound = {"inputs": inputs, "labels": labels, "lr": 0.5, "max_grad_norm": 1, "noise_multiplier": 0, "lot": 2}
    positive = [-1.0, 0.0, INF, NAN]
    bad = {
        "labels": [labels[:-1], labels[:0], labels[:1], torch.cat([labels, labels[:1]])],
        "lr": positive,
        "max_grad_norm": positive,
        "noise_multiplier": [-1e-9, INF, NAN],
        "lot": positive,
    }
    assert_refuses(both.stage.step, sound, bad, pairs=False)
    assert_each_raises(
        ValueError, both.stage.step, [(inputs[:0], labels, 0.5, 1, 1, 2), (inputs, labels, 0.5, 1, INF, 2)]
    )
    pairs = [(-1.0, -1.0, 0, 2), (1, -1.0, -1.0, 2), (-1.0, 1, 0, -2), (1, 1, NAN, 0), (INF, 1, 0, INF)]
    assert_each_raises(
        ValueError, both.stage.step, [(inputs, labels[1:], NAN, 1, 0, 2), *((inputs, labels, *pair) for pair in pairs)]
    )
    both.known_step((inputs, labels), 0.5, 1, 2)
    assert_close(flat(both.stage.weights()), flat(both.known()))
    # The generator has not moved either: the next noise is that of a generator in its first state.
    other = linear(outer, inner, seed=seed)
    moves = []
    for one, sound_again in ((both, ()), (other, (0.5, 1, 0, 2))):
        if sound_again:
            one.stage.step(inputs, labels, *sound_again)
        before = flat(one.stage.weights())
        one.stage.step(inputs[:0], labels[:0], 1.0, 1.0, 1.0, 1)
        moves.append(flat(one.stage.weights()) - before)
    assert_close(moves[0], moves[1])
