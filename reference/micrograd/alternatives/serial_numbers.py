"""Sorts the ancestors by a serial number that each node gets when it is made."""

from __future__ import annotations

import math
from itertools import count

serial = count()


class Value:
    """A number that knows how it was computed; `backward` adds derivatives to the `grad` of what it depends on."""

    __slots__ = ("born", "data", "grad", "inputs")

    def __init__(self, data: float, inputs: tuple[tuple[Value, float], ...] = ()) -> None:
        """`inputs` are the operands, each with the derivative of this node by it."""
        self.data = float(data)
        self.grad = 0.0
        self.inputs = inputs
        self.born = next(serial)

    def __add__(self, other: Value | float) -> Value:
        if isinstance(other, Value):
            return Value(self.data + other.data, ((self, 1.0), (other, 1.0)))
        return Value(self.data + other, ((self, 1.0),))

    def __mul__(self, other: Value | float) -> Value:
        if isinstance(other, Value):
            return Value(self.data * other.data, ((self, other.data), (other, self.data)))
        return Value(self.data * other, ((self, float(other)),))

    def __sub__(self, other: Value | float) -> Value:
        if isinstance(other, Value):
            return Value(self.data - other.data, ((self, 1.0), (other, -1.0)))
        return Value(self.data - other, ((self, 1.0),))

    def __rsub__(self, other: float) -> Value:
        return Value(other - self.data, ((self, -1.0),))

    def __truediv__(self, other: Value | float) -> Value:
        if isinstance(other, Value):
            ratio = self.data / other.data
            return Value(ratio, ((self, 1.0 / other.data), (other, -ratio / other.data)))
        return Value(self.data / other, ((self, 1.0 / other),))

    def __rtruediv__(self, other: float) -> Value:
        ratio = other / self.data
        return Value(ratio, ((self, -ratio / self.data),))

    __radd__ = __add__
    __rmul__ = __mul__

    def __neg__(self) -> Value:
        return Value(-self.data, ((self, -1.0),))

    def __pow__(self, exponent: float) -> Value:
        slope = exponent * self.data ** (exponent - 1) if exponent != 0 else 0.0
        return Value(self.data**exponent, ((self, slope),))

    def exp(self) -> Value:
        result = math.exp(self.data)
        return Value(result, ((self, result),))

    def log(self) -> Value:
        return Value(math.log(self.data), ((self, 1.0 / self.data),))

    def tanh(self) -> Value:
        result = math.tanh(self.data)
        return Value(result, ((self, 1.0 - result * result),))

    def relu(self) -> Value:
        return Value(self.data, ((self, 1.0),)) if self.data > 0 else Value(0.0, ((self, 0.0),))

    def backward(self) -> None:
        """Add the derivative of this node to the `grad` of each node that it was computed from, and of itself."""
        slopes = {self: 0.0}
        stack = [self]
        while stack:
            for operand, _ in stack.pop().inputs:
                if operand not in slopes:
                    slopes[operand] = 0.0
                    stack.append(operand)
        slopes[self] = 1.0
        for node in sorted(slopes, key=lambda one: one.born, reverse=True):
            slope = slopes[node]
            node.grad += slope
            for operand, local in node.inputs:
                slopes[operand] += slope * local
