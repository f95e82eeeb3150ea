"""Counts the bytes of tensors that exist at once while the submission's loss, and its backward, are computed.

Nothing is judged here: the suite knows what is right and how much is allowed.
"""

import solution
import torch
from torch.multiprocessing.reductions import StorageWeakRef
from torch.utils._python_dispatch import TorchDispatchMode


def loss_and_gradients(hidden, weight, labels, chunk_size, wanted=(True, True)):
    """The loss, the gradients that are wanted, and the most bytes that tensors took at once."""
    hidden, weight = (part.clone().requires_grad_(grad) for part, grad in zip((hidden, weight), wanted, strict=True))
    with Counted(hidden, weight, labels) as counted:
        loss = solution.chunked_cross_entropy(hidden, weight, labels, chunk_size)
        loss.backward()
    return loss.detach(), hidden.grad, weight.grad, counted.most


def loss_alone(hidden, weight, labels, chunk_size):
    """The loss, where nothing requires grad, and the most bytes that tensors took at once."""
    with Counted(hidden, weight, labels) as counted:
        loss = solution.chunked_cross_entropy(hidden, weight, labels, chunk_size)
    return loss.detach(), counted.most


class Counted(TorchDispatchMode):
    """Sees each operator of torch, forward and backward, and follows the memory of its results until it is freed."""

    def __init__(self, *given):
        super().__init__()
        self._known = {tensor.untyped_storage()._cdata for tensor in given}
        self._held = []  # (weak reference, address, bytes) of memory that is not known to be free
        self.most = 0

    @classmethod
    def _should_skip_dynamo(cls):
        return False  # to skip it, torch would import all of it first

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        result = func(*args, **(kwargs or {}))
        self._let_go()
        for tensor in result if isinstance(result, list | tuple) else [result]:
            if isinstance(tensor, torch.Tensor) and tensor.layout is torch.strided:
                self._follow(tensor.untyped_storage())
        self.most = max(self.most, sum(size for _, _, size in self._held))
        return result

    def _follow(self, storage):
        if storage._cdata not in self._known:  # a view shares the memory of what it is a view of
            self._known.add(storage._cdata)
            self._held.append((StorageWeakRef(storage), storage._cdata, storage.nbytes()))

    def _let_go(self):
        freed = {address for reference, address, _ in self._held if reference.expired()}
        self._known -= freed
        self._held = [entry for entry in self._held if entry[1] not in freed]
