"""Reverse-mode differentiation of single numbers: each node keeps its operands and the derivatives toward them."""

from __future__ import annotations

import math


class Value:
    """A number that knows how it was computed; `backward` adds derivatives to the `grad` of what it depends on."""

    __slots__ = ("_operands", "data", "grad")

    def __init__(self, data: float, operands: tuple[tuple[Value, float], ...] = ()) -> None:
        self.data = float(data)
        self.grad = 0.0
        self._operands = operands  # (operand, derivative toward it), the same operand perhaps twice

    def __add__(self, other: Value | float) -> Value:
        other = _node(other)
        return Value(self.data + other.data, ((self, 1.0), (other, 1.0)))

    def __mul__(self, other: Value | float) -> Value:
        other = _node(other)
        return Value(self.data * other.data, ((self, other.data), (other, self.data)))

    def __sub__(self, other: Value | float) -> Value:
        other = _node(other)
        return Value(self.data - other.data, ((self, 1.0), (other, -1.0)))

    def __truediv__(self, other: Value | float) -> Value:
        other = _node(other)
        quotient = self.data / other.data
        return Value(quotient, ((self, 1 / other.data), (other, -quotient / other.data)))

    __radd__ = __add__
    __rmul__ = __mul__

    def __rsub__(self, other: float) -> Value:
        return _node(other) - self

    def __rtruediv__(self, other: float) -> Value:
        return _node(other) / self

    def __neg__(self) -> Value:
        return Value(-self.data, ((self, -1.0),))

    def __pow__(self, exponent: float) -> Value:
        slope = exponent * self.data ** (exponent - 1) if exponent != 0 else 0.0  # 0 ** -1 is an error
        return Value(self.data**exponent, ((self, slope),))

    def exp(self) -> Value:
        """The exponential function."""
        result = math.exp(self.data)
        return Value(result, ((self, result),))

    def log(self) -> Value:
        """The natural logarithm."""
        return Value(math.log(self.data), ((self, 1 / self.data),))

    def tanh(self) -> Value:
        """The hyperbolic tangent."""
        result = math.tanh(self.data)
        return Value(result, ((self, 1 - result * result),))

    def relu(self) -> Value:
        """The number where it is positive, else 0."""
        return Value(max(self.data, 0.0), ((self, 1.0 if self.data > 0 else 0.0),))

    def backward(self) -> None:
        """Derivatives of this call are summed apart from `grad`, which may hold those of earlier calls."""
        slopes = {self: 1.0}
        for node in reversed(self._operands_first()):
            slope = slopes[node]
            node.grad += slope
            for operand, local in node._operands:
                slopes[operand] = slopes.get(operand, 0.0) + slope * local

    def _operands_first(self) -> list[Value]:
        """All nodes that this one depends on, each once and after its operands: depth first, with a stack."""
        order, seen = [], set()
        stack = [(self, False)]
        while stack:
            node, is_done = stack.pop()
            if is_done:
                order.append(node)
            elif node not in seen:
                seen.add(node)
                stack.append((node, True))
                stack.extend((operand, False) for operand, _ in node._operands)
        return order


def _node(value: Value | float) -> Value:
    return value if isinstance(value, Value) else Value(value)
