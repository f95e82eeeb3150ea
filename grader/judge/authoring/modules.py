"""Modules that are built on both sides alike, and gradients held against the reference's. Needs torch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from grader.judge.authoring.claims import claiming, fail
from grader.judge.comparison import assert_close
from grader.judge.printing import is_tensor, type_name
from grader.model.text import Text
from grader.wire.tensors import as_one_output

_VALUE = Text(en="the value{round}", zh="函数值{round}")
_GRADIENT = Text(en="the gradient of {name}{round}", zh="{name} 的梯度{round}")
_ALL = Text(en="", zh="")
_ALONE = Text(en=", where only {name} requires grad", zh="（只有 {name} 需要梯度时）")
_DETACHED = Text(
    en="the result does not require grad although {name} does: it was detached",
    zh="{name} 需要梯度，结果却不需要：结果与它断开了",
)
_ATTACHED = Text(en="the result requires grad although no input does", zh="没有任何输入需要梯度，结果却需要梯度")


def pair_of_modules(
    candidate_class: Callable[..., Any],
    reference_class: Callable[..., Any],
    *args: Any,
    generator: Any,
    draw: Callable[[str, Any], Any] | None = None,
    **kwargs: Any,
) -> tuple[Any, Any]:
    """`(candidate_class(*args, **kwargs), reference_class(*args, **kwargs))` with the same drawn state dict.

    The reference's state dict decides names, shapes and dtypes; the candidate's must take it. Parameters are drawn from
    `generator` (the fixture `torch_rng`): those of two axes or more normal, with deviation 1 / sqrt(fan-in), others
    with deviation 1/2, so that no bias is 0 and no scale is 1. A `running_mean` is drawn alike, a `running_var` from
    0.5 up; other buffers stay as the reference has them. `draw(name, tensor)` decides instead where it does not return
    None. Tied parameters stay tied.

        layer, known = pair_of_modules(candidate.RMSNorm, reference.RMSNorm, dim, generator=torch_rng)
    """
    layer, known = candidate_class(*args, **kwargs), reference_class(*args, **kwargs)
    state = _draw_state(known, generator, draw)
    known.load_state_dict(state)
    layer.load_state_dict(state)
    return layer, known


def _draw_state(module: Any, generator: Any, draw: Callable[[str, Any], Any] | None) -> dict[str, Any]:
    drawn: dict[int, Any] = {}  # by identity: a tied parameter is one
    state = {}
    for name, tensor in module.state_dict(keep_vars=True).items():
        if id(tensor) not in drawn:
            chosen = draw(name, tensor) if draw is not None else None
            drawn[id(tensor)] = _draw_tensor(name, tensor, generator) if chosen is None else chosen
        state[name] = drawn[id(tensor)]
    return state


def _draw_tensor(name: str, tensor: Any, generator: Any) -> Any:
    import torch

    is_variance = name.endswith("running_var")
    moves = isinstance(tensor, torch.nn.Parameter) or is_variance or name.endswith("running_mean")
    if not moves or not tensor.is_floating_point():
        return tensor.detach().clone()
    fan_in = tensor.numel() / max(1, tensor.shape[0]) if tensor.ndim > 1 else 4.0
    values = torch.randn(tensor.shape, generator=generator, dtype=torch.float64) / fan_in**0.5
    return (values.abs() + 0.5 if is_variance else values).to(tensor.dtype)


def assert_same_gradients(
    candidate_call: Callable[..., Any],
    reference_call: Callable[..., Any],
    *inputs: Any,
    generator: Any,
    names: Sequence[str] = (),
    alone: bool = True,
    **kwargs: Any,
) -> None:
    """Raise `Mismatch` unless both calls give the same values and the same gradients for these inputs.

    The calls are functions, or modules with equal state (`pair_of_modules`), whose parameters' gradients are compared
    too. Inputs that are floating-point tensors are differentiated, others and `kwargs` are passed as they are; `names`
    are what messages call the inputs. The value may be a tensor or a tuple, list or dict of them; each gets a random
    upstream gradient, drawn from `generator` (`torch_rng`). A gradient that is None where the reference's is zero
    differs, and the other way round. With `alone`, each input also requires grad alone, while no other does, and with
    no input (of a function) requiring grad the result must not either. Tolerances are the manifest's; no false alarm
    beyond rounding. Each round is a call and a backward over the wire, about 1 ms.

        both = candidate.rms_norm, reference.rms_norm
        assert_same_gradients(*both, x, weight, generator=torch_rng, names=("x", "weight"))
    """
    __tracebackhide__ = True
    comparison = _Comparison(candidate_call, reference_call, kwargs, generator)
    titles = [*names, *(f"input {number}" for number in range(len(names), len(inputs)))]
    wanted = [number for number, value in enumerate(inputs) if is_tensor(value) and value.is_floating_point()]
    comparison.check(inputs, titles, wanted, _ALL)
    if not alone:
        return
    for number in wanted if len(wanted) > 1 else ():
        comparison.check(inputs, titles, [number], _ALONE.filled(name=titles[number]))
    if not comparison.is_module and wanted:
        _check_unattached(candidate_call(*(_copy(value, grad=False) for value in inputs), **kwargs))


class _Comparison:
    """Both calls, and the upstream gradients that both get."""

    def __init__(self, candidate: Any, reference: Any, kwargs: Mapping[str, Any], generator: Any) -> None:
        import torch

        self.is_module = isinstance(reference, torch.nn.Module)
        self._calls = (candidate, reference)
        self._kwargs = kwargs
        self._generator = generator

    def check(self, inputs: Sequence[Any], titles: Sequence[str], wanted: Sequence[int], what: Text) -> None:
        """One round, in which the inputs in `wanted` require grad."""
        __tracebackhide__ = True
        (leaves, output), (known_leaves, expected) = (self._forward(call, inputs, wanted) for call in self._calls)
        with claiming(_VALUE.filled(round=what)):
            assert_close(_detached(output), _detached(expected))
        self._backward(output, expected, titles[wanted[0]] if wanted else "a parameter")
        for number in wanted:
            with claiming(_GRADIENT.filled(name=titles[number], round=what)):
                assert_close(leaves[number].grad, known_leaves[number].grad)
        if self.is_module:
            self._check_parameters(what)

    def _forward(self, call: Any, inputs: Sequence[Any], wanted: Sequence[int]) -> tuple[list[Any], Any]:
        if self.is_module:
            call.zero_grad()
        leaves = [_copy(value, grad=number in wanted) for number, value in enumerate(inputs)]
        return leaves, call(*leaves, **self._kwargs)

    def _backward(self, output: Any, expected: Any, name: str) -> None:
        import torch

        pairs = [(one, other) for one, other in _pairs(output, expected) if other.requires_grad]
        if any(not one.requires_grad for one, _ in pairs):
            fail(_DETACHED.filled(name=name), expected="requires grad", actual="does not")
        upstream = [self._draw_upstream(other) for _, other in pairs]
        for side in range(2):
            if pairs:
                torch.autograd.backward(*as_one_output([pair[side] for pair in pairs], upstream))

    def _draw_upstream(self, tensor: Any) -> Any:
        import torch

        drawn = torch.randn(tensor.shape, generator=self._generator, dtype=torch.float64)
        return drawn.to(dtype=tensor.dtype, device=tensor.device)

    def _check_parameters(self, what: Text) -> None:
        __tracebackhide__ = True
        layer, known = self._calls
        held = layer.state_dict(keep_vars=True)
        for name, parameter in known.named_parameters():
            with claiming(_GRADIENT.filled(name=name, round=what)):
                assert_close(held[name].grad, parameter.grad)


def _copy(value: Any, *, grad: bool) -> Any:
    if not is_tensor(value):
        return value
    copy = value.detach().clone()
    return copy.requires_grad_() if grad else copy


def _detached(value: Any) -> Any:
    if is_tensor(value):
        return value.detach()
    if isinstance(value, Mapping):
        return {key: _detached(part) for key, part in value.items()}
    return [_detached(part) for part in value] if isinstance(value, list | tuple) else value


def _pairs(one: Any, other: Any) -> Iterator[tuple[Any, Any]]:
    """The tensors of two values whose structure was found equal."""
    if is_tensor(other):
        yield one, other
    elif isinstance(other, Mapping):
        for key in other:
            yield from _pairs(one[key], other[key])
    elif isinstance(other, list | tuple):
        for pair in zip(one, other, strict=True):
            yield from _pairs(*pair)


def _check_unattached(output: Any) -> None:
    if any(one.requires_grad for one, _ in _pairs(output, output)):
        fail(_ATTACHED, expected="a result that does not require grad", actual=f"a {type_name(output)} that does")
