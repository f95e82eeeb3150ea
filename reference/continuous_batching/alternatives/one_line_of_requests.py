"""Continuous batching over one line of requests by arrival, of which the first few are running."""

from dataclasses import dataclass
from itertools import accumulate


@dataclass
class Request:
    id: int
    length: int
    computed: int = 0
    fresh: bool = False  # its last token was computed in the last iteration


class Scheduler:
    def __init__(self, max_tokens, num_blocks, block_size):
        if min(max_tokens, num_blocks, block_size) <= 0:
            raise ValueError("sizes")
        self.budget, self.total, self.size = max_tokens, num_blocks, block_size
        self.line, self.active = [], 0

    running = property(lambda self: [one.id for one in self.line[: self.active]])
    waiting = property(lambda self: [one.id for one in self.line[self.active :]])
    free_blocks = property(lambda self: self.total - sum(self.needs()[: self.active]))

    def needs(self):
        return [(one.length + self.size - 1) // self.size for one in self.line]

    def step(self, finished, arrived):
        fresh = {one.id for one in self.line if one.fresh}
        staying = [one for one in self.line if one.id not in finished]
        ids = [one.id for one in staying] + [number for number, _ in arrived]
        lengths = [length for _, length in arrived]
        if not fresh.issuperset(finished) or len(set(ids)) < len(ids):
            raise ValueError("ids")
        if lengths and (min(lengths) < 1 or max(lengths) > self.total * self.size):
            raise ValueError("lengths")

        for one in staying:
            one.length += one.fresh
            one.fresh = False
        self.active -= len(finished)
        self.line = staying + [Request(*pair) for pair in arrived]

        sums = list(accumulate(self.needs(), initial=0))
        fits = max(k for k in range(len(sums)) if sums[k] <= self.total)  # how many of the line the cache can hold
        victims = self.line[fits : self.active][::-1]
        for one in victims:
            one.computed = 0
        self.active = min(self.active, fits)

        batch, left = [], self.budget
        for place, one in enumerate(self.line[:fits]):
            if left == 0 or (victims and place >= self.active):
                break
            count = min(left, one.length - one.computed)
            if count:
                batch.append((one.id, one.computed, count))
            one.computed += count
            one.fresh = one.computed == one.length
            left -= count
            self.active = max(self.active, place + 1)
        return batch, [one.id for one in victims]
