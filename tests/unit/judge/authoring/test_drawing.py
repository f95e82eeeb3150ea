"""What is drawn shows mistakes always, not most of the time."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.judge import blind_masks, distinct_sizes, draw_array, draw_lengths, draw_mask, draw_shape

SEEDS = st.integers(0, 10_000)
SHAPES = st.lists(st.integers(1, 4), min_size=0, max_size=3).flatmap(
    lambda rows: st.integers(2, 5).map(lambda last: (*rows, last))
)


@given(SEEDS, st.integers(1, 5), st.integers(1, 4))
def test_sizes_differ_and_stay_in_their_range(seed: int, n: int, low: int) -> None:
    """Pairwise; plain ints."""
    sizes = distinct_sizes(np.random.default_rng(seed), n, low, low + n)
    assert len(set(sizes)) == n
    assert all(type(size) is int and low <= size <= low + n for size in sizes)
    assert len(set(draw_shape(np.random.default_rng(seed), n))) == n


def test_a_range_that_is_too_small_is_refused() -> None:
    """Four of three sizes."""
    with pytest.raises(ValueError, match="only 3 sizes from 2 to 4, not 4"):
        distinct_sizes(np.random.default_rng(0), 4, 2, 4)


@given(SEEDS)
def test_levels_tie_and_specials_are_all_there(seed: int) -> None:
    """Each special at a place of its own."""
    values = draw_array(np.random.default_rng(seed), (3, 4), levels=3, specials=(math.nan, math.inf, -0.0))
    ordinary = values[np.isfinite(values) & ~((values == 0) & np.signbit(values))]
    assert (np.isnan(values).sum(), (values == math.inf).sum(), values.dtype) == (1, 1, np.float64)
    assert ordinary.size == 9
    assert len(np.unique(ordinary)) <= 3
    whole = draw_array(np.random.default_rng(seed), 50, scale=5.0, dtype=np.int64, specials=(2**60,))
    assert whole.dtype == np.int64
    assert (whole == 2**60).sum() == 1
    with pytest.raises(ValueError, match="3 specials do not fit into 2"):
        draw_array(np.random.default_rng(seed), 2, specials=(0, 1, 2))


@given(SEEDS, st.integers(2, 6), st.integers(2, 9))
def test_lengths_reach_from_one_to_the_longest(seed: int, batch: int, longest: int) -> None:
    """And differ where they can."""
    lengths = draw_lengths(np.random.default_rng(seed), batch, longest)
    assert (lengths.min(), lengths.max(), lengths.dtype, lengths.shape) == (1, longest, np.int64, (batch,))
    assert len(np.unique(lengths)) == min(batch, longest)


@given(SEEDS, SHAPES)
def test_a_mask_is_no_broadcast_of_a_smaller_one(seed: int, shape: tuple[int, ...]) -> None:
    """Every row keeps and hides something, and no axis is a repetition."""
    mask = draw_mask(np.random.default_rng(seed), shape)
    assert (mask.shape, mask.dtype) == (shape, bool)
    assert (mask.any(axis=-1) & ~mask.all(axis=-1)).all()
    for axis, size in enumerate(shape):
        assert size == 1 or not np.array_equal(mask, np.broadcast_to(mask.take([0], axis), shape))


@given(SEEDS, st.tuples(*[st.integers(1, 4)] * 3, st.integers(2, 5)))
def test_each_axis_is_blind_on_its_own(seed: int, shape: tuple[int, ...]) -> None:
    """One mask per axis, with one blind index; and a full one with blind rows, but not blind throughout."""
    *alone, (words, full) = [*blind_masks(np.random.default_rng(seed), shape)]
    axes = [axis for axis, size in enumerate(shape[:-1]) if size > 1]
    assert len(alone) == len(axes)
    for axis, (_, mask) in zip(axes, alone, strict=True):
        assert mask.shape == tuple(size if one in (axis, 3) else 1 for one, size in enumerate(shape))
        assert int((~mask.any(axis=-1)).sum()) == 1
    assert (full.shape, words) == (shape, f"rows of {shape}")
    if axes:
        assert not full.any(axis=-1).all() or math.prod(shape[:-1]) == 1
