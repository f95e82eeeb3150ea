"""What every test relies on."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile

os.environ["VIVA_ENGINE"] = "own"  # never the background engine of whoever runs the tests
os.environ["VIVA_HOME"] = tempfile.mkdtemp(prefix="viva-progress-of-tests-")  # nor their progress
os.environ["PAGER"] = "cat"  # nobody is there to turn pages
atexit.register(shutil.rmtree, os.environ["VIVA_HOME"], ignore_errors=True)
