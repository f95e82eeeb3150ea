"""Keys of numeric entries, held against a second way to the number: counting, search, simulation, a library."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Callable, Iterator, Mapping

import pytest

from grader.content.formula import parse_formula
from grader.content.pack import Pack, builtin_pack_root
from grader.model.entry import NumericEntry, NumericTemplate

PACK = Pack(builtin_pack_root())
MOST_DRAWS = 100  # of an entry; a few could draw millions
Drawn = Mapping[str, float]
Route = Callable[..., float]


class Routes(dict[str, Route]):
    """The second route to each key, by entry."""

    def to(self, entry_id: str) -> Callable[[Route], Route]:
        """Register a function of the entry's parameters that finds its key."""

        def register(route: Route) -> Route:
            assert entry_id not in self
            self[entry_id] = route
            return route

        return register

    def assert_agrees(self, entry_id: str, *, most: int = MOST_DRAWS) -> None:
        """The formula of the entry and the second route give the same, well within what is accepted."""
        template = template_of(entry_id)
        formula = parse_formula(template.formula)
        for drawn in some_draws(entry_id, template, most):
            key = formula.evaluate(drawn)
            near = pytest.approx(key, rel=max(template.rtol / 10, 1e-9), abs=1e-12)
            assert self[entry_id](**drawn) == near, drawn


def template_of(entry_id: str) -> NumericTemplate:
    """The template of an entry."""
    entry = PACK.entry(entry_id)
    assert isinstance(entry, NumericEntry)
    assert isinstance(entry.numeric, NumericTemplate)
    return entry.numeric


def draws(template: NumericTemplate) -> Iterator[Drawn]:
    """Everything that a seed may draw."""
    for values in itertools.product(*template.parameters.values()):
        yield dict(zip(template.parameters, values, strict=True))


def some_draws(entry_id: str, template: NumericTemplate, most: int) -> Iterator[Drawn]:
    """Everything that a seed may draw, or as many draws as are wanted, the same in every run."""
    if math.prod(len(values) for values in template.parameters.values()) <= most:
        yield from draws(template)
        return
    source = random.Random(entry_id)
    for _ in range(most):
        yield {name: source.choice(values) for name, values in template.parameters.items()}


def root(rises: Callable[[float], float], low: float, high: float) -> float:
    """Bisect for the zero of a function that rises from below 0 to above it."""
    assert rises(low) <= 0 <= rises(high)
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if rises(middle) < 0 else (low, middle)
    return low
