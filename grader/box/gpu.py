"""Which GPU a box may have and what of the machine that takes, found without touching a driver.

What a machine shows (`Seen`) and what follows from it (`plan`) are apart, so that the plan can be tried against the
record of a machine that is not at hand. Nobody here opens a node or loads a library: a parent that did could not fork.
"""

from __future__ import annotations

import contextlib
import os
import platform
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path

from grader.errors import BoxError
from grader.model.text import Text

VERSION = "proc/driver/nvidia/version"
_GPUS = "proc/driver/nvidia/gpus"
_SLICES = "proc/driver/nvidia/capabilities"
_CONTROL, _MEMORY = "nvidiactl", "nvidia-uvm"
_WANTED = ("libcuda.so.1", "libnvidia-ptxjitcompiler.so.1", "libnvidia-nvvm.so.4", "libnvidia-ml.so.1")
_NEEDED = _WANTED[0]
_ARCHITECTURES = {"x86_64": "x86-64", "aarch64": "AArch64"}
_LDCONFIG = ("/sbin/ldconfig", "/usr/sbin/ldconfig")
_LIBRARY = re.compile(r"^\s*(\S+) \(([^)]*)\) => (\S+)$", re.MULTILINE)
_DRIVER = re.compile(r"Kernel Module.*?\s(\d+(?:\.\d+)+)")
_SLICED = re.compile(rf"{_SLICES}/gpu(\d+)/mig/gi\d+/access")  # of a card's minor number
_TORCH_CUDA = re.compile(r"^cuda\b[^=\n]*=\s*(?:'([\d.]+)'|None)", re.MULTILINE)

NO_DRIVER = Text(en="no NVIDIA driver is loaded (/{file} is not there)", zh="没有加载 NVIDIA 驱动（不存在 /{file}）")
NO_GPU = Text(en="the NVIDIA driver is loaded and knows no GPU", zh="NVIDIA 驱动已加载，但没有识别到任何 GPU")
SLICED = Text(
    en="/dev/nvidia{minor} is divided into MIG slices, and a slice cannot be had yet, only a whole GPU;"
    " `nvidia-smi -i {minor} -mig 0` makes it whole",
    zh="/dev/nvidia{minor} 已划分为 MIG 切片；目前只支持整块 GPU，不支持切片；"
    "可运行 `nvidia-smi -i {minor} -mig 0` 恢复为整块",
)
NO_NODE = Text(
    en="{nodes} is missing in /dev, or this user may not use it; `nvidia-modprobe -u -c0` makes it",
    zh="/dev 中缺少 {nodes}，或当前用户无权使用；可运行 `nvidia-modprobe -u -c0` 创建",
)
NO_TORCH = Text(
    en="torch is not installed; install a build of it for CUDA", zh="没有安装 torch；请安装支持 CUDA 的版本"
)
CPU_TORCH = Text(
    en="the installed torch {version} is built for the CPU only; install a build for CUDA",
    zh="已安装的 torch {version} 只支持 CPU；请安装支持 CUDA 的版本",
)
NO_LIBRARY = Text(
    en="the driver's library {name} is not found by `ldconfig -p`; install the driver's libraries for this system",
    zh="`ldconfig -p` 找不到驱动库 {name}；请为本系统安装驱动的用户态库",
)
NOT_LINUX = Text(en="a GPU needs Linux", zh="使用 GPU 需要 Linux")


class NoGpu(Exception):
    """There is none to be had; `why` says what is missing, for people."""

    def __init__(self, why: Text) -> None:
        super().__init__(why.en)
        self.why = why


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a machine shows: texts by path, nodes in /dev that this user may read and write, `ldconfig -p`, torch.

    `torch` is the version and what CUDA it was built for; the latter is empty for a build for the CPU.
    """

    texts: Mapping[str, str]
    nodes: frozenset[str]
    libraries: str
    torch: tuple[str, str] | None
    machine: str = "x86_64"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gpu:
    """One GPU, and what a box needs of it: nodes in /dev, and libraries (name, file) of the driver."""

    model: str
    driver: str
    uuid: str
    minor: int
    cuda: str
    nodes: tuple[str, ...]
    libraries: tuple[tuple[str, str], ...] = field(default=())

    @property
    def versions(self) -> dict[str, str]:
        """What a verdict says of it."""
        return {"gpu": self.model, "nvidia-driver": self.driver}


def find() -> Gpu:
    """The GPU that boxes of this machine get; raises NoGpu."""
    return plan(look())


def require() -> Gpu:
    """The same for a parent that is about to be started; raises BoxError."""
    try:
        return find()
    except NoGpu as error:
        raise BoxError(f"there is no GPU to be had: {error}") from error


def plan(seen: Seen, minor: int | None = None) -> Gpu:
    """The GPU with that minor number, else the first that can be used; raises NoGpu with what is missing first."""
    driver = _DRIVER.search(_driver_text(seen))
    cards = sorted(_cards(seen), key=lambda card: int(card["Device Minor"]))
    if not cards:
        raise NoGpu(NO_GPU)
    torch = _torch_of(seen)
    card = _chosen(cards, _sliced(seen), minor)
    return Gpu(
        model=card.get("Model", "NVIDIA GPU"),
        driver=driver[1] if driver else "?",
        uuid=card.get("GPU UUID", ""),
        minor=int(card["Device Minor"]),
        cuda=torch,
        nodes=_nodes_of(card, seen),
        libraries=_libraries_of(seen),
    )


def _driver_text(seen: Seen) -> str:
    if VERSION not in seen.texts:
        raise NoGpu(NO_DRIVER.filled(file=VERSION))
    return seen.texts[VERSION]


def _cards(seen: Seen) -> list[dict[str, str]]:
    """The fields of each GPU that has a node and is not excluded."""
    found = []
    for path, text in sorted(seen.texts.items()):
        if path.startswith(_GPUS):
            pairs = (line.partition(":") for line in text.splitlines())
            card = {name.strip(): value.strip() for name, _, value in pairs}
            if card.get("Device Minor", "").isdigit() and card.get("GPU Excluded", "No") == "No":
                found.append(card)
    return found


def _chosen(cards: Sequence[dict[str, str]], sliced: frozenset[int], minor: int | None) -> dict[str, str]:
    """The card with that number, else the first; one that is divided into slices is no card of ours."""
    wanted = [card for card in cards if minor is None or int(card["Device Minor"]) == minor]
    if not wanted:
        raise NoGpu(NO_NODE.filled(nodes=f"nvidia{minor}"))
    whole = [card for card in wanted if int(card["Device Minor"]) not in sliced]
    if not whole:
        raise NoGpu(SLICED.filled(minor=wanted[0]["Device Minor"]))
    return whole[0]


def _sliced(seen: Seen) -> frozenset[int]:
    """The minor numbers of the cards of which there are MIG slices."""
    return frozenset(int(found[1]) for path in seen.texts if (found := _SLICED.fullmatch(path)))


def _torch_of(seen: Seen) -> str:
    """What CUDA torch was built for."""
    if seen.torch is None:
        raise NoGpu(NO_TORCH)
    version, cuda = seen.torch
    if not cuda:
        raise NoGpu(CPU_TORCH.filled(version=version))
    return cuda


def _nodes_of(card: Mapping[str, str], seen: Seen) -> tuple[str, ...]:
    wanted = (f"nvidia{card['Device Minor']}", _CONTROL, _MEMORY)
    missing = [name for name in wanted if name not in seen.nodes]
    if missing:
        raise NoGpu(NO_NODE.filled(nodes=", ".join(missing)))
    return tuple(f"/dev/{name}" for name in wanted)


def _libraries_of(seen: Seen) -> tuple[tuple[str, str], ...]:
    kind = _ARCHITECTURES.get(seen.machine, seen.machine)
    found: dict[str, str] = {}
    for name, tags, path in _LIBRARY.findall(seen.libraries):
        if name in _WANTED and kind in tags:
            found.setdefault(name, path)  # the first is the one that the loader takes
    if _NEEDED not in found:
        raise NoGpu(NO_LIBRARY.filled(name=_NEEDED))
    return tuple(sorted(found.items()))


def look(root: Path = Path("/")) -> Seen:
    """What this machine shows; costs one look at /proc where there is no driver. Raises NoGpu where it is not Linux."""
    if sys.platform != "linux":
        raise NoGpu(NOT_LINUX)
    texts = {path: text for path in _paths_of_texts(root) if (text := _text(root / path)) is not None}
    if VERSION not in texts:
        return Seen(texts=texts, nodes=frozenset(), libraries="", torch=None)
    nodes = frozenset(path.name for path in (root / "dev").glob("nvidia*") if os.access(path, os.R_OK | os.W_OK))
    return Seen(texts=texts, nodes=nodes, libraries=_ldconfig(), torch=_installed_torch(), machine=platform.machine())


def _paths_of_texts(root: Path) -> list[str]:
    cards = sorted((root / _GPUS).glob("*/information"))
    slices = sorted((root / _SLICES).glob("gpu*/mig/gi*/access"))
    return [VERSION, *(str(path.relative_to(root)) for path in (*cards, *slices))]


def _text(path: Path) -> str | None:
    with contextlib.suppress(OSError):
        return path.read_text(encoding="utf-8", errors="replace")
    return None


def _ldconfig() -> str:
    for program in _LDCONFIG:
        with contextlib.suppress(OSError, subprocess.SubprocessError):
            return subprocess.run([program, "-p"], capture_output=True, text=True, check=True, timeout=10).stdout
    return ""


def _installed_torch() -> tuple[str, str] | None:
    """Its version and its CUDA, as its own files say: importing it takes seconds."""
    try:
        distribution = metadata.distribution("torch")
        text = Path(str(distribution.locate_file("torch/version.py"))).read_text(encoding="utf-8")
    except (metadata.PackageNotFoundError, OSError):
        return None
    built = _TORCH_CUDA.search(text)
    return distribution.version, (built[1] or "") if built else ""
