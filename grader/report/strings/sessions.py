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
    "session.avoid.unknown": Text(
        en="--avoid: there is no entry and no exercise `{name}`, so nothing is left out for it; {meant}",
        zh="--avoid：没有名为 `{name}` 的条目或编程题，因此不会为它排除任何题目；{meant}",
    ),
    "session.avoid.more": Text(
        en="--avoid: and {count} more such names; is a pack missing (--pack DIR)?",
        zh="--avoid：另有 {count} 个这样的名称；是否漏了题库包（--pack DIR）？",
    ),
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
    "session.next_bundle": Text(en="next: {command}", zh="下一步：{command}"),
    "session.parallel": Text(
        en="the forms differ by {difficulty} in mean difficulty, {minutes} min in length and {keyboard} min at the keyboard; questions in more than one of them: {overlap}",
        zh="各份试题平均难度最多相差 {difficulty}，时长最多相差 {minutes} 分钟，其中编程与调试最多相差 {keyboard} 分钟；有 {overlap} 道题重复出现",
    ),
    "session.swapped": Text(
        en="question {number} is now `{entry}` ({title})", zh="第 {number} 题现为 `{entry}`（{title}）"
    ),
    "session.no_pdf": Text(
        en="no PDF: {reason}; open the HTML guide in a browser and print it",
        zh="未生成 PDF：{reason}；可用浏览器打开 HTML 指南后自行打印",
    ),
    "session.bundled": Text(en="for the candidate: {zip}", zh="发给候选人：{zip}"),
    "session.no_font": Text(
        en="{path} has boxes where Chinese should be: install a Chinese font (Debian and Ubuntu: apt install fonts-noto-cjk) and run the command again",
        zh="{path} 中的中文会显示为方框：请安装中文字体（Debian、Ubuntu：apt install fonts-noto-cjk）后重新运行",
    ),
    "session.column.by_question": Text(en="by question", zh="各题得分"),
    "session.void": Text(
        en="candidates see the code {new} now; a bundle that was made before (code {old}) is void",
        zh="候选人看到的代号现为 {new}；此前生成的材料包（代号 {old}）已作废",
    ),
    "session.void_files": Text(
        en="void, because they are of the session before the swap: {files}; run `viva session bundle` again, and send the new zip (code {new}) to whoever has the old one (code {old})",
        zh="以下文件属于换题之前的面试，已作废：{files}；请重新运行 `viva session bundle`，并把新的 zip（代号 {new}）发给收到旧 zip（代号 {old}）的人",
    ),
    "session.shared": Text(
        en="to show or to send, without answers: {path}", zh="可展示或发送给候选人（不含答案）：{path}"
    ),
    "session.private": Text(en="for you alone (answers inside): {files}", zh="仅供面试官（内含答案）：{files}"),
    "session.graded": Text(
        en="handed in: {taken}, refused: {refused}; code: {done} graded, {skipped} already graded, {ours} failed on our side; rubrics merged: {rubrics}",
        zh="收到 {taken} 份，拒收 {refused} 份；代码：已评 {done} 份，此前已评 {skipped} 份，因我方故障未评 {ours} 份；合并评分表 {rubrics} 份",
    ),
    "session.refused": Text(en="refused: {name}: {reason}", zh="拒收：{name}：{reason}"),
    "session.warned": Text(en="note on {name}: {reason}", zh="{name} 的提示：{reason}"),
    "session.left_alone": Text(
        en="not taken, neither a zip nor a folder: {names}", zh="未收取，既不是 zip 也不是目录：{names}"
    ),
    "session.next_report": Text(en="next: {command}", zh="下一步：{command}"),
    "session.open_report": Text(en="open {path} in a browser", zh="请用浏览器打开 {path}"),
    "session.provisional": Text(
        en="* provisional: not everything was assessed yet, and what could not be read counts as nothing until you score it in the rubric",
        zh="* 暂定：尚有题目未评；交了却无法识别的答案，在你用评分表打分之前按零分计",
    ),
    "session.torn": Text(
        en="{path}: {count} damaged lines were left out (an interrupted write); grade again to fill the gap",
        zh="{path}：略过 {count} 行损坏的记录（写入曾被中断）；重新评分即可补上",
    ),
    "session.column.hand_ins": Text(en="handed in", zh="交卷"),
    "session.column.code": Text(en="code graded", zh="已判编程题"),
    "session.column.rubrics": Text(en="rubrics by", zh="评分人"),
    "session.no_people": Text(en="nobody has handed in, and there is no rubric", zh="还没有人交卷，也没有评分表"),
    "session.nobody_named": Text(en="nobody named", zh="未署名"),
    "session.same_person": Text(
        en="'{name}' is nearly the name of '{near}': are they one person?",
        zh="“{name}”与“{near}”几乎同名：是同一个人吗？",
    ),
    "session.renamed": Text(en="{name} is called {to} from now on", zh="{name} 已改名为 {to}"),
    "session.removed": Text(
        en="removed: {name} ({attempts} hand-ins, {rubrics} rubrics); grading their file again brings them back",
        zh="已移除：{name}（交卷 {attempts} 次，评分表 {rubrics} 份）；重新评阅其文件即可恢复",
    ),
    "session.rubric_back": Text(
        en="taken back: the rubric of {interviewer} for {name}", zh="已撤销：{interviewer} 给 {name} 的评分表"
    ),
    "session.rubric_back_earlier": Text(
        en="taken back: the last rubric of {interviewer} for {name}; the one before counts again",
        zh="已撤销：{interviewer} 给 {name} 的最后一份评分表；此前的一份重新生效",
    ),
    "session.refusal_back": Text(en="taken back: the refusal of {name}", zh="已撤销：对 {name} 的拒收"),
    "session.column.number": Text(en="no.", zh="题号"),
    "session.column.at": Text(en="at", zh="时刻"),
    "session.column.minutes": Text(en="min", zh="分钟"),
    "session.column.kind": Text(en="kind", zh="类型"),
    "session.column.difficulty": Text(en="diff.", zh="难度"),
    "session.column.question": Text(en="question", zh="题目"),
    "session.column.entry": Text(en="entry", zh="编号"),
    "session.column.rank": Text(en="rank", zh="名次"),
    "session.column.score": Text(en="score", zh="总分"),
    "session.column.form": Text(en="form", zh="试题"),
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
