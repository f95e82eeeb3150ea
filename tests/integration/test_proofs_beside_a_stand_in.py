"""What `viva check` proves of an exercise for a GPU where there is none: solutions run beside a stand-in for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.engine.engine import Engine
from grader.judge.job import Proof
from tests.integration.conftest import write_exercise

SUITE = '''
import pytest
import torch
from grader.judge import assert_close

pytestmark = pytest.mark.on_device

@pytest.mark.task("first")
def test_first(candidate):
    """One more than the tensor."""
    assert_close(candidate.probe(torch.ones(3)), torch.full((3,), 2.0))

@pytest.mark.task("second")
def test_second(candidate):
    """With a gradient."""
    x = torch.ones(3, requires_grad=True)
    candidate.probe(x).sum().backward()
    assert_close(x.grad, torch.ones(3))
'''
THERE = "import torch\n\ndef probe(x):\n    return x + torch.ones(len(x), device=x.device)\n"
MIXED = "import torch\n\ndef probe(x):\n    return x + torch.ones(len(x))\n"
LEFT = "import torch\n\ndef probe(x):\n    return x.cpu() + torch.ones(len(x))\n"
WRONG = "import torch\n\ndef probe(x):\n    return x + 2\n"


@pytest.mark.usefixtures("nothing_left")
def test_only_what_stays_on_the_device_is_right_there(tmp_path: Path, engine: Engine) -> None:
    """On the CPU all but one of these are right; beside the stand-in, the one that makes its tensor there."""
    exercise = write_exercise(tmp_path, environment="torch", hidden=SUITE, solution=THERE)
    sources = {"there": THERE, "mixed": MIXED, "left": LEFT, "wrong": WRONG}

    def failed(device: str) -> dict[str, set[str]]:
        proved = engine.prove(exercise, Proof(seed=1, solutions=tuple(sources.items()), device=device))
        return {
            one["name"]: {case["status"] for case in one["outcomes"] if case["status"] != "accepted"}
            for one in proved.solutions
        }

    assert failed("cpu") == {"there": set(), "mixed": set(), "left": set(), "wrong": {"wrong_answer"}}
    assert failed("cuda") == {
        "there": set(),
        "mixed": {"runtime_error"},
        "left": {"wrong_answer"},
        "wrong": {"wrong_answer"},
    }
