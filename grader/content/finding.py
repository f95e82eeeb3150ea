"""What the check of a bank has to say about one place of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem must be mended before the bank is used; a warning is something for an author to look at."""

    severity: Literal["problem", "warning"]
    path: Path
    field: str
    says: str

    def __str__(self) -> str:
        place = f"{self.path}: {self.field}" if self.field else str(self.path)
        return f"{place}: {self.says}"
