"""Hands a layer a view. Nothing is judged here."""


def of_reversed(layer, x):
    """The layer's result for `x` with its axes in reversed order, which is a view that is not contiguous."""
    return layer(x.permute(*reversed(range(x.ndim))))
