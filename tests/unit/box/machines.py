"""Records of machines with GPUs, as `grader.box.gpu.look` makes them, written after public listings."""

from __future__ import annotations

from grader.box.gpu import VERSION, Seen


def _card(model: str, letter: str, bus: str, minor: int) -> str:
    return (
        f"Model: \t\t {model}\nIRQ:   \t\t {18 + minor}\nGPU UUID: \t GPU-{letter * 8}-0000-0000-0000-000000000000\n"
        f"Video BIOS: \t 96.00.a5.00.01\nBus Type: \t PCIe\nDMA Size: \t 52 bits\nDMA Mask: \t 0xfffffffffffff\n"
        f"Bus Location: \t {bus}\nDevice Minor: \t {minor}\nGPU Firmware: \t 570.133.20\nGPU Excluded:\t No\n"
    )


_VERSION = (
    "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  570.133.20  Release Build  (dvs-builder)  Sun Mar 30\n"
    "GCC version:  gcc version 12.3.0 (Ubuntu 12.3.0-1ubuntu1~22.04)\n"
)
_LDCONFIG = """\
412 libs found in cache `/etc/ld.so.cache'
\tlibnvidia-ptxjitcompiler.so.1 (libc6,x86-64) => /opt/nvidia/lib64/libnvidia-ptxjitcompiler.so.1
\tlibnvidia-ml.so.1 (libc6,x86-64) => /lib/x86_64-linux-gnu/libnvidia-ml.so.1
\tlibcuda.so.1 (libc6,x86-64) => /lib/x86_64-linux-gnu/libcuda.so.1
\tlibcuda.so.1 (libc6,x86-64) => /usr/local/cuda/compat/libcuda.so.1
\tlibcuda.so.1 (libc6) => /lib/i386-linux-gnu/libcuda.so.1
\tlibc.so.6 (libc6,x86-64, OS ABI: Linux 3.2.0) => /lib/x86_64-linux-gnu/libc.so.6
"""
TWO_GPUS = Seen(
    texts={
        VERSION: _VERSION,
        "proc/driver/nvidia/gpus/0000:19:00.0/information": _card("NVIDIA H200", "a", "0000:19:00.0", 0),
        "proc/driver/nvidia/gpus/0000:3b:00.0/information": _card("NVIDIA H200", "b", "0000:3b:00.0", 1),
    },
    nodes=frozenset({"nvidia0", "nvidia1", "nvidiactl", "nvidia-uvm", "nvidia-uvm-tools", "nvidia-modeset"}),
    libraries=_LDCONFIG,
    torch=("2.13.0+cu130", "13.0"),
)
