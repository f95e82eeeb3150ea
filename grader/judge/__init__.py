"""The trusted side: runs suites against a guest. What a suite file needs is here."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from grader.judge.authoring.around import assert_leaves_no_state, assert_same_again
    from grader.judge.authoring.counts import assert_binomial, assert_distinct, assert_frequencies
    from grader.judge.authoring.distribution import (
        assert_distribution,
        assert_mean,
        assert_quantiles,
        assert_scale,
        assert_support,
        assert_tail,
    )
    from grader.judge.authoring.drawing import (
        blind_masks,
        distinct_sizes,
        draw_array,
        draw_lengths,
        draw_mask,
        draw_shape,
    )
    from grader.judge.authoring.independence import assert_independent, assert_independent_along
    from grader.judge.authoring.modules import assert_same_gradients, pair_of_modules
    from grader.judge.authoring.refusals import assert_each_raises, assert_refuses
    from grader.judge.authoring.samples import draws_of
    from grader.judge.authoring.sequential import assert_scale_sequentially
    from grader.judge.changes import assert_unchanged, inout
    from grader.judge.comparison import assert_close
    from grader.judge.generators import fresh

__all__ = [
    "assert_binomial",
    "assert_close",
    "assert_distinct",
    "assert_distribution",
    "assert_each_raises",
    "assert_frequencies",
    "assert_independent",
    "assert_independent_along",
    "assert_leaves_no_state",
    "assert_mean",
    "assert_quantiles",
    "assert_refuses",
    "assert_same_again",
    "assert_same_gradients",
    "assert_scale",
    "assert_scale_sequentially",
    "assert_support",
    "assert_tail",
    "assert_unchanged",
    "blind_masks",
    "distinct_sizes",
    "draw_array",
    "draw_lengths",
    "draw_mask",
    "draw_shape",
    "draws_of",
    "fresh",
    "inout",
    "pair_of_modules",
]

_MODULES = {
    "comparison": "assert_close",
    "changes": "assert_unchanged inout",
    "generators": "fresh",
    "authoring.around": "assert_leaves_no_state assert_same_again",
    "authoring.counts": "assert_binomial assert_distinct assert_frequencies",
    "authoring.distribution": (
        "assert_distribution assert_mean assert_quantiles assert_scale assert_support assert_tail"
    ),
    "authoring.drawing": "blind_masks distinct_sizes draw_array draw_lengths draw_mask draw_shape",
    "authoring.independence": "assert_independent assert_independent_along",
    "authoring.modules": "assert_same_gradients pair_of_modules",
    "authoring.refusals": "assert_each_raises assert_refuses",
    "authoring.samples": "draws_of",
    "authoring.sequential": "assert_scale_sequentially",
}
_HOMES = {name: module for module, names in _MODULES.items() for name in names.split()}


def __getattr__(name: str) -> Any:
    """A function when it is asked for: numpy comes with it, which a command that only hands out work can spare."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"grader.judge.{_HOMES[name]}"), name)
