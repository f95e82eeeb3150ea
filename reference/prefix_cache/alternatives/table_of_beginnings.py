"""A table from whole beginnings to blocks, without a tree: parents are shorter beginnings, and evictions are planned first."""

from itertools import count


class PrefixCache:
    """A tree of token blocks: what requests have in common at their beginning is kept once.

    Attribute: `free_blocks`, the number of blocks that hold nothing.
    """

    def __init__(self, num_blocks: int, block_size: int):
        """All blocks are free; ValueError for a number below 1."""
        if min(num_blocks, block_size) < 1:
            raise ValueError("num_blocks and block_size must be at least 1")
        self._size = block_size
        self._free = set(range(num_blocks))
        self._block_of = {}  # whole beginning, a tuple of tokens -> block
        self._last_use = {}  # whole beginning -> time of the latest release
        self._requests = {}  # request -> the beginnings that it holds
        self._clock = count()

    @property
    def free_blocks(self) -> int:
        return len(self._free)

    def _beginnings(self, tokens: list[int]) -> list[tuple[int, ...]]:
        ends = range(self._size, len(tokens) + 1, self._size)
        return [tuple(tokens[:end]) for end in ends]

    def match(self, tokens: list[int]) -> list[int]:
        """Numbers of the cached blocks from the beginning of `tokens` to the first that is not cached."""
        return [self._block_of[known] for known in self._beginnings(tokens) if known in self._block_of]

    def acquire(self, request: int, tokens: list[int]) -> tuple[list[int], int]:
        """Hold all blocks of `tokens`: (their numbers, how many were cached); RuntimeError, nothing changed, without room."""
        if request in self._requests:
            raise ValueError(f"request {request} is not released")
        path = self._beginnings(tokens)
        missing = [beginning for beginning in path if beginning not in self._block_of]
        for beginning in self._evictions(len(missing) - len(self._free), path):
            self._free.add(self._block_of.pop(beginning))
            del self._last_use[beginning]
        for beginning in missing:
            block = min(self._free)
            self._free.remove(block)
            self._block_of[beginning] = block
        self._requests[request] = path
        return [self._block_of[beginning] for beginning in path], len(path) - len(missing)

    def _evictions(self, needed: int, path: list[tuple[int, ...]]) -> list[tuple[int, ...]]:
        """The beginnings to evict, in order; RuntimeError if there are fewer than `needed`."""
        held = set(path).union(*self._requests.values())
        left = set(self._block_of)
        going = []
        while len(going) < needed:
            parents = {beginning[: -self._size] for beginning in left}
            leaves = left - held - parents
            if not leaves:
                raise RuntimeError("not enough blocks can be evicted")
            going.append(min(leaves, key=self._last_use.__getitem__))
            left.remove(going[-1])
        return going

    def release(self, request: int) -> None:
        """End `request`; its blocks stay cached until they are evicted."""
        if request not in self._requests:
            raise ValueError(f"request {request} is not held")
        now = next(self._clock)
        self._last_use.update(dict.fromkeys(self._requests.pop(request), now))
