"""Inputs in which a mistake shows: sizes that differ from each other, ties, specials, masks that hide all of a row.

All of them draw from the case's `rng`, so that each verdict has its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


def distinct_sizes(rng: np.random.Generator, n: int, low: int = 2, high: int = 9) -> tuple[int, ...]:
    """`n` sizes from `low` to `high`, both included, no two of them equal: an axis taken for another shows.

    Raises ValueError when the range holds fewer than `n`.

        batch, heads, length = distinct_sizes(rng, 3, 2, 6)
    """
    if high - low + 1 < n:
        raise ValueError(f"distinct_sizes: there are only {high - low + 1} sizes from {low} to {high}, not {n}")
    return tuple(int(size) for size in rng.choice(np.arange(low, high + 1), n, replace=False))


def draw_shape(rng: np.random.Generator, axes: int, low: int = 2, high: int = 6) -> tuple[int, ...]:
    """A shape of so many axes, no two of the same size."""
    return distinct_sizes(rng, axes, low, max(high, low + axes - 1))


def draw_array(
    rng: np.random.Generator,
    shape: Sequence[int] | int,
    *,
    scale: float = 1.0,
    dtype: Any = np.float64,
    levels: int | None = None,
    specials: Sequence[float] = (),
) -> Array:
    """Normal numbers of deviation `scale`, as `dtype`; an integer one rounds them.

    With `levels`, only so many different values, so that there are ties; the first two places of the flat array are
    tied. Each of `specials` (NaN, infinities, zeros of either sign, ends of a range) stands at a random place of its
    own; raises ValueError when there are more of them than elements.
    """
    values = np.asarray(rng.normal(0.0, scale, shape))
    if levels is not None:
        grid = np.sort(rng.normal(0.0, scale, levels))
        values = grid[rng.integers(levels, size=values.shape)]
        values.flat[1:2] = values.flat[:1]
    if len(specials) > values.size:
        raise ValueError(f"draw_array: {len(specials)} specials do not fit into {values.size} elements")
    if np.issubdtype(dtype, np.integer):
        values = np.rint(values)
    values = values.astype(dtype)
    values.flat[rng.permutation(values.size)[: len(specials)]] = np.asarray(specials, dtype)
    return values


def draw_lengths(rng: np.random.Generator, batch: int, longest: int) -> Array:
    """int64 lengths (batch,) from 1 to `longest`: one has the longest, one is 1, and no two are equal where they fit.

    Raises ValueError unless `batch` and `longest` are at least 2.
    """
    if batch < 2 or longest < 2:
        raise ValueError("draw_lengths: a batch of at least 2 and lengths up to at least 2, or nothing is padded")
    between = rng.permutation(np.arange(2, longest))[: batch - 2]
    rest = rng.integers(1, longest + 1, batch - 2 - len(between))
    return rng.permutation(np.concatenate([[1, longest], between, rest]).astype(np.int64))


def draw_mask(rng: np.random.Generator, shape: Sequence[int], share: float = 0.6) -> Array:
    """A boolean mask, True = kept; along the last axis every row has a True and a False, at places that differ by row.

    So it is no broadcast of a smaller one along any axis longer than 1. The last axis needs 2 places or more.
    """
    if shape[-1] < 2:
        raise ValueError("draw_mask: a row of one place cannot keep one and hide another")
    while True:  # two equal rows in a small mask are drawn again
        mask = _rows_with_both(rng, shape, share)
        if all(size == 1 or (mask != mask.take([0], axis)).any() for axis, size in enumerate(shape[:-1])):
            return mask


def _rows_with_both(rng: np.random.Generator, shape: Sequence[int], share: float) -> Array:
    mask = rng.random(shape) < share
    places = rng.permuted(np.broadcast_to(np.arange(shape[-1]), shape), axis=-1)
    np.put_along_axis(mask, places[..., :1], True, axis=-1)
    np.put_along_axis(mask, places[..., 1:2], False, axis=-1)
    return mask


def blind_masks(rng: np.random.Generator, shape: Sequence[int]) -> Iterator[tuple[str, Array]]:
    """Masks that broadcast to `shape`, each with rows that keep nothing for a reason of its own: `(words, mask)`.

    For every axis but the last, and longer than 1: a mask of size 1 in all others but this and the last, in which one
    index of the axis keeps nothing, and every other one keeps some and hides some. Then a full mask in which a random
    row of each axis keeps nothing. Code that finds such rows in one shape of mask only fails in another.

        for words, mask in blind_masks(rng, (batch, heads, length, length)): ...
    """
    last = len(shape) - 1
    full = draw_mask(rng, shape)
    for axis, size in enumerate(shape[:-1]):
        if size == 1:
            continue
        mask = draw_mask(rng, [size if one in (axis, last) else 1 for one in range(last)] + [shape[-1]])
        blind = int(rng.integers(size))
        np.moveaxis(mask, axis, 0)[blind] = False
        yield f"axis {axis} of {tuple(mask.shape)}", mask
        full[tuple(int(rng.integers(other)) for other in shape[:-1])] = False
    yield f"rows of {tuple(shape)}", full
