"""Writes docs/openapi.json, the contract of the grading backend, and names a changed one in CHANGELOG.md.

    python scripts/write_openapi.py "what changed for those who call the api"

The tests compare the document with what is served, and its digest with the newest one that the changelog names.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[1]
TARGET: Final = ROOT / "docs" / "openapi.json"
CHANGELOG: Final = ROOT / "CHANGELOG.md"
_NEWEST: Final = "## Unreleased\n"
_NAMED: Final = re.compile(r"^- The api's contract is now `([0-9a-f]{12})`: (\S.*)$", re.MULTILINE)


def digest_of(document: dict[str, Any]) -> str:
    """What tells two contracts apart: the beginning of the SHA-256 of the document, whatever its layout."""
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()[:12]


def is_named(changelog: str, digest: str) -> bool:
    """Whether the newest contract that a changelog names is this one, with what changed."""
    newest = _NAMED.search(changelog)
    return newest is not None and newest[1] == digest


def with_change(changelog: str, digest: str, change: str) -> str:
    """A changelog whose newest entry names the contract and what changed."""
    return changelog.replace(_NEWEST, f"{_NEWEST}- The api's contract is now `{digest}`: {change}\n", 1)


def main(words: list[str]) -> int:
    """Write both; 1 where the contract is another one and nobody said what changed."""
    from grader.api.app import create_app

    document = create_app().openapi()
    digest, changelog = digest_of(document), CHANGELOG.read_text("utf-8")
    if not is_named(changelog, digest):
        if not words:
            print('the contract changed: say what, `python scripts/write_openapi.py "what changed"`', file=sys.stderr)
            return 1
        CHANGELOG.write_text(with_change(changelog, digest, " ".join(words)), "utf-8")
    TARGET.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", "utf-8")
    print(f"wrote {TARGET}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
