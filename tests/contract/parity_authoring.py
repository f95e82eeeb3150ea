"""Parity programs that claim something with `grader.judge`: what fails, and in which words, is the same everywhere."""

from __future__ import annotations

import numpy as np
import torch

from grader.judge import (
    assert_each_raises,
    assert_leaves_no_state,
    assert_refuses,
    assert_same_again,
    assert_same_gradients,
    pair_of_modules,
)
from grader.judge.comparison import Mismatch
from tests.contract.parity import Collector
from tests.contract.parity_candidate import Tied, dot

program = Collector()


def said(claim):
    """The messages of a claim that fails, what it returns where it holds."""
    try:
        return claim()
    except Mismatch as error:
        return error.message.en, error.message.zh, error.cause.expected, error.cause.actual


@program
def a_refusal_names_the_arguments(m):
    sound = {"prediction": np.ones(2), "target": 0.0}
    return said(lambda: assert_refuses(m.target_of, sound, {"target": [1.0]}))


@program
def refusals(m):
    return said(lambda: assert_each_raises(IndexError, m.fail, [("index",), {"name": "index"}])), said(
        lambda: assert_each_raises(IndexError, m.describe, [(1, np.zeros(9))])
    )


@program.each(
    numpy=lambda m: m.draw_globally("numpy"),
    torch=lambda m: m.draw_globally("torch"),
    none=lambda m: m.identity(3),
)
def the_same_again(m, call):
    return said(lambda: assert_same_again(lambda: call(m)))


@program.each(**{name: name for name in ("numpy", "torch", "random", "grad", "errors", "eval", "freeze", "nothing")})
def the_world_around_a_call(m, what):
    try:
        return said(lambda: assert_leaves_no_state(m.disturb, what, m.Tied()))
    finally:
        m.disturb("settle", None)


@program
def a_watched_call_keeps_its_graph(m):
    x = torch.ones(3, requires_grad=True)
    assert_leaves_no_state(m.square, x).sum().backward()
    return x.grad


@program
def a_watched_call_may_fail(m):
    return assert_leaves_no_state(m.fail, "value")


@program
def gradients_of_a_function(m):
    x, y = torch.arange(3.0), torch.ones(3)
    generator = torch.Generator().manual_seed(1)
    right = said(lambda: assert_same_gradients(m.dot, dot, x, y, generator=generator))
    return right, said(lambda: assert_same_gradients(m.without_grad, lambda x: x * 2, x, generator=generator))


@program
def gradients_of_a_pair_of_modules(m):
    generator = torch.Generator().manual_seed(1)
    layer, known = pair_of_modules(m.Tied, Tied, generator=generator)
    held = said(lambda: assert_same_gradients(layer, known, torch.arange(2.0), generator=generator))
    return held, {name: tensor.detach() for name, tensor in layer.state_dict().items()}
