"""An option whose value may be left out, which typer has no way to say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from typer.core import TyperCommand

_OPTION = "--repair"


class OptionalRepair(TyperCommand):
    """A command whose `--repair` may stand alone: at the end, or before another option. It is then empty."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse, after a lone `--repair` was given its empty value."""
        return super().parse_args(ctx, list(_with_value(args)))


def _with_value(args: Sequence[str]) -> Iterator[str]:
    for place, argument in enumerate(args):
        yield argument
        if argument == _OPTION and (place + 1 == len(args) or args[place + 1].startswith("-")):
            yield ""
