"""What shares memory in one message shares it on the other side, and nothing else of that memory is sent."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from grader.errors import WireError
from grader.wire.decoder import Decoder
from grader.wire.encoder import Encoder

SECRET = 4242.0


def sent(*values: Any) -> tuple[list[Any], list[bytes]]:
    """Nodes and blobs of one message."""
    encoder = Encoder()
    nodes = [encoder.encode(value) for value in values]
    encoder.settle()
    return nodes, [bytes(blob) for blob in encoder.blobs]


def cross(*values: Any) -> list[Any]:
    """The values on the other side."""
    nodes, blobs = sent(*values)
    decoder = Decoder([bytearray(blob) for blob in blobs], aliases=True)
    return [decoder.decode(node) for node in nodes]


VIEWS = {
    "columns": lambda a: (a[:, 1], a[:, 3:5]),
    "rows": lambda a: (a[1:3], a[2:4]),
    "steps": lambda a: (a[::2, ::3], a[1::2, 1::3]),
    "a corner and a row": lambda a: (a[:2, :2], a[1]),
}


@pytest.mark.parametrize("of", [lambda a: a, torch.from_numpy], ids=["array", "tensor"])
@pytest.mark.parametrize("views", VIEWS.values(), ids=VIEWS.keys())
def test_nothing_between_views_is_sent(views: Any, of: Any) -> None:
    """The buffer that they share holds zeros wherever none of them looks; their values are their own."""
    whole = np.full((6, 7), SECRET)
    for number, view in enumerate(views(whole)):
        view[...] = number + 1.0
    expected = [np.array(view) for view in views(whole)]
    given = views(of(whole))
    assert np.array(SECRET).tobytes() not in b"".join(sent(*given)[1])
    for arrived, value in zip(cross(*given), expected, strict=True):
        assert np.array_equal(np.asarray(arrived), value)


def test_a_change_through_one_is_seen_through_the_other() -> None:
    """On the other side only."""
    base = np.zeros((2, 3))
    first, second = cross(base, base.T[1:])
    second[...] = 5
    assert first[:, 1:].sum() == 20
    assert base.sum() == 0


def test_arrays_of_their_own_are_sent_as_before() -> None:
    """Also views that do not touch each other."""
    base = np.arange(10.0)
    nodes, _ = sent(base[:4], base[6:], np.zeros(3), torch.zeros(3), torch.zeros(0))
    assert [node[0] for node in nodes] == ["A", "A", "A", "X", "X"]


def test_a_guest_cannot_send_values_that_share_memory() -> None:
    """The judge takes no such node: one result could change another."""
    base = np.zeros(4)
    nodes, blobs = sent(base, base[1:])
    with pytest.raises(WireError, match="share memory"):
        Decoder([bytearray(blob) for blob in blobs]).decode(nodes[0])
