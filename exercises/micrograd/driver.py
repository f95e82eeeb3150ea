"""Expressions of `solution.Value`, which only this process can compute; nothing is judged here.

A program is a list of steps such as `("*", "n0", 2.5)`: an operator or method, and its operands. "n0" is node 0: the
leaves come first, then the result of each step. A root is the node whose `backward` is called, or "zero".
"""

import operator

import solution

OPERATORS = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "**": operator.pow,
    "neg": operator.neg,
}


def play(leaves, steps, roots):
    """The data of all nodes, and after each of `roots` their gradients."""
    nodes = [solution.Value(number) for number in leaves]
    for name, *given in steps:
        operands = [nodes[int(one[1:])] if isinstance(one, str) else one for one in given]
        apply = OPERATORS.get(name)
        nodes.append(apply(*operands) if apply else getattr(operands[0], name)())
    grads = []
    for root in roots:
        if root == "zero":
            for node in nodes:
                node.grad = 0.0
        else:
            nodes[int(root[1:])].backward()
        grads.append([node.grad for node in nodes])
    return [node.data for node in nodes], grads


def chain(start, factor, shift, length):
    """`length` times node * factor + shift, each a node of its own; the last node's data, and the start's gradient."""
    first = node = solution.Value(start)
    slope = solution.Value(factor)
    for _ in range(length):
        node = node * slope + shift
    node.backward()
    return node.data, first.grad, slope.grad


def doubled(start, times):
    """A node that is added to itself so many times over; its data, and the start's gradient."""
    first = node = solution.Value(start)
    for _ in range(times):
        node = node + node
    node.backward()
    return node.data, first.grad


def detours(start, levels):
    """At each level a node is added to the end of a chain from it: of 2 ** levels nodes, then half as many, down to 2.

    No two ways from the start have the same length. The last node's data, and the start's gradient.
    """
    first = node = solution.Value(start)
    for level in range(levels, 0, -1):
        end = node
        for _ in range(2**level):
            end = -end
        node = node + end
    node.backward()
    return node.data, first.grad
