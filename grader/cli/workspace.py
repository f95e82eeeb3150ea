"""`viva start`: a folder in which a candidate works."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from grader import wiring
from grader.cli.language import choose
from grader.errors import UsageError, unwritable
from grader.model.exercise import Exercise
from grader.model.text import Lang
from grader.report.catalogue import say

SOLUTION = "solution.py"


def make(slug: str, folder: Path | None, wish: Literal["auto", "en", "zh"], packs: tuple[Path, ...]) -> None:
    """Copy what a candidate may see, from an allow-list; never over a file that is there already."""
    lang = choose(wish)
    exercise = wiring.open_exercise(slug, packs)
    folder = folder or Path(slug)
    lay_out(exercise, folder, lang)
    print(say("start.done", lang, folder=str(folder)), f"  viva grade {slug} {folder / SOLUTION}", sep="\n")


def find_solution(slug: str) -> Path | None:
    """Where `viva start` put the solution, seen from here: in its folder, or from inside that folder."""
    return next((file for file in (Path(slug) / SOLUTION, Path(SOLUTION)) if file.is_file()), None)


def lay_out(exercise: Exercise, folder: Path, lang: Lang) -> Path:
    """Make the workspace of an exercise; the path of the file to edit.

    Raises UsageError, and has written nothing, when one of the files is there already.
    """
    copied: Mapping[str, Path] = {
        SOLUTION: exercise.stub,
        "test_public.py": exercise.public_suite,
        "STATEMENT.md": exercise.public_dir / f"statement.{lang}.md",
        **({"driver.py": exercise.driver} if exercise.driver else {}),
    }
    for name in (*copied, "README.md"):
        if (folder / name).exists() or (folder / name).is_symlink():
            raise UsageError(
                f"{folder} already holds {name}; name another folder, or move that file away first",
                f"{folder} 里已有 {name}；请指定另一个目录，或先把那个文件移走",
            )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, source in copied.items():
            shutil.copyfile(source, folder / name)
        (folder / "README.md").write_text(_readme(exercise, lang), encoding="utf-8")
    except OSError as error:
        raise unwritable(folder, error.strerror, "name another folder", "请指定另一个目录") from error
    return folder / SOLUTION


def _readme(exercise: Exercise, lang: Lang) -> str:
    """How to work in the folder."""
    names = say("enumeration", lang).join(f"`{name}`" for name in exercise.entry_points)
    commands = ("pytest", f"viva grade {exercise.id} {SOLUTION}", f"viva watch {exercise.id}")
    widest = max(map(len, commands))
    tasks = "".join(f"| {task.title.get(lang)} | {task.points:g} |\n" for task in exercise.tasks)
    return say(
        "start.readme",
        lang,
        title=exercise.title.get(lang),
        slug=exercise.id,
        **dict(zip(("run", "grade", "watch"), (command.ljust(widest) for command in commands), strict=True)),
        names=names,
        tasks=tasks,
        minutes=str(exercise.minutes),
    )
