"""What the commands about the engine say: keeping it in the background, watching a file, measuring."""

from __future__ import annotations

from collections.abc import Mapping

from grader.model.text import Text

STRINGS: Mapping[str, Text] = {
    "engine.kept": Text(
        en="An engine stays warm in the background for {minutes} minutes, so that grading again is quicker; "
        "`viva engine stop` ends it.",
        zh="为了加快之后的判题，后台会保留一个预热好的引擎 {minutes} 分钟；`viva engine stop` 可以停止它。",
    ),
    "engine.started": Text(
        en="The background engine runs (process {pid}); it ends after {minutes} idle minutes or by `viva engine stop`.",
        zh="后台引擎已启动（进程 {pid}）；空闲 {minutes} 分钟后自动退出，也可用 `viva engine stop` 停止。",
    ),
    "engine.runs": Text(
        en="The background engine was running already (process {pid}); it ends after {minutes} idle minutes.",
        zh="后台引擎本来就在运行（进程 {pid}）；空闲 {minutes} 分钟后自动退出。",
    ),
    "doctor.not_linux": Text(
        en="strict isolation needs Linux; here `viva grade --isolation process` grades code that you trust",
        zh="strict 隔离需要 Linux；在这里可用 `viva grade --isolation process` 评判你信任的代码",
    ),
    "engine.none": Text(en="No background engine runs.", zh="没有正在运行的后台引擎。"),
    "engine.stopped": Text(en="The background engine has ended.", zh="后台引擎已停止。"),
    "engine.status": Text(
        en="The background engine runs: process {pid}, up {up}, verdicts {verdicts}, {left} left without work.",
        zh="后台引擎正在运行：进程 {pid}，已运行 {up}，判题 {verdicts} 次，再空闲 {left} 后退出。",
    ),
    "engine.judge": Text(en="judge of {name}: {size} MiB", zh="{name} 的判题端：{size} MiB"),
    "engine.guest": Text(en="guests for {name}: {size} MiB", zh="{name} 环境的受测端：{size} MiB"),
    "bench.ratios": Text(
        en="Ratios (of one run; these travel between machines)", zh="比值（同一次运行内测得，可在机器之间比较）"
    ),
    "bench.ratios.heads": Text(
        en="exercise|cold pytest / warm|cold pytest / floor"
        "|verdicts / pytest loops|cold pytest / one-off|all lanes / one",
        zh="题目|冷启动 pytest / 热判题|冷启动 pytest / 下限|吞吐 / pytest 循环|冷启动 pytest / 单次判题|全部核 / 单路",
    ),
    "bench.times": Text(en="Times in ms (this machine's)", zh="时间，毫秒（仅代表本机）"),
    "bench.times.heads": Text(
        en="exercise|cold pytest|one-off viva grade|first verdict|warm p50|warm p95|floor",
        zh="题目|冷启动 pytest|单次 viva grade|首次判题|热判题 p50|热判题 p95|下限",
    ),
    "bench.over": Text(en="What a warm verdict takes beyond the floor, in ms", zh="热判题超出下限的时间，毫秒"),
    "bench.over.heads": Text(en="exercise|whole suite|its cases|per 8 cases", zh="题目|整个测试集|用例数|每 8 个用例"),
    "bench.amounts": Text(en="Verdicts per minute, and MiB", zh="每分钟判题数与内存（MiB）"),
    "bench.amounts.heads": Text(
        en="exercise|pytest loops|one lane|all lanes|parents, MiB|one verdict, MiB",
        zh="题目|pytest 循环|单路|全部核|父进程 MiB|一次判题 MiB",
    ),
    "bench.help": Text(en="viva --help answers in {ms} ms.", zh="viva --help 用时 {ms} 毫秒。"),
    "watch.waiting": Text(
        en="Watching {file}. Save it to grade it again; Ctrl-C ends.",
        zh="正在监视 {file}：保存即重新判题，按 Ctrl-C 结束。",
    ),
    "watch.gone": Text(en="{file} is gone; waiting for it to come back.", zh="{file} 不见了，等它重新出现。"),
    "watch.first": Text(en="first run", zh="首次判题"),
    "watch.same": Text(en="no change since the last run", zh="与上次结果相同"),
    "watch.score": Text(en="score {before} -> {after}", zh="得分 {before} -> {after}"),
    "watch.fixed": Text(en="cases that pass now: {count}", zh="现已通过的用例：{count} 个"),
    "watch.broken": Text(en="cases that no longer pass: {count}", zh="不再通过的用例：{count} 个"),
    "watch.more": Text(en="and {count} more", zh="另有 {count} 项"),
}
