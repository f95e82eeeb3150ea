"""A skeleton of an exercise, written into a pack: all that it needs, with TODO where its author writes.

Each file of `skeleton/` is a template of the file that it is named after. What comes of it keeps its format, and the
suites run; `grader.content.unfinished` lists what is left to write.
"""

from __future__ import annotations

import keyword
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from grader.content.pack import Pack, builtin_pack_root, require_slug
from grader.content.suggestion import SEE_STATS, one_of, suggestion
from grader.content.syllabus import Syllabus
from grader.errors import UsageError, unwritable
from grader.guest.environments import known

if TYPE_CHECKING:
    from jinja2 import Environment

EXERCISE: Final = ("exercise.yaml", "statement.en.md", "statement.zh.md", "stub.py", "test_public.py")
REFERENCE: Final = (
    "solution.py", "alternatives/another_way.py", "test_hidden.py", "mutants.yaml", "promises.yaml", "notes.md",
)  # fmt: skip
_LEVELS: Final = {"junior": (3, 12), "mid": (5, 25), "senior": (7, 35), "staff": (9, 45)}  # difficulty, minutes
_NUMPY: Final = {
    "packages": "numpy", "rng": "rng", "make": "np.array", "copy": "copy", "clone": "np.array(x)",
}  # fmt: skip
_TORCH: Final = {
    "packages": "torch, numpy", "rng": "torch_rng", "make": "torch.tensor", "copy": "clone",
    "clone": "torch.empty_like(x).copy_(x)",
}  # fmt: skip
_NO_TOPIC: Final = "todo.topic"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewExercise:
    """What to make a skeleton of; `topic` may be None where the syllabus has the slug below one of its topics."""

    slug: str
    environment: str = "numpy"
    level: str = "mid"
    topic: str | None = None


def write_skeleton(order: NewExercise, root: Path) -> tuple[Path, ...]:
    """Write a skeleton into the pack at `root`, which is made where there is nothing yet; the files, in reading order.

    Schemas for editors, and the draft of a `code` entry where the topic is known, are written where the pack has none.
    No file is ever replaced. Raises UsageError, before anything is written unless it is the disk that fails.
    """
    _require_usable(order.slug)
    _require_known(order.environment)
    files = dict(_files(order, root))
    for place in (root / half / order.slug for half in ("exercises", "reference")):
        if place.exists() or place.is_symlink():
            raise UsageError(
                f"{place} is already there; choose another slug, or move that folder away first",
                f"{place} 已存在；请换一个题名，或先把那个目录移走",
            )
    try:
        for name, text in files.items():
            _write_new(root / name, text)
    except OSError as error:
        raise unwritable(
            root, error.strerror, "name another folder with --pack", "请用 --pack 指定另一个目录"
        ) from error
    return tuple(root / name for name in files)


def _require_known(environment: str) -> None:
    names = known()
    if environment not in names:
        fix = suggestion(environment, names, one_of(names))
        raise UsageError(
            f"--environment {environment}: there is no such environment; {fix.en}",
            f"--environment {environment}：没有这个环境；{fix.zh}",
        )


def entry_id(slug: str) -> str:
    """The id of the `code` entry that leads to an exercise."""
    return slug.replace("_", "-").strip("-") + "-code"


def _require_usable(slug: str) -> None:
    require_slug(slug)
    if keyword.iskeyword(slug) or "__" in slug or slug.endswith("_"):
        raise UsageError(
            f"{slug!r} cannot name a function and an entry; choose words with single `_` between them",
            f"{slug!r} 不能用作函数名和题目 id；请用单个 `_` 连接的单词",
        )


def _files(order: NewExercise, root: Path) -> Iterator[tuple[str, str]]:
    """(path in the pack, text) of each file to write."""
    pack = _existing(root)
    syllabus = (pack or Pack(builtin_pack_root())).syllabus
    topic = _topic(order, syllabus)
    words = _words(order, topic)
    for half, names in (("exercises", EXERCISE), ("reference", REFERENCE)):
        yield from ((f"{half}/{order.slug}/{name}", _rendered(f"{half}/{name}", words)) for name in names)
    entry = entry_id(order.slug)
    if topic and not (pack and entry in pack.entry_paths):
        yield f"bank/{syllabus.area_of(topic).id}/{entry}.yaml", _rendered("bank/code.yaml", words)
    yield from _schemas(root)


def _existing(root: Path) -> Pack | None:
    """The pack at `root`; None where nothing is there yet. Raises UsageError for a folder that holds other things."""
    if not root.exists() or (root.is_dir() and not any(root.iterdir())):
        return None
    return Pack(root)


def _topic(order: NewExercise, syllabus: Syllabus) -> str | None:
    """The topic that was asked for, else the one that the syllabus has the slug below; raises UsageError."""
    if order.topic is None:
        return next((one.id for one in syllabus.topics.values() if order.slug in one.exercises), None)
    if order.topic not in syllabus.topics:
        fix = suggestion(order.topic, syllabus.topics, SEE_STATS)
        raise UsageError(f"there is no topic `{order.topic}`; {fix.en}", f"没有主题 `{order.topic}`；{fix.zh}")
    return order.topic


def _words(order: NewExercise, topic: str | None) -> Mapping[str, str]:
    difficulty, minutes = _LEVELS[order.level]
    return {
        "slug": order.slug,
        "entry": entry_id(order.slug),
        "environment": order.environment,
        "topic": topic or "",
        "level": order.level,
        "difficulty": str(difficulty),
        "minutes": str(minutes),
        **(_TORCH if order.environment == "torch" else {**_NUMPY, "packages": order.environment}),
    }


def _schemas(root: Path) -> Iterator[tuple[str, str]]:
    """What editors complete with, where the pack lacks it."""
    from grader.content.schema import render_schemas

    yield from ((name, text) for name, text in render_schemas().items() if not (root / name).exists())


def _rendered(name: str, words: Mapping[str, str]) -> str:
    return _templates().get_template(f"{PurePosixPath(name)}.j2").render(words)


@cache
def _templates() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("grader.content", "skeleton"),
        autoescape=False,  # noqa: S701 - what comes of it is code and YAML, made of names that were checked
        undefined=StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
    )


def _write_new(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("x", encoding="utf-8", newline="\n") as stream:
        stream.write(text)
