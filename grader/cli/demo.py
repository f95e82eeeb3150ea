"""`viva demo`: the main job in one go, on submissions as people write them."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from grader import wiring
from grader.cli.exit_status import DONE, OUR_ERROR
from grader.cli.language import choose
from grader.content.pack import builtin_pack_root
from grader.errors import UsageError
from grader.grading.grade import Options, grade
from grader.grading.intake import read_submission
from grader.model.verdict import Status
from grader.report.console import Console
from grader.report.terminal import render_summary, render_verdict

SHOWN_WHOLE = "multi_head_attention"
SUBMISSIONS = ("right", "half_right", "cheating")
_TEXTS = {
    "en": (
        "Grading three submissions for each exercise in a strict box: a right one, a half-right one, and a cheat.",
        "Every verdict is as it should be: the right ones pass, the half-right earn part, the cheats earn nothing.",
        "A verdict is not as it should be; run `viva doctor` to see what this machine lacks.",
    ),
    "zh": (
        "每道题在严格隔离的沙箱中判三份提交：一份正确，一份半对，一份作弊。",
        "每个结果都符合预期：正确的通过，半对的得到部分分数，作弊的一分未得。",
        "有结果不符合预期；请运行 `viva doctor`，查看这台机器缺少什么。",
    ),
}


def run(wish: Literal["auto", "en", "zh"]) -> int:
    """Grade `examples/`; returns 0 when every verdict is what it should be."""
    lang = choose(wish)
    before, good, bad = _TEXTS[lang]
    root = builtin_pack_root()
    folders = sorted(path.parent for path in (root / "examples").glob(f"*/{SUBMISSIONS[0]}.py"))
    if not folders:
        raise UsageError(
            f"{root} has no examples/; run the demo from a checkout of the project",
            f"{root} 里没有 examples/；请在项目的检出目录中运行演示",
        )
    console = Console()
    console.print(f"{before}\n", markup=False)
    as_expected = []
    with wiring.open_engine("strict", warm=True) as engine:
        for folder in folders:
            exercise = wiring.open_exercise(folder.name)
            files = [folder / f"{name}.py" for name in SUBMISSIONS]
            options = Options(lang=lang)
            verdicts = [grade(exercise, read_submission(_short(file), exercise), engine, options) for file in files]
            if folder.name == SHOWN_WHOLE:
                render_verdict(verdicts[1], console, lang, exercise.title.get(lang))
                console.print()
            console.print(f"{exercise.title.get(lang)} ({exercise.id})", style="bold", markup=False, highlight=False)
            render_summary(verdicts, console, lang)
            console.print()
            right, half, cheat = verdicts
            as_expected += [
                right.status is Status.ACCEPTED,
                0 < half.score < half.max_score,
                cheat.status not in (Status.ACCEPTED, Status.JUDGE_ERROR) and cheat.score == 0,
            ]
    console.print(good if all(as_expected) else bad, markup=False)
    return DONE if all(as_expected) else OUR_ERROR


def _short(file: Path) -> Path:
    """Relative to the current folder where that is shorter to read."""
    try:
        return file.relative_to(Path.cwd())
    except ValueError:
        return file
