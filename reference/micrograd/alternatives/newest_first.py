"""Nodes are numbered as they are made, so a heap that gives the newest first visits each after all that use it."""

import heapq
import math
from itertools import count

number = count()


class Value:
    __slots__ = ("data", "grad", "order", "slopes")

    def __init__(self, data):
        self.data = float(data)
        self.grad = 0.0
        self.order = next(number)
        self.slopes = ()  # pairs of an operand and the derivative with respect to it

    def _made(self, data, *slopes):
        node = Value(data)
        node.slopes = slopes
        return node

    def __add__(self, other):
        if isinstance(other, Value):
            return self._made(self.data + other.data, (self, 1.0), (other, 1.0))
        return self._made(self.data + other, (self, 1.0))

    def __sub__(self, other):
        if isinstance(other, Value):
            return self._made(self.data - other.data, (self, 1.0), (other, -1.0))
        return self._made(self.data - other, (self, 1.0))

    def __rsub__(self, other):
        return self._made(other - self.data, (self, -1.0))

    def __mul__(self, other):
        if isinstance(other, Value):
            return self._made(self.data * other.data, (self, other.data), (other, self.data))
        return self._made(self.data * other, (self, float(other)))

    def __truediv__(self, other):
        if isinstance(other, Value):
            ratio = self.data / other.data
            return self._made(ratio, (self, 1.0 / other.data), (other, -ratio / other.data))
        return self._made(self.data / other, (self, 1.0 / other))

    def __rtruediv__(self, other):
        ratio = other / self.data
        return self._made(ratio, (self, -ratio / self.data))

    __radd__ = __add__
    __rmul__ = __mul__

    def __neg__(self):
        return self._made(-self.data, (self, -1.0))

    def __pow__(self, c):
        return self._made(self.data**c, (self, c * self.data ** (c - 1) if c else 0.0))

    def exp(self):
        power = math.exp(self.data)
        return self._made(power, (self, power))

    def log(self):
        return self._made(math.log(self.data), (self, 1.0 / self.data))

    def tanh(self):
        height = math.tanh(self.data)
        return self._made(height, (self, (1.0 - height) * (1.0 + height)))

    def relu(self):
        on = self.data > 0
        return self._made(self.data if on else 0.0, (self, 1.0 if on else 0.0))

    def backward(self):
        flow = {self.order: 1.0}
        waiting = [(-self.order, self)]
        while waiting:
            _, node = heapq.heappop(waiting)
            arrived = flow.pop(node.order)
            node.grad += arrived
            for operand, slope in node.slopes:
                if operand.order not in flow:
                    flow[operand.order] = 0.0
                    heapq.heappush(waiting, (-operand.order, operand))
                flow[operand.order] += arrived * slope
