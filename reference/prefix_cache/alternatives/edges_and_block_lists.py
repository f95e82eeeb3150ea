"""One dictionary of edges, (block before, tokens) to block; all else is a list with one entry per block."""

import heapq
from collections.abc import Iterator

ROOT = -1


class PrefixCache:
    """A tree of token blocks: what requests have in common at their beginning is kept once."""

    def __init__(self, num_blocks: int, block_size: int):
        if num_blocks < 1 or block_size < 1:
            raise ValueError("num_blocks and block_size must be at least 1")
        self._size = block_size
        self._free = list(range(num_blocks))
        self._edges: dict[tuple[int, tuple[int, ...]], int] = {}
        self._edge_to: list[tuple[int, tuple[int, ...]] | None] = [None] * num_blocks
        self._holders = [0] * num_blocks
        self._released = [0] * num_blocks
        self._requests: dict[int, list[int]] = {}
        self._clock = 0

    @property
    def free_blocks(self) -> int:
        return len(self._free)

    def match(self, tokens: list[int]) -> list[int]:
        """Numbers of the cached blocks from the beginning of `tokens` to the first that is not cached."""
        found: list[int] = []
        for chunk in self._chunks(tokens):
            block = self._edges.get((found[-1] if found else ROOT, chunk))
            if block is None:
                break
            found.append(block)
        return found

    def acquire(self, request: int, tokens: list[int]) -> tuple[list[int], int]:
        """Hold all blocks of `tokens`: (their numbers, how many were cached)."""
        if request in self._requests:
            raise ValueError(f"request {request} is not released")
        blocks = self.match(tokens)
        hit = len(blocks)
        missing = list(self._chunks(tokens))[hit:]
        self._make_room(len(missing), set(blocks))
        for chunk in missing:
            edge = (blocks[-1] if blocks else ROOT, chunk)
            block = heapq.heappop(self._free)
            self._edges[edge] = block
            self._edge_to[block] = edge
            blocks.append(block)
        for block in blocks:
            self._holders[block] += 1
        self._requests[request] = blocks
        return list(blocks), hit

    def release(self, request: int) -> None:
        """End `request`; its blocks stay cached until they are evicted."""
        if request not in self._requests:
            raise ValueError(f"request {request} holds nothing")
        self._clock += 1
        for block in self._requests.pop(request):
            self._holders[block] -= 1
            self._released[block] = self._clock

    def _chunks(self, tokens: list[int]) -> Iterator[tuple[int, ...]]:
        return zip(*[iter(tokens)] * self._size, strict=False)

    def _make_room(self, needed: int, spared: set[int]) -> None:
        idle = {block for block in self._edges.values() if not self._holders[block]} - spared
        if needed > len(self._free) + len(idle):
            raise RuntimeError("not enough blocks")
        while needed > len(self._free):
            followed = {before for before, _ in self._edges}
            victim = min(idle - followed, key=self._released.__getitem__)
            idle.remove(victim)
            del self._edges[self._edge_to[victim]]
            self._edge_to[victim] = None
            heapq.heappush(self._free, victim)
