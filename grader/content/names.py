"""What names may look like, for whoever must know it without reading a pack."""

from __future__ import annotations

SLUG = r"^[a-z][a-z0-9_]{0,31}$"
