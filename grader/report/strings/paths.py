"""What learning paths say."""

from __future__ import annotations

from collections.abc import Mapping

from grader.model.text import Text

STRINGS: Mapping[str, Text] = {
    "path.steps": Text(en="steps: {count}", zh="{count} 步"),
    "path.minutes": Text(en="{count} min in all", zh="共 {count} 分钟"),
    "path.done": Text(en="done: {done} of {count}", zh="已完成 {done}/{count}"),
    "path.left": Text(en="{count} min left", zh="还剩 {count} 分钟"),
    "path.step_minutes": Text(en="{count} min", zh="{count} 分钟"),
    "path.state.done": Text(en="done", zh="已完成"),
    "path.state.seen": Text(en="answered, not right yet", zh="答过，还没答对"),
    "path.state.open": Text(en="not answered yet", zh="还没答过"),
    "path.next": Text(en="next", zh="下一步"),
    "path.number": Text(en="step {number} of {count}", zh="第 {number} 步，共 {count} 步"),
    "path.finished": Text(
        en="Every step of this path is done. What is due comes back with `viva quiz --mode review`.",
        zh="这条路径的每一步都已完成。到期的题可用 `viva quiz --mode review` 复习。",
    ),
    "path.whole": Text(en="All of it, in order: {command}", zh="按顺序做下去：{command}"),
    "path.none": Text(en="No pack has a learning path.", zh="题库包中没有学习路径。"),
    "path.left_out": Text(
        en="Steps left out because they cannot be asked: {names}. `viva check --bank` tells why.",
        zh="以下步骤无法出题，已略去：{names}。`viva check --bank` 会说明原因。",
    ),
    "path.broken": Text(
        en="Paths left out because they break their format: {count}. `viva check --bank` tells what is wrong.",
        zh="有 {count} 条学习路径不符合格式，已略去；`viva check --bank` 会说明问题所在。",
    ),
    "path.not_begun": Text(
        en="no path was begun, or each one that was is finished; "
        "choose one from `viva path list`, then `viva path next ID`",
        zh="没有正在走的学习路径；请用 `viva path list` 选一条，再运行 `viva path next ID`",
    ),
}
