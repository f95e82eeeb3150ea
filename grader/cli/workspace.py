"""`viva start`: a folder in which a candidate works."""

from __future__ import annotations

import platform
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from grader import wiring
from grader.cli.checks import check_seed
from grader.cli.handed_out import given_source
from grader.cli.language import choose
from grader.cli.sentences import tell
from grader.content.planted import choose_repair, find_repair
from grader.content.yaml_source import read_prose
from grader.errors import UsageError, unwritable
from grader.model.exercise import Exercise
from grader.model.repair import Repair
from grader.model.text import Lang
from grader.practice.repairs import state_of
from grader.practice.workspace import SOLUTION, STATE, remembered
from grader.report.catalogue import say
from grader.report.commands import command
from grader.report.editor_text import for_editor
from grader.report.repairs import with_preface
from grader.sessions.one_language import STATEMENT, in_language

SEED_BITS = 53


@dataclass(frozen=True, slots=True, kw_only=True)
class StartOrder:
    """What the command line asked for; `repair` is empty for any repair task and None for the exercise itself."""

    slug: str
    folder: Path | None
    repair: str | None
    seed: int | None
    lang: Literal["auto", "en", "zh"]
    packs: tuple[Path, ...]


def make(order: StartOrder) -> None:
    """Write what a candidate may see, from an allow-list; never over a file that is there already."""
    lang = choose(order.lang)
    check_seed(order.seed)
    if order.seed is not None and not _wants_any(order):
        raise UsageError(
            "--seed chooses among repair tasks; leave it out, or write `--repair` without an ID",
            "--seed 用于抽选修复题；请去掉它，或写不带 ID 的 `--repair`",
        )
    exercise = wiring.open_exercise(order.slug, order.packs)
    if order.repair is None:
        folder = order.folder or Path(exercise.id)
        lay_out(exercise, folder, lang)
        tell(say("start.done", lang, folder=str(folder)))
    else:
        repair, seed = _chosen(exercise, order.repair, order.seed)
        folder = order.folder or repair_folder(repair)
        lay_out_repair(repair, folder, lang, seed)
        tell(say("repair.done", lang, folder=str(folder), name=repair.name))
    if folder.resolve() != Path.cwd():
        print(f"  {command('cd', folder)}")
    for name in ("test", "grade", "watch", "hint"):
        tell(f"  viva {name:<6} {say(f'start.{name}', lang)}")


def repair_folder(repair: Repair) -> Path:
    """Where a repair task is worked on unless somebody says otherwise."""
    return Path(f"{repair.exercise.id}-{repair.handle}")


def lay_out(exercise: Exercise, folder: Path, lang: Lang) -> Path:
    """Make the workspace of an exercise; the path of the file to edit.

    Raises UsageError, and has written nothing, when one of the files is there already.
    """
    shared = _shared_files(exercise, lang)
    own = {
        SOLUTION: given_source(exercise, None, lang).encode(),
        "README.md": _readme("start.readme", exercise, exercise.minutes, lang),
        STATE: remembered(exercise.id).encode(),
    }
    return _written(folder, {**shared, **own})


def lay_out_repair(repair: Repair, folder: Path, lang: Lang, seed: int | None) -> Path:
    """The same for a repair task, which the folder remembers without naming the mistake."""
    shared = _shared_files(repair.exercise, lang)
    own = {
        SOLUTION: given_source(repair.exercise, repair, lang).encode(),
        STATEMENT: for_editor(with_preface(shared[STATEMENT].decode(), lang)).encode(),
        "README.md": _readme("repair.readme", repair.exercise, repair.minutes, lang),
        STATE: state_of(repair, seed).encode(),
    }
    return _written(folder, {**shared, **own})


def _wants_any(order: StartOrder) -> bool:
    """Whether the person left the choice of a repair task to us."""
    return order.repair == ""


def _chosen(exercise: Exercise, name: str, seed: int | None) -> tuple[Repair, int | None]:
    """The repair task that was named, or else the one that a seed chooses, and that seed."""
    if name:
        return find_repair(exercise, name), None
    drawn = secrets.randbits(SEED_BITS) if seed is None else seed
    return choose_repair(exercise, drawn), drawn


def _shared_files(exercise: Exercise, lang: Lang) -> dict[str, bytes]:
    """What every workspace of an exercise holds, in one language.

    The statement is for an editor, which draws no formulas.
    """
    copied = {"test_public.py": exercise.public_suite, **({"driver.py": exercise.driver} if exercise.driver else {})}
    statement = for_editor(read_prose(exercise.public_dir / f"statement.{lang}.md"))
    code = {name: in_language(read_prose(path), lang).encode() for name, path in copied.items()}
    return {STATEMENT: statement.encode(), **code}


def _written(folder: Path, files: Mapping[str, bytes]) -> Path:
    """Write a workspace; the path of its solution."""
    for name in files:
        if (folder / name).exists() or (folder / name).is_symlink():
            raise UsageError(
                f"{folder} already holds {name}; name another folder, or move that file away first",
                f"{folder} 里已有 {name}；请指定另一个目录，或先把那个文件移走",
            )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in files.items():
            (folder / name).write_bytes(data)
    except OSError as error:
        raise unwritable(folder, error.strerror, "name another folder", "请指定另一个目录") from error
    return folder / SOLUTION


def _readme(key: str, exercise: Exercise, minutes: int, lang: Lang) -> bytes:
    """How to work in the folder."""
    names = say("enumeration", lang).join(f"`{name}`" for name in exercise.entry_points)
    tasks = "".join(f"| {task.title.get(lang)} | {task.points:g} |\n" for task in exercise.tasks)
    texts = {"title": exercise.title.get(lang), "slug": exercise.id, "names": names, "tasks": tasks}
    return say(key, lang, **texts, minutes=str(minutes), python=platform.python_version()).encode()
