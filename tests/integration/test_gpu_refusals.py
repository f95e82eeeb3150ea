"""Boxes for a GPU on a machine that has none: built as far as it goes, and refused in words, never half-confined.

The plan of a GPU is put in the place of one that was found; its nodes are harmless ones of this machine.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from grader.box import gpu
from grader.box.gpu import Gpu
from grader.box.parent import GuestParent, ParentSpec
from grader.engine.engine import Engine
from grader.errors import BoxError
from grader.grading.grade import Options, grade
from grader.judge.connection import BoxConnection, Usage
from grader.model.exercise import Limits
from grader.model.submission import Submission
from grader.model.verdict import Status
from grader.wire.frame import Caps
from tests.integration.conftest import RIGHT, write_exercise

pytestmark = pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU here: see `make gpu`")
PLANNED = Gpu(model="NVIDIA Nothing", driver="1.2.3", uuid="GPU-0", minor=0, cuda="13.0", nodes=("/dev/full",))


@pytest.fixture(scope="module")
def parent() -> Iterator[GuestParent]:
    """A guest parent that believes in a GPU; it starts, because it never initializes CUDA."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gpu, "find", lambda: PLANNED)
        parent = GuestParent(ParentSpec(environment="torch", packages=("torch", "numpy"), device="cuda"))
    yield parent
    parent.close()


def test_a_parent_without_a_gpu_is_refused_with_what_is_missing() -> None:
    """Before any process is started."""
    with pytest.raises(BoxError, match="there is no GPU to be had"):
        GuestParent(ParentSpec(environment="torch", packages=("torch",), device="cuda"))


def test_a_box_that_cannot_make_its_context_is_refused(parent: GuestParent) -> None:
    """By name of the layer; nobody is given a box whose tensors would live on the CPU after all."""
    with parent.client() as client, pytest.raises(BoxError, match="the layer gpu-nodes is missing: no CUDA context"):
        BoxConnection(client, Limits(), Usage(), Caps())


def test_the_next_client_is_refused_alike_and_nothing_waits_for_it(parent: GuestParent) -> None:
    """A spare that could not be built is none."""
    for _ in range(3):
        with parent.client() as client, pytest.raises(BoxError, match="gpu-nodes"):
            BoxConnection(client, Limits(), Usage(), Caps())
    assert parent.answers()


def test_ranks_on_a_gpu_are_refused(parent: GuestParent) -> None:
    """What several boxes on one GPU could tell each other nobody has tried."""
    from grader.judge.connection import ask_for_boxes, asked_of_a_box

    limits = Limits(network=True)
    with parent.client() as client:
        ends = ask_for_boxes(client, asked_of_a_box(limits), 2)
        with pytest.raises(BoxError, match="several ranks on a GPU"):
            BoxConnection(client, limits, Usage(), Caps(), None, ends[0])
        for end in ends[1]:
            socket.close(end)


def test_versions_name_the_gpu_from_the_trusted_side(parent: GuestParent) -> None:
    """The guest is not asked."""
    parent.wait_ready()
    assert parent.versions["gpu"] == "NVIDIA Nothing"
    assert parent.versions["nvidia-driver"] == "1.2.3"


def test_a_verdict_is_ours_when_the_gpu_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A candidate is not charged for a GPU that cannot be had, and the CPU is served on."""
    monkeypatch.setattr(gpu, "find", lambda: PLANNED)
    exercise = write_exercise(tmp_path, environment="torch")
    with Engine(strict=True) as engine:
        submission = Submission(name="probe.py", source=RIGHT)
        verdict = grade(exercise, submission, engine, Options(seed=1, device="cuda"))
        assert verdict.status is Status.JUDGE_ERROR
        assert "gpu-nodes" in verdict.message
        assert grade(exercise, submission, engine, Options(seed=1)).status is Status.ACCEPTED
