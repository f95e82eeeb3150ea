"""What interview sessions, guides and their reports say.

`STRINGS` is said on a terminal; `PAGES` in documents, whose templates write `t.name`.
"""

from __future__ import annotations

from collections.abc import Mapping

from grader.model.text import Text
from grader.report.strings import session_pages

STRINGS: Mapping[str, Text] = {
    "session.head": Text(en="{title} · {level} · {minutes} minutes", zh="{title} · {level} · {minutes} 分钟"),
    "session.choosing": Text(en="choosing questions", zh="正在选题"),
    "session.form": Text(en="form {form} of {forms}", zh="第 {form} 份，共 {forms} 份"),
    "session.level.junior": Text(en="junior", zh="初级"),
    "session.level.mid": Text(en="mid-level", zh="中级"),
    "session.level.senior": Text(en="senior", zh="高级"),
    "session.level.staff": Text(en="staff", zh="资深"),
    "session.kind.open": Text(en="talk", zh="问答"),
    "session.kind.choice": Text(en="one choice", zh="单选"),
    "session.kind.multi": Text(en="several choices", zh="多选"),
    "session.kind.numeric": Text(en="number", zh="计算"),
    "session.kind.order": Text(en="order", zh="排序"),
    "session.kind.bug": Text(en="find the bug", zh="找错"),
    "session.kind.code": Text(en="coding", zh="编程"),
    "session.kind.debugging": Text(en="debugging", zh="调试"),
    "session.opening": Text(en="welcome", zh="开场"),
    "session.closing": Text(en="the candidate's questions", zh="候选人提问"),
    "session.spare": Text(en="spare", zh="机动"),
    "session.difficulty": Text(
        en="mean difficulty {value} of 10 (by minutes); {minutes} minutes of questions",
        zh="平均难度 {value}/10（按分钟加权）；题目共 {minutes} 分钟",
    ),
    "session.identity": Text(
        en="session {id}, seed {seed}; candidates see the code {code}",
        zh="面试 {id}，种子 {seed}；候选人看到的代号是 {code}",
    ),
    "session.over": Text(
        en="longer than the interview by {minutes} min: swap a question for a shorter one, or plan more time",
        zh="比面试时长多出 {minutes} 分钟：请换一道更短的题，或安排更多时间",
    ),
    "session.note": Text(en="note: {text}", zh="备注：{text}"),
    "session.written": Text(en="written: {path}", zh="已写入：{path}"),
    "session.next_bundle": Text(en="next: viva session bundle {path}", zh="下一步：viva session bundle {path}"),
    "session.parallel": Text(
        en="the forms differ by {difficulty} in mean difficulty and {minutes} min in length; questions in more than one of them: {overlap}",
        zh="各份试题平均难度最多相差 {difficulty}，时长最多相差 {minutes} 分钟；有 {overlap} 道题重复出现",
    ),
    "session.swapped": Text(
        en="question {number} is now `{entry}` ({title})", zh="第 {number} 题现为 `{entry}`（{title}）"
    ),
    "session.no_pdf": Text(
        en="no PDF: {reason}; open the HTML guide in a browser and print it",
        zh="未生成 PDF：{reason}；可用浏览器打开 HTML 指南后自行打印",
    ),
    "session.bundled": Text(en="for the candidate: {zip}", zh="发给候选人：{zip}"),
    "session.private": Text(en="for you alone (answers inside): {files}", zh="仅供面试官（内含答案）：{files}"),
    "session.graded": Text(
        en="handed in: {taken}, refused: {refused}; code: {done} graded, {skipped} already graded, {ours} failed on our side; rubrics merged: {rubrics}",
        zh="收到 {taken} 份，拒收 {refused} 份；代码：已评 {done} 份，此前已评 {skipped} 份，因我方故障未评 {ours} 份；合并评分表 {rubrics} 份",
    ),
    "session.refused": Text(en="refused: {name}: {reason}", zh="拒收：{name}：{reason}"),
    "session.warned": Text(en="note on {name}: {reason}", zh="{name} 的提示：{reason}"),
    "session.next_report": Text(en="next: viva session report {path}", zh="下一步：viva session report {path}"),
    "session.open_report": Text(en="open {path} in a browser", zh="请用浏览器打开 {path}"),
    "session.torn": Text(
        en="{path}: {count} damaged lines were left out (an interrupted write); grade again to fill the gap",
        zh="{path}：略过 {count} 行损坏的记录（写入曾被中断）；重新评分即可补上",
    ),
    "session.column.number": Text(en="no.", zh="题号"),
    "session.column.at": Text(en="at", zh="时刻"),
    "session.column.minutes": Text(en="min", zh="分钟"),
    "session.column.kind": Text(en="kind", zh="类型"),
    "session.column.difficulty": Text(en="diff.", zh="难度"),
    "session.column.question": Text(en="question", zh="题目"),
    "session.column.entry": Text(en="entry", zh="编号"),
    "session.column.rank": Text(en="rank", zh="名次"),
    "session.column.score": Text(en="score", zh="总分"),
    "session.column.range": Text(en="90% range", zh="90% 区间"),
    "session.column.candidate": Text(en="candidate", zh="候选人"),
    "session.column.n": Text(en="n", zh="人数"),
    "session.column.p": Text(en="mean score", zh="平均得分"),
    "session.column.r": Text(en="discrimination", zh="区分度"),
    "session.too_few": Text(
        en="figures of fewer than {least} candidates are left out: they would say nothing",
        zh="不足 {least} 人的数据不予列出：样本太小，没有意义",
    ),
}

PAGES: Mapping[str, Text] = session_pages.PAGES
