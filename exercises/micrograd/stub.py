"""Scalar autodiff: the contract is in statement.en.md (English) and statement.zh.md (Chinese)."""


class Value:
    """A number that knows how it was computed; `backward` adds derivatives to the `grad` of what it depends on."""

    def __init__(self, data: float) -> None:
        """A node without operands, whose `grad` is 0.0."""
        raise NotImplementedError

    def backward(self) -> None:
        """Add the derivative of this node to the `grad` of each node that it was computed from, and of itself."""
        raise NotImplementedError
