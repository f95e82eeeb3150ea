"""Prefix cache (Zheng et al. 2023, RadixAttention): a tree of token blocks with LRU eviction of leaves."""

import heapq
import itertools


class Node:
    """One cached block, at its place after all that come before it."""

    def __init__(self, key, parent, block):
        self.key = key  # the block's own tokens
        self.parent = parent
        self.block = block
        self.children = {}
        self.holders = 1  # requests that hold it, never fewer than hold a child; a node is made for the first
        self.used = None  # time of the latest release


class PrefixCache:
    """A tree of token blocks: what requests have in common at their beginning is kept once."""

    def __init__(self, num_blocks, block_size):
        if num_blocks < 1 or block_size < 1:
            raise ValueError("num_blocks and block_size must be at least 1")
        self.block_size = block_size
        self.root = Node(None, None, None)  # stands for the empty beginning
        self.nodes = set()
        self.unused = list(range(num_blocks))  # a heap: the smallest number comes out first
        self.held = {}  # nodes of each request, from the root on
        self.clock = itertools.count()

    @property
    def free_blocks(self):
        """Blocks that hold nothing."""
        return len(self.unused)

    def match(self, tokens):
        """Numbers of the cached blocks from the beginning of `tokens` to the first that is not cached."""
        return [node.block for node in self._walk(self._keys(tokens))]

    def acquire(self, request, tokens):
        """Hold all blocks of `tokens`: (their numbers, how many were cached)."""
        if request in self.held:
            raise ValueError(f"request {request} holds blocks already")
        keys = self._keys(tokens)
        path = self._walk(keys)
        hit = len(path)
        missing = len(keys) - hit
        # Whoever holds a block holds all before it, so what nobody holds can be evicted, leaf by leaf.
        idle = sum(node.holders == 0 for node in self.nodes.difference(path))
        if missing > len(self.unused) + idle:
            raise RuntimeError(f"{missing} blocks are needed, {len(self.unused) + idle} can be had")
        for node in path:
            node.holders += 1  # before anything is evicted
        while len(self.unused) < missing:
            self._evict()
        for key in keys[hit:]:
            parent = path[-1] if path else self.root
            node = Node(key, parent, heapq.heappop(self.unused))
            parent.children[key] = node
            self.nodes.add(node)
            path.append(node)
        self.held[request] = path
        return [node.block for node in path], hit

    def release(self, request):
        """End `request`; its blocks stay cached until they are evicted."""
        if request not in self.held:
            raise ValueError(f"request {request} holds no blocks")
        now = next(self.clock)
        for node in self.held.pop(request):
            node.holders -= 1
            node.used = now

    def _keys(self, tokens):
        """The full blocks of `tokens`."""
        size = self.block_size
        return [tuple(tokens[end - size : end]) for end in range(size, len(tokens) + 1, size)]

    def _walk(self, keys):
        """Nodes from the root on, as far as they are cached."""
        path, node = [], self.root
        for key in keys:
            node = node.children.get(key)
            if node is None:
                break
            path.append(node)
        return path

    def _evict(self):
        """Free the block of the leaf whose last use is longest ago."""
        leaves = [node for node in self.nodes if node.holders == 0 and not node.children]
        oldest = min(leaves, key=lambda node: node.used)
        del oldest.parent.children[oldest.key]
        self.nodes.remove(oldest)
        heapq.heappush(self.unused, oldest.block)
