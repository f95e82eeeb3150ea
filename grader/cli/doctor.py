"""`viva doctor`: what this machine can and cannot confine, found out by trying."""

from __future__ import annotations

import sys
from typing import Literal

from grader import wiring
from grader.cli.exit_status import DONE, OUR_ERROR
from grader.cli.language import choose
from grader.cli.sentences import tell
from grader.report.catalogue import say
from grader.report.console import Console


def run(wish: Literal["auto", "en", "zh"]) -> int:
    """Print one line per layer; 0 when strict isolation holds here."""
    lang = choose(wish)
    if sys.platform == "win32":
        wiring.require_level("strict")
    console = Console(highlight=False)
    if sys.platform != "linux":
        tell(say("doctor.not_linux", lang))
        return OUR_ERROR
    from grader.box.doctor import probe

    layers = probe()
    width = max(len(layer.name) for layer in layers)
    for layer in layers:
        mark, style = ("✓", "green") if layer.holds else ("✗", "red")
        console.print(f"{mark} {layer.name:<{width}}  {layer.detail.get(lang)}", style=style, markup=False)
        if not layer.holds and layer.fix.en:
            console.print(f"  {'':<{width}}  {layer.fix.get(lang)}", markup=False)
    return DONE if all(layer.holds for layer in layers) else OUR_ERROR
