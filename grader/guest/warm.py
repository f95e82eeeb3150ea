"""What a parent does once so that its children need not: imports, and first uses that are slow.

Everything here runs on one thread: a parent that ever ran on two makes its forked children hang in the first matrix
product.
"""

from __future__ import annotations

import contextlib
import sys

from grader.guest.environments import named

_warmed: list[bool] = []  # not empty once this process, or one that it was forked from, has paid for first uses


def prepare(environment: str, packages: tuple[str, ...] = (), *, warm: bool) -> dict[str, str]:
    """Import the libraries of `environment` and, if `warm`, use them once; returns their versions.

    `packages` are those that the exercise allows. Raises ValueError for an environment that does not exist.
    """
    prepared = named(environment)
    versions = {"python": sys.version.split()[0], **prepared.load()}
    prepared.load_allowed(packages)
    prepared.first_uses()
    if warm:
        _warmed.append(True)
        prepared.warm()
    return versions


def warm_once() -> bool:
    """Pay for torch's first uses now, because several ranks are about to be forked that would each pay; whether it did.

    What an exercise forbids may be out of reach here already; then the rest stays cold. Random states are kept.
    """
    if _warmed or "torch" not in sys.modules:
        return False
    _warmed.append(True)
    with contextlib.suppress(Exception):
        named("torch").warm()
    return True
