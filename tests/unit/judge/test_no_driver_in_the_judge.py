"""The judge never touches CUDA: a hostile tensor cannot reach a driver on its side."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import torch

from grader.box import parent as guests
from grader.engine.judges import _environment
from grader.judge import plugin
from grader.judge.job import Job, Proof
from grader.judge.loopback import Loopback
from grader.judge.stand_in import placement
from grader.wire.decoder import Decoder
from grader.wire.encoder import Encoder

JUDGE = Path(plugin.__file__).parent


@pytest.fixture
def no_cuda(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every way to CUDA's initialization fails loudly."""

    def touched(*_: Any, **__: Any) -> None:
        raise AssertionError("CUDA was touched")

    for owner, name in ((torch.cuda, "_lazy_init"), (torch.cuda, "init"), (torch._C, "_cuda_init")):
        monkeypatch.setattr(owner, name, touched, raising=False)


def test_no_code_of_the_judge_names_cuda() -> None:
    """But for the word in a type of result, which is text."""
    found = {
        path.name
        for path in JUDGE.rglob("*.py")
        if re.search(r"torch\.cuda|\.cuda\(|device=[\"']cuda", path.read_text(encoding="utf-8"))
    }
    assert found <= {"around.py"}  # the name of a random state, for messages


def test_a_judges_environment_hides_every_gpu(tmp_path: Path) -> None:
    """Whatever the suite does."""
    assert _environment(str(tmp_path))["CUDA_VISIBLE_DEVICES"] == ""


def test_only_a_parent_for_a_gpu_sees_one() -> None:
    """A guest on the CPU has no more of it than before."""
    assert guests._BASE["CUDA_VISIBLE_DEVICES"] == ""


@pytest.mark.usefixtures("no_cuda")
def test_trusted_code_for_a_gpu_runs_beside_a_stand_in() -> None:
    """References, mutants and proofs: forward, backward and an optimizer's step."""
    source = "def step(x):\n    w = x.clone().requires_grad_()\n    (w * x).sum().backward()\n    return w.grad\n"
    m = Loopback(placement=placement()).load("solution", source, "solution.py")
    assert torch.equal(m.step(torch.ones(2)), torch.ones(2))


@pytest.mark.usefixtures("no_cuda")
def test_what_a_guest_sends_becomes_tensors_of_the_cpu() -> None:
    """The name of a device may arrive; no tensor arrives on one."""
    encoder = Encoder()
    node = encoder.encode([torch.ones(2), torch.device("cuda:0")])
    tensor, device = Decoder(encoder.blobs).decode(node)
    assert (tensor.device.type, device.type) == ("cpu", "cuda")


@pytest.mark.usefixtures("no_cuda")
def test_the_fixture_device_is_the_cpu_for_a_suite() -> None:
    """`x.to(device)` in a suite makes nothing on a GPU, whatever the job's device is."""
    device = plugin.device.__wrapped__() if hasattr(plugin.device, "__wrapped__") else plugin.device._fixture_function()
    assert torch.ones(2).to(device).device.type == "cpu"


def test_jobs_and_proofs_are_of_the_cpu_unless_they_say_otherwise() -> None:
    """A job that leaves it out means what it meant."""
    assert Job(source="", seed=1).device == "cpu"
    assert Proof(seed=1, solutions=()).device == "cpu"
