"""What a box with a GPU is made of, planned from the record of a machine; and the sentence where there is none.

The record (`machines.py`) was written after public listings of such machines, since none was at hand.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from grader.box import gpu, root
from grader.box.gpu import NoGpu, Seen, look, plan
from tests.unit.box.machines import TWO_GPUS

FIRST = "proc/driver/nvidia/gpus/0000:19:00.0/information"


def test_the_first_gpu_is_planned_with_its_own_nodes_and_no_others() -> None:
    """A box gets the card, the control node and that of memory; not the second card, nor modeset and tools."""
    found = plan(TWO_GPUS)
    assert found.nodes == ("/dev/nvidia0", "/dev/nvidiactl", "/dev/nvidia-uvm")
    assert found.uuid == "GPU-aaaaaaaa-0000-0000-0000-000000000000"


def test_model_and_driver_are_those_that_the_kernel_names() -> None:
    """The verdict says what it was, from the trusted side."""
    assert plan(TWO_GPUS).versions == {"gpu": "NVIDIA H200", "nvidia-driver": "570.133.20"}


def test_another_gpu_can_be_named() -> None:
    """By its minor number."""
    assert plan(TWO_GPUS, minor=1).nodes[0] == "/dev/nvidia1"


def test_libraries_are_those_of_this_architecture_and_the_first_of_a_name() -> None:
    """What the loader itself would take."""
    assert dict(plan(TWO_GPUS).libraries) == {
        "libcuda.so.1": "/lib/x86_64-linux-gnu/libcuda.so.1",
        "libnvidia-ml.so.1": "/lib/x86_64-linux-gnu/libnvidia-ml.so.1",
        "libnvidia-ptxjitcompiler.so.1": "/opt/nvidia/lib64/libnvidia-ptxjitcompiler.so.1",
    }


def test_libraries_outside_the_systems_folders_are_bound_beside_the_interpreters(tmp_path: Path) -> None:
    """What lies in them is on disk already."""
    apart = tmp_path / "libcuda.so.550"
    apart.touch()
    binds = root.build(
        ("numpy",), [("libcuda.so.1", str(apart)), ("libm.so.6", "/lib/x86_64-linux-gnu/libm.so.6")]
    ).binds
    assert [bind.target for bind in binds if bind.source == apart] == ["/python/lib/libcuda.so.1"]
    assert not any(bind.target.endswith("libm.so.6") for bind in binds)


def test_a_root_without_a_gpu_is_the_one_that_it_was() -> None:
    """No library of a driver changes it."""
    assert root.build(("numpy",)) == root.build(("numpy",), ())


EXCLUDED = TWO_GPUS.texts[FIRST].replace("No", "Yes")
MISSING: list[tuple[Seen, str]] = [
    (replace(TWO_GPUS, texts={}), "no NVIDIA driver is loaded"),
    (replace(TWO_GPUS, texts={gpu.VERSION: TWO_GPUS.texts[gpu.VERSION]}), "knows no GPU"),
    (replace(TWO_GPUS, torch=None), "torch is not installed"),
    (replace(TWO_GPUS, torch=("2.13.0+cpu", "")), "torch 2.13.0+cpu is built for the CPU only"),
    (replace(TWO_GPUS, nodes=frozenset({"nvidia0", "nvidiactl"})), "nvidia-uvm is missing in /dev"),
    (replace(TWO_GPUS, nodes=frozenset()), "nvidia0, nvidiactl, nvidia-uvm is missing"),
    (replace(TWO_GPUS, libraries=""), "libcuda.so.1 is not found"),
    (replace(TWO_GPUS, machine="aarch64"), "libcuda.so.1 is not found"),
]


@pytest.mark.parametrize(("seen", "words"), MISSING, ids=[words for _, words in MISSING])
def test_what_is_missing_is_said_in_one_sentence(seen: Seen, words: str) -> None:
    """The first thing that is missing, in both languages, and nothing is planned."""
    with pytest.raises(NoGpu) as caught:
        plan(seen)
    assert words in caught.value.why.en
    assert caught.value.why.zh != caught.value.why.en


def test_a_card_that_is_excluded_or_malformed_is_passed_over() -> None:
    """The next one is taken; a text that makes no sense is no card."""
    texts = {**TWO_GPUS.texts, FIRST: EXCLUDED, "proc/driver/nvidia/gpus/x/information": "Device Minor: many\n"}
    assert plan(replace(TWO_GPUS, texts=texts)).minor == 1


def test_a_machine_without_a_driver_is_looked_at_no_further(tmp_path: Path) -> None:
    """Nobody's `ldconfig` is run for a machine that has no GPU."""
    assert look(tmp_path) == Seen(texts={}, nodes=frozenset(), libraries="", torch=None, machine="x86_64")


def test_what_a_machine_shows_is_read_below_its_root(tmp_path: Path) -> None:
    """Texts by path; nodes that this user may read and write."""
    for path, text in TWO_GPUS.texts.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    (tmp_path / "dev").mkdir()
    (tmp_path / "dev/nvidia0").touch()
    seen = look(tmp_path)
    assert dict(seen.texts) == dict(TWO_GPUS.texts)
    assert seen.nodes == {"nvidia0"}
    assert seen.torch is not None


def sliced(*minors: int) -> Seen:
    """Both GPUs, of which these are divided into two slices each, as the driver lists them."""
    access = "DeviceFileMinor: 12\nDeviceFileMode: 292\nDeviceFileModify: 1\n"
    paths = [f"proc/driver/nvidia/capabilities/gpu{minor}/mig/gi{gi}/access" for minor in minors for gi in (1, 2)]
    return replace(TWO_GPUS, texts={**TWO_GPUS.texts, **dict.fromkeys(paths, access)})


def test_a_gpu_that_is_divided_into_slices_is_passed_over() -> None:
    """A slice has nodes and a UUID of its own, which nobody plans: the whole card beside it is taken."""
    assert plan(sliced(0)).minor == 1


@pytest.mark.parametrize(("seen", "minor"), [(sliced(0, 1), None), (sliced(1), 1)])
def test_where_every_gpu_is_divided_one_sentence_says_what_to_do(seen: Seen, minor: int | None) -> None:
    """Also of the one that was asked for."""
    with pytest.raises(NoGpu, match=rf"/dev/nvidia{minor or 0} is divided into MIG slices.* -i {minor or 0} -mig 0"):
        plan(seen, minor)


def test_slices_are_read_below_the_root_of_a_machine(tmp_path: Path) -> None:
    """From the driver's own list, without a tool."""
    for path, text in sliced(1).texts.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    assert dict(look(tmp_path).texts) == dict(sliced(1).texts)
