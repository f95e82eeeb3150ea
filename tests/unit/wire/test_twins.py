"""What one side does to a shared tensor is found, told once, and taken over if it fits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch

from grader.errors import WireError
from grader.wire.decoder import Decoder
from grader.wire.encoder import Encoder
from grader.wire.memory import looks_like, picture_of
from grader.wire.tensors import Twin, apply_all


def told(twin: Twin) -> tuple[Any, list[Any]] | None:
    """A twin's news and their blobs."""
    encoder = Encoder()
    news = twin.news(encoder)
    return None if news is None else (news, [bytearray(blob) for blob in encoder.blobs])


def leaf(*values: float) -> torch.Tensor:
    return torch.tensor(values or (1.0, 2.0), requires_grad=True)


CHANGES: dict[str, Callable[[torch.Tensor], Any]] = {
    "in place": lambda t: t.detach().add_(1),
    "through data": lambda t: t.data.fill_(7),
    "data replaced": lambda t: setattr(t, "data", torch.zeros(3)),
    "dtype": lambda t: setattr(t, "data", t.data.double()),
    "to NaN": lambda t: t.data.fill_(float("nan")),
    "to -0.0": lambda t: (t.data.zero_(), t.data.neg_()),
    "grad": lambda t: setattr(t, "grad", torch.ones(2)),
    "frozen": lambda t: t.requires_grad_(False),
    "all": lambda t: (t.data.mul_(3), setattr(t, "grad", torch.ones(2)), t.requires_grad_(False)),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_a_change_reaches_the_twin_once(change: Callable[[torch.Tensor], Any]) -> None:
    """Value, shape, dtype, gradient and flag are alike afterwards, and there is no more news."""
    here, there = Twin(leaf(), tracked=True), Twin(leaf(), tracked=True)
    change(here.tensor)
    news = told(here)
    assert news is not None
    there.apply(news[0], Decoder(news[1]))
    assert looks_like(picture_of(here.tensor), there.tensor)
    assert looks_like(picture_of(here.tensor.grad), there.tensor.grad)
    assert here.tensor.requires_grad == there.tensor.requires_grad
    assert (told(here), told(there)) == (None, None)


def test_nothing_is_told_of_what_stays() -> None:
    """NaN, which is not equal to itself, included."""
    twin = Twin(leaf(float("nan"), 1.0), tracked=True)
    twin.tensor.grad = torch.full((2,), float("nan"))
    assert told(twin) is not None
    assert told(twin) is None


def test_a_value_that_is_not_tracked_is_not_told() -> None:
    """A parameter that the suite never reads is not sent; its gradient and layout are."""
    twin = Twin(leaf(), tracked=False)
    twin.tensor.data.fill_(9)
    assert told(twin) is None
    twin.tensor.data = twin.tensor.data.double()
    news = told(twin)
    assert news is not None
    assert news[0][0][0] == "float64"


def test_a_tensor_that_becomes_tracked_is_told_once() -> None:
    """From then on its value is kept in step."""
    twin = Twin(leaf(), tracked=False)
    twin.track()
    assert told(twin) is not None
    assert told(twin) is None


def test_all_is_told_of_a_tensor_that_the_other_side_only_has_a_blank_of() -> None:
    """A gradient that was there before, and that it is frozen."""
    tensor = leaf()
    tensor.grad = torch.ones(2)
    tensor.requires_grad_(False)
    news = told(Twin(tensor, tracked=False, unknown=True))
    assert news is not None
    assert (news[0][1], news[0][3]) == (2, False)


@pytest.mark.parametrize(
    "news",
    [
        None,
        [],
        [None, 1, None],
        [None, 1, None, 1],
        [["float32", [3], 0], 1, None, True],
        [["int64", [2], 1], 1, None, True],
        [["float32", [2], 9], 1, None, True],
        [["float32", "2", 0], 1, None, True],
        [5, 1, None, True],
        [None, 2, ["float32", [3], 0], True],
        [None, 2, ["float32", [1, 2], 2], True],
        [None, 2, None, True],
    ],
    ids=str,
)
def test_news_that_do_not_fit_are_refused(news: Any) -> None:
    """A tensor of the suite keeps its shape, and a gradient has its tensor's."""
    twin = Twin(leaf(), tracked=True, resizable=False)
    with pytest.raises(WireError):
        twin.apply(news, Decoder([bytearray(12), bytearray(16), bytearray(8)]))
    assert (twin.tensor.shape, twin.tensor.dtype) == ((2,), torch.float32)
    assert twin.tensor.grad is None


def test_a_computed_tensor_keeps_its_dtype() -> None:
    """It is part of a graph of the judge."""
    twin = Twin(leaf() * 2, tracked=True, resizable=False)
    with pytest.raises(WireError):
        twin.apply([["float64", [2], 0], 1, None, True], Decoder([bytearray(16)]))


@pytest.mark.parametrize("news", [None, {}, [1], [[1]], [[1, 2, 3]], ["ab"]], ids=str)
def test_a_list_of_news_has_its_form(news: Any) -> None:
    """Pairs of number and news."""
    with pytest.raises(WireError):
        apply_all(news, lambda number: Twin(leaf(), tracked=True), Decoder([]))
