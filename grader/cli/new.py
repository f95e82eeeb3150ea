"""`viva new …`: what an author begins with. Only typer is imported until a command runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from grader.cli.options import Language
from grader.cli.sentences import tell_aside

new_app = typer.Typer(
    name="new",
    help="Write the skeleton of something new into a pack.",
    no_args_is_help=True,
    add_completion=False,
)


@new_app.command()
def exercise(
    slug: Annotated[str, typer.Argument(help="Its name, in snake_case, such as rms_norm.")],
    pack: Annotated[
        Path | None, typer.Option(metavar="DIR", help="The pack to write into; default: that of this checkout.")
    ] = None,
    environment: Annotated[str, typer.Option(help="The libraries it runs with.")] = "numpy",
    level: Annotated[Literal["junior", "mid", "senior", "staff"], typer.Option(help="Who is asked this.")] = "mid",
    topic: Annotated[
        str | None, typer.Option(help="Its main topic; default: the one that the syllabus has it below.")
    ] = None,
    lang: Language = "auto",
) -> None:
    """Write an exercise with TODO where its author writes; `viva check SLUG` says what is left."""
    from grader.content.new_exercise import NewExercise, write_skeleton

    order = NewExercise(slug=slug, environment=environment, level=level, topic=topic)
    _tell(order.slug, write_skeleton(order, pack or _own_pack()), pack, lang)


def _own_pack() -> Path:
    """The pack of the checkout that this runs from; an installed one is not for writing."""
    from grader.content.pack import builtin_pack_root
    from grader.errors import UsageError

    root = builtin_pack_root()
    if not (root / "pyproject.toml").is_file():
        raise UsageError(
            "the built-in pack is not a checkout; name the pack to write into with --pack DIR",
            "内置题库包不是代码检出目录；请用 --pack DIR 指定写入哪个题库包",
        )
    return root


def _tell(slug: str, written: tuple[Path, ...], pack: Path | None, wish: Literal["auto", "en", "zh"]) -> None:

    from grader.cli.language import choose
    from grader.report.catalogue import say
    from grader.report.commands import command

    for path in written:
        print(path)
    check = command("viva", "check", slug, *(("--pack", pack) if pack else ()))
    tell_aside(say("new.done", choose(wish), command=check))
