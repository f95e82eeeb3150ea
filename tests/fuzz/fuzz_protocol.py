"""Coverage-guided fuzzing of a suite run against a guest whose answers are spoiled; see `protocol.py`.

Run by `make fuzz`. Options are libFuzzer's.
"""

from __future__ import annotations

import resource
import sys

import atheris

with atheris.instrument_imports(include=["grader.wire", "grader.judge"]):
    from tests.fuzz.protocol import MEMORY_BYTES, check, collected


def main() -> None:
    """Fuzz until the time is up."""
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_BYTES, MEMORY_BYTES))
    suite = collected()
    atheris.Setup(sys.argv, lambda data: check(suite, bytes(data)))
    atheris.Fuzz()


if __name__ == "__main__":
    main()
