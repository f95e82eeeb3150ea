"""What a call changed in its arguments is found, whatever way it was changed; what it did not change is not sent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from grader.guest.arguments import Arguments
from grader.wire.decoder import Decoder
from grader.wire.encoder import Encoder


def changed(make: Callable[[], Any], change: Callable[[Any], Any]) -> list[int]:
    """The numbers of the arguments that are reported after `change`."""
    encoder = Encoder()
    node = encoder.encode(make())
    decoder = Decoder([bytearray(blob) for blob in encoder.blobs])
    value = decoder.decode(node)
    before = Arguments(decoder, {})
    change(value)
    return before.changed()


def put(key: Any, value: Any) -> Callable[[Any], Any]:
    """An assignment to an item, as a function."""
    return lambda target: target.__setitem__(key, value)


def frame() -> pd.DataFrame:
    """A table with a number, a text and one of each missing."""
    return pd.DataFrame({"a": [1.0, np.nan], "b": ["x", None]})


CHANGES: dict[str, tuple[Callable[[], Any], Callable[[Any], Any], list[int]]] = {
    "array item": (lambda: np.zeros(3), put(0, 1), [0]),
    "array to -0.0": (lambda: np.zeros(3), put(0, -0.0), [0]),
    "array to NaN": (lambda: np.zeros(3), put(0, np.nan), [0]),
    "NaN kept": (lambda: np.array([np.nan]), put(0, np.nan), []),
    "array through a view": (lambda: np.zeros((2, 2)), lambda a: a.T.__setitem__(0, 5), [0]),
    "array sorted": (lambda: np.array([2, 1]), lambda a: a.sort(), [0]),
    "array sorted already": (lambda: np.array([1, 2]), lambda a: a.sort(), []),
    "tensor item": (lambda: torch.zeros(3), put(0, 1), [0]),
    "tensor through data": (lambda: torch.zeros(3), lambda t: t.data.fill_(1), [0]),
    "tensor to -0.0": (lambda: torch.zeros(3), put(0, -0.0), [0]),
    "tensor with NaN kept": (lambda: torch.tensor([float("nan")]), lambda t: t.mul_(1), []),
    "complex tensor": (lambda: torch.zeros(2, dtype=torch.complex64), lambda t: t.add_(1j), [0]),
    "bool tensor": (lambda: torch.zeros(2, dtype=torch.bool), lambda t: t.logical_not_(), [0]),
    "empty tensor": (lambda: torch.zeros(0), lambda t: t.add_(1), []),
    "table cell": (frame, lambda f: f.loc.__setitem__((0, "a"), 5.0), [0]),
    "table column": (frame, put("c", 1), [0]),
    "table column to its equal": (frame, put("a", [1.0, np.nan]), []),
    "table dtype": (frame, put("b", pd.Series(["x", None], dtype=object)), [0]),
    "table column ahead": (frame, lambda f: f.insert(0, "z", 1), [0]),
    "table labels": (frame, lambda f: setattr(f, "columns", ["a", "c"]), [0]),
    "table index named": (frame, lambda f: setattr(f.index, "name", "row"), [0]),
    "table with an array in a cell": (frame, put("b", [np.ones(2), np.ones(3)]), [0]),
    "table that was looked at": (frame, lambda f: f.groupby("b").a.sum(), []),
    "table through a column": (frame, lambda f: f["a"].__setitem__(0, 5.0), []),
    "series item": (lambda: pd.Series([1, 2]), put(0, 5), [0]),
    "series name": (lambda: pd.Series([1]), lambda s: setattr(s, "name", "x"), [0]),
    "table in a list": (lambda: [frame()], lambda v: v[0].pop("a"), [1]),
    "list append": (lambda: [1], lambda v: v.append(2), [0]),
    "list item": (lambda: [1, 2], put(0, 3), [0]),
    "list item to its equal": (lambda: [1, 2], put(0, 1), []),
    "list item to another type": (lambda: [1, 2], put(0, 1.0), [0]),
    "list item to True": (lambda: [1, 2], put(0, True), [0]),
    "list reversed": (lambda: [1, 2], lambda v: v.reverse(), [0]),
    "list cleared and filled alike": (lambda: [1, "a"], lambda v: v.__setitem__(slice(None), [1, "a"]), []),
    "inner list": (lambda: [1, [2]], lambda v: v[1].append(3), [1]),
    "inner array": (lambda: {"a": [np.zeros(1)]}, lambda v: v["a"][0].fill(1), [2]),
    "dict key": (lambda: {"a": 1}, put("b", 2), [0]),
    "dict value": (lambda: {"a": 1}, put("a", 2), [0]),
    "dict order": (lambda: {"a": 1, "b": 2}, lambda d: d.update(a=d.pop("a")), [0]),
    "set": (lambda: {1}, lambda s: s.add(2), [0]),
    "set alike": (lambda: {1}, lambda s: s.add(1), []),
    "numpy generator": (lambda: np.random.default_rng(1), lambda g: g.random(), []),
    "torch generator": (lambda: torch.Generator(), lambda g: torch.rand(1, generator=g), []),
    "nothing": (lambda: [np.zeros(2), {"a": torch.ones(1)}, {1}, [float("nan")]], lambda v: None, []),
}  # fmt: skip


@pytest.mark.parametrize(("make", "change", "numbers"), CHANGES.values(), ids=CHANGES.keys())
def test_exactly_what_changed_is_reported(make: Any, change: Any, numbers: list[int]) -> None:
    """By its number in the call."""
    assert changed(make, change) == numbers


def test_a_copy_that_was_changed_is_reported_under_its_origin() -> None:
    """A tensor that is no leaf in the judge."""
    origin = torch.zeros(2, requires_grad=True)
    copies = {4: (origin.clone(), origin), 6: (origin.clone(), origin)}
    before = Arguments(Decoder([]), copies)
    copies[6][0].mul_(2).add_(1)
    assert before.changed() == [["V", 6]]
