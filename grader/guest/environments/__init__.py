"""What guest parents import and warm: one module per environment, named as manifests name it.

To add an environment is to add a module here that has an `ENVIRONMENT`; this folder's listing is the list of them.
Everything in them runs on one thread: a parent that ever ran on two makes its forked children hang in the first matrix
product. The libraries are imported by their functions alone, so that to look at an environment costs nothing.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


def _nothing() -> None:
    """Nothing is to be done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """One kind of guest parent.

    `packages` are the distributions that are on disk whatever an exercise allows, with all that they require; the first
    is the one that the environment is named after. `libraries` are the modules that are imported, and `also` those that
    are imported beside them where an exercise allows a package. `names` are what a statement's examples call modules.

    `one_thread` holds libraries to one that do not go by the usual variables. `adapt` gives what cannot work in a
    box the meaning that it has without: it changes how fast something is, never what it computes. `first_uses` are
    those that nearly every exercise makes, and cheap. `warm` are first uses that import more, or load a library;
    what is imported ahead cannot be refused any more, so numpy's brings nothing of the standard library that an
    exercise may forbid. The global random states of numpy and torch are afterwards as they were.
    """

    packages: tuple[str, ...]
    libraries: tuple[str, ...]
    names: Mapping[str, str]
    also: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    one_thread: Callable[[], None] = _nothing
    adapt: Callable[[], None] = _nothing
    first_uses: Callable[[], None] = _nothing
    warm: Callable[[], None] = _nothing

    def load(self) -> dict[str, str]:
        """Import the libraries, hold them to one thread, and return their versions."""
        versions = {name: str(importlib.import_module(name).__version__) for name in self.libraries}
        self.one_thread()
        self.adapt()
        return versions

    def load_allowed(self, packages: tuple[str, ...]) -> None:
        """Import what is wanted beside the libraries where `packages` are allowed."""
        for package in packages:
            for name in self.also.get(package, ()):
                importlib.import_module(name)


def known() -> tuple[str, ...]:
    """The names of all environments, in alphabetical order."""
    stems = {name.partition(".")[0] for name in os.listdir(__path__[0]) if name.endswith(".py")}
    return tuple(sorted(stems - {"__init__"}))


def named(name: str) -> Environment:
    """The environment of that name; raises ValueError where there is none."""
    if name not in known():
        raise ValueError(f"there is no environment {name!r}; choose one of {', '.join(known())}")
    environment: Environment = importlib.import_module(f"{__name__}.{name}").ENVIRONMENT
    return environment
