"""What the grading backend's commands say."""

from __future__ import annotations

from collections.abc import Mapping

from grader.model.text import Text

STRINGS: Mapping[str, Text] = {
    "service.database": Text(en="database     {place}", zh="数据库       {place}"),
    "service.embedded": Text(en="database     PostgreSQL in {place}", zh="数据库       {place} 中的 PostgreSQL"),
    "service.listens": Text(
        en="listening    {url}  (documentation: {url}/openapi.json)",
        zh="监听地址     {url}（接口文档：{url}/openapi.json）",
    ),
    "service.workers": Text(
        en="workers      {count} with {lanes} lanes each", zh="工作进程     {count} 个，每个 {lanes} 条通道"
    ),
    "service.not_here": Text(
        en="not here     {count} exercises need {package}: `{command}`, then start again; until then their submissions wait",
        zh="暂缺         {count} 道练习需要 {package}：请运行 `{command}` 后重新启动；此前它们的提交会一直等待",
    ),
    "service.first_key": Text(
        en="first key    {shown}\n             of tenant `{tenant}`, shown this once; `viva key new` makes others",
        zh="第一个密钥   {shown}\n             属于租户 `{tenant}`，只显示这一次；`viva key new` 可新建",
    ),
    "service.ready": Text(en="ready; Ctrl-C stops it", zh="已就绪；按 Ctrl-C 停止"),
    "service.stopped": Text(en="stopped; what was queued is kept", zh="已停止；排队中的提交都已保留"),
    "service.worker_ready": Text(en="worker {name}: {lanes} lanes", zh="工作进程 {name}：{lanes} 条通道"),
    "service.key": Text(
        en="{shown}\nof tenant `{tenant}`; it is not shown again", zh="{shown}\n属于租户 `{tenant}`；之后不再显示"
    ),
    "service.key_revoked": Text(en="key {prefix} is revoked", zh="密钥 {prefix} 已作废"),
    "service.signing_rotated": Text(
        en="from now on verdicts are signed with key {shown}; the key before stays published for what it signed",
        zh="此后的判定用密钥 {shown} 签名；原来的公钥继续公布，供核验旧判定",
    ),
    "service.signing_drawn": Text(
        en="key {shown} is published; set it for every api and start them again one by one:\n{variable}={value}",
        zh="密钥 {shown} 的公钥已公布；请为每个 api 设置下面的变量，并逐个重启：\n{variable}={value}",
    ),
    "service.signing_revoked": Text(
        en="key {shown} is revoked: no verdict that it signed holds any more; the service signs them anew for whoever asks",
        zh="密钥 {shown} 已吊销：它签过的判定全部失效；再次查询时，服务会用新密钥重新签名",
    ),
    "service.tenant_added": Text(
        en="tenant `{name}` added; `viva key new --tenant {name}` makes a key",
        zh="已添加租户 `{name}`；用 `viva key new --tenant {name}` 新建密钥",
    ),
    "service.tenant_changed": Text(en="tenant `{name}` changed", zh="已更改租户 `{name}`"),
    "service.tenant_suspended": Text(
        en="tenant `{name}` is suspended: its keys open nothing", zh="租户 `{name}` 已停用：其密钥全部失效"
    ),
    "service.tenant_resumed": Text(en="tenant `{name}` is let in again", zh="租户 `{name}` 已恢复"),
    "service.pack_added": Text(
        en="pack `{name}` is in force ({digest}); exercises: {slugs}",
        zh="题库包 `{name}` 已启用（{digest}）；编程题：{slugs}",
    ),
    "service.pack_unchanged": Text(
        en="pack `{name}` is in force with these files already ({digest}); nothing changed",
        zh="题库包 `{name}` 的这些文件已在使用（{digest}）；没有变化",
    ),
    "service.pack_in_force_again": Text(
        en="pack `{name}` is in force again as it was before ({digest}); exercises: {slugs}",
        zh="题库包 `{name}` 已恢复为之前的这一份（{digest}）；编程题：{slugs}",
    ),
    "service.pack_quick": Text(
        en="! --quick: mutants and bad submissions were not tried; `viva pack add` without it proves all claims",
        zh="! --quick：没有检验典型错解和坏提交；去掉该选项的 `viva pack add` 会证明全部断言",
    ),
    "service.pack_not_added": Text(
        en="pack `{name}` was not added: mend what is marked ✗ above, and add it again",
        zh="题库包 `{name}` 未添加：请修正上面标 ✗ 的问题后重新添加",
    ),
    "service.pack_retired": Text(
        en="pack `{name}` is retired: no more submissions are taken for it; what is queued is graded all the same",
        zh="题库包 `{name}` 已停用：不再接收它的提交；已在队列中的提交照常判题",
    ),
    "service.purge.gone": Text(en="{name} {digest}: removed, {size}", zh="{name} {digest}：已清除，{size}"),
    "service.purge.would_go": Text(
        en="{name} {digest}: would be removed, {size}", zh="{name} {digest}：将会清除，{size}"
    ),
    "service.purge.in_force": Text(en="{name} {digest}: kept, it is in force", zh="{name} {digest}：保留，正在使用"),
    "service.purge.open": Text(
        en="{name} {digest}: kept, unfinished gradings need it: {open}",
        zh="{name} {digest}：保留，未完成的判题需要它：{open} 个",
    ),
    "service.purge.installed": Text(
        en="{name} {digest}: kept, a running program has it installed",
        zh="{name} {digest}：保留，有运行中的程序安装了它",
    ),
    "service.purge.young": Text(
        en="{name} {digest}: kept, it was in force or added within the last {days} days",
        zh="{name} {digest}：保留，最近 {days} 天内曾启用或添加",
    ),
    "service.purge.done": Text(
        en="removed {count} packs ({size}), kept {kept}; the database uses the room again after its next vacuum",
        zh="已清除 {count} 个题库包（{size}），保留 {kept} 个；空间在数据库下一次 vacuum 后可再使用",
    ),
    "service.purge.dry": Text(
        en="would remove {count} packs ({size}) and keep {kept}; nothing was changed",
        zh="将清除 {count} 个题库包（{size}），保留 {kept} 个；未作任何改动",
    ),
    "service.none": Text(en="none", zh="无"),
    "service.signed": Text(
        en="✓ the signature holds: key {shown}, exercise {exercise}, {status}, {score} of {max_score} points, graded {created}",
        zh="✓ 签名有效：密钥 {shown}，练习 {exercise}，{status}，{score}/{max_score} 分，判题时间 {created}",
    ),
    "service.signed_before": Text(
        en="  its key is no longer in use (until {until}), and vouches for what was graded before",
        zh="  该密钥已停用（用到 {until}），对此前的判定仍然有效",
    ),
    "service.not_signed": Text(en="✗ {why}", zh="✗ 签名无效：{why}"),
    "service.replayed_same": Text(
        en="✓ graded again with seed {seed}: the same outcomes", zh="✓ 用种子 {seed} 重新判题：结果相同"
    ),
    "service.replayed_other": Text(
        en="✗ graded again with seed {seed}: {status}, {score} of {max_score} points",
        zh="✗ 用种子 {seed} 重新判题：{status}，{score}/{max_score} 分",
    ),
    "service.key_in_the_open": Text(
        en="--insecure: your key and your submissions travel unencrypted to {server}; whoever is on the way can read them",
        zh="--insecure：密钥和提交内容将以明文传到 {server}，途中任何人都能读到",
    ),
    "service.submitting": Text(en="sent {sent} of {total}, graded {done}", zh="已发送 {sent}/{total}，已判 {done}"),
    "service.top": Text(
        en="{queued} queued (the oldest {queue_age_s} s), {running} running, {workers} workers with {lanes} lanes, "
        "{rate} verdicts a minute; messages: {deliveries_pending} on their way, {deliveries_parked} parked",
        zh="排队 {queued}（最久 {queue_age_s} 秒），判题中 {running}，工作进程 {workers} 个、通道 {lanes} 条，"
        "每分钟判定 {rate} 个；消息：发送中 {deliveries_pending}，搁置 {deliveries_parked}",
    ),
    "service.top.nobodys": Text(
        en="waiting, and no worker takes them (suite, environment or GPU missing)",
        zh="在等待，但没有工作进程能领取（缺测试集、环境或 GPU）",
    ),
    "service.top.workers": Text(en="workers", zh="工作进程"),
    "service.top.tenants": Text(en="tenants", zh="租户"),
    "service.top.running": Text(en="running", zh="判题中"),
    "service.top.recent": Text(en="verdicts of the last minute", zh="最近一分钟的判定"),
}
