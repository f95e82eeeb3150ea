"""What every test relies on."""

from __future__ import annotations

import os

os.environ["VIVA_ENGINE"] = "own"  # never the background engine of whoever runs the tests
