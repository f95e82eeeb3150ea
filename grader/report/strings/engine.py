"""What the commands about the engine say: keeping it in the background, watching a file, measuring."""

from __future__ import annotations

from collections.abc import Mapping

from grader.model.text import Text

STRINGS: Mapping[str, Text] = {
    "engine.started": Text(
        en="The background engine runs (process {pid}). It ends after {minutes} idle minutes, or by `viva engine stop`.",
        zh="后台引擎已启动（进程 {pid}）；空闲 {minutes} 分钟后自动退出，也可用 `viva engine stop` 停止。",
    ),
    "engine.runs": Text(
        en="The background engine was running already (process {pid}); it ends after {minutes} idle minutes.",
        zh="后台引擎本来就在运行（进程 {pid}）；空闲 {minutes} 分钟后自动退出。",
    ),
    "engine.none": Text(en="No background engine runs.", zh="没有正在运行的后台引擎。"),
    "engine.stopped": Text(en="The background engine has ended.", zh="后台引擎已停止。"),
    "engine.status": Text(
        en="The background engine runs: process {pid}, up {up}, verdicts {verdicts}, {left} left without work.",
        zh="后台引擎正在运行：进程 {pid}，已运行 {up}，判题 {verdicts} 次，再空闲 {left} 后退出。",
    ),
    "engine.judge": Text(en="judge of {name}: {size} MiB", zh="{name} 的判题端：{size} MiB"),
    "engine.guest": Text(en="guests for {name}: {size} MiB", zh="{name} 环境的受测端：{size} MiB"),
    "watch.waiting": Text(
        en="Watching {file}. Save it to grade it again; Ctrl-C ends.",
        zh="正在监视 {file}：保存即重新判题，按 Ctrl-C 结束。",
    ),
    "watch.gone": Text(en="{file} is gone; waiting for it to come back.", zh="{file} 不见了，等它重新出现。"),
    "watch.first": Text(en="first run", zh="首次判题"),
    "watch.same": Text(en="no change since the last run", zh="与上次结果相同"),
    "watch.score": Text(en="score {before} -> {after}", zh="得分 {before} -> {after}"),
    "watch.fixed": Text(en="now passes: {names}", zh="现已通过：{names}"),
    "watch.broken": Text(en="no longer passes: {names}", zh="不再通过：{names}"),
}
