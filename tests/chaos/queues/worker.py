"""A worker process: `python -m tests.chaos.queues.worker LIBRARY URL LANES NAME`; it works until it is killed."""

from __future__ import annotations

import asyncio
import sys
from functools import partial

from grader.database.connection import open_pool
from tests.chaos.queues.contestants import CONTESTANTS
from tests.chaos.queues.task import carry_out

BEGIN_AGAIN_S = 0.5
MOST_CONNECTIONS = 8


async def _work(library: str, url: str, lanes: int, name: str) -> None:
    contestant = CONTESTANTS[library]()
    pool = await open_pool(url, max(2, min(lanes, MOST_CONNECTIONS)))
    print("ready", flush=True)
    sys.stdin.readline()
    while True:
        try:
            await contestant.work(url, partial(carry_out, pool, name), lanes)
        except Exception as error:
            print(f"{name}: {type(error).__name__}: {error}", file=sys.stderr, flush=True)
        await asyncio.sleep(BEGIN_AGAIN_S)


if __name__ == "__main__":
    asyncio.run(_work(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]))
