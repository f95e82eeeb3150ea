"""Which exercise and which files a command is about: what was named, and else the workspace that one stands in.

A person who sits in a workspace names nothing; elsewhere an exercise goes by its slug, by the same with dashes, or by
the id of the entry that asks it, and a file that lies in a workspace needs no exercise beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from grader import wiring
from grader.errors import UsageError
from grader.model.exercise import Exercise
from grader.practice.workspace import SOLUTION, Workspace, workspace_around, workspace_at
from grader.report.commands import command


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """An exercise and the files that were named, or the one of the workspace; `packs` are those it was found in."""

    exercise: Exercise
    files: tuple[Path, ...]
    packs: tuple[Path, ...]

    @property
    def file(self) -> Path:
        """The one file to work with; UsageError where there is none, or more than one was named."""
        if len(self.files) == 1:
            return self.files[0]
        slug = self.exercise.id
        if self.files:
            raise UsageError(
                f"one file was expected, and {len(self.files)} were named; name one",
                f"这里只能有一个文件，却写了 {len(self.files)} 个；请只写一个",
            )
        raise UsageError(
            f"neither {slug}/{SOLUTION} nor {SOLUTION} is here; name the file, or begin with `viva start {slug}`",
            f"这里既没有 {slug}/{SOLUTION} 也没有 {SOLUTION}；请指定文件，或先运行 `viva start {slug}`",
        )


def find_target(words: Sequence[str], packs: tuple[Path, ...] = ()) -> Target:
    """What `words` mean, an exercise and paths, each of which may be left out. Raises UsageError."""
    first = words[0] if words else None
    if first is None:
        return _here(packs)
    here = workspace_around(Path())
    slug = wiring.slug_named(first, packs)
    if slug is None and Path(first).exists():
        return _of_paths(tuple(map(Path, words)), packs, here)
    exercise = wiring.open_exercise(slug or first, packs)
    files = tuple(map(Path, words[1:])) or _default(exercise.id, here)
    return Target(exercise=exercise, files=files, packs=packs)


def _here(packs: tuple[Path, ...]) -> Target:
    workspace = workspace_around(Path())
    if workspace is None:
        raise UsageError(
            "this folder is no workspace; name an exercise, such as f1_auc, or make a folder with `viva start f1_auc`",
            "当前目录不是练习目录；请写明题目，例如 f1_auc，或用 `viva start f1_auc` 建一个",
        )
    return _in(workspace, (workspace.solution,), packs)


def _of_paths(paths: tuple[Path, ...], packs: tuple[Path, ...], here: Workspace | None) -> Target:
    """Paths alone: the workspace that the first one lies in says which exercise they are for."""
    first = paths[0]
    folder = first if first.is_dir() else first.parent
    workspace = workspace_around(folder) or here
    if workspace is None:
        wanted = command("viva", "grade", "f1_auc", first)
        raise UsageError(
            f"which exercise is {first} for? Name it first: `{wanted}`",
            f"{first} 是哪道题的解答？请把题目写在前面：`{wanted}`",
        )
    own = folder if first.is_dir() else None
    files = (workspace.solution,) if own is not None and workspace_at(own) and len(paths) == 1 else paths
    return _in(workspace, files, packs)


def _in(workspace: Workspace, files: tuple[Path, ...], packs: tuple[Path, ...]) -> Target:
    return Target(exercise=wiring.open_exercise(workspace.exercise, packs), files=files, packs=packs)


def _default(slug: str, here: Workspace | None) -> tuple[Path, ...]:
    """Where `viva start` put the solution: in the workspace around, in the folder of that name, or beside."""
    places = [Path(slug) / SOLUTION, Path(SOLUTION)]
    if here is not None and here.exercise == slug:
        places.insert(0, here.solution)
    return tuple(file for file in places if file.is_file())[:1]
