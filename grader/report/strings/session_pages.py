"""What guides, bundles and reports of interview sessions say; a template writes `t.name`."""

from __future__ import annotations

from collections.abc import Mapping

from grader.model.text import Text

_KIT: Mapping[str, Text] = {
    "kit_title": Text(en="Your interview", zh="面试试题"),
    "kit_intro": Text(
        en="Welcome. There are {count} questions; the interview is planned for {minutes} minutes. Next to each question you find how long it usually takes.",
        zh="你好！本次面试共 {count} 道题，计划用时 {minutes} 分钟。每道题旁边标有通常所需的时间。",
    ),
    "kit_how": Text(en="How to work", zh="如何作答"),
    "kit_step_name": Text(
        en="Open `{file}` and write your name. Answers of a letter or a number go there too.",
        zh="打开 `{file}`，填写姓名；只需写字母或数字的答案也写在这个文件里。",
    ),
    "kit_step_questions": Text(en="Read the questions in `QUESTIONS.md`.", zh="题目见 `QUESTIONS.md`。"),
    "kit_step_code": Text(
        en="For coding, read `STATEMENT.md` in {folders} and write your solution in `solution.py`. Change nothing else: only `solution.py` is graded.",
        zh="编程题：阅读 {folders} 中的 `STATEMENT.md`，把解答写在 `solution.py` 里。请勿改动其他文件，判题只看 `solution.py`。",
    ),
    "kit_step_repair": Text(
        en="For debugging, `solution.py` in {folders} is there already and wrong somewhere: read `STATEMENT.md` and mend it. Leave the rest as it is; only `solution.py` is graded.",
        zh="调试题：{folders} 中的 `solution.py` 已经写好，但有一处错误；请阅读 `STATEMENT.md` 并改正。其余内容保持原样，判题只看 `solution.py`。",
    ),
    "kit_see_repair": Text(
        en="Debugging: the code is `{folder}/solution.py`, the statement `{folder}/STATEMENT.md`.",
        zh="调试：代码见 `{folder}/solution.py`，题面见 `{folder}/STATEMENT.md`。",
    ),
    "kit_step_essay": Text(
        en="Questions to be answered in words have a file of their own, such as `{file}`. A few clear sentences are enough; you may write in English or in Chinese.",
        zh="需要用文字回答的题目各有一个文件，例如 `{file}`。写清要点即可，中英文均可。",
    ),
    "enumeration": Text(en=", ", zh="、"),
    "kit_company": Text(en="From", zh="出题方"),
    "kit_contact": Text(en="Questions to", zh="有疑问请联系"),
    "kit_deadline": Text(en="Hand in by", zh="截止时间"),
    "kit_language": Text(en="Language", zh="语言"),
    "kit_language_text": Text(
        en="the questions are in English; answer in English or in Chinese",
        zh="题目为中文；可用中文或英文作答",
    ),
    "kit_python_text": Text(
        en="3.11 or newer, on Linux, macOS or Windows; your code is graded on Linux with Python {version}",
        zh="3.11 或更新版本，Linux、macOS、Windows 均可；判题环境为 Linux、Python {version}",
    ),
    "kit_run": Text(en="How to try the public cases", zh="如何运行公开用例"),
    "kit_run_text": Text(
        en="In this folder, once:\n\n```\npython -m venv .venv\n. .venv/bin/activate\npython -m pip install -r requirements.txt\n```\n\nOn Windows, `.venv\\Scripts\\activate` takes the place of the second line. Then `python -m pytest` here runs the public cases of every task, and in the folder of a task those of that task alone. The virtual environment may stay in the folder: it is ignored when you hand in.",
        zh="先在本目录下执行一次：\n\n```\npython -m venv .venv\n. .venv/bin/activate\npython -m pip install -r requirements.txt\n```\n\n在 Windows 上，第二行换成 `.venv\\Scripts\\activate`。之后在本目录执行 `python -m pytest` 会运行所有任务的公开用例，在某个任务的目录里执行则只运行该任务的用例。虚拟环境可以留在目录里，交卷时会被忽略。",
    ),
    "kit_conftest": Text(
        en="Lets `python -m pytest` run the public cases of every folder against its solution.py.",
        zh="让 `python -m pytest` 用公开用例检验各目录里的 solution.py。",
    ),
    "kit_requirements": Text(
        en="What the public cases import; graded with Python {python}",
        zh="公开用例所需的库；判题环境为 Python {python}",
    ),
    "kit_graded_with": Text(en="graded with {version}", zh="判题所用版本 {version}"),
    "kit_clock": Text(
        en="With viva on your machine, `viva session open .` in this folder starts the clock, and shows what is left whenever you ask again; `viva session close .` stops it before you pack. Without viva, write your minutes into `answers.yaml` if you like.",
        zh="如果你的电脑上装有 viva，可在本文件夹中运行 `viva session open .` 开始计时，之后随时再次运行即可查看剩余时间；打包前运行 `viva session close .` 停止计时。没有 viva 时，可在 `answers.yaml` 中自行填写用时。",
    ),
    "kit_return": Text(en="How to hand it in", zh="如何交卷"),
    "kit_return_text": Text(
        en="Pack the folder `{root}` as a plain zip (no password), name the zip after yourself, and send it back the way you received it.",
        zh="把文件夹 `{root}` 打包成普通 zip（不要设密码），以你的姓名命名，按收到的方式发回即可。",
    ),
    "kit_rules": Text(en="Good to know", zh="说明"),
    "kit_rules_text": Text(
        en="Hidden cases decide the score of a coding question; the public ones show the form of what is asked. Code runs on Python 3.11 or newer, so write for 3.11, without network, with the libraries that the statement allows. If something is unclear, write down what you assumed.",
        zh="编程题的得分由隐藏用例决定，公开用例只用于说明要求的形式。代码在 Python 3.11 或更新的版本上运行，请按 3.11 编写；运行时没有网络，只能使用题面允许的库。若有不清楚之处，请写明你的假设。",
    ),
    "kit_see_folder": Text(
        en="Coding: the statement is in `{folder}/STATEMENT.md`.", zh="编程题：题面见 `{folder}/STATEMENT.md`。"
    ),
    "kit_answer_unit": Text(
        en="Answer with a number in {unit}, in answers.yaml.", zh="请在 answers.yaml 中填写数值，单位：{unit}。"
    ),
    "kit_answer_number": Text(en="Answer with a number, in answers.yaml.", zh="请在 answers.yaml 中填写数值。"),
    "kit_close_enough": Text(
        en="{tolerance}; write it like 1e9, 1,000, 0.25, 3,5 or 1/8.",
        zh="{tolerance}；可写成 1e9、1,000、0.25、3,5 或 1/8。",
    ),
    "kit_answer_order": Text(
        en="Write the letters in the right order, in answers.yaml.", zh="请在 answers.yaml 中按正确顺序写出字母。"
    ),
    "kit_answer_multi": Text(
        en="Write all letters that apply, in answers.yaml.", zh="请在 answers.yaml 中写出所有正确选项的字母。"
    ),
    "kit_answer_choice": Text(en="Write one letter, in answers.yaml.", zh="请在 answers.yaml 中写一个字母。"),
    "kit_answer_essay": Text(en="Write your answer into {file}.", zh="请把回答写在 {file} 中。"),
    "kit_answers_head": Text(
        en="Write between the quotation marks. Leave empty what you do not answer.",
        zh="请写在引号内；不作答的题留空即可。",
    ),
    "kit_minutes": Text(
        en="If you like: how many minutes each question took you. It does not change the score.",
        zh="选填：每道题用了多少分钟，不影响得分。",
    ),
    "kit_hint_number": Text(en="a number", zh="数值"),
    "kit_hint_order": Text(en="letters in order, such as C A B", zh="按顺序写字母，例如 C A B"),
    "kit_hint_multi": Text(en="all letters that apply, such as A C", zh="所有正确选项的字母，例如 A C"),
    "kit_hint_choice": Text(en="one letter", zh="一个字母"),
    "minutes_short": Text(en="{count} min", zh="{count} 分钟"),
    "rubric_head": Text(
        en="Marks of one candidate. Write 1 beside a criterion that was met, 0.5 for half, 0 for not; leave empty what you\ndid not ask. red_flags takes numbers, as [1, 2]. Then: viva session grade SESSION --rubric THIS_FILE",
        zh="一位候选人的评分表。评分点旁写 1 表示达到，0.5 表示部分达到，0 表示未达到；没有问到的留空。\nred_flags 填写序号，如 [1, 2]。填好后运行：viva session grade SESSION --rubric 本文件",
    ),
}

_EXTRA: Mapping[str, Text] = {
    "colon": Text(en=": ", zh="："),
    "rubric_score": Text(
        en="only if it was answered aloud or could not be read: 1 right, 0 wrong",
        zh="仅在口头作答或答案无法识别时填写：1 为正确，0 为错误",
    ),
    "rubric_score_code": Text(
        en="only to overrule the verdict: a share from 0 to 1",
        zh="仅在你要改动判题得分时填写：0 到 1 之间的比例",
    ),
    "recommendation": Text(en="Recommendation", zh="录用建议"),
    "rec_strong_hire": Text(en="strong hire", zh="强烈建议录用"),
    "rec_hire": Text(en="hire", zh="建议录用"),
    "rec_lean_hire": Text(en="lean hire", zh="倾向录用"),
    "rec_lean_no_hire": Text(en="lean no hire", zh="倾向不录用"),
    "rec_no_hire": Text(en="no hire", zh="不录用"),
    "share_lead": Text(
        en="{count} questions · {minutes} minutes · open a question by its title",
        zh="共 {count} 道题 · {minutes} 分钟 · 点击题目标题展开",
    ),
    "say_choice": Text(en="Choose one.", zh="请选一项。"),
    "say_multi": Text(en="Choose all that apply.", zh="请选出所有符合的选项。"),
    "say_order": Text(en="Put the letters in the right order.", zh="请排出字母的正确顺序。"),
    "say_number": Text(en="Answer with a number.", zh="请给出数值。"),
    "order_seen": Text(
        en="As the candidate sees the steps; beside each its place in the right order",
        zh="候选人看到的步骤顺序；右侧是正确顺序中的位置",
    ),
    "place": Text(en="Place", zh="位置"),
    "overrule": Text(en="Overrule the verdict (0 to 1)", zh="改动判题得分（0 到 1）"),
    "impressions": Text(en="What interviewers say", zh="面试官意见"),
    "nameless": Text(en="unnamed", zh="未署名"),
    "apart_questions": Text(
        en="Interviewers disagree on question {questions}.", zh="面试官在以下题目上评分分歧较大：{questions}。"
    ),
    "apart_on": Text(en="{number} ({shares})", zh="第 {number} 题（{shares}）"),
    "apart_recommendations": Text(en="Their recommendations point both ways.", zh="录用建议相左。"),
    "apart_here": Text(en="Interviewers disagree here.", zh="面试官在本题上分歧较大。"),
    "talk_it_over": Text(en="Talk it over before you decide.", zh="请先讨论再下结论。"),
    "semicolon": Text(en="; ", zh="；"),
    "own_score": Text(en="set the score to {share}", zh="将得分改为 {share}"),
    "one_mistake": Text(
        en="One mistake, {count} tasks: {tasks} fail for this alone. The verdict gives {score} of {most}; counted once, by its dearest task, the mistake would leave {once} of {most}. To count it so, write score: {share} for this question in a rubric.",
        zh="{count} 项任务未通过，其实是同一个错误所致：{tasks}。判题得分为 {score}/{most}；若同一错误只按扣分最多的一项计，则为 {once}/{most}。如要这样计分，请在评分表中为本题填写 score: {share}。",
    ),
    "given_mark": Text(en="chosen", zh="已选"),
    "all_talk": Text(en="Talk, in all", zh="交流合计"),
    "question_text": Text(en="The question", zh="题目"),
    "answered": Text(en="Answered aloud", zh="口头作答"),
    "right": Text(en="right", zh="正确"),
    "partly": Text(en="partly", zh="部分正确"),
    "wrong": Text(en="wrong", zh="错误"),
}

_GUIDE: Mapping[str, Text] = {
    "guide": Text(en="Interviewer's guide", zh="面试官指南"),
    "guide_private": Text(en="Holds the answers: not for candidates.", zh="内含答案，请勿发给候选人。"),
    "candidate": Text(en="Candidate", zh="候选人"),
    "interviewer": Text(en="Interviewer", zh="面试官"),
    "date": Text(en="Date", zh="日期"),
    "session": Text(en="Session", zh="面试"),
    "level_junior": Text(en="junior", zh="初级"),
    "level_mid": Text(en="mid-level", zh="中级"),
    "level_senior": Text(en="senior", zh="高级"),
    "level_staff": Text(en="staff", zh="资深"),
    "kind_open": Text(en="talk", zh="问答"),
    "kind_choice": Text(en="one choice", zh="单选"),
    "kind_multi": Text(en="several choices", zh="多选"),
    "kind_numeric": Text(en="number", zh="计算"),
    "kind_order": Text(en="order", zh="排序"),
    "kind_bug": Text(en="find the bug", zh="找错"),
    "kind_code": Text(en="coding", zh="编程"),
    "kind_debugging": Text(en="debugging", zh="调试"),
    "planted": Text(en="What is planted", zh="埋下的错误"),
    "planted_diff": Text(
        en="Lines with − are as they should be, lines with + as the candidate got them.",
        zh="以 − 开头的是正确写法，以 + 开头的是候选人拿到的写法。",
    ),
    "planted_watch": Text(
        en="The time is two fifths of what the exercise takes to write. Most of it should go into reading and into an experiment that fails; the change itself takes a minute. After half of the time without a suspect, name a hidden task that fails, below; never the line. It is scored as mended (every hidden case passes) or not, because the code as handed out earns most points already.",
        zh="用时按从头写这道题的五分之二计。大部分时间应当花在读代码和做一个会失败的实验上，真正的改动只需一分钟。时间过半仍没有头绪时，可以说出下面哪一项隐藏任务没有通过，但不要指出是哪一行。计分只看是否改好（隐藏用例全部通过），因为发出去的代码本来就能得到大部分分数。",
    ),
    "timeline": Text(en="Timeline", zh="时间安排"),
    "opening": Text(en="Welcome", zh="开场"),
    "closing": Text(en="The candidate's questions", zh="候选人提问"),
    "spare": Text(en="Spare", zh="机动"),
    "opening_text": Text(
        en="Introduce yourselves, say how the time is divided, and that thinking aloud helps you to help.",
        zh="互相介绍，说明时间如何分配，并告诉候选人：边想边说，便于你在需要时提示。",
    ),
    "closing_text": Text(
        en="Leave room for what the candidate wants to know; say what happens next and when.",
        zh="留时间回答候选人的问题，并说明后续流程和时间。",
    ),
    "from_to": Text(en="minute {begin} to {end}", zh="第 {begin}–{end} 分钟"),
    "difficulty_of": Text(en="difficulty {value} of 10", zh="难度 {value}/10"),
    "ask": Text(en="Ask", zh="提问"),
    "statement": Text(en="What the candidate reads", zh="候选人看到的题面"),
    "statement_place": Text(
        en="The full statement is STATEMENT.md in the folder {number}-code of the candidate's zip.",
        zh="完整题面见候选人压缩包中 {number}-code 文件夹里的 STATEMENT.md。",
    ),
    "right_answer": Text(en="Right answer", zh="正确答案"),
    "model_answer": Text(en="A strong answer", zh="参考回答"),
    "rubric": Text(en="Listen for", zh="评分点"),
    "weight": Text(en="weight", zh="权重"),
    "met": Text(en="met", zh="达到"),
    "half": Text(en="half", zh="部分"),
    "not_met": Text(en="not", zh="未达到"),
    "red_flags": Text(en="Red flags", zh="危险信号"),
    "follow_strong": Text(en="After a strong answer", zh="回答得好时追问"),
    "follow_weak": Text(en="After a weak answer", zh="回答得弱时引导"),
    "watch_for": Text(en="What to watch for in the code", zh="代码看什么"),
    "hidden_tasks": Text(en="What the hidden cases score", zh="隐藏用例的计分"),
    "points": Text(en="Points", zh="分值"),
    "notes": Text(en="Notes", zh="记录"),
    "minutes_used": Text(en="Minutes used", zh="实际用时（分钟）"),
    "start_clock": Text(en="start clock", zh="开始计时"),
    "stop_clock": Text(en="stop clock", zh="停止计时"),
    "sources": Text(en="Sources", zh="参考资料"),
    "overall": Text(en="Overall impression", zh="总体印象"),
    "save": Text(en="Save marks as JSON", zh="保存评分（JSON）"),
    "open_marks": Text(en="Open saved marks", zh="打开已存评分"),
    "next_candidate": Text(en="Next candidate", zh="下一位候选人"),
    "clear_sure": Text(
        en="Clear all marks and notes for the next candidate? What you did not save is lost.",
        zh="清空全部评分和记录，开始下一位候选人？未保存的内容将丢失。",
    ),
    "not_ours": Text(en="This file holds no marks of this session.", zh="该文件不是本场面试的评分。"),
    "save_hint": Text(
        en="Nothing leaves this computer; a draft stays in this browser until the next candidate. Merge the saved file with: viva session grade SESSION --rubric FILE",
        zh="数据不会离开本机；草稿保留在此浏览器中，直到切换到下一位候选人。保存后用这条命令合并评分：viva session grade SESSION --rubric 文件",
    ),
    "name_first": Text(en="Write the candidate's name first.", zh="请先填写候选人姓名。"),
    "how_scored": Text(en="How it is scored", zh="如何计分"),
    "how_scored_text": Text(
        en="A question counts in proportion to its minutes. Talk is scored by the rubric, choices and numbers by the key. A coding question is scored by its hidden cases, a bug to find by the key; where you also tick the rubric, the verdict or the key makes {code}% of the score and the talk {talk}%. Once you tick one criterion of a question, those left unticked count as not met; a question without any tick is left out. Red flags are shown and never scored.",
        zh="每道题按其分钟数所占比例计分。问答题按评分点计分，选择与计算题按答案计分。编程题由隐藏用例计分，找错题按答案计分；如果你也勾选了评分点，则判题结果或答案占 {code}%，交流表现占 {talk}%。某题只要勾选了一个评分点，其余未勾选的即视为未达到；完全没有勾选的题不计入。危险信号只作展示，不计分。",
    ),
}

_REPORT: Mapping[str, Text] = {
    "report": Text(en="Interview report", zh="面试报告"),
    "report_of": Text(en="Interview report: {title}", zh="面试报告：{title}"),
    "report_lead": Text(
        en="{count} candidates · {questions} questions · {minutes} minutes planned",
        zh="{count} 位候选人 · {questions} 道题 · 计划 {minutes} 分钟",
    ),
    "no_candidates": Text(
        en="Nothing has been handed in yet. Grade what comes back with `viva session grade`.",
        zh="还没有收到答卷。收到后请用 `viva session grade` 评分。",
    ),
    "form": Text(en="Form", zh="试题"),
    "form_n": Text(en="Form {form}", zh="第 {form} 份试题"),
    "forms_text": Text(
        en="Candidates of all forms in one order, by their totals. The forms are made to be equally hard, but hold different questions: small differences between candidates of different forms mean nothing.",
        zh="各份试题的候选人按总分排在一起。各份试题难度相当，但题目不同：不同试题之间的微小差别没有意义。",
    ),
    "ranking": Text(en="Candidates", zh="候选人"),
    "rank": Text(en="Rank", zh="名次"),
    "total": Text(en="Score", zh="总分"),
    "range90": Text(en="90% range", zh="90% 区间"),
    "rank_range": Text(en="Rank, 90%", zh="名次 90% 区间"),
    "assessed": Text(en="Assessed", zh="已评"),
    "time_used": Text(en="Minutes", zh="用时（分钟）"),
    "mistakes": Text(en="Mistakes recognised", zh="识别出的错误"),
    "how_sure": Text(
        en="How sure is this? The bar is the range in which 90% of the scores fall when the questions are drawn anew from those asked (a Bayesian bootstrap over questions, {draws} draws, with one imaginary question of which everybody gets some share by chance, so that nobody counts as certainly perfect). It covers the luck of which questions were asked. It does not cover a rubric that another interviewer would have ticked otherwise, nor how the candidate felt that day, and with {questions} questions it is rather too narrow than too wide. To tell two candidates apart, do not compare bars: the table “{versus}” compares them question by question.",
        zh="这个结果有多可靠？横条表示：把所问的题目重新抽样（对题目做贝叶斯自助法，{draws} 次，并加入一道得分随机的虚拟题，避免把全对当成必然）时，90% 的得分落入的范围。它只反映“恰好问到这些题”的运气成分，不反映换一位面试官会如何打分，也不反映候选人当天的状态；题目只有 {questions} 道时，它更可能偏窄而不是偏宽。判断两位候选人有无差别，不要只看横条是否重叠，请看逐题比较的“{versus}”表。",
    ),
    "partly_assessed": Text(
        en="Provisional: not everything of this candidate was assessed yet. The score is over what was, and what was handed in and could not be read counts as nothing, so the rank will change. Merge the missing rubrics before you compare.",
        zh="暂定：该候选人尚有题目未评。总分只按已评部分计算，交了却无法识别的答案暂按零分计，名次还会变化。请先合并缺少的评分表，再作比较。",
    ),
    "too_few_questions": Text(
        en="fewer than {least} questions assessed: no range is given", zh="已评题目不足 {least} 道，不给出区间"
    ),
    "chart_scores": Text(en="Scores with 90% ranges", zh="总分与 90% 区间"),
    "chart_spread": Text(en="How scores are spread", zh="总分分布"),
    "chart_heat": Text(en="Score by question", zh="各题得分"),
    "chart_topics": Text(en="Score by topic", zh="各主题得分"),
    "mean_of_all": Text(en="mean of all", zh="全体平均"),
    "shown_of": Text(
        en="the first {shown} of {count}; the table has all", zh="仅画出前 {shown} 位，共 {count} 位；完整名单见表格"
    ),
    "versus": Text(en="Who is ahead of whom", zh="两两比较"),
    "versus_text": Text(
        en="How often the candidate of the row is ahead of that of the column when questions are drawn anew, over the questions that both were assessed on. Around 50% means no difference; only above 95% is it worth speaking of, and of pairs that are equally good about one in ten gets there by chance, one way or the other.",
        zh="只看双方都已评的题目：重新抽取题目时，行中候选人领先列中候选人的比例。接近 50% 表示没有差别，超过 95% 才值得一提；即便两人水平相同，也约有十分之一的配对会碰巧在某一方向上超过 95%。",
    ),
    "similar": Text(en="Submissions that resemble each other", zh="相似的提交"),
    "similar_text": Text(
        en="Evidence to look at, never a verdict: short right solutions resemble each other, and so do people who learnt from the same book. Names and comments are disregarded, and so is what the stub gave. Half of all pairs of question {number} are at {median}% or below.",
        zh="这只是供人工查看的线索，绝不是结论：简短的正确解答本来就相像，学过同一本书的人也会写得相像。比较时不看变量名与注释，也排除了模板自带的代码。第 {number} 题有一半的配对相似度不超过 {median}%。",
    ),
    "similarity": Text(en="Similarity", zh="相似度"),
    "pair": Text(en="Pair", zh="配对"),
    "no_similar": Text(en="No pair stands out.", zh="没有特别突出的配对。"),
    "similar_left_out": Text(en="Similarity was not computed: {reason}.", zh="未计算相似度：{reason}。"),
    "integrity": Text(en="Integrity and notes", zh="诚信与提示"),
    "no_notes": Text(en="Nothing to note.", zh="没有需要说明的事项。"),
    "refused_head": Text(en="Refused archives", zh="被拒收的压缩包"),
    "item_figures": Text(en="Questions", zh="题目分析"),
    "item_text": Text(
        en="Mean score (1 is easy), discrimination (correlation of the question's score with the score on all other questions), and time. Figures need at least {least} candidates; ranges are 95%. With few candidates they say little: a discrimination from 20 candidates is uncertain by about ±0.4.",
        zh="平均得分（1 表示容易）、区分度（本题得分与其余题目得分的相关系数）与用时。至少 {least} 位候选人才列出；区间为 95%。人数少时说明不了什么：20 人算出的区分度，误差约 ±0.4。",
    ),
    "too_few": Text(en="n < {least}", zh="n < {least}"),
    "no_spread": Text(en="all alike", zh="得分全同"),
    "mean_score": Text(en="Mean score", zh="平均得分"),
    "discrimination": Text(en="Discrimination", zh="区分度"),
    "planned_used": Text(en="Minutes planned / used (median)", zh="计划 / 实际用时中位数（分钟）"),
    "common_mistakes": Text(en="Mistakes by how many made them", zh="常见错误"),
    "people": Text(en="{count} of {of}", zh="{count}/{of} 人"),
    "question": Text(en="Question", zh="题目"),
    "score": Text(en="Score", zh="得分"),
    "answer_given": Text(en="Answer", zh="回答"),
    "blank": Text(en="nothing written", zh="未作答"),
    "unread": Text(en="could not be read, see the notes: a person must look", zh="答卷无法读取，需人工查看（见提示）"),
    "unclear": Text(en="not understood: a person must look", zh="无法识别，需人工查看"),
    "not_assessed": Text(en="not assessed yet", zh="尚未评分"),
    "no_file": Text(en="no solution.py was handed in", zh="未提交 solution.py"),
    "task": Text(en="Task", zh="子任务"),
    "verdict": Text(en="Verdict", zh="判题结果"),
    "cases_passed": Text(en="{passed} of {total} cases passed", zh="通过 {passed}/{total} 个用例"),
    "behaves_like": Text(en="Behaves like", zh="行为类似"),
    "looks_most_like": Text(en="Looks most like", zh="最接近的已知错误"),
    "failed_cases": Text(en="Cases that failed", zh="未通过的用例"),
    "code": Text(en="Code as handed in", zh="提交的代码"),
    "talk": Text(en="Talk", zh="交流"),
    "back": Text(en="All candidates", zh="全部候选人"),
    "namesake": Text(
        en="somebody else goes by the name {name!r} too; rubrics go by the names of files",
        zh="还有另一位候选人使用 {name!r} 这个名字；评分表按文件名归属",
    ),
    "attempts_n": Text(en="handed in {count} times; the last one counts", zh="共提交 {count} 次，以最后一次为准"),
    "regraded_n": Text(
        en="question {number} has {count} verdicts; the last one is shown",
        zh="第 {number} 题有 {count} 次判题结果，此处显示最后一次",
    ),
    "changed_suite": Text(
        en="question {number} was graded with another suite than the session was made with ({then} then, {now} now)",
        zh="第 {number} 题判题所用的用例集与出题时不同（当时 {then}，现在 {now}）",
    ),
    "weak_isolation": Text(
        en="question {number} was graded without strict isolation", zh="第 {number} 题判题时没有使用严格隔离"
    ),
    "ours": Text(
        en="question {number}: the grader failed; grade it again", zh="第 {number} 题：判题程序出错，请重新评分"
    ),
    "footer": Text(
        en="viva · session {code} · form {form} of {forms}", zh="viva · 面试 {code} · 第 {form} 份，共 {forms} 份"
    ),
    "judged_as": Text(en="suite {suite} · seed {seed} · {isolation}", zh="用例集 {suite} · 种子 {seed} · {isolation}"),
}

PAGES: Mapping[str, Text] = {**_KIT, **_EXTRA, **_GUIDE, **_REPORT}
