"""The bytes of tensors, in every dtype and however they lie in memory."""

from __future__ import annotations

import pytest
import torch

from grader.wire.dtypes import torch_dtypes
from grader.wire.memory import SMALL, buffer_of, looks_like, picture_of, small_tensor

EVERY_DTYPE = pytest.mark.parametrize("dtype", torch_dtypes().values(), ids=torch_dtypes().keys())


class Labelled(torch.Tensor):
    """A tensor of a subclass."""


def views(tensor: torch.Tensor) -> list[torch.Tensor]:
    """The same values, lying in memory in other ways; `tensor` has two axes."""
    strided = torch.stack([tensor, tensor], dim=-1)[..., 0]
    return [tensor.clone(), tensor.T.contiguous().T, strided, tensor.as_subclass(Labelled), torch.nn.Parameter(
        tensor, requires_grad=False
    )]  # fmt: skip


@EVERY_DTYPE
def test_a_picture_knows_its_tensor(dtype: torch.dtype) -> None:
    """However the values lie; one that differs in a value, dtype or shape does not look like it, nor does None."""
    one = torch.tensor([[0, 1], [1, 1]]).to(dtype)
    for view in views(one):
        picture = picture_of(view)
        assert all(looks_like(picture, other) for other in views(one))
        assert not looks_like(picture, torch.zeros_like(one))
        assert not looks_like(picture, one.reshape(4))
        assert not looks_like(picture, one.to(torch.float64 if dtype != torch.float64 else torch.float32))
        assert not looks_like(picture, None)
    assert not looks_like(None, one)
    assert looks_like(None, None)


@pytest.mark.parametrize("dtype", [torch.complex64, torch.complex128], ids=str)
def test_lazy_conjugates_and_negatives_are_worked_out(dtype: torch.dtype) -> None:
    """Such a view has the same memory as its base, and other values."""
    one = torch.tensor([[1 + 2j, 3 - 1j]]).to(dtype)
    for lazy, plain in ((one.conj(), one.conj().resolve_conj()), (one.conj().imag, -one.imag)):
        assert bytes(buffer_of(lazy)) == bytes(buffer_of(plain.contiguous()))
        assert looks_like(picture_of(lazy), plain)
        assert looks_like(picture_of(plain), lazy)
    assert not looks_like(picture_of(one), one.conj())


def test_every_bit_counts() -> None:
    """NaN is as it was, and a zero that changed its sign is not."""
    picture = picture_of(torch.tensor([float("nan"), 0.0]))
    assert looks_like(picture, torch.tensor([float("nan"), 0.0]))
    assert not looks_like(picture, torch.tensor([float("nan"), -0.0]))


def test_a_picture_is_not_of_the_memory_itself() -> None:
    """What changes afterwards, through `.data` too, is noticed; in small tensors and in large ones."""
    for count in (3, SMALL):
        tensor = torch.zeros(count)
        picture = picture_of(tensor)
        tensor.data[-1] = 1.0
        assert not looks_like(picture, tensor)


@EVERY_DTYPE
@pytest.mark.parametrize("shape", [(), (0,), (2, 3), (3, 0, 2)], ids=str)
def test_bytes_make_the_tensor_again(dtype: torch.dtype, shape: tuple[int, ...]) -> None:
    """It has memory of its own."""
    tensor = torch.ones(shape).to(dtype)
    data = bytearray(buffer_of(tensor))
    again = small_tensor(dtype, shape, data)
    assert looks_like(picture_of(tensor), again)
    data[:] = bytes(len(data))
    assert looks_like(picture_of(tensor), again)
