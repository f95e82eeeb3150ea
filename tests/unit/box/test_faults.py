"""What a machine lacks is named, with what to do about it, in both languages."""

from __future__ import annotations

import pytest

from grader.box.faults import explained, missing, named
from grader.guest.confinement import LAYERS

# What bubblewrap and the kernel say, and what must be in the advice.
SAID = {
    "bwrap: setting up uid map: Permission denied": ("user-namespace", "apparmor_restrict_unprivileged_userns=0"),
    "bwrap: Creating new namespace failed: nesting depth or /proc/sys/user/max_*_namespaces exceeded (ENOSPC)": (
        "user-namespace",
        "user.max_user_namespaces",
    ),
    "the layer user-namespace is missing: no namespace in a namespace: No space left on device": (
        "user-namespace",
        "user.max_user_namespaces",
    ),
    "bwrap: No permissions to create new namespace, likely because the kernel does not allow it": (
        "user-namespace",
        "unprivileged_userns_clone",
    ),
    "bwrap: Can't mount proc on /newroot/proc: Operation not permitted": ("pid-namespace", "systempaths=unconfined"),
    "the layer landlock is missing: the kernel has no Landlock": ("landlock", "lsm="),
    "the layer seccomp is missing: the kernel refused the seccomp filter": ("seccomp", "CONFIG_SECCOMP_FILTER"),
}


@pytest.mark.parametrize("words", SAID)
def test_the_layer_and_the_cure_are_named(words: str) -> None:
    """And the system's own words are kept."""
    layer, cure = SAID[words]
    assert layer in LAYERS
    assert missing(words)[0] == layer
    assert f"the layer {layer} is missing" in named(words)
    for said in (explained(words).en, explained(words).zh):
        assert cure in said
        assert words in said


def test_words_of_no_layer_are_left_alone() -> None:
    """A package that is not installed is no fault of the kernel."""
    words = "the package x is not installed; run `pip install x`"
    assert (explained(words).en, explained(words).zh) == (words, words)
