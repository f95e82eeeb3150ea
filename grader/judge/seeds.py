"""Every random number of a verdict comes from one secret seed, and can be replayed from it."""

from __future__ import annotations

import hashlib
import random
import sys

import numpy as np


def derive(seed: int, *purpose: str) -> int:
    """A 63-bit seed for one purpose; one-way, so that whoever sees it learns nothing of `seed` or of other purposes."""
    text = "\x1f".join([str(seed), *purpose])
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1


def seed_globals(seed: int) -> None:
    """Seed the global generators of random, numpy and, where it is loaded, torch in this process."""
    random.seed(seed)
    np.random.seed(seed & 0xFFFFFFFF)
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.manual_seed(seed)
