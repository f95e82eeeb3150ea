"""`viva doctor`: what this machine can and cannot confine, found out by trying."""

from __future__ import annotations

import sys

from rich.console import Console

from grader.cli.app import DONE, OUR_ERROR


def run() -> int:
    """Print one line per layer; 0 when strict isolation holds here."""
    console = Console(highlight=False)
    if sys.platform != "linux":
        console.print("strict isolation needs Linux; here `viva grade --isolation process` grades code that you trust")
        return OUR_ERROR
    from grader.box.doctor import probe

    layers = probe()
    width = max(len(layer.name) for layer in layers)
    for layer in layers:
        mark, style = ("✓", "green") if layer.holds else ("✗", "red")
        console.print(f"{mark} {layer.name:<{width}}  {layer.detail}", style=style, markup=False)
        if not layer.holds and layer.fix:
            console.print(f"  {'':<{width}}  {layer.fix}", markup=False)
    return DONE if all(layer.holds for layer in layers) else OUR_ERROR
