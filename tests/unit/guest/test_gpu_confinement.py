"""What confinement does for a box with a GPU, tried on this kernel with harmless nodes in the place of a driver's."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.guest import confinement, gpu, landlock, namespaces, watch
from grader.guest.cgroup import Cell, allowed_bytes
from grader.guest.confinement import BoxLimits

LIMITS = BoxLimits(cpu_s=5.0, memory_mb=64, processes=8, output_kb=64)
REQUEST = 0x4627  # of a kind that /dev/null does not know: ENOTTY when it may be asked at all
MIB = 1024 * 1024
_WAITS = "import sys; held = bytearray({mib} << 20); print('ready', flush=True); sys.stdin.read()"


def in_a_fork(body: Callable[[], int]) -> int:
    """What `body` returns in a process of its own, which it may confine."""
    pid = os.fork()
    if pid == 0:
        status = 99
        try:
            status = body()
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def asked(node: str) -> int:
    """The error of an ioctl on a node."""
    handle = os.open(node, os.O_RDWR)
    try:
        fcntl.ioctl(handle, REQUEST)
    except OSError as error:
        return error.errno or 0
    return 0


def test_only_the_nodes_of_the_gpu_may_be_asked() -> None:
    """Landlock answers for every other device, whatever the request."""

    def body() -> int:
        landlock.restrict(namespaces.load_libc(), ("/tmp",), ["/dev/null"])
        return 0 if (asked("/dev/null"), asked("/dev/zero")) == (errno.ENOTTY, errno.EACCES) else 1

    assert in_a_fork(body) == 0


def test_without_a_gpu_no_device_may_be_asked() -> None:
    """As before."""

    def body() -> int:
        landlock.restrict(namespaces.load_libc(), ("/tmp",))
        return 0 if (asked("/dev/null"), asked("/dev/zero")) == (errno.EACCES, errno.EACCES) else 1

    assert in_a_fork(body) == 0


def test_a_kernel_whose_landlock_knows_no_ioctl_gives_no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seccomp alone cannot tell one file from another, so that is a refusal, not a weaker box."""
    monkeypatch.setattr(landlock, "abi", lambda libc: 4)
    with pytest.raises(OSError, match="a GPU needs version 5 of Landlock"):
        landlock.restrict(namespaces.load_libc(), ("/tmp",), ["/dev/null"])


def limits_in_a_fork(*, with_gpu: bool) -> list[tuple[int, int]]:
    """Address space, data and CPU time of a process that has set its limits."""
    reading, writing = os.pipe()
    kinds = (resource.RLIMIT_AS, resource.RLIMIT_DATA, resource.RLIMIT_CPU)

    def body() -> int:
        baseline = confinement.Baseline(data_bytes=1 << 30, mapped_bytes=1 << 32)
        confinement.set_limits(LIMITS, baseline, strict=False, gpu=with_gpu)
        os.write(writing, json.dumps([resource.getrlimit(kind) for kind in kinds]).encode())
        return 0

    assert in_a_fork(body) == 0
    os.close(writing)
    with os.fdopen(reading) as stream:
        return [(soft, hard) for soft, hard in json.load(stream)]


def test_address_space_is_limited_everywhere_but_on_a_gpu() -> None:
    """CUDA reserves far more than it uses; data and CPU time wait for the context."""
    own = [resource.getrlimit(kind) for kind in (resource.RLIMIT_AS, resource.RLIMIT_DATA, resource.RLIMIT_CPU)]
    assert limits_in_a_fork(with_gpu=True) == own
    space, data, cpu = limits_in_a_fork(with_gpu=False)
    assert space[1] == (1 << 32) + (64 + 1024 + 72 * 8) * MIB
    assert data[1] == (1 << 30) + 64 * MIB
    assert cpu == (7, 9)


def test_the_limits_of_a_guest_with_a_context_are_set_from_outside() -> None:
    """On top of what it has by then; it cannot raise them again."""
    with waiting(8) as process:
        confinement.limit_after_context(process.pid, LIMITS, 100 * MIB, 3.5)
        assert resource.prlimit(process.pid, resource.RLIMIT_DATA) == (164 * MIB, 164 * MIB)
        assert resource.prlimit(process.pid, resource.RLIMIT_CPU) == (10, 12)


class waiting:
    """A process below another, as a guest is below its init, that holds memory until its input ends."""

    def __init__(self, mib: int) -> None:
        inner = [sys.executable, "-c", _WAITS.format(mib=mib)]
        outer = f"import subprocess, sys; subprocess.run({inner!r})"
        self._process = subprocess.Popen([sys.executable, "-c", outer], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def __enter__(self) -> subprocess.Popen[bytes]:
        assert self._process.stdout is not None
        self._process.stdout.readline()
        return self._process

    def __exit__(self, *_: object) -> None:
        self._process.communicate()


def test_what_a_context_cost_is_taken_off_the_account() -> None:
    """Memory and CPU time from before the box was anybody's are not the candidate's, and what comes after is."""
    with waiting(100) as process:
        usage = watch.Usage()
        guest, cpu_s = watch.begin(process.pid, usage, LIMITS, 0)
        assert guest == watch.family_of(process.pid)[1]
        assert cpu_s >= 0
        assert usage.begun_bytes > 100 * MIB
        assert watch.look(process.pid, usage, LIMITS, 0) == ""  # 100 MiB are over its 64
        assert usage.peak_bytes < MIB


def test_a_box_that_ended_while_it_made_its_context_is_no_box() -> None:
    """There is nothing left to be limited."""
    process = subprocess.Popen([sys.executable, "-c", "pass"])
    process.wait()
    with pytest.raises(OSError, match="ended while it was being built"):
        watch.begin(process.pid, watch.Usage(), LIMITS, 0)


def test_a_cell_is_wide_while_a_context_is_made_and_narrow_after(tmp_path: Path) -> None:
    """What is charged by then, and what the candidate may take."""
    cell = object.__new__(Cell)  # without a control group: plain files stand for its own
    (tmp_path / "memory.current").write_text("500000000\n")
    (tmp_path / "memory.max").write_text("max")
    (tmp_path / "memory.oom.group").touch()
    cell.handle = os.open(tmp_path, os.O_RDONLY)
    cell._limit(LIMITS, 1 << 30)
    assert (tmp_path / "memory.max").read_text().startswith(str(allowed_bytes(LIMITS) + (1 << 30)))
    (tmp_path / "memory.max").write_text("")
    cell.begin(LIMITS)
    assert (tmp_path / "memory.max").read_text() == str(500_000_000 + allowed_bytes(LIMITS))
    os.close(cell.handle)


def test_texts_of_the_driver_are_copies_of_named_files_only(tmp_path: Path) -> None:
    """What is not on the list stays covered; what is too long is cut."""
    (tmp_path / "driver/nvidia").mkdir(parents=True)
    (tmp_path / "driver/nvidia/params").write_bytes(b"x" * 100_000)
    (tmp_path / "driver/nvidia/suspend").write_text("secret")
    (tmp_path / "mountinfo").write_text("secret")
    found = gpu.texts(str(tmp_path))
    assert list(found) == ["driver/nvidia/params"]
    assert len(found["driver/nvidia/params"]) == 16_384


def test_nodes_are_those_of_one_gpu_and_no_tools(tmp_path: Path) -> None:
    """In a box only those that were bound are there; others of the same name are not taken."""
    for name in ("nvidia0", "nvidiactl", "nvidia-uvm", "nvidia-uvm-tools", "nvidia-modeset", "nvidia-caps", "null"):
        (tmp_path / name).touch()
    assert [Path(node).name for node in gpu.nodes(str(tmp_path))] == ["nvidia-uvm", "nvidia0", "nvidiactl"]
    assert gpu.nodes(str(tmp_path / "none")) == []


def test_a_context_that_cannot_be_made_names_the_layer() -> None:
    """Whether torch has no CUDA or the machine no driver, it is a refusal in words."""
    import torch

    if torch.cuda.is_available():
        pytest.skip("there is a GPU here: `make gpu` tries the context itself")
    with pytest.raises(OSError, match="the layer gpu-nodes is missing: no CUDA context"):
        gpu.make_context()


def test_a_parent_in_which_cuda_is_initialized_forks_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its children would fail in ways that look like the candidate's."""
    import torch

    monkeypatch.setattr(torch.cuda, "is_initialized", lambda: True)
    with pytest.raises(RuntimeError, match="initialized in a parent"):
        gpu.require_none()
