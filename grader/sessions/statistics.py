"""The few statistics that reports need, each with its range and its honesty about small samples."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from grader.model.session_figures import Range

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

LEAST = 5  # candidates below which no figure of a question is given
LEAST_QUESTIONS = 4  # assessed questions below which a candidate's score gets no range
DRAWS = 2000
Z95 = 1.959964


def mean_range(values: Sequence[float]) -> Range | None:
    """The mean of shares and its 95 % range (Wilson's, which is rather wide for scores between 0 and 1)."""
    n = len(values)
    if n < LEAST:
        return None
    mean = math.fsum(values) / n
    centre = (mean + Z95**2 / (2 * n)) / (1 + Z95**2 / n)
    half = Z95 / (1 + Z95**2 / n) * math.sqrt(mean * (1 - mean) / n + Z95**2 / (4 * n**2))
    return Range(value=mean, low=max(0.0, centre - half), high=min(1.0, centre + half), n=n)


def correlation_range(first: Sequence[float], second: Sequence[float]) -> Range | None:
    """Pearson's correlation and its 95 % range (Fisher's z); None for few pairs, or where one side has no spread."""
    n = len(first)
    if n < LEAST:
        return None
    mean_x, mean_y = math.fsum(first) / n, math.fsum(second) / n
    xs, ys = [x - mean_x for x in first], [y - mean_y for y in second]
    spread = math.sqrt(math.fsum(x * x for x in xs) * math.fsum(y * y for y in ys))
    if spread < 1e-12:
        return None
    value = max(-1.0, min(1.0, math.fsum(x * y for x, y in zip(xs, ys, strict=True)) / spread))
    z, half = math.atanh(max(-0.999999, min(0.999999, value))), Z95 / math.sqrt(n - 3)
    return Range(value=value, low=math.tanh(z - half), high=math.tanh(z + half), n=n)


def median_range(values: Sequence[float]) -> Range | None:
    """The median and the quartiles around it."""
    if len(values) < LEAST:
        return None
    ordered = sorted(values)
    low, middle, high = (quantile(ordered, share) for share in (0.25, 0.5, 0.75))
    return Range(value=middle, low=low, high=high, n=len(values))


def quantile(ordered: Sequence[float], share: float) -> float:
    """Linear interpolation between the members of a sorted sequence."""
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def standardised(values: Sequence[float]) -> list[float]:
    """Less their mean, over their spread; zeros where there is none."""
    n = len(values)
    mean = math.fsum(values) / n
    spread = math.sqrt(math.fsum((value - mean) ** 2 for value in values) / n)
    return [(value - mean) / spread if spread > 1e-12 else 0.0 for value in values]


def redrawn_totals(scores: Floats, weights: Sequence[float], seed: int) -> Floats:
    """Totals when questions are drawn anew (a Bayesian bootstrap): (questions, people) -> (draws, people).

    NaN marks what was not assessed; it is left out of that person's total. Each question's weight is multiplied by
    a draw from the exponential distribution, which all candidates share, so that their differences are paired. One
    imaginary question is drawn with them, of which each person gets a share of their own (Jeffreys' prior, half of it
    on average): nobody is certain to be perfect after seven right answers, nor to be ahead after being ahead on four.
    """
    import numpy as np

    rng = np.random.default_rng(seed)
    drawn = rng.exponential(size=(DRAWS, len(weights))) * np.asarray(weights)
    imaginary = rng.exponential(size=(DRAWS, 1)) * float(np.mean(weights))
    known = ~np.isnan(scores)
    earned = drawn @ np.where(known, scores, 0.0) + imaginary * rng.beta(0.5, 0.5, size=(DRAWS, scores.shape[1]))
    totals: Floats = earned / (drawn @ known.astype(float) + imaginary)
    return totals
