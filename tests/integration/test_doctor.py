"""What `viva doctor` finds out is true: on a good machine, and where a layer is missing."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from grader.box import attempts, bubblewrap, channels, doctor
from grader.guest.confinement import LAYERS

pytestmark = pytest.mark.usefixtures("nothing_left")

_ROOT = Path(__file__).resolve().parents[2]


def test_every_layer_is_tried() -> None:
    """No layer is believed without an attempt at what it forbids; memory has a box of its own."""
    assert {*attempts.ATTEMPTS, "memory-watch"} == set(LAYERS)


def test_here_every_layer_holds() -> None:
    """On a machine where strict grading works, each layer resists what is tried against it."""
    layers = doctor.probe()
    assert [layer.name for layer in layers if layer.name in LAYERS] == list(LAYERS)
    assert not [layer for layer in layers if not layer.holds]
    others = {
        "python",
        "numpy",
        "pandas",
        "scikit-learn",
        "torch",
        "bubblewrap",
        "cgroup-delegation",
        "host-limits",
        *channels.CHANNELS,
    }
    assert others <= {layer.name for layer in layers}


def test_process_isolation_promises_one_layer() -> None:
    """For practice there are limits and nothing else, and it says so."""
    layers = doctor.probe(strict=False)
    assert [layer.name for layer in layers if layer.name in LAYERS] == ["rlimits"]


def test_a_weaker_sandbox_is_seen_through(tmp_path: Path) -> None:
    """The attempts succeed where a layer is absent: in a read-only view of the host they find what is possible."""
    program, libraries = bubblewrap.find()
    run = f"import runpy; runpy.run_path({str(Path(attempts.__file__))!r}, run_name='solution')"
    command = [
        *(str(program), "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp", "--unshare-ipc"),
        # This checkout and its interpreter may lie below /tmp themselves.
        *(word for path in (sys.prefix, sys.base_prefix, str(_ROOT)) for word in ("--ro-bind", path, path)),
        *("--setenv", "SECRET", "yes", "--", sys.executable, "-I", "-c", run),
    ]
    done = subprocess.run(
        command, env={"LD_LIBRARY_PATH": str(libraries)}, capture_output=True, text=True, timeout=60, check=True
    )
    possible = {name for name, seen in json.loads(done.stdout).items() if seen}
    absent = {"pid-namespace", "ipc-namespace", "uts-namespace", "cgroup-namespace", "minimal-root", "private-tmpfs"}
    assert possible >= absent | {"landlock", "seccomp", "rlimits", "empty-environment"}


def test_every_channel_is_open_without_a_box(tmp_path: Path) -> None:
    """The attempts work in a plain process, so that it means something that they fail in a box."""
    run = (
        "import os, runpy, socket, numpy\n"
        "ours, theirs = socket.socketpair()\n"
        "os.dup2(ours.fileno(), 3)\n"
        f"runpy.run_path({str(Path(channels.__file__))!r}, run_name='solution')\n"
    )
    done = subprocess.run([sys.executable, "-c", run], capture_output=True, text=True, timeout=60, check=True)
    seen = json.loads(done.stdout)
    assert set(seen) == set(channels.CHANNELS)
    assert [name for name, words in seen.items() if not words] == []


@pytest.mark.skipif(shutil.which("unshare") is None, reason="util-linux's unshare makes the conditions")
@pytest.mark.parametrize("limit", [0, 1])
def test_a_missing_layer_is_named_with_what_to_do(limit: int) -> None:
    """Where namespaces are scarce, the layer that is missing has the cause and a fix; the others were not tried."""
    limited = f'echo {limit} > /proc/sys/user/max_user_namespaces; exec "$0" "$@"'
    script = (
        "import json; from dataclasses import asdict; from grader.box.doctor import probe; "
        "print(json.dumps([asdict(layer) for layer in probe()]))"
    )
    command = ["unshare", "-Ur", "sh", "-c", limited, sys.executable, "-c", script]
    done = subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, timeout=60, check=True)
    layers = {layer["name"]: layer for layer in json.loads(done.stdout)}
    assert not layers["user-namespace"]["holds"]
    assert "namespace" in layers["user-namespace"]["detail"]["en"]
    assert all("max_user_namespaces" in layers["user-namespace"]["fix"][lang] for lang in ("en", "zh"))
    assert "not tried" in layers["landlock"]["detail"]["en"]
    assert layers["bubblewrap"]["holds"]


def test_only_landlock_forbids_what_is_tried_for_it() -> None:
    """The attempt would prove nothing if the mount were read-only anyway: the answer is EACCES and not EROFS."""
    attempt = "os.open('/dev/viva-was-here', os.O_CREAT | os.O_WRONLY)"
    source = f"import os\ntry: {attempt}\nexcept OSError as error: print(error.errno)"
    with doctor._parent() as parent, parent.client() as client:
        printed, *_ = doctor._run(client, source)
    assert printed.split() == ["13"], os.strerror(int(printed))
