"""What a machine lacks when a box cannot be built: the layer, and what to switch on, from what the system said.

Neither the pack nor the candidate is to blame for any of these.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from grader.model.text import NOTHING, Text

_LAYER = re.compile(r"the layer ([a-z-]+) is missing")
_BOX = Text(
    en="this machine cannot confine the code, which is not the code's fault: {words}{fix}",
    zh="这台机器无法隔离代码，这不是代码的问题：{words}{fix}",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A layer that is missing, how the system says so, and what to do; without words it is any other cause of it."""

    layer: str
    words: str = ""
    fix: Text


FAULTS = (
    Fault(
        layer="user-namespace",
        words=r"setting up [ug]id map: Permission denied|apparmor",
        fix=Text(
            en="AppArmor keeps users from making namespaces here, as Ubuntu does: run "
            "`sysctl -w kernel.apparmor_restrict_unprivileged_userns=0`, or allow `userns` in a profile for bwrap",
            zh="这里的 AppArmor 不允许用户创建命名空间（Ubuntu 的默认设置）：运行 "
            "`sysctl -w kernel.apparmor_restrict_unprivileged_userns=0`，或为 bwrap 配置带 `userns` 的 AppArmor 规则",
        ),
    ),
    Fault(
        layer="user-namespace",
        words=r"ENOSPC|No space left on device|max_(\*|user)_namespaces",
        fix=Text(
            en="there may be no more namespaces: run `sysctl -w user.max_user_namespaces=15000`",
            zh="命名空间的数量已达上限：运行 `sysctl -w user.max_user_namespaces=15000`",
        ),
    ),
    Fault(
        layer="pid-namespace",
        words=r"[Cc]an't mount proc|mounting proc",
        fix=Text(
            en="the container masks /proc: start it with `--security-opt systempaths=unconfined` (Docker, Podman: "
            "`unmask=ALL`), or `procMount: Unmasked` (Kubernetes)",
            zh="容器遮蔽了 /proc：启动容器时加上 `--security-opt systempaths=unconfined`（Docker；Podman 为 "
            "`unmask=ALL`），Kubernetes 则设置 `procMount: Unmasked`",
        ),
    ),
    Fault(
        layer="user-namespace",
        fix=Text(
            en="let users make namespaces: `sysctl -w user.max_user_namespaces=15000`; on Debian also "
            "`kernel.unprivileged_userns_clone=1`, on Ubuntu `kernel.apparmor_restrict_unprivileged_userns=0`; in a "
            "container, allow it in the container's own seccomp profile",
            zh="允许用户创建命名空间：`sysctl -w user.max_user_namespaces=15000`；Debian 还需 "
            "`kernel.unprivileged_userns_clone=1`，Ubuntu 还需 `kernel.apparmor_restrict_unprivileged_userns=0`；"
            "在容器里，请在容器自身的 seccomp 配置中放行",
        ),
    ),
    Fault(
        layer="landlock",
        fix=Text(
            en="use Linux 5.13 or newer with Landlock, and boot with `landlock` in the list `lsm=`",
            zh="使用带 Landlock 的 Linux 5.13 或更新版本，并在启动参数 `lsm=` 的列表中加入 `landlock`",
        ),
    ),
    Fault(
        layer="seccomp",
        fix=Text(en="use a kernel with CONFIG_SECCOMP_FILTER", zh="使用启用了 CONFIG_SECCOMP_FILTER 的内核"),
    ),
    Fault(
        layer="memory-watch",
        fix=Text(en="use a kernel with CONFIG_PROC_CHILDREN", zh="使用启用了 CONFIG_PROC_CHILDREN 的内核"),
    ),
)


def named(words: str) -> str:
    """The same words, with the layer that is missing where only the system's own say so: bubblewrap names none."""
    if _LAYER.search(words):
        return words
    fault = next((fault for fault in FAULTS if fault.words and re.search(fault.words, words)), None)
    layer = fault.layer if fault else "user-namespace" if "namespace" in words else ""
    return f"the layer {layer} is missing: {words}" if layer else words


def missing(words: str) -> tuple[str, Text]:
    """The layer that is missing and what to do about it; both are empty where the words say nothing of a layer."""
    found = _LAYER.search(named(words))
    if found is None:
        return "", NOTHING
    of_layer = [fault for fault in FAULTS if fault.layer == found[1] and re.search(fault.words, words)]
    return found[1], of_layer[0].fix if of_layer else NOTHING


def explained(words: str) -> Text:
    """What a person should read when a box could not be built; the words alone where they are of no layer."""
    layer, fix = missing(words)
    if not layer:
        return Text.same(words)
    return _BOX.filled(words=named(words), fix=Text(en=f"; {fix.en}", zh=f"；{fix.zh}") if fix.en else NOTHING)
