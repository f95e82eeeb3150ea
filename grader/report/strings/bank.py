"""What lists, statistics and exports of the bank say."""

from __future__ import annotations

from collections.abc import Mapping

from grader.model.text import Text

STRINGS: Mapping[str, Text] = {
    "bank.mark.done": Text(en="solved or right", zh="做出或答对"),
    "bank.mark.due": Text(en="due for review", zh="到期复习"),
    "bank.mark.tried": Text(en="tried", zh="做过"),
    "bank.begin_exercise": Text(
        en="`viva start {slug}` makes a folder to solve it in.", zh="`viva start {slug}` 会建好做这道题的目录。"
    ),
    "bank.kind.open": Text(en="open", zh="问答"),
    "bank.kind.choice": Text(en="choice", zh="单选"),
    "bank.kind.multi": Text(en="multi", zh="多选"),
    "bank.kind.numeric": Text(en="numeric", zh="计算"),
    "bank.kind.order": Text(en="order", zh="排序"),
    "bank.kind.bug": Text(en="bug", zh="找错"),
    "bank.kind.code": Text(en="code", zh="编程"),
    "bank.kind.exercise": Text(en="exercise", zh="练习"),
    "bank.kind.repair": Text(en="repair", zh="修复"),
    "bank.level.junior": Text(en="junior", zh="初级"),
    "bank.level.mid": Text(en="mid", zh="中级"),
    "bank.level.senior": Text(en="senior", zh="高级"),
    "bank.level.staff": Text(en="staff", zh="资深"),
    "bank.needs": Text(en="needs {name}", zh="需要 {name}"),
    "bank.needs.how": Text(
        en="({name}): not installed, and needed to grade these; run `{command}`",
        zh="（{name}）：未安装，判这些题需要它；请运行 `{command}`",
    ),
    "bank.status.draft": Text(en="draft", zh="草稿"),
    "bank.status.retired": Text(en="retired", zh="已停用"),
    "bank.column.id": Text(en="id", zh="编号"),
    "bank.column.kind": Text(en="kind", zh="题型"),
    "bank.column.level": Text(en="level", zh="级别"),
    "bank.column.difficulty": Text(en="diff.", zh="难度"),
    "bank.column.minutes": Text(en="min.", zh="分钟"),
    "bank.column.title": Text(en="title", zh="标题"),
    "bank.column.topic": Text(en="topic", zh="主题"),
    "bank.column.total": Text(en="all", zh="合计"),
    "bank.column.lacks": Text(en="lacks", zh="尚缺"),
    "bank.and": Text(en=", ", zh="、"),
    "bank.nothing": Text(
        en="Nothing matches; drop a filter, or see `viva stats`.",
        zh="没有符合条件的内容；请放宽条件，或查看 `viva stats`。",
    ),
    "bank.how_to_narrow": Text(
        en="`viva list --area llm` lists one of them, `viva list --all` everything, `viva search kv cache` finds by words.",
        zh="`viva list --area llm` 列出其中一个领域，`viva list --all` 列出全部，`viva search 注意力` 按词查找。",
    ),
    "search.nothing": Text(
        en="Nothing holds {query}. `viva list` shows the areas, `viva stats` the topics.",
        zh="没有找到与“{query}”有关的题。`viva list` 列出各领域，`viva stats` 列出各主题。",
    ),
    "search.instead": Text(
        en="Nothing holds {query}; looking for {words} instead.", zh="没有“{query}”；改为查找 {words}。"
    ),
    "search.shown": Text(
        en="{shown} of {count}, best first. `viva show {first}` shows one.",
        zh="共 {count} 条，显示最相关的 {shown} 条。`viva show {first}` 查看其中一条。",
    ),
    "bank.found": Text(
        en="entries: {entries}, exercises: {exercises}", zh="题目条目 {entries} 个，编程题 {exercises} 个"
    ),
    "bank.broken": Text(
        en="Entries left out because they break their format: {count}. `viva check --bank` tells what is wrong.",
        zh="有 {count} 个题目条目不符合格式，已略去；`viva check --bank` 会说明问题所在。",
    ),
    "bank.difficulty": Text(en="difficulty {value}/10", zh="难度 {value}/10"),
    "bank.minutes": Text(en="{value} min", zh="{value} 分钟"),
    "bank.colon": Text(en=": ", zh="："),
    "bank.select_one": Text(en="Choose one:", zh="单选："),
    "bank.select_all": Text(en="Choose all that apply:", zh="选出所有正确的选项："),
    "bank.put_in_order": Text(en="Put in order:", zh="请排序："),
    "bank.answer_unit": Text(
        en="Answer with a number, unit: {unit}; {tolerance}.", zh="用数字作答，单位：{unit}；{tolerance}。"
    ),
    "bank.answer_number": Text(en="Answer with a number; {tolerance}.", zh="用数字作答；{tolerance}。"),
    "bank.close_enough": Text(en="{limits} is close enough", zh="允许误差 {limits}"),
    "bank.exact": Text(en="only the exact number counts", zh="数值须完全正确"),
    "bank.exercise": Text(en="Solve it: `viva start {slug}`", zh="动手完成：`viva start {slug}`"),
    "bank.answer": Text(en="Model answer", zh="参考答案"),
    "bank.key": Text(en="Key", zh="答案"),
    "bank.explanation": Text(en="Explanation", zh="解析"),
    "bank.rubric": Text(en="What to listen for", zh="评分要点"),
    "bank.red_flags": Text(en="Red flags", zh="危险信号"),
    "bank.follow_ups": Text(en="What to ask next", zh="追问"),
    "bank.after.strong": Text(en="after a strong answer", zh="答得好时"),
    "bank.after.weak": Text(en="after a weak answer", zh="答得弱时"),
    "bank.hints": Text(en="Hints", zh="提示"),
    "bank.sources": Text(en="Sources", zh="参考资料"),
    "bank.notes": Text(en="Notes for the interviewer", zh="面试官备注"),
    "bank.right": Text(en="right", zh="正确"),
    "bank.wrong": Text(en="wrong", zh="错误"),
    "bank.parameters": Text(en="Numbers drawn from seed {seed}.", zh="数值由种子 {seed} 抽取。"),
    "bank.verified": Text(
        en="revision {revision}, facts checked {date}, {license}", zh="第 {revision} 版，{date} 核实，{license}"
    ),
    "bank.lacks.open": Text(en="an open question", zh="问答题"),
    "bank.lacks.self_grading": Text(en="one that grades itself", zh="自动判分题"),
    "bank.lacks.code": Text(en="an entry for {slug}", zh="{slug} 的条目"),
    "bank.covered": Text(en="Every topic is covered.", zh="所有主题均已覆盖。"),
    "bank.uncovered": Text(en="{count} topics lack something:", zh="{count} 个主题尚有欠缺："),
    "bank.weight": Text(
        en="Of the weight of all topics (how often each is asked), {shares}.",
        zh="按权重（各主题被问到的频度）计：{shares}。",
    ),
    "bank.weight.share": Text(en="{share} has {entries} entries or more", zh="{share} 有至少 {entries} 道题"),
    "bank.enough": Text(
        en="Every topic has {each} entries for each step of its weight.", zh="每个主题的题数都不少于权重的 {each} 倍。"
    ),
    "bank.short": Text(
        en="{count} topics have fewer than {each} entries for each step of their weight; the most asked first:",
        zh="{count} 个主题的题数不到权重的 {each} 倍，问得多的在前：",
    ),
    "bank.short.one": Text(
        en="  {topic}: weight {weight}, {total} of {wanted} entries",
        zh="  {topic}：权重 {weight}，{total} 道，应有 {wanted} 道",
    ),
    "bank.short.more": Text(en="  and {count} more", zh="  另有 {count} 个"),
    "bank.scores": Text(
        en="Of automatic mutants of each reference, its suite notices:",
        zh="各编程题的测试集能发现的自动变异（占参考解答全部自动变异的比例）：",
    ),
    "bank.scores.unknown": Text(en="not measured", zh="未测"),
    "bank.totals": Text(
        en="{entries} active entries (drafts {drafts}, retired {retired}), {exercises} exercises, {topics} topics",
        zh="启用的题目条目 {entries} 个（草稿 {drafts}，已停用 {retired}），编程题 {exercises} 个，主题 {topics} 个",
    ),
    "bank.legend": Text(
        en="Entries by first topic. Levels: {levels}. Kinds: {kinds}.",
        zh="按第一主题统计。级别：{levels}。题型：{kinds}。",
    ),
    "bank.book.title": Text(en="Machine-learning interview questions", zh="机器学习面试题集"),
    "bank.book.contents": Text(en="Contents", zh="目录"),
    "bank.book.with_answers": Text(en="with answers, for interviewers", zh="含答案，供面试官使用"),
    "bank.book.without_answers": Text(en="questions only", zh="仅题目"),
    "bank.book.count": Text(en="{entries} questions, {minutes} minutes", zh="共 {entries} 题，{minutes} 分钟"),
    "bank.deck": Text(en="viva: machine-learning interviews", zh="viva：机器学习面试"),
    "bank.exported": Text(en="{path}: {count} entries", zh="{path}：{count} 个题目条目"),
    "bank.left_out": Text(
        en="left out, because {format} has no form for them: {ids}", zh="未导出（{format} 没有对应的题型）：{ids}"
    ),
    "bank.imported": Text(
        en="{count} drafts are in {folder}. Complete what `TODO` marks, set `status: active`, and run `viva check`.",
        zh="已在 {folder} 写入 {count} 个草稿。请补全标有 `TODO` 的内容，改为 `status: active`，再运行 `viva check`。",
    ),
    "new.done": Text(
        en="Write what `TODO` marks: `{command}` lists it in the order in which one works.",
        zh="请补写标有 `TODO` 的内容：`{command}` 会按编写顺序逐条列出。",
    ),
}
