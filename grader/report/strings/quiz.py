"""What the quiz says, and the marks between parts of a sentence that every part uses."""

from __future__ import annotations

from collections.abc import Mapping

from grader.model.text import Text

STRINGS: Mapping[str, Text] = {
    # one question
    "quiz.number": Text(en="{number} of {total}", zh="{number}/{total}"),
    "quiz.number_open": Text(en="question {number}", zh="第 {number} 题"),
    "quiz.difficulty": Text(en="difficulty {value} of 10", zh="难度 {value}/10"),
    "quiz.minutes": Text(en="about {count} min", zh="约 {count} 分钟"),
    "quiz.came_back": Text(en="came back", zh="复习"),
    "quiz.left": Text(en="{time} left", zh="还剩 {time}"),
    "quiz.time_is_up": Text(en="time is up", zh="时间已到"),
    "quiz.level.junior": Text(en="junior", zh="初级"),
    "quiz.level.mid": Text(en="mid", zh="中级"),
    "quiz.level.senior": Text(en="senior", zh="高级"),
    "quiz.level.staff": Text(en="staff", zh="资深"),
    "quiz.kind.open": Text(en="open", zh="问答"),
    "quiz.kind.choice": Text(en="choice", zh="单选"),
    "quiz.kind.multi": Text(en="multiple choice", zh="多选"),
    "quiz.kind.numeric": Text(en="numeric", zh="计算"),
    "quiz.kind.order": Text(en="order", zh="排序"),
    "quiz.kind.bug": Text(en="bug", zh="找错"),
    "quiz.kind.code": Text(en="code", zh="编程"),
    # what to do
    "quiz.do.pick": Text(en="Pick one", zh="选一项"),
    "quiz.do.mark": Text(en="Mark every right one", zh="选出所有正确的选项"),
    "quiz.do.type": Text(en="A number; {close}", zh="写出数值，{close}"),
    "quiz.do.type_unit": Text(en="A number, unit: {unit}; {close}", zh="写出数值，单位：{unit}，{close}"),
    "quiz.do.order": Text(
        en="Type all {count} letters in the right order, the first step first, such as {example}",
        zh="按正确顺序输入全部 {count} 个字母，第一步在前，如 {example}",
    ),
    "quiz.do.write": Text(
        en="Write your answer; an empty line ends it, e opens your editor",
        zh="写下你的回答；空行结束，输入 e 打开编辑器",
    ),
    "quiz.prompt": Text(en="answer>", zh="回答>"),
    "quiz.prompt_letters": Text(en="letter>", zh="字母>"),
    "quiz.prompt_points": Text(
        en="points in your answer (letters; Enter takes the marked ones)>",
        zh="回答中说到的要点（字母；回车采用已勾选的）>",
    ),
    # keys
    "quiz.keys.move": Text(en="up/down or letter", zh="上下键或字母"),
    "quiz.keys.tick": Text(en="space or letter marks", zh="空格或字母勾选"),
    "quiz.keys.enter": Text(en="Enter answers", zh="回车确认"),
    "quiz.keys.then_enter": Text(en="key + Enter", zh="按键加回车"),
    "quiz.keys.enter_points": Text(en="Enter takes these", zh="回车采用"),
    "quiz.key.h": Text(en="h hint", zh="h 提示"),
    "quiz.key.n": Text(en="n skip", zh="n 跳过"),
    "quiz.key.x": Text(en="x don't know", zh="x 不会"),
    "quiz.key.l": Text(en="l list", zh="l 列表"),
    "quiz.key.e": Text(en="e editor", zh="e 编辑器"),
    "quiz.key.g": Text(en="g grade", zh="g 判题"),
    "quiz.key.d": Text(en="d hand in", zh="d 交卷"),
    "quiz.key.w": Text(en="w watch", zh="w 保存即判"),
    "quiz.key.s": Text(en="s statement", zh="s 题面"),
    "quiz.key.?": Text(en="? keys", zh="? 按键"),
    "quiz.key.q": Text(en="q quit", zh="q 退出"),
    "quiz.key.": Text(en="Enter next", zh="回车继续"),
    "quiz.key.t": Text(en="t try again", zh="t 再试一次"),
    "quiz.key.see": Text(en="Enter shows the answer", zh="回车看答案"),
    "quiz.key.r": Text(en="r asks these again", zh="r 重做这些题"),
    "quiz.key.end": Text(en="Enter ends", zh="回车结束"),
    "quiz.help.h": Text(
        en="shows the next hint, the weakest first; each costs a tenth of the score",
        zh="显示下一条提示，由弱到强；每条扣去得分的十分之一",
    ),
    "quiz.help.n": Text(
        en="skips the question: nothing is counted, and another one is asked instead",
        zh="跳过本题：不计入记录，另出一题",
    ),
    "quiz.help.t": Text(
        en="one more try before the answer is told; your first answer is the one that counts",
        zh="看答案之前再试一次；计分以第一次回答为准",
    ),
    "quiz.help.x": Text(
        en="shows the answer; counts as not known, and comes back tomorrow", zh="显示答案；按不会记录，明天再出现"
    ),
    "quiz.help.x.mock": Text(en="counts as not known; the answer is shown at the end", zh="按不会记录；结束后显示答案"),
    "quiz.help.x.solve": Text(
        en="stops here: your best verdict counts, or not known where there is none",
        zh="到此为止：以最好的一次判题计分，没有判过则按不会记录",
    ),
    "quiz.help.d": Text(
        en="hands the file in as it is now; there is one verdict, and it is told at the end",
        zh="按文件当前内容交卷；只判一次，结果最后公布",
    ),
    "quiz.how.pick": Text(
        en="Choose with the arrow keys or a letter, then press Enter.", zh="用上下键或字母选择，再按回车。"
    ),
    "quiz.how.mark": Text(
        en="Tick with the space bar or a letter, as many as are right, then press Enter.",
        zh="用空格或字母勾选所有正确的选项，再按回车。",
    ),
    "quiz.how.line": Text(
        en="Type your answer and press Enter; a key is a line of its own.", zh="输入回答后按回车；按键单独占一行。"
    ),
    "quiz.how.write": Text(
        en="Write as many lines as you like; an empty line ends the answer. A key is the only thing in its answer.",
        zh="可以写多行，空行结束回答。使用按键时，只输入该按键。",
    ),
    "quiz.how.assess": Text(
        en="Tick the points that your answer makes, compared with the answer above, then press Enter.",
        zh="对照上面的参考回答，勾选你的回答说到的要点，再按回车。",
    ),
    "quiz.missing.pick": Text(en="Choose one first: arrow keys or a letter.", zh="请先用上下键或字母选一项。"),
    "quiz.missing.mark": Text(
        en="Tick at least one first: space bar or a letter.", zh="请先用空格或字母至少勾选一项。"
    ),
    "quiz.help.l": Text(en="lists the questions of this sitting", zh="列出本次练习的题目"),
    "quiz.help.e": Text(en="opens $VISUAL or $EDITOR", zh="打开 $VISUAL 或 $EDITOR 指定的编辑器"),
    "quiz.help.g": Text(en="grades the file as it is now", zh="按文件当前内容判题"),
    "quiz.help.w": Text(
        en="grades the file whenever you save it; Ctrl-C stops that", zh="每次保存后自动判题；按 Ctrl-C 停止"
    ),
    "quiz.help.s": Text(en="shows the statement again", zh="再次显示题面"),
    "quiz.help.?": Text(en="shows this list", zh="显示本列表"),
    "quiz.help.q": Text(en="ends; everything answered is kept", zh="结束；已答的题全部保留"),
    "quiz.help.": Text(en="goes on", zh="继续"),
    # what cannot be read
    "quiz.unreadable.number": Text(
        en="That is not a number. Write it like 1e9, 1,000, 0.25 or 1/8.",
        zh="这不是一个数。可以写成 1e9、1,000、0.25 或 1/8。",
    ),
    "quiz.unreadable.number_unit": Text(
        en="That is not a number. Write it like 1e9, 1,000, 1/8 or 3.5 {unit}.",
        zh="这不是一个数。可以写成 1e9、1,000、1/8 或 3.5 {unit}。",
    ),
    "quiz.unreadable.unit": Text(
        en="The answer is wanted in {unit}, not in {given}; convert it, or leave the unit out.",
        zh="答案的单位应为“{unit}”，而不是“{given}”；请换算，或省略单位。",
    ),
    "quiz.unreadable.no_unit": Text(
        en="The answer is a plain number without a unit; leave {given} out.", zh="答案是不带单位的数；请去掉 {given}。"
    ),
    "quiz.unreadable.pick": Text(
        en="That is neither an option nor a key; type a letter of the list, or ? for the keys.",
        zh="这既不是选项也不是按键；请输入列表中的字母，或输入 ? 查看按键。",
    ),
    "quiz.unreadable.one": Text(en="Only one can be right; type one letter.", zh="只有一项正确；请只输入一个字母。"),
    "quiz.unreadable.order": Text(
        en="Type each of the {count} letters once, in the right order.",
        zh="请把 {count} 个字母各输入一次，按正确顺序排列。",
    ),
    "quiz.unreadable.empty": Text(
        en="Nothing was written yet; x shows the answer, n skips the question.",
        zh="还没有写内容；x 显示答案，n 跳过本题。",
    ),
    "quiz.hint": Text(en="Hint {number} of {total}: ", zh="提示 {number}/{total}："),
    "quiz.no_hints_at_all": Text(en="This question has no hints.", zh="本题没有提示。"),
    "quiz.no_hints": Text(en="There are no more hints.", zh="没有更多提示了。"),
    # what is told
    "quiz.result.right": Text(en="Right", zh="正确"),
    "quiz.result.partial": Text(en="Partly right", zh="部分正确"),
    "quiz.result.wrong": Text(en="Not right", zh="不对"),
    "quiz.result.gave_up": Text(en="Not known", zh="不会"),
    "quiz.self_assessed": Text(en="your own assessment", zh="自评"),
    "quiz.paid": Text(en="hints cost {percent}%", zh="提示扣 {percent}%"),
    "quiz.back.today": Text(en="due again today", zh="今天还会出现"),
    "quiz.back.tomorrow": Text(en="back tomorrow", zh="明天复习"),
    "quiz.back.days": Text(en="back in {count} days", zh="{count} 天后复习"),
    "quiz.second.right": Text(en="Right this time.", zh="这次对了。"),
    "quiz.second.wrong": Text(en="Not right either.", zh="还是不对。"),
    "quiz.draft.kept": Text(
        en="Your draft is kept; it is there when the question is asked again.",
        zh="草稿已保存；下次问到这道题时会带出来。",
    ),
    "quiz.draft.ungraded": Text(
        en="This answer is not graded; it is kept as a draft for when the question is asked again.",
        zh="这次回答没有评分；已存为草稿，下次问到这道题时会带出来。",
    ),
    "quiz.draft.back": Text(
        en="This is your draft of last time; an empty line gives it as it is.",
        zh="这是你上次的草稿；输入空行即按原样作答。",
    ),
    "quiz.missed": Text(en="To look at again:", zh="需要再看的题："),
    "quiz.again.begin": Text(
        en="Once more, while it is fresh. What you answer now changes no record: these questions come back on their day.",
        zh="趁热再做一遍。这一遍不改动记录：这些题到时仍会出现。",
    ),
    "quiz.again.done": Text(en="{right} of {count} right this time.", zh="这一遍答对 {right}/{count}。"),
    "quiz.aim.goal": Text(
        en="Before the first question: what do you practise for?", zh="开始之前：你主要为哪个方向准备？"
    ),
    "quiz.aim.goal.language_models": Text(
        en="language models: architecture, training, inference, evaluation",
        zh="大语言模型：架构、训练、推理与评估",
    ),
    "quiz.aim.goal.data_science": Text(
        en="data science: data, statistics, classical models, fairness and privacy",
        zh="数据科学：数据、统计、经典模型、公平与隐私",
    ),
    "quiz.aim.goal.systems": Text(
        en="ML systems: distributed training, serving, cost", zh="机器学习系统：分布式训练、部署与成本"
    ),
    "quiz.aim.goal.everything": Text(en="everything alike", zh="各方向都要"),
    "quiz.aim.level": Text(en="And for which level?", zh="目标是哪个级别？"),
    "quiz.aim.level.unknown": Text(en="find out from my answers", zh="由我的答题情况判断"),
    "quiz.aim.kept": Text(
        en="Noted. Every topic still comes up; `viva quiz --ask-goal` asks this again.",
        zh="已记下。所有主题仍会出现；想改时运行 `viva quiz --ask-goal`。",
    ),
    "quiz.noted": Text(en="Noted.", zh="已记下。"),
    "quiz.you": Text(en="you", zh="你的回答"),
    "quiz.right_is": Text(en="right", zh="正确答案"),
    "quiz.within": Text(en="{value}  ({low} to {high} counts)", zh="{value}（{low} 到 {high} 都算对）"),
    "quiz.read_as": Text(en="{typed}  (read as {value})", zh="{typed}（读作 {value}）"),
    "quiz.off": Text(en="off", zh="偏差"),
    "quiz.off.high": Text(en="{percent}% too high", zh="偏高 {percent}%"),
    "quiz.off.low": Text(en="{percent}% too low", zh="偏低 {percent}%"),
    "quiz.off.large": Text(en="{times} times too large", zh="是正确值的 {times} 倍"),
    "quiz.off.small": Text(en="{times} times too small", zh="只有正确值的 1/{times}"),
    "quiz.off.sign": Text(en="the size is right, the sign is not", zh="大小正确，符号相反"),
    "quiz.off.share": Text(en="a share and a percentage differ by 100", zh="小数与百分数相差 100 倍"),
    "quiz.off.bits": Text(en="a byte has 8 bits", zh="1 字节等于 8 比特"),
    "quiz.off.binary": Text(
        en="powers of 1000 and of 1024 differ (GB and GiB)", zh="1000 与 1024 的进制不同（GB 与 GiB）"
    ),
    "quiz.off.prefix": Text(
        en="a prefix is off (thousand, million, billion)", zh="数量级的前缀弄错了（千、百万、十亿）"
    ),
    "quiz.off.inverse": Text(en="this is the inverse of it", zh="这是正确值的倒数"),
    "enumeration": Text(en=", ", zh="、"),
    "semicolon": Text(en="; ", zh="；"),
    "quiz.your_place": Text(en="you: {place}", zh="你排在第 {place}"),
    "quiz.answer": Text(en="Answer", zh="参考回答"),
    "quiz.points": Text(en="What an interviewer listens for", zh="面试官关注的要点"),
    "quiz.red_flags": Text(en="Red flags", zh="减分项"),
    "quiz.follow_up": Text(en="A follow-up to think about", zh="可以继续想的追问"),
    "quiz.sources": Text(en="Sources", zh="资料来源"),
    "quiz.tick": Text(
        en="Which of these points does your answer make? What its words point to is marked; you decide.",
        zh="你的回答说到了下列哪些要点？系统按用词预先勾选，最终由你决定。",
    ),
    "quiz.skipped": Text(en="skipped", zh="已跳过"),
    "quiz.nothing_yet": Text(en="Nothing answered yet.", zh="还没有作答。"),
    # code
    "quiz.code.made": Text(
        en="Your files are in {folder}. Edit {file}, then press {then}.",
        zh="文件已放在 {folder}。编辑 {file} 后按 {then}。",
    ),
    "quiz.code.found": Text(
        en="Going on with your {file}; nothing in it was changed.", zh="继续使用你的 {file}；其中内容没有改动。"
    ),
    "quiz.code.grading": Text(en="grading…", zh="正在判题……"),
    "quiz.code.hint": Text(
        en="Stuck? h shows the next hint ({count} left; each costs a tenth).",
        zh="卡住了？按 h 看下一条提示（还有 {count} 条，每条扣十分之一）。",
    ),
    "quiz.code.watching": Text(
        en="Watching {file}: save it to have it graded. Ctrl-C stops watching.",
        zh="正在监视 {file}：保存即判题。按 Ctrl-C 停止监视。",
    ),
    "quiz.code.no_editor": Text(
        en="No editor was found: set EDITOR, such as `export EDITOR=nano`, and start again.",
        zh="没有找到编辑器：请设置 EDITOR，例如 `export EDITOR=nano`，然后重新开始。",
    ),
    "quiz.code.editor_missing": Text(
        en="The editor {editor} cannot be started ({reason}); mend VISUAL or EDITOR.",
        zh="无法启动编辑器 {editor}（{reason}）；请修改 VISUAL 或 EDITOR。",
    ),
    "quiz.code.editor_failed": Text(
        en="The editor {editor} ended with status {status}; what it left is not taken.",
        zh="编辑器 {editor} 以状态 {status} 结束；其中的内容没有采用。",
    ),
    "quiz.editor_nothing": Text(
        en="Nothing was written in the editor; write here, or press e again.",
        zh="编辑器里没有写内容；可以直接在这里写，或再输入 e。",
    ),
    "quiz.code.untouched": Text(
        en="{file} is still the empty stub. Edit and save it first; n skips, x says that you don't know.",
        zh="{file} 还是空的起始代码。请先编辑并保存；n 跳过，x 表示不会。",
    ),
    "quiz.code.elsewhere": Text(
        en="The question is skipped; name another place for your files with --work.",
        zh="本题已跳过；请用 --work 指定存放文件的目录。",
    ),
    "quiz.code.solution": Text(
        en="The reference and other solutions: viva solution {slug}", zh="查看参考解答和其他解法：viva solution {slug}"
    ),
    # beginning and end
    "quiz.mock.begin": Text(
        en="Mock interview: {minutes} minutes; questions: {count}. Nothing is told until the end.",
        zh="模拟面试：{minutes} 分钟，{count} 题。结束之前不公布结果。",
    ),
    "quiz.review.begin": Text(en="{count} due today.", zh="今天有 {count} 题待复习。"),
    "quiz.left_out": Text(
        en="Left out because their files are broken: {count}; `viva check` lists them.",
        zh="有 {count} 道题的文件有误，未列入；`viva check` 会列出它们。",
    ),
    "quiz.not_installed": Text(
        en="Left out because {name} is not installed: {count} coding questions; `{command}` brings it.",
        zh="未安装 {name}，有 {count} 道编程题未列入；请运行 `{command}`。",
    ),
    "quiz.nothing.installed": Text(
        en="no question that matches can be graded without {name}; run `{command}`, or leave out a filter",
        zh="未安装 {name}，符合条件的题目都无法判；请运行 `{command}`，或去掉某个筛选条件",
    ),
    "quiz.nothing.review": Text(
        en="Nothing is due. The next question comes back {when}.", zh="没有待复习的题。下一题将在{when}出现。"
    ),
    "quiz.nothing.review_ever": Text(
        en="Nothing is due, because nothing was answered yet. Begin with `viva quiz`.",
        zh="还没有答过题，因此没有待复习的题。先运行 `viva quiz`。",
    ),
    "quiz.nothing.review_fitting": Text(
        en="Nothing is due, because none of these was answered yet. Widen the filters, or leave out `--mode review`.",
        zh="符合条件的题都还没有答过，因此没有待复习的题。请放宽条件，或去掉 `--mode review`。",
    ),
    "quiz.nothing.mock": Text(
        en="No question fits into the time; give it more with --minutes, or widen the filters.",
        zh="没有能在这段时间内完成的题；请用 --minutes 延长时间，或放宽条件。",
    ),
    "quiz.nothing.learn": Text(
        en="You know every question that fits, and none is due. Widen the filters, or try `--mode mock`.",
        zh="符合条件的题都已答过，也没有到期的。请放宽条件，或试试 `--mode mock`。",
    ),
    "quiz.nothing.in_order": Text(
        en="Everything on this path that a quiz can ask is done. `viva path show {path}` shows it whole.",
        zh="这条路径上能出的题都已完成。`viva path show {path}` 会显示整条路径。",
    ),
    "quiz.nothing.match": Text(
        en="no question matches; leave out one of --topic, --level, --kind, --path and --entry",
        zh="没有符合条件的题；请去掉 --topic、--level、--kind、--path 或 --entry 中的一个",
    ),
    "quiz.when.tomorrow": Text(en="tomorrow", zh="明天"),
    "quiz.when.days": Text(en="in {count} days", zh=" {count} 天后"),
    "quiz.done": Text(
        en="Answered {count} in {time}: {right} right, {partial} partly, {wrong} not.",
        zh="用时 {time}，答了 {count} 题：正确 {right}，部分正确 {partial}，不对 {wrong}。",
    ),
    "quiz.done_none": Text(en="Nothing was answered.", zh="没有作答。"),
    "quiz.kept": Text(en="Everything you answered is kept.", zh="已答的题全部保留。"),
    "quiz.due_left": Text(en="Still due today: {count}.", zh="今天还有 {count} 题待复习。"),
    "quiz.ended_early": Text(
        en="the input ended before the first answer; run `viva quiz` at a terminal, or pipe answers, one a line",
        zh="还没有作答，输入就结束了；请在终端运行 `viva quiz`，或用管道逐行送入回答",
    ),
    "quiz.table.topic": Text(en="topic", zh="主题"),
    "quiz.table.answered": Text(en="answered", zh="答题"),
    "quiz.table.score": Text(en="score", zh="得分"),
    "quiz.table.time": Text(en="time", zh="用时"),
    "quiz.table.planned": Text(en="planned", zh="计划"),
    "quiz.table.total": Text(en="all", zh="合计"),
    "quiz.mock.left_over": Text(
        en="Not reached: {count} of the planned questions. They count in no score.",
        zh="计划中的题还有 {count} 题没有答到，不计入得分。",
    ),
    "quiz.mock.review": Text(en="Now to the answers, one by one.", zh="下面逐题讲评。"),
    "quiz.mock.assess_first": Text(
        en="First hold your written answers against their rubrics.", zh="先把书面回答与评分要点对照。"
    ),
}
