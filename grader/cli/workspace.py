"""`viva start`: a folder in which a candidate works."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Literal

from grader import wiring
from grader.cli.language import choose
from grader.errors import UsageError

_DONE = {
    "en": "{folder} is ready. Edit solution.py, run the public cases with `pytest`, and grade with:",
    "zh": "{folder} 已就绪。请编辑 solution.py，用 `pytest` 运行公开用例，再用下面的命令判题：",
}


def make(slug: str, folder: Path | None, wish: Literal["auto", "en", "zh"], packs: tuple[Path, ...]) -> None:
    """Copy what a candidate may see, from an allow-list; never over a file that is there already."""
    lang = choose(wish)
    exercise = wiring.open_exercise(slug, packs)
    folder = folder or Path(slug)
    wanted = {
        "solution.py": exercise.stub,
        "test_public.py": exercise.public_suite,
        "STATEMENT.md": exercise.public_dir / f"statement.{lang}.md",
        **({"driver.py": exercise.driver} if exercise.driver else {}),
    }
    present = [name for name in wanted if (folder / name).exists()]
    if present:
        raise UsageError(f"{folder} already holds {present[0]}; name another folder, or move that file away first")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, source in wanted.items():
            shutil.copyfile(source, folder / name)
    except OSError as error:
        raise UsageError(f"{folder} cannot be written ({error.strerror}); name another folder") from error
    print(_DONE[lang].format(folder=folder), f"  viva grade {slug} {folder / 'solution.py'}", sep="\n")
