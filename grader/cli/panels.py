"""The help page of `viva`: its commands by who needs them."""

from __future__ import annotations

from typing import Any, Final

from typer.core import TyperGroup

PRACTISE: Final = "Practise"
INTERVIEW: Final = "Interview"
GRADE: Final = "Grade"
WRITE: Final = "Write questions and exercises"
SERVE: Final = "Run a grading backend"
RUN: Final = "Run and measure"
ORDER: Final = (PRACTISE, INTERVIEW, GRADE, SERVE, WRITE, RUN)


class InPanels(TyperGroup):
    """A group whose panels come in our order, whatever command was registered first."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Names of commands, those of a panel together; a page in another language has them as they were sorted."""
        names = super().list_commands(ctx)
        panels = {name: str(getattr(self.commands[name], "rich_help_panel", "")) for name in names}
        known = {panel: place for place, panel in enumerate(ORDER)}
        if not all(panel in known for panel in panels.values()):
            return list(self.commands)
        self.commands = {name: self.commands[name] for name in sorted(names, key=lambda name: known[panels[name]])}
        return list(self.commands)
