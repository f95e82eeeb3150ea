"""What practice outside of the quiz says: progress, what comes next, hints, solutions and workspaces."""

from __future__ import annotations

from collections.abc import Mapping

from grader.model.text import Text

_README_EN = """\
# {title}
Read `STATEMENT.md`, write {names} in `solution.py`, and keep the names. About {minutes} minutes.

    viva test     runs the public cases here, as plain `pytest` does; a breakpoint works
    viva grade    grades against the hidden suite too
    viva watch    grades whenever you save
    viva hint     gives one hint, the weakest first
    viva reset    puts the stub back and keeps yours beside it
    viva next     says what to practise next

Nothing in this folder but `solution.py` is graded: cases that you change in `test_public.py` change only what you see.
A task gives all of its points when each of its cases passes, otherwise none. It is graded with Python {python}.

| task | points |
| --- | --- |
{tasks}
All of them work in this folder without naming the exercise. Once it is done, `viva solution` shows the reference.
"""

_README_ZH = """\
# {title}
请先读 `STATEMENT.md`，再在 `solution.py` 中写出 {names}，名字不要改。大约需要 {minutes} 分钟。

    viva test     在本机运行公开用例，与直接运行 `pytest` 相同，可以设断点
    viva grade    连同隐藏测试集一起判题
    viva watch    每次保存后自动判题
    viva hint     给一条提示，由浅入深
    viva reset    恢复最初的代码，你写的另存在旁边
    viva next     告诉你接下来练什么

本目录中只有 `solution.py` 会被判题：改动 `test_public.py` 只影响你自己看到的结果。
一个任务的用例全部通过才得到该任务的分数，否则不得分。判题使用 Python {python}。

| 任务 | 分数 |
| --- | --- |
{tasks}
这些命令在本目录中都不用写题目名。做出来之后，`viva solution` 会显示参考解答。
"""

STRINGS: Mapping[str, Text] = {
    # progress
    "progress.exercises": Text(en="{done} of {all} exercises solved", zh="编程题做出 {done}/{all}"),
    "progress.questions": Text(en="{done} of {all} questions answered right", zh="其他题答对 {done}/{all}"),
    "progress.title": Text(en="Practice", zh="练习"),
    "progress.nothing": Text(en="Nothing answered yet; begin with `viva quiz`.", zh="还没有作答；先运行 `viva quiz`。"),
    "progress.streak": Text(en="streak {days} d (longest {longest})", zh="连续 {days} 天（最长 {longest} 天）"),
    "progress.answers": Text(en="answers {count}", zh="答题 {count}"),
    "progress.entries": Text(en="questions met {seen}, well remembered {known}", zh="见过 {seen} 题，记牢 {known} 题"),
    "progress.weeks": Text(en="Answers a day, the last {count} weeks", zh="最近 {count} 周每日答题数"),
    "progress.due": Text(en="Due", zh="待复习"),
    "progress.due_today": Text(en="{count} today", zh="今天 {count} 题"),
    "progress.forecast": Text(en="{count} more in the next {days} days", zh="之后 {days} 天内还有 {count} 题"),
    "progress.time": Text(en="Time spent", zh="用时"),
    "progress.time_today": Text(en="today {time}", zh="今天 {time}"),
    "progress.time_week": Text(en="last 7 days {time}", zh="近 7 天 {time}"),
    "progress.time_all": Text(en="in all {time}", zh="总计 {time}"),
    "progress.ability": Text(
        en="Ability: the difficulty that you get right half the time (bar: likely range)",
        zh="能力：大约能答对一半的题目难度（横条：可能的范围）",
    ),
    "progress.overall": Text(en="all topics", zh="全部主题"),
    "progress.weakest": Text(en="Weakest topics", zh="最弱的主题"),
    "progress.no_answers": Text(en="not met yet", zh="尚未涉及"),
    "progress.share": Text(en="{percent}% in {count}", zh="{count} 次，{percent}%"),
    "progress.imported": Text(en="{count} new answers, {total} in all.", zh="新增 {count} 条回答，共 {total} 条。"),
    "progress.exported": Text(en="{count} answers are in {file}.", zh="{count} 条回答已写入 {file}。"),
    # what comes next
    "next.first": Text(en="A few questions to find out where you stand.", zh="先做几道题，看看水平。"),
    "next.due": Text(en="Questions that have come back for review: {count}.", zh="到期要复习的题：{count} 道。"),
    "next.begun": Text(
        en="{name} is begun: your best so far is {percent}% of its points.",
        zh="{name} 还没做完：目前最好得分 {percent}%。",
    ),
    "next.path": Text(en="The next step of “{path}”: {title}.", zh="学习路径“{path}”的下一步：{title}。"),
    "next.weakest": Text(en="Your weakest topic so far: {topic}.", zh="目前最弱的主题：{topic}。"),
    "next.begin": Text(en="Enter begins, q leaves:", zh="按 Enter 开始，q 退出："),
    "home.new": Text(
        en="viva asks interview questions about machine learning, and grades exercises with verdicts that cannot be forged.",
        zh="viva 提供机器学习面试题，并为编程题判题，结果无法伪造。",
    ),
    "home.begin": Text(en="To begin:", zh="可以这样开始："),
    "home.now": Text(en="Now:", zh="接下来："),
    "home.quiz": Text(en="a few questions, chosen by what you can do", zh="几道题，按你的水平挑选"),
    "home.start": Text(en="a folder to solve an exercise in", zh="建一个目录，动手做一道编程题"),
    "home.list": Text(en="all questions and exercises", zh="列出全部题目"),
    "home.progress": Text(en="where you stand, topic by topic", zh="各主题的掌握情况"),
    "home.grade": Text(en="grades what is in this folder", zh="为本目录中的解答判题"),
    "home.test": Text(en="runs its public cases", zh="运行公开用例"),
    "home.hint": Text(en="gives one hint", zh="给一条提示"),
    "home.here": Text(en="This folder is for {title} ({slug}).", zh="本目录对应的题目：{title}（{slug}）。"),
    "home.help": Text(en="`viva --help` shows every command.", zh="`viva --help` 会列出所有命令。"),
    # hints, and beginning again
    "hint.taken": Text(en="Hint {number} of {total}", zh="提示 {number}/{total}"),
    "hint.none": Text(en="{name} has no hints.", zh="{name} 没有提示。"),
    "hint.no_more": Text(
        en="There are no more hints; `viva solution` shows the reference.",
        zh="没有更多提示了；`viva solution` 会显示参考解答。",
    ),
    "hint.price": Text(
        en="In a quiz, each hint taken costs a tenth of what this exercise earns.",
        zh="在测验中，每看一条提示，本题得分扣十分之一。",
    ),
    "hint.repair": Text(
        en="A repair task has no hints here. Start from a failed case: what goes in, what should come out, and which line makes the difference?",
        zh="修复题在这里没有提示。可以从一个未通过的用例入手：输入是什么，应当得到什么，是哪一行造成了差别？",
    ),
    "reset.done": Text(
        en="{file} is as it was at the start; yours is kept as {kept}.", zh="{file} 已恢复原样；你写的保存为 {kept}。"
    ),
    "reset.untouched": Text(en="{file} is as it was at the start already.", zh="{file} 本来就是最初的样子。"),
    "record.failed": Text(
        en="viva: this verdict is not in your progress: {reason}", zh="viva：这次结果没有记入进度：{reason}"
    ),
    "solution.alike": Text(en="{count} lines as in the reference", zh="与参考解答相同的 {count} 行"),
    # solution
    "solution.reference": Text(en="Reference", zh="参考解答"),
    "solution.alternative": Text(en="Another way: {name}", zh="另一种写法：{name}"),
    "solution.ask": Text(
        en="You have not solved {slug} yet. See the solution all the same? [y/N]",
        zh="你还没有做出 {slug}。仍要查看解答吗？[y/N]",
    ),
    "solution.ask_again": Text(
        en="Once seen, it cannot be unseen: a hint may be enough. Really? [y/N]",
        zh="看过就无法当作没看过，也许一条提示就够了。确定吗？[y/N]",
    ),
    "solution.kept_back": Text(
        en="Then not. `viva hint {slug}` gives one hint at a time.",
        zh="那就先不看。`viva hint {slug}` 每次给出一条提示。",
    ),
    "solution.need_yes": Text(
        en="{slug} has not been solved; grade it first, or say `--yes` to see the solution all the same",
        zh="{slug} 尚未做出；请先判题，或加上 `--yes` 直接查看",
    ),
    # workspaces
    "start.done": Text(
        en="{folder} is ready: read STATEMENT.md and edit solution.py. In there:",
        zh="{folder} 已就绪：请阅读 STATEMENT.md 并编辑 solution.py。在该目录中：",
    ),
    "start.test": Text(en="runs the public cases, as `pytest` does", zh="运行公开用例，与 `pytest` 相同"),
    "start.grade": Text(en="grades against the hidden suite too", zh="连同隐藏测试集一起判题"),
    "start.watch": Text(en="grades whenever you save", zh="每次保存后自动判题"),
    "start.hint": Text(en="gives one hint, the weakest first", zh="给一条提示，由浅入深"),
    "start.readme": Text(
        en=_README_EN,
        zh=_README_ZH,
    ),
}
