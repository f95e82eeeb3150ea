"""Hidden cases of micrograd: numbers, expressions and graphs are drawn anew for every verdict."""

import math
import operator

import pytest

from grader.judge import assert_close

OPERATORS = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "**": operator.pow,
    "neg": operator.neg,
}


class Expressions:
    """Programs (see driver.py) that both sides compute."""

    def __init__(self, driver, reference):
        self._driver, self._node = driver, reference.Value

    def check(self, leaves, steps, roots):
        """Data and gradients of all nodes are the reference's, after each call of `backward`."""
        nodes = [self._node(number) for number in leaves]
        for name, *given in steps:
            operands = [nodes[int(one[1:])] if isinstance(one, str) else one for one in given]
            nodes.append(OPERATORS[name](*operands) if name in OPERATORS else getattr(self._node, name)(*operands))
        grads = []
        for root in roots:
            if root == "zero":
                for node in nodes:
                    node.grad = 0.0
            else:
                nodes[int(root[1:])].backward()
            grads.append([node.grad for node in nodes])
        expected = [node.data for node in nodes], grads
        data, found = self._driver.play(leaves, steps, roots)
        assert_close(data, expected[0])
        for after, known in zip(found, expected[1], strict=True):
            assert_close(after, known)

    def check_each(self, cases):
        """To each (number, name, *operands) belong a leaf x, this step on it and x plus 3 times it; the root is the sum."""
        count, steps, total = len(cases), [], None
        for place, (_, name, *given) in enumerate(cases):
            first = count + len(steps)
            steps.append((name, *(f"n{place}" if one == "x" else one for one in given)))
            steps += [("*", f"n{first}", 3), ("+", f"n{place}", f"n{first + 1}")]
            if total:
                steps.append(("+", total, f"n{first + 2}"))
            total = f"n{count + len(steps) - 1}"
        self.check([number for number, *_ in cases], steps, [total])


@pytest.fixture
def expressions(driver, reference):
    """Both sides."""
    return Expressions(driver, reference)


def a_number(rng, low=0.5, high=2.0):
    """Of either sign, and not near 0."""
    return float(rng.uniform(low, high) * rng.choice([-1, 1]))


def a_graph(rng, leaves, count):
    """Steps over leaves between 0.5 and 2 whose results stay of that order, and which often use a node again."""
    data, steps = list(leaves), []
    while len(steps) < count:
        name = str(rng.choice(["+", "-", "*", "/", "tanh", "exp", "relu", "log", "neg"]))
        one, other = (int(index) for index in rng.integers(len(data), size=2))
        a, b = data[one], data[other]
        if (name == "/" and abs(b) < 0.3) or (name == "log" and a < 0.3) or (name == "exp" and a > 2):
            continue
        if name in OPERATORS and name != "neg":
            result, step = OPERATORS[name](a, b), (name, f"n{one}", f"n{other}")
        else:
            rules = {"neg": operator.neg, "relu": lambda x: max(x, 0.0)}
            result, step = (rules.get(name) or getattr(math, name))(a), (name, f"n{one}")
        if abs(result) < 5:
            data.append(result)
            steps.append(step)
    return steps


@pytest.mark.task("arithmetic")
def test_two_nodes(expressions, rng):
    """Sum, difference, product and quotient of two nodes, and the negative.

    两个节点的和、差、积、商，以及相反数。
    """
    steps = [(name, "n0", "n1") for name in ("+", "-", "*", "/")]
    expressions.check([a_number(rng), a_number(rng)], steps, ["n2", "n3", "n4", "n5"])
    expressions.check([a_number(rng)], [("neg", "n0"), ("*", "n1", "n1")], ["n2"])


@pytest.mark.task("arithmetic")
def test_numbers_on_either_side(expressions, rng):
    """A Python int or float may stand on either side of each operator.

    Python 的 int 或 float 可以放在每个运算符的任一侧。
    """
    for name in ("+", "-", "*", "/"):
        numbers = int(rng.integers(2, 9)), a_number(rng), -1
        steps = [step for number in numbers for step in ((name, "n0", number), (name, number, "n1"))]
        expressions.check([int(rng.integers(2, 5)), a_number(rng)], steps, [f"n{place}" for place in range(2, 8)])


@pytest.mark.task("arithmetic")
def test_new_nodes(expressions, rng):
    """What changes no number, such as `0 + x`, `x * 1` or `-(-x)`, gives a node of its own too.

    `0 + x`、`x * 1`、`-(-x)` 这类不改变数值的运算，得到的也是另一个节点。
    """
    steps = (("+", "x", 0), ("+", 0, "x"), ("-", "x", 0.0), ("*", "x", 1), ("*", 1.0, "x"), ("/", "x", 1))
    steps += (("**", "x", 1), ("relu", "x"))
    expressions.check_each([(float(rng.uniform(0.5, 2)), *step) for step in steps])
    expressions.check([a_number(rng)], [("neg", "n0"), ("neg", "n1"), ("*", "n2", "n0")], ["n3", "n2"])


@pytest.mark.task("arithmetic")
def test_mixed_expressions(expressions, rng):
    """Operators in a row, in which numbers and nodes take turns.

    多个运算符相连，数与节点交替出现。
    """
    for _ in range(3):
        names = [str(name) for name in rng.choice(["+", "-", "*", "/"], 4)]
        steps = [(names[0], 3, "n0"), (names[1], "n0", a_number(rng)), (names[2], "n2", "n3"), (names[3], "n1", 7)]
        data = OPERATORS[names[1]](2.0, 1.0), OPERATORS[names[0]](3, 2.0)
        if names[2] != "/" or 0 not in data:
            expressions.check([float(rng.uniform(4, 5)), a_number(rng)], steps, ["n4", "n5"])


@pytest.mark.task("functions")
def test_powers(expressions, rng):
    """Constant exponents of either sign, whole or not; negative and zero bases where the power is defined.

    正负、整数与非整数的常数指数；在有定义之处，底数可以为负或为零。
    """
    exponents = (2, 3, -1, 0, 1, 0.5, -1.5, 2.0, float(rng.uniform(0.2, 3)))
    expressions.check_each([(float(rng.uniform(0.3, 2)), "**", "x", exponent) for exponent in exponents])
    expressions.check_each([(-float(rng.uniform(0.3, 2)), "**", "x", one) for one in (2, 3, -2, -3, 0, 1, 4.0)])
    zeros = [(0.0, 0), (0, 0.0), (0.0, 1), (0, 2), (0.0, 1.5), (0, 1.5)]
    expressions.check_each([(zero, "**", "x", exponent) for zero, exponent in zeros])


@pytest.mark.task("functions")
def test_functions(expressions, rng):
    """exp, log, tanh and relu, each at several numbers and inside of each other.

    exp、log、tanh 与 relu，在多个数上单独使用，也相互嵌套。
    """
    numbers = {
        "exp": (a_number(rng), 0.0, -800.0),
        "log": (float(rng.uniform(0.01, 0.9)), float(rng.uniform(2, 1e6)), 1.0),
        "tanh": (a_number(rng), 0.0, a_number(rng, 2.0, 4.0), a_number(rng, 5.0, 8.0)),
        "relu": (a_number(rng), 1e-30, -1e-30, 3, -2),
    }
    expressions.check_each([(number, name, "x") for name, given in numbers.items() for number in given])
    steps = [("exp", "n0"), ("log", "n1"), ("tanh", "n2"), ("relu", "n3"), ("exp", "n4")]
    expressions.check([float(rng.uniform(0.3, 1))], steps, ["n5"])


@pytest.mark.task("functions")
def test_ends(expressions):
    """relu has slope 0 at 0; tanh is right for numbers of any size, and exp up to 700.

    relu 在 0 处斜率为 0；tanh 对任意大小的数都正确，exp 到 700 为止也正确。
    """
    expressions.check_each([(zero, "relu", "x") for zero in (0.0, 0, -0.0)])
    far = [1000.0, -1000.0, 1e300, -750.0]
    expressions.check(far, [("tanh", f"n{place}") for place in range(4)], ["n4", "n5", "n6", "n7"])
    expressions.check([700.0], [("exp", "n0"), ("*", "n1", 1e-300)], ["n2"])


@pytest.mark.task("graph")
def test_same_node_twice(expressions, rng):
    """Both operands may be one node, and a node may be used again further down.

    两个操作数可以是同一个节点，同一个节点后面也可以再用。
    """
    for name in ("+", "-", "*", "/"):
        steps = [(name, "n0", "n0"), ("*", "n1", "n0"), ("+", "n2", "n1")]
        expressions.check([a_number(rng)], steps, ["n1", "n3"])


@pytest.mark.task("graph")
def test_long_and_short_ways(expressions, rng):
    """A node that is reached along a short path and a long one passes on the sum, once.

    一个节点既有短路径又有长路径到达时，只传一次，传的是总和。
    """
    for first in (("*", "n1", "n4"), ("*", "n4", "n1")):
        steps = [("*", "n0", 1.5), ("tanh", "n1"), ("+", "n2", "n1"), ("exp", "n3"), first, ("-", "n5", "n0")]
        expressions.check([a_number(rng)], steps, ["n6"])


@pytest.mark.task("graph")
def test_drawn_graphs(expressions, rng):
    """Graphs in which nodes are used again at random have the right gradients everywhere.

    随机重复使用节点的计算图，处处梯度正确。
    """
    for _ in range(3):
        leaves = [float(rng.uniform(0.5, 2)) for _ in range(3)]
        expressions.check(leaves, a_graph(rng, leaves, 15), ["n17"])


@pytest.mark.task("graph")
def test_repeated_backward(expressions, rng):
    """Each call adds the whole derivative once more, to intermediate nodes too; a grad of 0.0 starts anew.

    每次调用都把完整的导数再加一次，中间节点也是如此；`grad` 设为 0.0 则重新开始。
    """
    leaves = [float(rng.uniform(0.5, 2)) for _ in range(2)]
    expressions.check(leaves, a_graph(rng, leaves, 10), ["n11", "n11", "n11", "zero", "n11"])


@pytest.mark.task("graph")
def test_several_roots(expressions, rng):
    """Calls of nodes that share parts add up, a leaf's too; nodes that the root does not depend on keep their grad.

    公共部分的节点分别调用时梯度累加，叶节点也一样；根所不依赖的节点，`grad` 保持不变。
    """
    leaves = [float(rng.uniform(0.5, 2)) for _ in range(3)]
    steps = [("*", "n0", "n1"), ("exp", "n3"), ("*", "n3", "n4"), ("+", "n5", "n2"), ("*", "n2", 2)]
    expressions.check(leaves, steps, ["n5", "n6", "n4", "n0", "n7", "n6", "n3"])


@pytest.mark.task("size")
def test_long_chain(driver, rng):
    """A chain of more than ten thousand nodes works, of which each is used once.

    一万多个节点的长链，每个节点用一次，能够正常计算。
    """
    start, shift, length = float(rng.uniform(1, 2)), float(rng.uniform(1, 2)), int(rng.integers(5_000, 6_000))
    factor = 1 - float(rng.uniform(1, 2)) / length
    data, grad, slope = start, 1.0, 0.0
    for _ in range(length):
        data, slope = data * factor + shift, slope * factor + data
        grad *= factor
    assert_close(list(driver.chain(start, factor, shift, length)), [data, grad, slope])


@pytest.mark.task("size")
def test_many_ways(driver, rng):
    """A node that is doubled 59 times over is reached along 2^59 paths, and each node is visited once.

    连续加倍 59 次的节点，有 2^59 条路径可达；每个节点只访问一次。
    """
    start = float(rng.uniform(1, 2))
    for times in (3, 40, 59):
        assert_close(list(driver.doubled(start, times)), [start * 2.0**times, 2.0**times])


@pytest.mark.task("size")
def test_ways_of_many_lengths(driver, rng):
    """Where ways to a node have thousands of different lengths, it is visited once all the same, after all its uses.

    到一个节点的路径长短不一，有数千种长度，它同样只访问一次，并且在它的所有使用者之后。
    """
    start = float(rng.uniform(1, 2))
    for levels in (3, 12):
        assert_close(list(driver.detours(start, levels)), [start * 2.0**levels, 2.0**levels])
