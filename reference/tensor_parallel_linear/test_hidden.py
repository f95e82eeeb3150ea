"""Hidden cases: weights, inputs and gradients are drawn anew, and every rank is compared with the whole layer."""

from contextlib import contextmanager

import pytest
import torch
from grader.judge import assert_close
from torch.nn.functional import linear

MET = {}  # the ranks that stand in a process group together and have passed the case, with the port where they met


@contextmanager
def together(ranks, count, joined=True):
    """Ranks in a process group, if `joined`; that of the case before if they are the same and passed it."""
    group = ranks(count)
    members = tuple(group) if joined else ()
    known = MET.pop(members, 0)
    MET.clear()
    port = group[0].driver.open_store(count, known)
    if port != known:
        group.call("driver.join", [(rank, len(members), port) for rank in range(count)])
    yield group
    MET[members] = port


@pytest.fixture
def draw(torch_rng):
    """A function of a shape: a tensor of normal draws."""
    return lambda *shape, dtype=torch.float64: torch.randn(shape, generator=torch_rng, dtype=dtype)


def whole(weight, bias, inputs, gradients):
    """Outputs, gradients of the inputs, and parameters with their gradients of the layer in one process."""
    leaves = [x.clone().requires_grad_() for x in inputs]
    weight = weight.clone().requires_grad_()
    bias = None if bias is None else bias.clone().requires_grad_()
    outputs = [linear(x, weight, bias) for x in leaves]
    for y, gradient in zip(outputs, gradients, strict=True):
        y.backward(gradient)
    return [y.detach() for y in outputs], [x.grad for x in leaves], weight, bias


def part(tensor, rank, count, axis):
    """The part of a tensor that a rank has."""
    return tensor.detach().tensor_split(count, axis)[rank]


def check(group, kind, flag, weight, bias, inputs, gradients, needs_grad=True, made_of=None):
    """All ranks end as the whole layer does, each with its part; it may have been made of other numbers."""
    n, column = len(group), kind == "column"
    axis = 0 if column else 1
    outputs, input_gradients, w, b = whole(weight, bias, inputs, gradients)
    calls, expected = [], []
    for rank in range(n):

        def own(tensors, rank=rank):
            return [part(tensor, rank, n, -1) for tensor in tensors]

        def trained(rank=rank):
            held = [part(weight, rank, n, axis)]
            return held if bias is None else [*held, part(bias, rank, n, 0) if column else bias]

        given = own(inputs) if not column and flag else inputs
        handed = own(gradients) if column and not flag else gradients
        call = (kind, flag, *(made_of or (weight, bias)), given, handed, needs_grad)
        calls.append((*call, trained(rank)) if made_of else call)
        grads = own(input_gradients) if not column and flag else input_gradients
        parameters = {"weight": [part(w, rank, n, axis), part(w.grad, rank, n, axis)], "bias": None}
        if bias is not None:
            parameters["bias"] = [part(t, rank, n, 0) if column else t.detach() for t in (b, b.grad)]
        expected.append(
            {
                "outputs": own(outputs) if column and not flag else outputs,
                "inputs": given,
                "input gradients": grads if needs_grad else [None] * len(inputs),
                "given gradients": handed,
                "parameters": parameters,
            }
        )
    assert_close(group.call("driver.run", calls), expected)


@pytest.mark.task("alone")
@pytest.mark.parametrize("joined", [False, True])
def test_one_process(ranks, draw, joined):
    """Without a process group, or in one of one rank, both are ordinary linear layers, whatever the flags.

    没有进程组，或进程组中只有一个 rank 时，无论标志如何，两者都是普通的线性层。
    """
    with together(ranks, 1, joined) as group:
        for kind in ("column", "row"):
            for flag in (True, False):
                check(group, kind, flag, draw(3, 5), draw(3), [draw(2, 5)], [draw(2, 3)])


@pytest.mark.task("column")
def test_column_gathered(ranks, draw):
    """Three ranks and a gathered output, of what the parameters hold by then: outputs and all gradients; three axes, float32.

    三个 rank，输出汇集，按参数此时的值计算：输出以及 x、权重、偏置的梯度；输入为三维，另有 float32。
    """
    with together(ranks, 3) as group:
        check(group, "column", True, draw(6, 5), draw(6), [draw(2, 4, 5)], [draw(2, 4, 6)])
        single = {"dtype": torch.float32}
        check(group, "column", True, draw(9, 4, **single), None, [draw(5, 4, **single)], [draw(5, 9, **single)])
        check(group, "column", True, draw(6, 5), draw(6), [draw(2, 5)], [draw(2, 6)], made_of=(draw(6, 5), draw(6)))


@pytest.mark.task("column")
def test_column_in_parts(ranks, draw):
    """Three ranks, each with its part of the output; x has the whole gradient on every rank.

    三个 rank 各得到输出的一部分；每个 rank 上的 x 都有完整的梯度。
    """
    with together(ranks, 3) as group:
        check(group, "column", False, draw(6, 7), draw(6), [draw(5, 7)], [draw(5, 6)])
        check(group, "column", False, draw(3, 2), None, [draw(2, 4, 2)], [draw(2, 4, 3)])


@pytest.mark.task("row")
def test_row_of_whole_input(ranks, draw):
    """Three ranks and a whole input: the bias is added once, x has the whole gradient, and changed parameters count.

    三个 rank，输入完整：偏置只加一次，每个 rank 上的 x 都有完整的梯度，参数改变后按新的值计算。
    """
    with together(ranks, 3) as group:
        check(group, "row", False, draw(5, 6), draw(5), [draw(2, 4, 6)], [draw(2, 4, 5)])
        single = {"dtype": torch.float32}
        check(group, "row", False, draw(4, 9, **single), None, [draw(5, 9, **single)], [draw(5, 4, **single)])
        check(group, "row", False, draw(5, 6), draw(5), [draw(2, 6)], [draw(2, 5)], made_of=(draw(5, 6), draw(5)))


@pytest.mark.task("row")
def test_row_of_parts(ranks, draw):
    """Three ranks, each with its part of the input, and of its gradient.

    三个 rank 各有输入的一部分，以及其梯度的相应部分。
    """
    with together(ranks, 3) as group:
        check(group, "row", True, draw(7, 6), draw(7), [draw(5, 6)], [draw(5, 7)])
        check(group, "row", True, draw(2, 3), None, [draw(2, 4, 3)], [draw(2, 4, 2)])


@pytest.mark.task("pair")
def test_used_twice(ranks, draw):
    """A layer that is used several times after its parameters changed, and inputs that need no gradient.

    参数改变之后把一个层使用多次，以及不需要梯度的输入。
    """
    with together(ranks, 3) as group:
        for kind, flag, size in (
            ("column", True, (6, 4)),
            ("row", False, (4, 6)),
            ("row", True, (5, 3)),
            ("column", False, (3, 5)),
        ):
            out, width = size
            inputs, gradients = ([draw(rows, size) for rows in (2, 5, 2)] for size in (width, out))
            made_of = draw(*size), draw(out)
            check(group, kind, flag, draw(*size), draw(out), inputs, gradients, made_of=made_of)
            check(group, kind, flag, draw(*size), draw(out), inputs[:1], gradients[:1], needs_grad=False)


@pytest.mark.task("pair")
@pytest.mark.parametrize("gather", [False, True])
def test_block_with_residual(ranks, draw, gather):
    """Column-parallel, relu, row-parallel, where inputs are used beside the layers too: gradients as in one process.

    列并行、relu、行并行，各层的输入也在别处使用：所有梯度都与单进程相同。
    """
    n, width, hidden = 3, 5, 6
    tensors = {
        "up.weight": draw(hidden, width),
        "up.bias": draw(hidden),
        "down.weight": draw(width, hidden),
        "down.bias": draw(width),
    }
    x, gradient = draw(2, 4, width), draw(2, 4, width)
    first, second = [tensors["up.weight"], tensors["up.bias"]], [tensors["down.weight"], tensors["down.bias"]]
    leaves = {name: tensor.clone().requires_grad_() for name, tensor in (tensors | {"x": x}).items()}
    middle = linear(leaves["x"] * 2, leaves["up.weight"], leaves["up.bias"]).relu()
    y = linear(middle, leaves["down.weight"], leaves["down.bias"]) + leaves["x"] * 2
    if gather:
        y = y + middle.mean(-1, keepdim=True)
    y.backward(gradient)
    expected = []
    for rank in range(n):

        def cut(name, axis=None, rank=rank):
            values = (leaves[name], leaves[name].grad)
            return [value.detach() if axis is None else part(value, rank, n, axis) for value in values]

        expected.append(
            {
                "output": y.detach(),
                "input gradient": leaves["x"].grad,
                "up": {"weight": cut("up.weight", 0), "bias": cut("up.bias", 0)},
                "down": {"weight": cut("down.weight", 1), "bias": cut("down.bias")},
            }
        )
    with together(ranks, n) as group:
        assert_close(group.call("driver.pair", [(first, second, x, gradient, gather)] * n), expected)


@pytest.mark.task("contract")
def test_parameters_are_copies(ranks, draw):
    """The tensors that the layers were given stay as they are when the parameters change, and the layer goes by those.

    参数改变时，传给层的张量保持原样，而层按改变后的参数计算。
    """
    weight, bias = draw(6, 3), draw(6)
    with together(ranks, 3) as group:
        for kind in ("column", "row"):
            for flag in (True, False):
                check(group, kind, flag, draw(6, 3), draw(6), [draw(2, 3)], [draw(2, 6)], made_of=(weight, bias))
            check(group, kind, False, weight, bias, [draw(2, 3)], [draw(2, 6)])
            assert_close(group.call("driver.step", [(kind, weight, bias)] * 3), [[weight, bias]] * 3)


@pytest.mark.task("contract")
def test_uneven_sizes(ranks, draw):
    """Sizes that do not divide by the number of ranks are refused on every rank; the other size may be any.

    不能被 rank 数整除的尺寸在每个 rank 上都被拒绝；另一个尺寸可以是任意值。
    """
    with together(ranks, 3) as group:
        for kind in ("column", "row"):
            for size in (1, 2, 4, 5, 7, 3, 6):
                shape = (size, 4) if kind == "column" else (4, size)
                answers = group.call("driver.refused", [(kind, draw(*shape), draw(shape[0]))] * 3)
                assert_close(answers, [size % 3 != 0] * 3)
