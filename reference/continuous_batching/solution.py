"""Continuous batching (Yu et al. 2022) with prefills in chunks, and pre-emption by recomputation."""


class Scheduler:
    """Decides before every iteration which requests take part, under a budget of tokens and one of cache blocks."""

    def __init__(self, max_tokens, num_blocks, block_size):
        if max_tokens < 1 or num_blocks < 1 or block_size < 1:
            raise ValueError("max_tokens, num_blocks and block_size must be at least 1")
        self.max_tokens = max_tokens
        self.num_blocks = num_blocks
        self.block_size = block_size
        # By arrival, the running requests always come before all that wait.
        self.running = []
        self.waiting = []
        self.lengths = {}  # of each request: prompt and what it has produced
        self.computed = {}  # of each request: tokens that are in the cache
        self.produced = []  # requests that the last iteration gave a token

    @property
    def free_blocks(self):
        """Blocks that no running request holds; below 0 while running requests have outgrown the cache."""
        return self.num_blocks - sum(map(self._blocks, self.running))

    def step(self, finished, arrived):
        """Take in what happened since the last iteration, and plan the next one: (batch, preempted)."""
        self._refuse(finished, arrived)
        for request in self.produced:
            self.lengths[request] += 1
        for request in finished:
            self.running.remove(request)
            del self.lengths[request], self.computed[request]
        for request, length in arrived:
            self.waiting.append(request)
            self.lengths[request], self.computed[request] = length, 0
        preempted = []
        while self.free_blocks < 0:
            request = self.running.pop()
            self.computed[request] = 0
            self.waiting.insert(0, request)  # it is older than all that wait
            preempted.append(request)
        batch, left = [], self.max_tokens
        # All but the youngest of them lack one token, for which they had budget last time: everybody gets some.
        for request in self.running:
            left -= self._serve(request, left, batch)
        # Whoever was pre-empted just now is first in line and does not fit, so nobody is admitted then.
        while self.waiting and left > 0 and self._blocks(self.waiting[0]) <= self.free_blocks:
            self.running.append(self.waiting.pop(0))
            left -= self._serve(self.running[-1], left, batch)
        self.produced = [request for request, start, count in batch if start + count == self.lengths[request]]
        return batch, preempted

    def _serve(self, request, left, batch):
        """Give `request` up to `left` tokens of the next iteration; how many it got."""
        start = self.computed[request]
        count = min(self.lengths[request] - start, left)
        batch.append((request, start, count))
        self.computed[request] += count
        return count

    def _blocks(self, request):
        """Blocks for the whole length of `request`."""
        return -(-self.lengths[request] // self.block_size)

    def _refuse(self, finished, arrived):
        """Raise ValueError for arguments that make no sense, before anything has changed."""
        if any(request not in self.produced for request in finished):
            raise ValueError("only a request that has just produced a token can finish")
        known = self.lengths.keys() - set(finished)
        for request, length in arrived:
            if request in known:
                raise ValueError(f"request {request} is there already")
            if not 1 <= length <= self.num_blocks * self.block_size:
                raise ValueError(f"a prompt of {length} tokens can never run")
            known.add(request)
