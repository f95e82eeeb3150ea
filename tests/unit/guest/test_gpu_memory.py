"""What processes hold on a GPU: told by another process, summed by box, and unknown where there is no NVML.

A library of the same calls, compiled here, stands for NVIDIA's.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from grader.guest.gpu_memory import GpuMemory, NoNvml, Nvml

_SOURCE = """
struct row {{ unsigned pid; unsigned long long bytes; unsigned instance, compute; }};
int nvmlInit_v2(void) {{ return {init}; }}
int nvmlDeviceGetHandleByIndex_v2(unsigned index, void **device) {{ *device = 0; return 0; }}
int nvmlDeviceGetComputeRunningProcesses_v3(void *device, unsigned *count, struct row *rows) {{
    rows[0] = (struct row){{ {pid}, 3000, 0, 0 }};
    rows[1] = (struct row){{ 77, 500, 0, 0 }};
    rows[2] = (struct row){{ 78, -1, 0, 0 }};
    *count = 3;
    return 0;
}}
"""


def library(folder: Path, init: int = 0) -> str:
    """One that knows this process and two others, of which one's memory is not known."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        pytest.skip("there is no C compiler")
    source, made = folder / "nvml.c", folder / "libnvml.so"
    source.write_text(_SOURCE.format(pid=os.getpid(), init=init), encoding="utf-8")
    subprocess.run([compiler, "-shared", "-fPIC", "-o", made, source], check=True)
    return str(made)


def test_memory_is_told_by_process(tmp_path: Path) -> None:
    """Those whose memory the library does not know are left out."""
    assert Nvml(library(tmp_path)).held() == {os.getpid(): 3000, 77: 500}


def test_a_box_holds_what_its_processes_hold(tmp_path: Path) -> None:
    """Others' memory is not charged to it."""
    memory = GpuMemory.begin(library(tmp_path))
    assert memory.sees(os.getpid())
    assert memory.bytes_of([os.getpid(), 77, 5]) == 3500
    assert memory.bytes_of([os.getpid()]) == 3000


def test_what_is_not_listed_is_unknown_and_not_nothing(tmp_path: Path) -> None:
    """In a pid namespace the library may list numbers that mean nothing here; then nobody claims to watch."""
    memory = GpuMemory.begin(library(tmp_path))
    assert not memory.sees(5, within_s=0.2)
    assert memory.bytes_of([5, 6]) is None


def test_without_the_library_nothing_is_known_and_the_reason_is() -> None:
    """The path of most machines."""
    memory = GpuMemory.begin("libnvidia-ml-that-is-not-there.so.1")
    assert "libnvidia-ml-that-is-not-there" in memory.reason
    assert memory.bytes_of([os.getpid()]) is None
    assert not memory.sees(os.getpid())


def test_a_library_that_fails_is_absent(tmp_path: Path) -> None:
    """A driver that does not answer is no driver."""
    with pytest.raises(NoNvml, match="nvmlInit_v2 answered 9"):
        Nvml(library(tmp_path, init=9))
    assert "answered 9" in GpuMemory.begin(library(tmp_path, init=9)).reason


def test_a_teller_that_dies_leaves_nothing_known(tmp_path: Path) -> None:
    """A stale figure would end the wrong box."""
    memory = GpuMemory.begin(library(tmp_path))
    assert memory.sees(os.getpid())
    assert memory._stream is not None
    memory._stream.shutdown(2)
    assert memory.bytes_of([os.getpid()]) is None
    assert memory.reason == "NVML ended its process"


def test_the_library_is_loaded_in_another_process(tmp_path: Path) -> None:
    """What a branch has loaded, its boxes would inherit."""
    made = library(tmp_path)
    memory = GpuMemory.begin(made)
    assert memory.sees(os.getpid())
    assert made not in Path("/proc/self/maps").read_text(encoding="utf-8")
