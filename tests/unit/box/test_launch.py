"""The arguments that bubblewrap gets, and who may give up root."""

from __future__ import annotations

import os
from typing import Any

import pytest

from grader.box import launch

_ORDERS: dict[str, Any] = {
    "binds": [["/host/python", "/python"]],
    "links": [["usr/lib", "/lib"]],
    "covered": ["/python/site-packages"],
    "environment": {"LANG": "C.UTF-8"},
    "command": ["/python/bin/python", "-c", "pass"],
    "cgroups": -1,
    "nodes": [],
}


def test_everything_is_bound_read_only() -> None:
    """There is no writable bind, and the root itself is made read-only last."""
    arguments = launch._arguments(_ORDERS, ["/staged/0"])
    assert "--bind" not in arguments
    at = arguments.index("--ro-bind")
    assert arguments[at : at + 3] == ["--ro-bind", "/staged/0", "/python"]
    assert arguments[arguments.index("--") - 2 : arguments.index("--")] == ["--remount-ro", "/"]


def test_nodes_of_a_gpu_are_bound_as_devices_and_nothing_else_is() -> None:
    """After /dev, which is made anew, and before the root is closed; without a GPU there is none."""
    arguments = launch._arguments({**_ORDERS, "nodes": ["/dev/nvidia0", "/dev/nvidiactl"]}, ["/s/0", "/s/1", "/s/2"])
    at = arguments.index("--dev-bind")
    assert arguments[at : at + 6] == ["--dev-bind", "/s/1", "/dev/nvidia0", "--dev-bind", "/s/2", "/dev/nvidiactl"]
    assert arguments.index("--dev") < at < arguments.index("--remount-ro", at)
    assert "--dev-bind" not in launch._arguments(_ORDERS, ["/s/0"])


def test_every_namespace_is_asked_for() -> None:
    """Six kinds; a seventh, cgroup, where the kernel has it."""
    asked = {argument for argument in launch._arguments(_ORDERS, ["x"]) if argument.startswith("--unshare")}
    assert asked == {f"--unshare-{kind}" for kind in ("user", "pid", "net", "ipc", "uts", "cgroup-try")}


def test_a_parent_with_control_groups_stays_in_the_namespace_of_them() -> None:
    """From one of its own it could not reach the groups of its boxes, which get namespaces of their own."""
    asked = launch._arguments({**_ORDERS, "cgroups": 5}, ["x"])
    assert "--unshare-cgroup-try" not in asked
    assert "--unshare-pid" in asked


def test_covers_come_after_binds() -> None:
    """A cover would otherwise lie below what it should hide."""
    arguments = launch._arguments(_ORDERS, ["x"])
    assert arguments.index("/python/site-packages") > arguments.index("--ro-bind")


@pytest.mark.parametrize("number", [0, os.getuid()])
def test_one_s_own_user_exists(number: int) -> None:
    """The table of user ids of this process has itself."""
    if number == 0 and os.getuid() != 0:
        pytest.skip("root need not exist in a plain user's container")
    assert launch._exists(number, "uid_map")


def test_an_id_beyond_the_table_does_not_exist() -> None:
    """No table maps the id that means nobody."""
    assert not launch._exists(2**32 - 1, "uid_map")
