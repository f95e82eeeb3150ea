"""An integer programme in words: which of `n` things to take in each of `forms` lists, under rows that may give way.

Theory of operation. There is a 0/1 variable for each thing in each list, one variable per thing that counts in how many
lists too many it is, and two per row that say how far it is missed. A row is *firm* (it is missed only when its wish
was named as elastic) or *soft* (it may always be missed, at a price). The solver is HiGHS through
`scipy.optimize.milp`; it is stopped by a gap and a number of nodes, never by a clock, so that the same programme gives
the same answer every time.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

ELASTIC_PRICE = 1000.0
OVERLAP_PRICE = 25.0
GAP, NODES = 0.02, 4000
# Several lists are alike but for their order, which makes proving that nothing is better take long.
FORMS_GAP, FORMS_NODES = 0.15, 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """`low <= sum(weight * taken) <= high` over (list, thing) pairs.

    `wish` is what a person would call it. `price` is the cost of missing it by one; None makes it firm.
    """

    wish: str
    terms: Mapping[tuple[int, int], float]
    low: float = float("-inf")
    high: float = float("inf")
    price: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What was taken in each list, and by how much each elastic wish was missed (below 0: too little)."""

    lists: tuple[tuple[int, ...], ...]
    missed: Mapping[str, float]


def solve(
    values: Sequence[float],
    rows: Sequence[Row],
    *,
    forms: int = 1,
    elastic: Collection[str] = (),
    gap: float | None = None,
) -> Choice | None:
    """Take the things with the greatest sum of `values`; None when the rows that are firm cannot be met.

    `gap` is how far, as a share, the sum may stay below the greatest; by default what a person would not notice.
    """
    import numpy as np
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import csr_array

    things, picks = len(values), len(values) * forms
    overlaps = things if forms > 1 else 0
    columns = picks + overlaps + 2 * len(rows)
    entries = [*_row_entries(rows, things, picks + overlaps), *_overlap_entries(len(rows), things, forms)]
    at, where, weight = zip(*entries, strict=True)
    matrix = csr_array((weight, (at, where)), shape=(len(rows) + overlaps, columns))
    low = np.array([row.low for row in rows] + [-np.inf] * overlaps)
    high = np.array([row.high for row in rows] + [1.0] * overlaps)
    cost = np.array([-value for _ in range(forms) for value in values] + [OVERLAP_PRICE] * overlaps + _prices(rows))
    upper = np.array([1.0] * picks + [float(forms)] * overlaps + _room(rows, elastic))
    result = milp(
        cost,
        constraints=LinearConstraint(matrix, low, high),
        bounds=Bounds(np.zeros(columns), upper),
        integrality=np.array([1] * picks + [0] * (columns - picks)),
        options={
            "node_limit": NODES if forms == 1 else FORMS_NODES,
            "mip_rel_gap": gap or (GAP if forms == 1 else FORMS_GAP),
        },
    )
    if result.x is None:
        return None
    return _read(result.x, rows, elastic, things, forms)


def _row_entries(rows: Sequence[Row], things: int, first_slack: int) -> list[tuple[int, int, float]]:
    entries = []
    for number, row in enumerate(rows):
        entries += [(number, form * things + thing, weight) for (form, thing), weight in row.terms.items()]
        entries += [(number, first_slack + 2 * number, 1.0), (number, first_slack + 2 * number + 1, -1.0)]
    return entries


def _overlap_entries(first: int, things: int, forms: int) -> list[tuple[int, int, float]]:
    """For each thing: times taken, less its overlap, is at most 1."""
    if forms == 1:
        return []
    taken = [(first + thing, form * things + thing, 1.0) for thing in range(things) for form in range(forms)]
    return taken + [(first + thing, forms * things + thing, -1.0) for thing in range(things)]


def _prices(rows: Sequence[Row]) -> list[float]:
    return [ELASTIC_PRICE if row.price is None else row.price for row in rows for _ in range(2)]


def _room(rows: Sequence[Row], elastic: Collection[str]) -> list[float]:
    """How far each row may be missed, below and above."""
    return [0.0 if row.price is None and row.wish not in elastic else 1e4 for row in rows for _ in range(2)]


def _read(x: Sequence[float], rows: Sequence[Row], elastic: Collection[str], things: int, forms: int) -> Choice:
    lists = tuple(tuple(thing for thing in range(things) if x[form * things + thing] > 0.5) for form in range(forms))
    first = len(x) - 2 * len(rows)
    missed: dict[str, float] = {}
    for number, row in enumerate(rows):
        under, over = x[first + 2 * number], x[first + 2 * number + 1]
        amount = float(over - under)
        if row.wish in elastic and abs(amount) > 1e-6 and abs(amount) > abs(missed.get(row.wish, 0.0)):
            missed[row.wish] = amount
    return Choice(lists=lists, missed=missed)
