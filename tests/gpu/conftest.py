"""What only a GPU can show. On a machine without one all of it is skipped, and says so."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from grader.box.gpu import Gpu, NoGpu, find
from grader.engine.engine import Engine


def found() -> tuple[Gpu | None, str]:
    """The GPU of this machine, or why there is none."""
    try:
        return find(), ""
    except NoGpu as error:
        return None, error.why.en


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Nothing here runs without a GPU, and none of it in a quick run."""
    _, why = found()
    for item in items:
        if "tests/gpu/" in str(item.path):
            item.add_marker(pytest.mark.slow)
            if why:
                item.add_marker(pytest.mark.skip(reason=f"UNPROVEN: it needs a GPU, and {why}"))


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    """One strict engine for everything."""
    with Engine(strict=True, warm=True) as engine:
        yield engine
