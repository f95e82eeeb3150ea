"""The module that every parity program runs against: once in this process, once in a guest.

It holds small honest functions and classes of every kind that a submission may define.
"""

from __future__ import annotations

import collections
import contextlib
import dataclasses
import enum
import random
import typing
import weakref

import numpy as np
import torch
from torch import nn

THRESHOLD = 0.5
_kept = {}


# Values


def identity(x):
    return x


def pair(x, y):
    return x, y


def are_same(x, y):
    return x is y


def kind_of(x):
    return type(x).__name__


def describe(*args, **kwargs):
    return list(args), kwargs


def keep(name, x):
    _kept[name] = x


def kept(name):
    return _kept[name]


def target_of(prediction, target, operation="mean", self=None):
    return prediction - target, operation, self


class Point(typing.NamedTuple):
    x: int
    y: float


Renamed = collections.namedtuple("Renamed", ["ok", "class"], rename=True)


class Colour(enum.Enum):
    RED = 1
    BLUE = "b"


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


@dataclasses.dataclass
class Record:
    name: str
    values: list

    def total(self):
        return sum(self.values)


class Number(int):
    """An int with a name."""


MAKERS = {
    "none": lambda: None,
    "huge": lambda: -(3**5000),
    "int64": lambda: [2**63 - 1, -(2**63), 2**63, 2**64],
    "floats": lambda: [0.1, -0.0, float("inf"), float("-inf"), float("nan"), 5e-324],
    "complex": lambda: complex(-0.0, float("inf")),
    "text": lambda: ["", "plain", "\x00", "né", "中文", "\U0001f600", "\ud800 lone", "x" * 10_000],
    "bytes": lambda: [b"", b"\x00\xff", bytearray(b"ab")],
    "containers": lambda: [[], (), {}, set(), frozenset(), [[]], ((),), {(): []}, {1: {2: {3}}}],
    "keys": lambda: {None: 0, True: 1, 2: 2, 3.5: 3, "s": 4, b"b": 5, (1, "t"): 6, frozenset({1}): 7},
    "ordered": lambda: collections.OrderedDict([("b", 1), ("a", 2)]),
    "counter": lambda: collections.Counter("abca"),
    "defaultdict": lambda: collections.defaultdict(list, {"a": [1]}),
    "subclass": lambda: Number(7),
    "ranges": lambda: [range(3), range(5, -5, -2), range(10**30, 10**30 + 3)],
    "slices": lambda: [slice(None), slice(1, None, -1), slice("a", (1,), None), ...],
    "packed": lambda: [list(range(100)), [0.5] * 100, tuple(range(64)), [1] * 50 + [2.0], [True] * 40],
    "types": lambda: [int, float, bool, str, list, dict, np.float32, np.int64, np.bool_],
    "record": lambda: Point(1, 2.5),
    "renamed": lambda: Renamed(1, 2),
    "floats of numpy": lambda: [np.float64(0.1), np.float32(0.1), np.float16(0.1), np.complex64(1j)],
    "ints of numpy": lambda: [np.int8(-3), np.uint64(2**64 - 1), np.bool_(True)],
    "numpy_text": lambda: [np.str_("né"), np.bytes_(b"x")],
    "dtypes": lambda: [np.dtype("float32"), np.dtype(bool), torch.float32, torch.bfloat16, torch.int64],
    "torch_plain": lambda: [torch.Size([2, 3]), torch.Size([]), torch.device("cpu")],
    "deep": lambda: _nested(40),
}  # fmt: skip


def make(name):
    return MAKERS[name]()


def _nested(depth):
    return [] if depth == 0 else [_nested(depth - 1)]


def nested(depth):
    return _nested(depth)


def texts(count):
    return [str(i) for i in range(count)]


def array(dtype, shape):
    return (np.arange(int(np.prod(shape))) % 5).reshape(shape).astype(dtype)


def special_array(name):
    base = np.arange(12.0).reshape(3, 4)
    return {
        "zero_d": lambda: np.array(2.5),
        "empty": lambda: np.empty((0, 3)),
        "transposed": lambda: base.T,
        "strided": lambda: base[::2, ::-1],
        "broadcast": lambda: np.broadcast_to(np.arange(3), (2, 3)),
        "read_only": lambda: _frozen(base),
        "nonfinite": lambda: np.array([np.nan, np.inf, -np.inf, -0.0]),
        "object": lambda: np.array([{}, 1], dtype=object),
        "text": lambda: np.array(["a", "b"]),
        "masked": lambda: np.ma.masked_array([1, 2], [0, 1]),
        "structured": lambda: np.zeros(2, dtype=[("a", "f4")]),
        "swapped": lambda: base.astype(">f8"),
        "matrix": lambda: np.asmatrix(base),
        "longdouble": lambda: base.astype(np.longdouble),
        "dates": lambda: np.array(["2020-01-01"], dtype="datetime64[D]"),
    }[name]()


def _frozen(a):
    a.flags.writeable = False
    return a


def tensor(dtype, shape):
    return (torch.arange(int(np.prod(shape))) % 3).reshape(shape).to(dtype)


def special_tensor(name):
    base = torch.arange(6.0).reshape(2, 3)
    return {
        "transposed": lambda: base.T,
        "expanded": lambda: torch.ones(1, 3).expand(2, 3),
        "conjugated": lambda: torch.tensor([1 + 2j, 3j]).conj(),
        "nonfinite": lambda: torch.tensor([float("nan"), float("inf"), -0.0]),
        "sparse": lambda: base.to_sparse(),
        "csr": lambda: base.to_sparse_csr(),
        "nested": lambda: torch.nested.nested_tensor([torch.ones(2), torch.ones(3)]),
        "quantized": lambda: torch.quantize_per_tensor(base, 0.1, 0, torch.quint8),
        "meta": lambda: base.to("meta"),
    }[name]()


# Calls, mutation, iteration


def append(items, item):
    items.append(item)
    return items


def sort_in_place(items):
    items.sort()


def fill(array_or_tensor, value):
    array_or_tensor[...] = value
    return array_or_tensor


def fill_and_sum(view, base):
    view[...] = 1
    return base.sum()


def update(mapping, **changes):
    mapping.update(changes)


def clear_then_fail(items):
    items.clear()
    raise ValueError("too late")


def fill_then_fail(a):
    a[0] = 99
    raise ValueError("too late")


def deep_change(tree):
    tree["weights"][0][0] = -1.0
    tree["names"].add("new")
    tree["list"][1].append(4)


def normal(rng, n):
    return rng.normal(size=n)


def torch_normal(generator, n):
    return torch.randn(n, generator=generator)


def draw_in_list(generators, items):
    items.append(generators[0].integers(0, 100))
    return items


def count_up(n):
    for i in range(n):
        got = yield i
        if got:
            yield -got
    return "done"


def failing_generator():
    yield 1
    raise KeyError("after one")


class Bag:
    """Everything that Python's data model lets a suite do with an object."""

    label = "bag"

    def __init__(self, items=()):
        self.items = list(items)
        self.open = False

    def __len__(self):
        return len(self.items)

    def __getitem__(self, key):
        return self.items[key]

    def __setitem__(self, key, value):
        self.items[key] = value

    def __delitem__(self, key):
        del self.items[key]

    def __contains__(self, item):
        return item in self.items

    def __iter__(self):
        return iter(self.items)

    def __bool__(self):
        return bool(self.items)

    def __enter__(self):
        self.open = True
        return self

    def __exit__(self, *error):
        self.open = False

    def __call__(self, *args, **kwargs):
        return len(args), sorted(kwargs)

    def __str__(self):
        return f"Bag of {len(self.items)}"

    @property
    def first(self):
        return self.items[0]

    @classmethod
    def of(cls, *items):
        return cls(items)

    @staticmethod
    def double(x):
        return 2 * x

    def bound(self):
        return self.add

    def add(self, item):
        self.items.append(item)
        return self


class Slotted:
    __slots__ = ("x",)


def make_adder(n):
    def add(x):
        return x + n

    return add


@contextlib.contextmanager
def opened(log):
    bag = Bag()
    bag.add("in")
    yield bag
    bag.add("out")


def apply_twice(function, x):
    return function(function(x))


def call_with(function, *args, **kwargs):
    return function(*args, **kwargs)


def catch(function):
    try:
        return function()
    except (ValueError, KeyError) as error:
        return [type(error).__name__, list(error.args)]


def parameter_around(function, layer):
    before = layer.weight.detach().clone()
    function()
    return before, layer.weight.detach().clone()


# Errors


class HouseError(Exception):
    """A class of the candidate's own."""


class BadValueError(ValueError):
    def __init__(self, value, *, limit=3):
        super().__init__(f"{value} is over {limit}")
        self.value = value


class NotFittedError(ValueError, AttributeError):
    """As in scikit-learn."""


class Grumpy(Exception):
    def __str__(self):
        raise RuntimeError("no")


def unicode_failure():
    b"\xff".decode("utf-8")


def recurse(n=0):
    return recurse(n + 1)


def group():
    raise ExceptionGroup("several", [ValueError("one"), ExceptionGroup("inner", [KeyError("two")])])


def chained():
    try:
        {}["k"]
    except KeyError as error:
        raise ValueError("translated") from error


RAISERS = {
    "value": lambda: (_ for _ in ()).throw(ValueError("bad", 3)),
    "no_args": lambda: (_ for _ in ()).throw(TypeError()),
    "key": lambda: {}["missing"],
    "key_number": lambda: {}[3],
    "index": lambda: [][0],
    "zero": lambda: 1 // 0,
    "attribute": lambda: Bag().nothing,
    "module_attribute": lambda: np.nothing,
    "name": lambda: undefined_name,  # noqa: F821
    "os": lambda: open("/nowhere/at/all"),  # noqa: SIM115
    "os_args": lambda: (_ for _ in ()).throw(OSError(5, "io", "file.txt")),
    "timeout": lambda: (_ for _ in ()).throw(TimeoutError("slow")),
    "unicode": unicode_failure,
    "unicode_encode": lambda: "\ud800".encode(),
    "overflow": lambda: 2.0**5000,
    "assertion": lambda: (_ for _ in ()).throw(AssertionError("mine")),
    "not_implemented": lambda: (_ for _ in ()).throw(NotImplementedError),
    "stop": lambda: next(iter([])),
    "runtime": lambda: torch.ones(2, 3) @ torch.ones(2, 3),
    "torch_index": lambda: torch.ones(2)[5],
    "import": lambda: __import__("no_such_module"),
    "syntax": lambda: compile("x ==", "<text>", "exec"),
    "linalg": lambda: np.linalg.inv(np.zeros((2, 2))),
    "broadcast": lambda: np.ones(2) + np.ones(3),
    "house": lambda: (_ for _ in ()).throw(HouseError("mine", [1, 2])),
    "keyword_only": lambda: (_ for _ in ()).throw(BadValueError(5)),
    "two_bases": lambda: (_ for _ in ()).throw(NotFittedError("fit first")),
    "surrogate": lambda: (_ for _ in ()).throw(ValueError("\ud800")),
    "array_argument": lambda: (_ for _ in ()).throw(ValueError("see", np.arange(3))),
    "recursion": recurse,
    "memory": lambda: bytearray(10**15),
    "group": group,
    "warning": lambda: (_ for _ in ()).throw(UserWarning("careful")),
    "wrong_call": lambda: identity(1, 2, 3),
    "long": lambda: (_ for _ in ()).throw(ValueError("x" * 1_500)),
}  # fmt: skip


def fail(name):
    RAISERS[name]()


def end_process(kind, *args):
    raise kind_named(kind)(*args)


def kind_named(name):
    return {"SystemExit": SystemExit, "KeyboardInterrupt": KeyboardInterrupt, "GeneratorExit": GeneratorExit}[name]


def grumpy():
    raise Grumpy("text")


def big_message():
    raise ValueError("x" * 1_000_000)


def object_argument():
    raise HouseError(Bag([1, 2]))


# The world around a call


def draw_globally(library):
    return np.random.rand() if library == "numpy" else torch.rand(())


def disturb(what, model):
    {
        "numpy": lambda: np.random.rand(),
        "torch": lambda: torch.rand(()),
        "random": lambda: random.random(),
        "grad": lambda: torch.set_grad_enabled(False),
        "errors": lambda: np.seterr(divide="raise"),
        "eval": lambda: model.eval(),
        "freeze": lambda: model.requires_grad_(False),
        "nothing": lambda: np.random.default_rng(0).random(),
        "settle": lambda: (torch.set_grad_enabled(True), np.seterr(divide="warn")),
    }[what]()
    return what


# Autograd


def square(x):
    return x * x


def cube_sum(x):
    return (x**3).sum()


def dot(a, b):
    return (a * b).sum()


def two_outputs(x):
    return x.sum(), {"p": x.prod(), "list": [x.exp(), x.detach(), 3]}


def same_twice(x):
    y = 2 * x
    return y, y


def in_place(x):
    x.mul_(3)
    return x


def in_place_on_copy(x):
    y = x.clone()
    y[0] = 0
    return y


def gradient_of(x):
    y = (x**2).sum()
    (g,) = torch.autograd.grad(y, x)
    return g


def gradient_penalty(x):
    y = (x**3).sum()
    (g,) = torch.autograd.grad(y, x, create_graph=True)
    return (g**2).sum()


def run_backward(loss):
    loss.backward()


def backward_inside(x):
    (x**2).sum().backward()


def without_grad(x):
    with torch.no_grad():
        return x * 2


def detached(x):
    return x.detach() * 2


def grad_enabled():
    return torch.is_grad_enabled()


def flag_of(x):
    return x.requires_grad, x.is_leaf, isinstance(x, nn.Parameter)


def grad_of(x):
    return x.grad


def sgd_step(parameters, lr):
    with torch.no_grad():
        for p in parameters:
            p -= lr * p.grad


def clip(parameters, limit):
    total = torch.sqrt(sum((p.grad**2).sum() for p in parameters))
    for p in parameters:
        p.grad.mul_(limit / total)
    return total


def make_leaf(x):
    return x.requires_grad_()


def freeze(x):
    x.requires_grad_(False)


class Scale(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, factor):
        ctx.factor = factor
        ctx.variable = "not a tensor"
        return x * factor

    @staticmethod
    def backward(ctx, grad):
        return grad * ctx.factor, None


def scale(x, factor):
    return Scale.apply(x, factor)


_watched = None


def heavy(x):
    global _watched
    middle = x.exp()
    _watched = weakref.ref(middle)
    return middle.sin()


def is_heavy_alive():
    return _watched() is not None


class Tiny(nn.Module):
    """A small model with everything a model may have."""

    def __init__(self, width=3):
        super().__init__()
        self.first = nn.Linear(width, 4)
        self.second = nn.Linear(4, 2, bias=False)
        self.scale = nn.Parameter(torch.tensor(2.0))
        self.register_buffer("calls", torch.tensor(0))
        with torch.no_grad():
            for i, p in enumerate(self.parameters()):
                p.copy_(torch.linspace(-1, 1 + i, p.numel()).reshape(p.shape))

    def forward(self, x):
        self.calls += 1
        return self.second(torch.tanh(self.first(x))) * self.scale

    def remember(self, x):
        self.memory = x

    def use_memory(self, y):
        return (self.memory * y).sum()

    def train_step(self, x, lr):
        optimizer = torch.optim.SGD(self.parameters(), lr=lr)
        optimizer.zero_grad()
        loss = self(x).square().mean()
        loss.backward()
        optimizer.step()
        return loss.item()


class Tied(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Parameter(torch.ones(2))
        self.b = self.a
        self.unused = nn.Parameter(torch.ones(3))

    def forward(self, x):
        return (self.a * x + self.b * x * x).sum()


class Embedded(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = nn.Embedding(4, 2, sparse=True)
        with torch.no_grad():
            self.table.weight.copy_(torch.arange(8.0).reshape(4, 2))

    def forward(self, indices):
        return self.table(indices).sum()


class Adam:
    """An optimizer of the candidate's own, over parameters of its own model."""

    def __init__(self, model, lr):
        self.inner = torch.optim.Adam(model.parameters(), lr=lr)

    def step(self):
        self.inner.step()

    def zero_grad(self):
        self.inner.zero_grad()
