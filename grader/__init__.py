"""viva: interview exercises for machine learning whose verdicts cannot be forged.

`from vivavoce import grade` grades code from Python, and `%load_ext vivavoce` gives notebooks the cell magic `%%viva`.
"""

from __future__ import annotations

from typing import Any


def __getattr__(name: str) -> Any:
    """The names for notebooks, imported when somebody asks for them: a guest and a judge import this package too."""
    if name in ("grade", "load_ipython_extension"):
        from grader import notebook

        return getattr(notebook, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
