"""What of the process around a call the call left otherwise than it found it: global generators, modes and defaults.

Looked at within the request of the call itself, because a session puts the mode of autograd back after every one.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np

# As they were before candidate code ran; an exercise may put the names themselves out of reach.
_random_state, _numpy_state, _numpy_errors = random.getstate, np.random.get_state, np.geterr
_print_options, _draw, _draw_numpy = np.get_printoptions, random.random, np.random.random_sample
_set_numpy_errors = np.seterr


def watched(target: Any, /, *args: Any, **kwargs: Any) -> list[Any]:
    """`[result, names]` of a call: the names of what it changed in the world and did not put back."""
    _advance()
    # As numpy starts: a call that sets them as an earlier one did would change nothing else.
    _set_numpy_errors(divide="warn", over="warn", under="ignore", invalid="warn")
    modules = list(_modules([target, getattr(target, "__self__", None), args, kwargs]))
    before = _world(modules)
    result = target(*args, **kwargs)
    after = _world(modules)
    return [result, [name for name, value in before.items() if name in after and after[name] != value]]


def _advance() -> None:
    """Draw once from every global generator: a call that seeds them as an earlier one did would change nothing else."""
    _draw()
    _draw_numpy()
    torch = sys.modules.get("torch")
    if torch is not None:
        for device in ("cpu", *(["cuda"] if torch.cuda.is_initialized() else [])):
            torch.rand((), device=device)


def _world(modules: list[Any]) -> dict[str, Any]:
    """By name, what can be compared before and after."""
    legacy = _numpy_state(legacy=False)
    key = legacy["state"].pop("key", None)  # an array, which does not compare to one truth
    seen = {
        "random": _random_state(),
        "numpy.random": (legacy, None if key is None else key.tobytes()),
        "numpy.seterr": _numpy_errors(),
        "numpy.set_printoptions": repr(_print_options()),
    }
    torch = sys.modules.get("torch")
    return seen if torch is None else {**seen, **_torch_world(torch, modules)}


def _torch_world(torch: Any, modules: list[Any]) -> dict[str, Any]:
    seen = {
        "torch.default_generator": torch.default_generator.get_state().numpy().tobytes(),
        "grad mode": torch.is_grad_enabled(),
        "anomaly mode": torch.is_anomaly_enabled(),
        "default dtype": torch.get_default_dtype(),
        "deterministic algorithms": torch.are_deterministic_algorithms_enabled(),
        "number of threads": torch.get_num_threads(),
        "training mode": [part.training for module in modules for part in module.modules()],
        "requires_grad": [each.requires_grad for module in modules for each in module.parameters()],
    }
    if torch.cuda.is_initialized():
        seen["torch.cuda"] = [state.numpy().tobytes() for state in torch.cuda.get_rng_state_all()]
    return seen


def _modules(value: Any) -> Iterator[Any]:
    """The torch modules among values and in their containers."""
    torch = sys.modules.get("torch")
    if torch is None:
        return
    if isinstance(value, torch.nn.Module):
        yield value
    elif type(value) in (list, tuple, dict):
        for part in value.values() if type(value) is dict else value:
            yield from _modules(part)
