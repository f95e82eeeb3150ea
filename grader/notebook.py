"""viva for people who live in notebooks: `from vivavoce import grade`, and a cell magic.

    %load_ext vivavoce

    %%viva f1_auc
    def f1_score(y_true, y_pred, average="binary"): ...

The code is graded as a file would be, in a sandbox that knows nothing of the notebook: a cell brings its own imports.
One engine is kept for all cells and ended with the process.
"""

from __future__ import annotations

import atexit
import sys
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from grader.model.verdict import Verdict
    from grader.wiring import AnyEngine


def grade(
    exercise: str,
    source: str | Path,
    *,
    seed: int | None = None,
    isolation: Literal["strict", "process"] = "strict",
    packs: Sequence[Path] = (),
) -> Verdict:
    """The verdict on `source`, which is code, or the path of a file or notebook that holds some.

    `exercise` goes by its slug, by the same with dashes, or by the id of the entry that asks it. A `seed` replays its
    inputs. Raises UsageError for an exercise or a file that is not there, or a system without that isolation.
    """
    from grader import wiring
    from grader.grading.grade import Options
    from grader.grading.grade import grade as judge
    from grader.grading.intake import admit, read_submission

    found = wiring.open_exercise(exercise, packs)
    if isinstance(source, Path):
        submission = read_submission(source, found)
    else:
        submission = admit("<cell>", source.encode("utf-8", "surrogatepass"), found)
    return judge(found, submission, _engine(isolation), Options(seed=seed, strict=isolation == "strict"))


def load_ipython_extension(shell: Any) -> None:
    """What `%load_ext vivavoce` calls."""
    shell.register_magic_function(_cell_magic, magic_kind="cell", magic_name="viva")


def _cell_magic(line: str, cell: str) -> None:
    """`%%viva EXERCISE`: grade the cell and print the verdict; what is wrong with the call is said in a sentence."""
    from grader import wiring
    from grader.cli.language import choose
    from grader.errors import GraderError
    from grader.report.console import Console
    from grader.report.terminal import Telling, render_verdict

    lang = choose("auto")
    try:
        verdict = grade(line.strip(), cell)
        title = wiring.open_exercise(verdict.exercise_id).title.get(lang)
    except GraderError as error:
        print(f"viva: {error.said_in(lang)}", file=sys.stderr)
        return
    render_verdict(verdict, Console(file=sys.stdout, force_jupyter=False), lang, title, Telling(whole=False))


@lru_cache(maxsize=2)
def _engine(isolation: str) -> AnyEngine:
    from grader import wiring

    engine = wiring.open_engine(isolation, warm=True)
    atexit.register(engine.close)
    return engine
