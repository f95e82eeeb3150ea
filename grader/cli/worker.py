"""`viva worker`: grades what the queue holds, on this machine."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from typing import Final

from grader.cli.service_log import begin_logging
from grader.model.text import Lang
from grader.report.catalogue import say
from grader.worker.run import WorkerOrder, work, worker_name

TIED: Final = "VIVA_WORKER_TIED"  # ends with whoever holds the other end of its input


def run(order: WorkerOrder, lang: Lang) -> int:
    """Work until SIGTERM or Ctrl-C; returns the exit status."""
    begin_logging(plain=sys.stderr.isatty())
    if sys.stdout.isatty():
        print(say("service.worker_ready", lang, name=worker_name(), lanes=str(order.lanes)), flush=True)
    asyncio.run(_work(order))
    return 0


async def _work(order: WorkerOrder) -> None:
    stopping = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    if os.environ.get(TIED):
        asyncio.get_running_loop().add_reader(sys.stdin.fileno(), stopping.set)
    await work(order, stopping)
