"""`viva test`: the public cases of a workspace, with plain pytest in this terminal, where a breakpoint works."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from grader.box.installed import require
from grader.cli.exit_status import DONE, NOT_ACCEPTED
from grader.cli.target import find_target
from grader.errors import UsageError

PASSED, SOME_FAILED = 0, 1  # of pytest's exit statuses; the others are about the call


def run(words: tuple[str, ...], packs: tuple[Path, ...], options: tuple[str, ...]) -> int:
    """Run them in the folder of the solution; the exit status. Raises UsageError and PackageError."""
    target = find_target(words, packs)
    require(target.exercise.environment)
    folder = target.file.parent
    cases = folder / "test_public.py"
    if not cases.is_file():
        raise UsageError(
            f"{folder} has no test_public.py; `viva start {target.exercise.id} DIR` makes a folder that has",
            f"{folder} 里没有 test_public.py；`viva start {target.exercise.id} DIR` 会建一个有它的目录",
        )
    command = [sys.executable, "-P", "-m", "pytest", "-q", "-p", "no:cacheprovider", cases.name, *options]
    status = subprocess.run(command, cwd=folder, check=False).returncode
    if status == PASSED:
        return DONE
    return NOT_ACCEPTED if status == SOME_FAILED else status
