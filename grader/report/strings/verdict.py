"""What verdicts and summaries of them say."""

from __future__ import annotations

from collections.abc import Mapping

from grader.model.text import Text

STRINGS: Mapping[str, Text] = {
    "status.accepted": Text(en="accepted", zh="通过"),
    "status.wrong_answer": Text(en="wrong answer", zh="答案错误"),
    "status.runtime_error": Text(en="runtime error", zh="运行出错"),
    "status.time_limit": Text(en="time limit", zh="超时"),
    "status.memory_limit": Text(en="memory limit", zh="内存超限"),
    "status.output_limit": Text(en="output limit", zh="输出超限"),
    "status.rejected": Text(en="rejected", zh="未受理"),
    "status.judge_error": Text(en="judge error", zh="判题故障"),
    "our_fault": Text(
        en="The grader failed, not your code: this does not count. Please grade it once more.",
        zh="出错的是判题程序，不是你的代码：本次结果不计入成绩，请重新判一次。",
    ),
    "grade.others.no_code": Text(
        en="viva: not graded, neither a Python file nor a notebook: {names}",
        zh="viva：未判题，不是 Python 文件或 notebook：{names}",
    ),
    "grade.others.folder": Text(
        en="viva: not graded, a folder that was not looked into or has no code at its top: {names}",
        zh="viva：未判题，未查看的目录，或其中没有直接放着代码：{names}",
    ),
    "grade.others.several": Text(
        en="viva: not graded, a folder with several files of code and no solution.py: {names}",
        zh="viva：未判题，目录中有多个代码文件，却没有 solution.py：{names}",
    ),
    "grade.others.helper": Text(
        en="viva: not graded, code beside a solution that does not import it: {names}",
        zh="viva：未判题，解答旁边但未被它导入的代码：{names}",
    ),
    "grading": Text(en="grading", zh="正在判题"),
    "grading.one": Text(
        en="grading… the first verdict of a torch exercise takes about 3 s, later ones less",
        zh="正在判题……torch 题的第一次判题约需 3 秒，之后会快些",
    ),
    "late": Text(
        en="Ended by its time limit after {seconds} s: {title}. Is there a loop that never ends? The other cases go on.",
        zh="“{title}”在 {seconds} 秒后因超时被终止。是否有不会结束的循环？其余用例继续判。",
    ),
    "score": Text(en="score {score}/{max}", zh="得分 {score}/{max}"),
    "cases": Text(en="cases {passed}/{total}", zh="用例 {passed}/{total}"),
    "counts": Text(en="Cases passed: {passed} of {total}.", zh="通过的用例：{passed}/{total}。"),
    "public": Text(en="public", zh="公开"),
    "tagged": Text(en="{title} ({tags})", zh="{title}（{tags}）"),
    "comma": Text(en=", ", zh="，"),
    "same": Text(en="same as above", zh="同上"),
    "worst": Text(en="worst at", zh="偏差最大处"),
    "call": Text(en="call", zh="调用"),
    "untouched": Text(en="Nothing is written yet: the code is as it was given.", zh="还没有动笔：代码与拿到时一样。"),
    "failed_cases": Text(en="cases failed: {count}", zh="未通过的用例：{count}"),
    "more_failed": Text(en="and {count} more failed", zh="另有 {count} 个用例未通过"),
    "then.verbose": Text(en="`-v` shows every failed case.", zh="加 `-v` 可查看所有未通过的用例。"),
    "then.try": Text(
        en="`viva hint` gives a hint, `viva test` runs the public cases here, where a breakpoint works.",
        zh="`viva hint` 给一条提示；`viva test` 在本机运行公开用例，可以设断点。",
    ),
    "then.mend": Text(
        en="`viva test` runs the public cases here, where a breakpoint works.",
        zh="`viva test` 在本机运行公开用例，可以设断点。",
    ),
    "then.solved": Text(
        en="Solved. `viva solution` shows the reference, `viva next` goes on.",
        zh="做出来了。`viva solution` 显示参考解答，`viva next` 继续练习。",
    ),
    "expected": Text(en="expected", zh="期望"),
    "actual": Text(en="actual", zh="实际"),
    "output": Text(en="printed", zh="程序输出"),
    "left_out": Text(en="({count} characters left out)", zh="（省略 {count} 个字符）"),
    "behaves_like": Text(en="Behaves like: ", zh="行为类似："),
    "looks_most_like": Text(en="Looks most like: ", zh="最接近的已知错误："),
    "integrity": Text(en="Integrity: ", zh="诚信提示："),
    "device": Text(en="device {value}", zh="设备 {value}"),
    "seed": Text(en="seed {value}", zh="种子 {value}"),
    "isolation": Text(en="isolation {value}", zh="隔离 {value}"),
    "layers": Text(en="{value} ({count} layers)", zh="{value}（{count} 层）"),
    "column.exercise": Text(en="exercise", zh="题目"),
    "column.name": Text(en="submission", zh="提交"),
    "column.status": Text(en="verdict", zh="结果"),
    "column.score": Text(en="score", zh="得分"),
    "column.time": Text(en="time", zh="用时"),
    "column.diagnosis": Text(en="behaves like", zh="行为类似"),
    "submissions": Text(en="submissions {count}", zh="提交 {count}"),
    "mean_score": Text(en="mean score {value}%", zh="平均得分 {value}%"),
}
