"""What repair tasks say."""

from __future__ import annotations

from collections.abc import Mapping

from grader.model.text import Text

_README_EN = """\
# Repair: {title}
`solution.py` implements what `STATEMENT.md` asks for, but for one mistake. Find it, mend it, and keep the names {names}. About {minutes} minutes.

    viva test     runs the public cases here, as plain `pytest` does; the mistake may pass them all
    viva grade    grades against the hidden suite, which tells when it is right
    viva watch    grades whenever you save
    viva reset    puts the code with the mistake back and keeps yours beside it

Nothing in this folder but `solution.py` is graded: cases that you change in `test_public.py` change only what you see.
`.viva.json` lets the grader know where you started, so that it does not give the mistake away.
A task gives all of its points when each of its cases passes, otherwise none. It is graded with Python {python}.

| task | points |
| --- | --- |
{tasks}
Once it is mended, `viva solution {slug}` shows the reference.
"""

_README_ZH = """\
# 修复：{title}
`solution.py` 已经按 `STATEMENT.md` 的要求写好，只是有一处错误。请找到它并改正，{names} 这些名字不要改。大约需要 {minutes} 分钟。

    viva test     在本机运行公开用例，与直接运行 `pytest` 相同；有错的代码也可能全部通过
    viva grade    用隐藏测试集判题，通过就说明改对了
    viva watch    每次保存后自动判题
    viva reset    恢复最初那份有错的代码，你改的另存在旁边

本目录中只有 `solution.py` 会被判题：改动 `test_public.py` 只影响你自己看到的结果。
判题程序靠 `.viva.json` 得知你的起点，以免泄露错误所在。
一个任务的用例全部通过才得到该任务的分数，否则不得分。判题使用 Python {python}。

| 任务 | 分数 |
| --- | --- |
{tasks}
改好之后，`viva solution {slug}` 会显示参考解答。
"""

STRINGS: Mapping[str, Text] = {
    "repair.preface": Text(
        en="> **Repair task.** `solution.py` is an implementation of the statement below that is wrong somewhere. Find the mistake and mend it; the hidden suite tells when it is right. The rest of the code may stay as it is.",
        zh="> **修复题。** `solution.py` 实现了下面的题面，但有一处是错的。请找到错误并改正；隐藏测试集会告诉你是否改对。其余代码可以保持原样。",
    ),
    "repair.readme": Text(en=_README_EN, zh=_README_ZH),
    "repair.title": Text(en="Repair: {title}", zh="修复：{title}"),
    "repair.as_given": Text(en="the code as it was given to you", zh="拿到时的代码"),
    "repair.as_given_advice": Text(
        en="The mistake that you are looking for is still there. Start from a failed case: what goes in, what should come out, and which line makes the difference?",
        zh="要找的错误还在。可以从一个未通过的用例入手：输入是什么，应当得到什么，是哪一行造成了差别？",
    ),
    "repair.done": Text(
        en="{folder} is ready ({name}). solution.py is wrong somewhere: mend it, and grade with:",
        zh="{folder} 已就绪（{name}）。solution.py 有一处错误：请改正，再用下面的命令判题：",
    ),
    "repair.found": Text(
        en="repair tasks: {count}; `viva start {slug} --repair {handle}` starts the first",
        zh="修复题 {count} 道；用 `viva start {slug} --repair {handle}` 开始第一道",
    ),
    "repair.mend": Text(
        en="Mend it: `viva start {slug} --repair {handle}`", zh="动手修复：`viva start {slug} --repair {handle}`"
    ),
    "repair.planted": Text(en="What is wrong", zh="错在哪里"),
    "repair.untouched": Text(
        en="{file} is still as it was given to you. Edit and save it first; n skips, x says that you don't know.",
        zh="{file} 与拿到时一样，还没有改动。请先编辑并保存；n 跳过，x 表示不会。",
    ),
}
