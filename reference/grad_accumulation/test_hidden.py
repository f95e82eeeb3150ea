"""Hidden cases of grad_accumulation: the large batch is run here, and micro-batches are handed over one at a time."""

import pytest
import torch
from torch.nn import functional

from grader.judge import assert_close, assert_each_raises, assert_leaves_no_state, distinct_sizes

NONE, TOKENS, WIDTH = -100, 7, 3


class LargeBatch:
    """The driver's model and optimizer as formulas, and one step for all tokens at once with torch's own mean."""

    def __init__(self, weights, held):
        self.leaves = {name: value.clone().requires_grad_(name != "scale") for name, value in weights.items()}
        self.held = {name: leaf for name, leaf in self.leaves.items() if held is None or name in held}
        self.velocities = {}
        self.batch = []

    def add(self, inputs, labels):
        self.batch.append((inputs.flatten(), labels.flatten()))

    def step(self):
        """The mean loss, or None."""
        batch, self.batch = self.batch, []
        inputs, labels = (torch.cat(parts) for parts in zip(*batch, strict=True)) if batch else [torch.empty(0)] * 2
        if not (labels >= 0).any():
            return None
        for leaf in self.leaves.values():
            leaf.grad = None
        loss = functional.cross_entropy(self.logits(inputs), labels, ignore_index=NONE)
        loss.backward()
        with torch.no_grad():
            self.move({name: leaf for name, leaf in self.held.items() if leaf.grad is not None})
        return loss.item()

    def move(self, leaves):
        """SGD with a rate of 0.5, a momentum of 0.9 and a decay of 0.1; without a gradient nothing moves."""
        for name, leaf in leaves.items():
            velocity = leaf.grad + 0.1 * leaf
            if name in self.velocities:
                velocity += 0.9 * self.velocities[name]
            self.velocities[name] = velocity
            leaf -= 0.5 * velocity

    def logits(self, inputs):
        one = self.leaves
        hidden = torch.tanh(one["embed.weight"][inputs] @ one["mix.weight"].T + one["mix.bias"])
        zero = inputs == 0
        if zero.any():
            hidden = hidden + zero[:, None] * (hidden @ one["rare.weight"].T)
        return one["scale"] * (hidden @ one["embed.weight"].T)


class Both:
    """The candidate's accumulator and the large batch, from the same weights."""

    def __init__(self, driver, weights, held, **options):
        self.stage = driver.Stage(weights, held, **options)
        self.large = LargeBatch(weights, held)
        single = weights["scale"].dtype == torch.float32
        self.rtol = 1e-4 if single else None  # of the loss, a Python float: its own tolerance is that of float64

    def add(self, *micro_batches):
        for micro_batch in micro_batches:
            self.large.add(*micro_batch)
            assert_close(self.stage.add(*micro_batch), None)

    def step(self):
        """Both take a step; loss and weights agree."""
        assert_close(self.stage.step(), self.large.step(), rtol=self.rtol)
        self.check()

    def check(self):
        weights = self.stage.weights()
        expected = {name: leaf.detach() for name, leaf in self.large.held.items()}
        assert_close({name: weights[name] for name in expected}, expected)


@pytest.fixture
def start(driver, torch_rng):
    """Makes a `Both` with weights of its own."""

    def make(held=None, dtype=torch.float64, **options):
        square, table = (WIDTH, WIDTH), (TOKENS, WIDTH)
        shapes = {"embed.weight": table, "mix.weight": square, "mix.bias": (WIDTH,), "rare.weight": square, "scale": ()}
        drawn = {name: torch.randn(shape, generator=torch_rng, dtype=dtype) for name, shape in shapes.items()}
        return Both(driver, drawn, held, **options)

    return make


@pytest.fixture
def draw(torch_rng):
    """Draws a micro-batch (B, L) of which so many tokens count; `rare`: one of them is token 0."""

    def micro_batch(rows, columns, count, *, rare=False):
        places = torch.randperm(rows * columns, generator=torch_rng)
        inputs = torch.randint(1, TOKENS, (rows * columns,), generator=torch_rng)
        labels = torch.randint(0, TOKENS, (rows * columns,), generator=torch_rng)
        labels[places[count:]] = NONE
        inputs[places[: int(rare)]] = 0
        return inputs.view(rows, columns), labels.view(rows, columns)

    return micro_batch


def several(draw, rng):
    """Three micro-batches of different shapes, of which few, many and all tokens count."""
    a, b, c, d = distinct_sizes(rng, 4, 2, 7)
    return [draw(a, b, 1), draw(c, d, c * d - 2, rare=True), draw(b, c, b * c)]


@pytest.mark.task("equality")
def test_large_batch(draw, start, rng):
    """Micro-batches of which few, many or all tokens count make the step of the large batch, and give its loss.

    各 micro-batch 中计入的 token 有少有多，也有全部计入的；走出的一步和损失都与大批次相同。
    """
    both = start()
    both.add(*several(draw, rng))
    both.step()


@pytest.mark.task("equality")
def test_several_steps(draw, start, rng):
    """In steps that follow each other, of different numbers of micro-batches, each counts its own tokens only.

    连续多步、每步的 micro-batch 数不同，各步只计自己的 token。
    """
    both = start()
    for number in (2, 1, 3):
        sizes = distinct_sizes(rng, number + 1, 2, 7)
        both.add(*(draw(size, sizes[0], size + k, rare=k == 0) for k, size in enumerate(sizes[1:])))
        both.step()


@pytest.mark.task("equality")
def test_nothing_padded(draw, start, rng):
    """Where all tokens count, micro-batches of different sizes still weigh by their tokens.

    所有 token 都计入时，大小不同的 micro-batch 同样按 token 数加权。
    """
    both = start()
    rows, first, second = distinct_sizes(rng, 3, 2, 7)
    both.add(draw(rows, first, rows * first, rare=True), draw(1, second, second))
    both.step()


@pytest.mark.task("equality")
def test_single_precision(draw, start, rng):
    """In `float32` step and loss are right as well.

    `float32` 下，这一步和损失同样正确。
    """
    both = start(dtype=torch.float32)
    both.add(*several(draw, rng))
    both.step()


@pytest.mark.task("uncounted")
def test_uncounted_micro_batches(draw, start, rng):
    """Micro-batches without a token that counts, and ones without rows or columns, add nothing, wherever they come.

    没有计入 token 的、没有行或没有列的 micro-batch，无论排在哪里都不产生任何影响。
    """
    rows, columns = distinct_sizes(rng, 2, 2, 6)
    both = start()
    for first, last in (((rows, columns, 0), (0, columns, 0)), ((rows, 0, 0), (1, 1, 0))):
        both.add(draw(*first), draw(rows, columns, 3, rare=True), draw(*last))
        both.step()


@pytest.mark.task("uncounted")
def test_a_step_without_tokens(draw, start, rng):
    """A step for which no token counts returns None and does not call the optimizer; the steps after it are right.

    没有任何 token 计入时，`step` 返回 None，且不调用优化器；之后的步仍然正确。
    """
    rows, columns = distinct_sizes(rng, 2, 2, 6)
    both = start()
    assert_close(both.stage.step(), None)
    both.add(*several(draw, rng))
    both.step()
    both.step()
    both.add(draw(rows, columns, 0), draw(columns, rows, 0))
    both.step()
    assert_close(both.stage.with_gradient(), [])
    assert_close(both.stage.optimizer_steps(), 1)
    both.add(draw(rows, columns, 4))
    both.step()
    for nothing in ([], [draw(columns, rows, 0)]):
        both.add(*nothing)
        both.stage.fill_gradients(3.0)
        both.step()
        assert_close(both.stage.with_gradient(), [])


@pytest.mark.task("uncounted")
def test_a_loss_of_zero(driver):
    """Where every label is certain, the loss is 0.0, which is not None, and the optimizer steps.

    每个标签都有十足把握时，损失为 0.0 而不是 None，优化器照样走一步。
    """
    zeros = torch.zeros(2, 2, dtype=torch.float64)
    ones, certain = torch.ones(2, dtype=torch.float64), torch.tensor([[900.0, 900.0], [-900.0, -900.0]])
    weights = {"embed.weight": certain.double(), "mix.weight": zeros, "mix.bias": ones, "rare.weight": zeros}
    stage = driver.Stage(weights | {"scale": ones[0]})
    stage.add(torch.tensor([[1, 1]]), torch.tensor([[0, NONE]]))
    assert_close(stage.step(), 0.0)
    assert_close(stage.optimizer_steps(), 1)


@pytest.mark.task("gradients")
def test_unused_parameters(draw, start, rng):
    """A parameter that no token of the batch used, after one that did, has no gradient and does not move.

    上一个批次用到、这个批次没有用到的参数没有梯度，也不会移动。
    """
    rows, columns = distinct_sizes(rng, 2, 2, 6)
    both = start()
    for rare in (True, False, False, True):
        both.add(draw(rows, columns, 3), draw(columns, rows, 4, rare=rare))
        both.step()


@pytest.mark.task("gradients")
def test_old_gradients(draw, start, rng):
    """Gradients that other code left behind before the first micro-batch, or between two steps, play no part.

    第一个 micro-batch 之前、两步之间，其他代码留下的梯度都不起作用。
    """
    both = start()
    for number in (1.5, 1e3):
        both.stage.fill_gradients(number)
        both.add(*several(draw, rng)[1:])
        both.step()
    for nothing in ([], [draw(1, 2, 0)]):  # a step for nothing ends a batch as well
        both.stage.fill_gradients(2.0)
        both.add(*nothing)
        both.step()
    both.stage.fill_gradients(2.0)
    both.add(*several(draw, rng)[:2])
    both.step()


@pytest.mark.task("gradients")
def test_parameters_that_are_not_held(draw, start, rng):
    """After a step no parameter of the model has a gradient, not even one that the optimizer does not hold.

    `step` 之后模型的任何参数都没有梯度，优化器没有管的也一样。
    """
    for held, steps in ((["embed.weight", "mix.bias"], 2), (["embed.weight"], 1)):
        both = start(held=held)
        for _ in range(steps):
            both.add(*several(draw, rng)[1:])
            both.step()
            assert_close(both.stage.with_gradient(), [])


@pytest.mark.task("contract")
def test_nothing_is_held(draw, start, rng):
    """Every `add` calls the model once and lets go of the logits; the weights stay until `step`.

    每次 `add` 调用一次模型，并释放 logits；在 `step` 之前权重不变。
    """
    both = start()
    both.add(several(draw, rng)[1])
    both.step()
    for number, micro_batch in enumerate(several(draw, rng), start=2):
        both.add(micro_batch)
        assert_close(both.stage.calls(), (number, 0))
        both.check()
    both.step()
    assert_close(both.stage.calls(), (4, 0))


@pytest.mark.task("contract")
def test_bad_labels(draw, start, rng):
    """Labels of another shape are refused, with as many elements too; what was added before and after still counts.

    形状不同的标签会被拒绝，元素个数相同也一样；之前和之后加入的仍然有效。
    """
    rows, columns = distinct_sizes(rng, 2, 2, 6)
    both = start()
    for before in ([], [draw(rows, columns, 4)]):
        both.add(*before)
        inputs, labels = draw(rows, columns, rows * columns, rare=True)
        wrong = [labels.T, labels.flatten(), labels[:1], labels[:, :-1], labels[:, None], labels[:, :1]]
        assert_each_raises(ValueError, both.stage.add, [(inputs, one) for one in wrong])
        both.add(draw(columns, rows, 3, rare=True))
        both.step()


@pytest.mark.task("contract")
def test_nothing_else_changes(draw, start, rng):
    """Modes, `requires_grad` and torch's settings stay, and two accumulators in use at once do not meet.

    训练与评估模式、`requires_grad` 和 torch 的设置不变；同时使用的两个累积器互不影响。
    """
    both = [start(training=True), start(training=False)]
    modes = [one.stage.modes() for one in both]
    for first, second in zip(several(draw, rng), several(draw, rng), strict=True):
        for one, micro_batch in zip(both, (first, second), strict=True):
            one.large.add(*micro_batch)
            assert_leaves_no_state(one.stage.add, *micro_batch)
    for one in both:
        assert_close(assert_leaves_no_state(one.stage.step), one.large.step())
        one.check()
    assert_close([one.stage.modes() for one in both], modes)
