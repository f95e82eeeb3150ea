"""Prefix cache without a tree: blocks found by the block before them and their tokens; idle ones wait in a queue."""

from collections import OrderedDict


class PrefixCache:
    def __init__(self, num_blocks, block_size):
        if min(num_blocks, block_size) < 1:
            raise ValueError("sizes")
        self.size = block_size
        self.key_of = [None] * num_blocks  # what a block holds: (serial number of the block before, own tokens)
        self.found = {}  # by key: (block, serial number)
        self.count = [0] * num_blocks
        self.idle = OrderedDict()  # blocks without holders, next victim first
        self.requests = {}
        self.serial = 0  # a block that is filled again has another serial number

    @property
    def free_blocks(self):
        return self.key_of.count(None)

    def chain(self, tokens):
        """Found blocks of `tokens`, the serial number of the last, and the own tokens of the others."""
        blocks, last = [], 0
        pieces = [tuple(tokens[k : k + self.size]) for k in range(0, len(tokens) - self.size + 1, self.size)]
        while len(blocks) < len(pieces) and (last, pieces[len(blocks)]) in self.found:
            block, last = self.found[last, pieces[len(blocks)]]
            blocks.append(block)
        return blocks, last, pieces[len(blocks) :]

    def match(self, tokens):
        return self.chain(tokens)[0]

    def acquire(self, request, tokens):
        if request in self.requests:
            raise ValueError("request")
        blocks, last, rest = self.chain(tokens)
        lacking = max(0, len(rest) - self.free_blocks)
        victims = [block for block in self.idle if block not in blocks][:lacking]
        if len(victims) < lacking:
            raise RuntimeError("no room")
        for block in victims:
            del self.idle[block], self.found[self.key_of[block]]
            self.key_of[block] = None
        hit = len(blocks)
        for piece in rest:
            block = self.key_of.index(None)
            self.serial += 1
            self.key_of[block] = last, piece
            self.found[last, piece] = block, self.serial
            last = self.serial
            blocks.append(block)
        for block in blocks:
            self.count[block] += 1
            self.idle.pop(block, None)
        self.requests[request] = blocks
        return list(blocks), hit

    def release(self, request):
        if request not in self.requests:
            raise ValueError("request")
        for block in reversed(self.requests.pop(request)):  # the last block is the first to go
            self.count[block] -= 1
            if not self.count[block]:
                self.idle[block] = None
