"""Hidden cases of adamw: parameters, options and gradients are drawn anew, and gradients come one step at a time."""

import pytest
import torch

from grader.judge import assert_close, assert_each_raises, assert_leaves_no_state, assert_refuses, distinct_sizes, inout

NAN, INF = float("nan"), float("inf")


class Run:
    """One optimizer on each side, over parameters with the same values."""

    def __init__(self, candidate, reference, values, **options):
        handed = [inout(torch.nn.Parameter(value.clone())) for value in values]
        self.known = [torch.nn.Parameter(value.clone()) for value in values]
        self.optimizer = candidate.AdamW(handed, **options)
        self.right = reference.AdamW(self.known, **options)
        self.theirs = [one.value for one in handed]  # what the candidate's parameters are now, at every moment

    def step(self, *gradients):
        """Give every parameter its gradient, or None; both sides take a step, after which all parameters agree."""
        for theirs, known, gradient in zip(self.theirs, self.known, gradients, strict=True):
            theirs.grad = None if gradient is None else gradient.clone()
            known.grad = gradient
        self.right.step()
        self.optimizer.step()
        assert_close(values_of(self.theirs), values_of(self.known))

    def set_lr(self, lr):
        """Change the learning rate of both."""
        self.optimizer.lr = self.right.lr = lr


def values_of(parameters):
    """The parameters as plain tensors."""
    return [parameter.detach() for parameter in parameters]


@pytest.fixture
def draw(torch_rng):
    """Draws tensors of the shapes: normal numbers of some scale, `float64` unless told otherwise."""

    def tensors(*shapes, scale=1.0, dtype=torch.float64):
        drawn = [torch.randn(shape, generator=torch_rng, dtype=torch.float64) * scale for shape in shapes]
        return [one.to(dtype) for one in drawn]

    return tensors


@pytest.fixture
def start(candidate, reference):
    """Makes a `Run` of parameters with options."""
    return lambda values, **options: Run(candidate, reference, values, **options)


def draw_shapes(rng):
    """A vector, a matrix and a scalar."""
    length, rows, columns = distinct_sizes(rng, 3, 2, 7)
    return (length,), (rows, columns), ()


@pytest.mark.task("update")
def test_several_steps(draw, start, rng):
    """Over several steps without decay, both averages are kept and corrected for their start from zero.

    无衰减地走若干步：两个滑动平均逐步累积，并修正从零开始带来的偏差。
    """
    shapes, betas = draw_shapes(rng)[1:], (float(rng.uniform(0.5, 0.8)), float(rng.uniform(0.85, 0.95)))
    run = start(draw(*shapes), lr=float(rng.uniform(0.05, 0.2)), betas=betas, weight_decay=0.0)
    for scale in (1.0, 3.0, 0.2, 1.0, 5.0):
        run.step(*draw(*shapes, scale=scale))


@pytest.mark.task("update")
def test_ends_of_betas(draw, start, rng):
    """Betas of 0 and close to 1 are right from the first step on.

    beta 为 0 或接近 1 时，从第一步起就正确。
    """
    (shape,) = distinct_sizes(rng, 1, 3, 7)
    for betas in ((0.0, 0.7), (0.7, 0.0), (0.9999, 0.6), (0.6, 0.9999)):
        run = start(draw(shape), lr=0.1, betas=betas, weight_decay=0.0)
        for scale in (1.0, 2.0):
            run.step(*draw(shape, scale=scale))


@pytest.mark.task("update")
def test_eps(draw, start, rng):
    """Eps from 1e-12 to 1 is added to the corrected root, for gradients of about its size.

    `eps` 从 1e-12 到 1，都加在修正后的平方根上；梯度大小与之相当。
    """
    (shape,) = distinct_sizes(rng, 1, 3, 7)
    for eps in (1e-12, 10.0 ** float(rng.uniform(-9, -3)), 1.0):
        run = start(draw(shape, scale=0.1), lr=0.1, betas=(0.8, 0.9), eps=eps, weight_decay=0.0)
        for scale in (eps, 3 * eps):
            run.step(*draw(shape, scale=scale))


@pytest.mark.task("update")
def test_defaults(draw, start, rng):
    """Options that are left out have the values of the signature, which large weights and tiny gradients show.

    没有给出的选项取签名里的默认值；很大的权重和很小的梯度能看出差别。
    """
    (shape,) = distinct_sizes(rng, 1, 3, 7)
    run = start(draw(shape, scale=0.3))
    for scale in (1e-8, 2e-8, 0.5e-8):
        run.step(*draw(shape, scale=scale))


@pytest.mark.task("decay")
def test_decay(draw, start, rng):
    """Weights decay by lr times weight_decay of what they were before the step, whatever the gradient's size.

    无论梯度多大，权重都按步前的值衰减 lr 乘 weight_decay 的比例。
    """
    shapes = draw_shapes(rng)
    options = {"lr": float(rng.uniform(0.2, 0.6)), "weight_decay": float(rng.uniform(0.3, 0.8))}
    run = start(draw(*shapes, scale=3.0), **options)
    for scale in (1e-3, 1.0, 1e3):
        run.step(*draw(*shapes, scale=scale))


@pytest.mark.task("decay")
def test_lr_that_is_set(draw, start, rng):
    """Both terms use the learning rate that is set at the time, 0 included.

    两项都使用当时的学习率，包括 0。
    """
    shapes = draw_shapes(rng)[:2]
    run = start(draw(*shapes), lr=0.1, weight_decay=0.5)
    assert_close(run.optimizer.lr, 0.1)
    run.step(*draw(*shapes))
    for lr in (float(rng.uniform(0.2, 0.4)), 0.0, float(rng.uniform(0.02, 0.05))):
        run.set_lr(lr)
        run.step(*draw(*shapes))
        assert_close(run.optimizer.lr, lr)
    run = start(draw(*shapes), lr=0.0, weight_decay=0.5)
    run.step(*draw(*shapes))
    run.set_lr(0.2)
    run.step(*draw(*shapes))


@pytest.mark.task("state")
def test_no_gradient(draw, start, rng):
    """A parameter without a gradient stays as it is, its averages and its count of updates too.

    没有梯度的参数保持不变，它的滑动平均和更新次数也不变。
    """
    shapes = draw_shapes(rng)
    run = start(draw(*shapes), lr=0.1, betas=(0.7, 0.9), weight_decay=0.4)
    for present in ((1, 0, 0), (1, 1, 0), (0, 1, 0), (0, 0, 0), (1, 0, 1), (1, 1, 1)):
        gradients = draw(*shapes)
        run.step(*(one if there else None for one, there in zip(gradients, present, strict=True)))


@pytest.mark.task("state")
def test_zero_gradient(draw, start, rng):
    """A gradient of zeros, at first and later, counts as an update: averages shrink and weights decay.

    全零的梯度，无论先来后到，都算一次更新：滑动平均缩小，权重照常衰减。
    """
    shapes = draw_shapes(rng)
    for order in ((0, 1), (1, 0, 0, 1)):
        run = start(draw(*shapes[:2]), lr=0.1, betas=(0.7, 0.9), weight_decay=0.4)
        for scale in order:
            run.step(*draw(*shapes[:2], scale=float(scale)))


@pytest.mark.task("state")
def test_two_optimizers(draw, start, rng):
    """Of two optimizers in use at once, each has its own parameters, averages, counts and options.

    同时使用的两个优化器，各有各的参数、滑动平均、更新次数和选项。
    """
    shapes = draw_shapes(rng)[:2]
    runs = [start(draw(*shapes), lr=lr, weight_decay=lr) for lr in (0.1, 0.3)]
    for first in (0, 1, 0):
        runs[first].step(*draw(*shapes))
    runs[1].step(*draw(*shapes))


@pytest.mark.task("contract")
def test_dtypes_and_shapes(draw, start, rng):
    """`float32` and `float64` side by side, shapes with no axes and no elements, are right.

    `float32` 与 `float64` 并存，形状没有维度或没有元素时，结果都正确。
    """
    rows, columns = distinct_sizes(rng, 2, 2, 6)
    shapes, dtypes = ((rows, columns), (rows, 0), ()), (torch.float32, torch.float64)
    run = start([one for dtype in dtypes for one in draw(*shapes, dtype=dtype)], lr=0.1, betas=(0.8, 0.9))
    for _ in range(2):
        run.step(*(one for dtype in dtypes for one in draw(*shapes, dtype=dtype)))


@pytest.mark.task("contract")
def test_sizes_of_gradients(draw, start, rng):
    """Gradients of size 1e-12 and 1e12 give right steps in both dtypes.

    梯度的量级为 1e-12 或 1e12 时，两种 dtype 下每一步都正确。
    """
    (shape,) = distinct_sizes(rng, 1, 3, 7)
    for low, high in ((1e-12, 5e-12), (2e11, 1e12)):
        for dtype in (torch.float32, torch.float64):
            run = start(draw(shape, dtype=dtype), lr=0.1, betas=(0.6, 0.999), eps=1e-12)
            for _ in range(2):
                run.step(*(one.tanh() * (high - low) + one.sign() * low for one in draw(shape, dtype=dtype)))


@pytest.mark.task("contract")
def test_nothing_else_changes(draw, start, rng):
    """After a right step, gradients, `requires_grad` and torch's global state are as before; nothing is returned.

    在结果正确的前提下，梯度、`requires_grad` 和 torch 的全局状态保持原样；没有返回值。
    """
    shapes = draw_shapes(rng)
    run = start(draw(*shapes), lr=0.1, weight_decay=0.3)
    for mode in (True, False):
        gradients = draw(*shapes)
        for theirs, known, gradient in zip(run.theirs, run.known, gradients, strict=True):
            theirs.grad, known.grad = gradient.clone(), gradient
        run.right.step()
        with torch.set_grad_enabled(mode):
            assert_close(assert_leaves_no_state(run.optimizer.step), None)
        assert_close(values_of(run.theirs), values_of(run.known))
        assert_close([one.grad for one in run.theirs], gradients, rtol=0, atol=0)
        assert_close([one.requires_grad for one in run.theirs], [True] * len(shapes))


@pytest.mark.task("contract")
def test_bad_options(candidate, draw, start):
    """Options out of range are refused, alone and two at a time; those at the ends of their ranges are not.

    超出范围的选项，无论单独出现还是两个同时出现，都会被拒绝；范围端点上的值则不会。
    """
    params = [inout(torch.nn.Parameter(*draw(3)))]
    sound = {"params": params, "lr": 0.1, "betas": (0.5, 0.6), "eps": 1e-3, "weight_decay": 0.1}
    negative = [-1e-9, NAN, INF, -INF]
    bad = {"lr": negative, "eps": [*negative, 0.0], "weight_decay": negative}
    assert_refuses(candidate.AdamW, sound, bad)
    values = (-1e-9, 1.0, 1.5, NAN, INF, -INF)
    pairs = [*((beta, 0.9) for beta in values), *((0.9, beta) for beta in values), (-0.5, 2.0), (NAN, NAN), (1.0, 1.0)]
    assert_each_raises(ValueError, candidate.AdamW, [sound | {"betas": betas} for betas in pairs])
    run = start(draw(3), lr=0.1, betas=(0.0, 1 - 1e-9), eps=1.0, weight_decay=0.0)
    run.step(*draw(3))
