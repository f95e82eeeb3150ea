"""What is said of how a session came out against what was wished, and of the clock of an interview."""

from __future__ import annotations

from collections.abc import Mapping

from grader.model.text import Text

STRINGS: Mapping[str, Text] = {
    "session.drawn.wanted": Text(en="wanted", zh="目标"),
    "session.drawn.drawn": Text(en="drawn", zh="选出"),
    "session.drawn.difficulty": Text(en="mean difficulty", zh="平均难度"),
    "session.drawn.keyboard": Text(en="coding, debugging", zh="编程、调试"),
    "session.drawn.talk": Text(en="talk and short questions", zh="问答与小题"),
    "session.drawn.fit": Text(en="questions of the role", zh="属于该岗位的题"),
    "session.drawn.topics": Text(en="the role's usual topics", zh="岗位常考主题"),
    "session.drawn.minutes": Text(en="{count} min", zh="{count} 分钟"),
    "session.drawn.of": Text(en="{count} of {all}", zh="{count}/{all}"),
    "session.drawn.missing": Text(en="{count} of {all}, without {names}", zh="{count}/{all}，缺 {names}"),
    "session.drawn.off": Text(en="<- off", zh="<- 有偏差"),
    "session.time": Text(en="{name}: {time}", zh="{name}：{time}"),
    "session.time.clock": Text(en="{minutes} min by the clock", zh="计时 {minutes} 分钟"),
    "session.time.interviewer": Text(en="{minutes} min by the interviewer", zh="面试官记录 {minutes} 分钟"),
    "session.time.told": Text(en="{minutes} min self-reported", zh="自报 {minutes} 分钟"),
    "session.time.own": Text(en="self-reported", zh="自报"),
    "session.clock.started": Text(en="The clock is going.", zh="已开始计时。"),
    "session.clock.left": Text(
        en="{left} of {minutes} min left; it ends at {end}.", zh="剩余 {left} 分钟，共 {minutes} 分钟；{end} 结束。"
    ),
    "session.clock.over": Text(
        en="The {minutes} min ended at {end}, {over} min ago. Finish your sentence, and hand in.",
        zh="{minutes} 分钟已于 {end} 结束，超出 {over} 分钟。请收尾并交卷。",
    ),
    "session.clock.closed": Text(
        en="The clock was stopped after {used} of {minutes} min.",
        zh="计时已停止，用时 {used} 分钟，共 {minutes} 分钟。",
    ),
    "session.clock.where": Text(
        en="Work in {folder}; begin with README.md. Ask again with `viva session open {folder}`, stop with `viva session close {folder}`.",
        zh="请在 {folder} 中作答，先读 README.md。再次运行 `viva session open {folder}` 可查看剩余时间，`viva session close {folder}` 停止计时。",
    ),
    "session.clock.hand_in": Text(
        en="Now pack the folder {folder} as a zip and send it back.", zh="现在请把文件夹 {folder} 打包成 zip 发回。"
    ),
    "session.was": Text(en="note: question {number} was `{entry}`", zh="备注：第 {number} 题原为 `{entry}`"),
    "session.kept": Text(
        en="level {level_then} -> {level_now}, weight for the role {weight_then} -> {weight_now}, {minutes_then} -> {minutes_now} min (by itself, a swap stays within {balance} min)",
        zh="级别 {level_then} -> {level_now}，岗位权重 {weight_then} -> {weight_now}，{minutes_then} -> {minutes_now} 分钟（自动替换时，时长相差不超过 {balance} 分钟）",
    ),
}
