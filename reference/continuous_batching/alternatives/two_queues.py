"""Requests as objects in two queues, running and waiting, whose ends meet: admission and pre-emption move one across."""

from collections import deque
from dataclasses import dataclass


@dataclass
class Request:
    """One request; it has produced a token in the last iteration if that computed all there was."""

    id: int
    length: int
    computed: int = 0
    planned: bool = False

    @property
    def produced(self) -> bool:
        """Whether the last iteration computed its last token."""
        return self.planned and self.computed == self.length


class Scheduler:
    """Decides before every iteration which requests take part."""

    def __init__(self, max_tokens: int, num_blocks: int, block_size: int):
        if min(max_tokens, num_blocks, block_size) < 1:
            raise ValueError("all numbers must be at least 1")
        self.max_tokens, self.num_blocks, self.block_size = max_tokens, num_blocks, block_size
        self._running: deque[Request] = deque()
        self._waiting: deque[Request] = deque()

    @property
    def waiting(self) -> list[int]:
        """The ids of waiting requests in the order of arrival."""
        return [request.id for request in self._waiting]

    @property
    def free_blocks(self) -> int:
        """How many blocks no running request holds."""
        return self.num_blocks - sum(map(self._blocks, self._running))

    def step(self, finished: list[int], arrived: list[tuple[int, int]]) -> tuple[list[tuple[int, int, int]], list[int]]:
        """Take in what happened since the last iteration, and plan the next one: (batch, preempted)."""
        self._check(finished, arrived)
        self._settle(set(finished))
        self._waiting.extend(Request(*new) for new in arrived)

        preempted = []
        while self.free_blocks < 0:
            last = self._running.pop()
            last.computed, last.planned = 0, False
            self._waiting.appendleft(last)
            preempted.append(last.id)

        batch = []
        left = self.max_tokens
        for request in self._running:
            left -= self._plan(request, left, batch)
        while left and self._waiting and self._blocks(self._waiting[0]) <= self.free_blocks:
            self._running.append(self._waiting.popleft())
            left -= self._plan(self._running[-1], left, batch)
        return batch, preempted

    def _blocks(self, request: Request) -> int:
        return -(-request.length // self.block_size)

    def _check(self, finished, arrived) -> None:
        if not set(finished) <= {request.id for request in self._running if request.produced}:
            raise ValueError("a request that produced no token cannot be finished")
        taken = {request.id for request in (*self._running, *self._waiting)} - set(finished)
        for new, length in arrived:
            if new in taken or not 1 <= length <= self.num_blocks * self.block_size:
                raise ValueError(f"request {new} of length {length} cannot be taken in")
            taken.add(new)

    def _settle(self, finished: set[int]) -> None:
        self._running = deque(r for r in self._running if r.id not in finished)
        for request in self._running:
            request.length += request.produced

    def _plan(self, request: Request, left: int, batch: list) -> int:
        count = min(request.length - request.computed, left)
        request.planned = count > 0
        if count:
            batch.append((request.id, request.computed, count))
            request.computed += count
        return count
