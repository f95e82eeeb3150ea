"""Which release of the product is at work."""

from __future__ import annotations

import functools


@functools.cache
def own_version() -> str:
    """The installed version, such as "0.1.0"; "unknown" when run from a folder that was never installed."""
    from importlib import metadata  # slow, and most commands never ask

    try:
        return metadata.version("vivavoce")
    except metadata.PackageNotFoundError:
        return "unknown"
