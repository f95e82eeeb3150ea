"""The reference of prefix_cache against a dictionary of prefixes, and against what must hold whatever is evicted.

The model has no tree and no clock: it maps each cached prefix, as a whole tuple, to its block, and keeps the history of
releases as a list. Whom to evict is found by trying every prefix; what fits is found by really evicting from a copy.
"""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

ROOT = Path(__file__).resolve().parents[2]
PrefixCache = runpy.run_path(str(ROOT / "reference" / "prefix_cache" / "solution.py"))["PrefixCache"]
Prefix = tuple[int, ...]


class Model:
    """Cached prefixes, open requests by the prefix that they asked for, and ended ones in the order of their ends."""

    def __init__(self, blocks: int, size: int) -> None:
        self.size = size
        self.free = set(range(blocks))
        self.cached: dict[Prefix, int] = {}
        self.open: dict[int, Prefix] = {}
        self.ended: list[Prefix] = []

    def prefixes(self, tokens: Prefix) -> list[Prefix]:
        """All beginnings of full blocks."""
        return [tokens[:end] for end in range(1, len(tokens) + 1) if end % self.size == 0]

    def match(self, tokens: Prefix) -> list[int]:
        """Block of each beginning, up to the first that is missing."""
        found = [self.cached.get(prefix) for prefix in self.prefixes(tokens)]
        return [block for block in found[: [*found, None].index(None)] if block is not None]

    def victim(self, cached: dict[Prefix, int], wanted: set[Prefix]) -> Prefix | None:
        """Of all prefixes that nobody holds, wants or continues, the one of which the latest use is earliest."""
        held = {prefix for tokens in self.open.values() for prefix in self.prefixes(tokens)}
        loose = [p for p in cached if p not in held | wanted and not any(q[: len(p)] == p and q != p for q in cached)]
        latest = {p: max(k for k, end in enumerate(self.ended) if end[: len(p)] == p) for p in loose}
        return min(loose, key=lambda p: latest[p], default=None)

    def acquire(self, request: int, tokens: Prefix) -> tuple[list[int], int] | None:
        """What the request gets, or None, with nothing changed, if there is no room."""
        wanted = self.prefixes(tokens)
        missing = [prefix for prefix in wanted if prefix not in self.cached]
        cached, free = dict(self.cached), set(self.free)
        while len(free) < len(missing):
            victim = self.victim(cached, set(wanted))
            if victim is None:
                return None
            free.add(cached.pop(victim))
        for prefix in missing:
            cached[prefix] = min(free)
            free.remove(cached[prefix])
        self.cached, self.free, self.open[request] = cached, free, tokens
        return [cached[prefix] for prefix in wanted], len(wanted) - len(missing)


def play(sizes: tuple[int, int], calls: list[tuple[str, int, Prefix]]) -> tuple[int, int]:
    """Make the calls on both, and look at everything after each; how many had no room, how many blocks were evicted."""
    cache, model, refused, evicted = PrefixCache(*sizes), Model(*sizes), 0, 0
    for action, request, tokens in calls:
        before = dict(model.cached)
        if action == "match":
            assert cache.match(list(tokens)) == model.match(tokens)
        elif (action == "release") == (request not in model.open):
            call: Any = cache.release if action == "release" else lambda one, tokens=tokens: cache.acquire(one, tokens)
            with pytest.raises(ValueError, match="holds"):
                call(request)
        elif action == "release":
            cache.release(request)
            model.ended.append(model.open.pop(request))
        else:
            expected = model.acquire(request, tokens)
            if expected is None:
                refused += 1
                with pytest.raises(RuntimeError):
                    cache.acquire(request, list(tokens))
            else:
                assert cache.acquire(request, list(tokens)) == expected
                evicted += len(before.keys() - model.cached.keys())
        for prefix in [*before, *model.cached]:
            assert cache.match(list(prefix)) == model.match(prefix)
        assert cache.free_blocks == len(model.free) == sizes[0] - len(model.cached)
        assert all(prefix in model.cached for tokens in model.open.values() for prefix in model.prefixes(tokens))
    return refused, evicted


@pytest.mark.parametrize("start", [0, 15])
def test_drawn_calls(start: int) -> None:
    """Fifteen caches each, with prompts over two or three tokens, so that much is shared and much is evicted."""
    refused = evicted = 0
    for seed in range(start, start + 15):
        rng = np.random.default_rng(seed)
        sizes = int(rng.integers(1, 10)), int(rng.integers(1, 4))
        calls = []
        for _ in range(60):
            tokens = tuple(rng.integers(0, int(rng.integers(2, 4)), int(rng.integers(0, 5 * sizes[1]))).tolist())
            calls.append((str(rng.choice(["acquire", "release", "release", "match"])), int(rng.integers(0, 5)), tokens))
        one, other = play(sizes, calls)
        refused, evicted = refused + one, evicted + other
    assert refused > 20
    assert evicted > 20


CALL = st.tuples(
    st.sampled_from(["acquire", "release", "match"]),
    st.integers(0, 3),
    st.lists(st.integers(0, 1), max_size=8).map(tuple),
)


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(st.tuples(st.integers(1, 6), st.integers(1, 2)), st.lists(CALL, max_size=25))
def test_searched_calls(sizes: tuple[int, int], calls: list[tuple[str, int, Prefix]]) -> None:
    """Whatever hypothesis comes up with."""
    play(sizes, calls)
