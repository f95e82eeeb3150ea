"""Closures for the local rules; a node passes its derivative on as soon as all its uses have reported."""

import math
from collections import deque


class Value:
    def __init__(self, data):
        self.data, self.grad = float(data), 0.0
        self.inputs, self.pull = (), None

    @classmethod
    def of(cls, data, inputs, pull):
        node = cls(data)
        node.inputs, node.pull = inputs, pull
        return node

    def __add__(self, other):
        if not isinstance(other, Value):
            return Value.of(self.data + other, (self,), lambda g: (g,))
        return Value.of(self.data + other.data, (self, other), lambda g: (g, g))

    def __mul__(self, other):
        if not isinstance(other, Value):
            return Value.of(self.data * other, (self,), lambda g: (g * other,))
        a, b = self.data, other.data
        return Value.of(a * b, (self, other), lambda g: (g * b, g * a))

    def __neg__(self):
        return self * -1

    def __sub__(self, other):
        return self + (-other)

    def __rsub__(self, other):
        return -self + other

    def __truediv__(self, other):
        return self * (other**-1 if isinstance(other, Value) else 1.0 / other)

    def __rtruediv__(self, other):
        return self**-1 * other

    def __pow__(self, c):
        x = self.data
        return Value.of(x**c, (self,), lambda g: (0.0 if c == 0 else g * c * x ** (c - 1),))

    __radd__, __rmul__ = __add__, __mul__

    def exp(self):
        e = math.exp(self.data)
        return Value.of(e, (self,), lambda g: (g * e,))

    def log(self):
        x = self.data
        return Value.of(math.log(x), (self,), lambda g: (g / x,))

    def tanh(self):
        t = math.tanh(self.data)
        return Value.of(t, (self,), lambda g: (g * (1 - t) * (1 + t),))

    def relu(self):
        on = self.data > 0
        return Value.of(self.data if on else 0.0, (self,), lambda g: (g if on else 0.0,))

    def backward(self):
        uses, reached, found = {}, [self], {id(self)}
        while reached:
            for child in reached.pop().inputs:
                uses[id(child)] = uses.get(id(child), 0) + 1
                if id(child) not in found:
                    found.add(id(child))
                    reached.append(child)
        totals, ready = {id(self): 1.0}, deque([self])
        while ready:
            node = ready.popleft()
            g = totals[id(node)]
            node.grad += g
            if node.inputs:
                for child, part in zip(node.inputs, node.pull(g), strict=True):
                    totals[id(child)] = totals.get(id(child), 0.0) + part
                    uses[id(child)] -= 1
                    if not uses[id(child)]:
                        ready.append(child)
