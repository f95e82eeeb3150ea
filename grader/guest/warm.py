"""What a parent does once so that its children need not: imports, and first uses that are slow.

Everything here runs on one thread: a parent that ever ran on two makes its forked children hang in the first matrix
product.
"""

from __future__ import annotations

import contextlib
import io
import sys

ENVIRONMENTS = ("numpy", "torch")
_warmed: list[bool] = []  # not empty once this process, or one that it was forked from, has paid for first uses


def prepare(environment: str, *, warm: bool) -> dict[str, str]:
    """Import the libraries of `environment` and, if `warm`, use them once; returns their versions.

    Raises ValueError for an environment that does not exist.
    """
    if environment not in ENVIRONMENTS:
        raise ValueError(f"there is no environment {environment!r}; choose one of {', '.join(ENVIRONMENTS)}")
    import numpy as np

    versions = {"python": sys.version.split()[0], "numpy": np.__version__}
    _first_products()
    if warm:
        _warmed.append(True)
        _warm_numpy()
    if environment == "torch":
        import torch

        torch.set_num_threads(1)
        versions["torch"] = str(torch.__version__)
        _first_steps()
        if warm:
            _warm_torch()
    return versions


def warm_once() -> bool:
    """Pay for first uses now, because several processes are about to be forked that would each pay; whether it did.

    What an exercise forbids may be out of reach here already; then the rest stays cold. Random states are kept.
    """
    torch = sys.modules.get("torch")
    if _warmed or torch is None:
        return False
    _warmed.append(True)
    with torch.random.fork_rng(devices=[]), contextlib.suppress(Exception):
        _warm_torch()
    return True


def _first_products() -> None:
    import numpy as np

    rng = np.random.default_rng(0)
    np.linalg.norm(rng.normal(size=(8, 8)) @ rng.normal(size=(8, 8)))


def _warm_numpy() -> None:
    """First uses that import more of numpy, or load a library.

    Nothing of the standard library is imported ahead: an exercise may forbid it, and only an import can be refused.
    """
    import numpy as np

    np.unique(np.zeros(2))  # imports numpy.ma
    np.linalg.svd(np.eye(2))


def _first_steps() -> None:
    """Forward and backward of a small module: what nearly every torch exercise does."""
    import torch

    layer = torch.nn.Linear(4, 4)
    layer(torch.ones(2, 4)).sum().backward()
    torch.softmax(torch.ones(2, 2), -1)


def _warm_torch() -> None:
    """First uses that import hundreds of modules, or load a library: optimisers, gradcheck, testing, files, svd."""
    import torch

    layer = torch.nn.Linear(4, 4)
    for optimizer in (torch.optim.SGD(layer.parameters(), lr=0.1), torch.optim.Adam(layer.parameters())):
        layer(torch.ones(2, 4)).sum().backward()
        optimizer.step()
    file = io.BytesIO()
    torch.save(layer.state_dict(), file)
    file.seek(0)
    layer.load_state_dict(torch.load(file, weights_only=True))
    torch.linalg.svd(torch.ones(2, 2))
    repr(torch.ones(2))
    point = torch.ones(2, 2, dtype=torch.float64, requires_grad=True)
    torch.autograd.gradcheck(lambda x: (x * x).sum(), (point,))
    torch.testing.assert_close(torch.ones(2), torch.ones(2))
