"""Whether what the candidate returned is what was expected, and where it is furthest off.

The check goes from coarse to fine (type, dtype, shape, finiteness, values), so that the message names the first thing
that a person has to mend. Torch is looked at only when something else has imported it.
"""

from __future__ import annotations

import contextlib
import contextvars
import numbers
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np

from grader.judge import tables
from grader.judge.printing import apart, is_tensor, keys, short, type_name
from grader.model.exercise import Tolerance
from grader.model.text import NOTHING, Text
from grader.model.verdict import Cause
from grader.wire.tables import is_table

DEFAULT_TOLERANCES: Mapping[str, Tolerance] = {
    "float64": Tolerance(rtol=1e-7, atol=1e-9),
    "float32": Tolerance(rtol=1e-4, atol=1e-5),
    "float16": Tolerance(rtol=1e-2, atol=1e-3),
    "bfloat16": Tolerance(rtol=2e-2, atol=1e-2),
    "complex128": Tolerance(rtol=1e-7, atol=1e-9),
    "complex64": Tolerance(rtol=1e-4, atol=1e-5),
}
EXACT = Tolerance(rtol=0.0, atol=0.0)
_FIGURE = re.compile(r"[-+]?\d[\d.e+-]*")

_WHOLE = Text(en="the result", zh="结果")
_PART = Text(en="the result's {where}", zh="结果的 {where} ")
_PROBLEM = Text(
    en="{subject} {problem}: got {actual}, expected {expected}", zh="{subject}{problem}：得到 {actual}，应为 {expected}"
)
_WRONG = Text(en="is wrong", zh="不对")
_ITEMS = Text(en="has {count} items instead of {wanted}", zh="有 {count} 项，应有 {wanted} 项")
_LACKS = Text(en="lacks the key {key}", zh="缺少键 {key}")
_EXTRA = Text(en="has the key {key}, which is not expected", zh="多出了键 {key}")
_PROPERTY = Text(en="has {name} {actual} instead of {expected}", zh="的 {name} 是 {actual}，应为 {expected}")
_TYPE = Text(en="{subject} is of type {actual} instead of {expected}", zh="{subject}的类型是 {actual}，应为 {expected}")
_OFF = Text(
    en="{subject} is {actual}{place} where {expected} is expected (off by {off}, allowed {allowed}{count})",
    zh="{subject}{place}是 {actual}，应为 {expected}（相差 {off}，允许 {allowed}{count}）",
)
_AT = Text(en=" at {index}", zh="在 {index} 处")
_DIFFER = Text(en="; {wrong} of {size} elements differ", zh="；{size} 个元素中有 {wrong} 个不符")

OBSERVED_BYTES = 16 * 2**20  # of what one case compared: what is kept of it for the diagnosis
OBSERVED_ITEMS = 100_000  # of containers in it

_tolerances: contextvars.ContextVar[Mapping[str, Tolerance]] = contextvars.ContextVar(
    "tolerances", default=DEFAULT_TOLERANCES
)


@dataclass(frozen=True, slots=True)
class Rule:
    """How strictly to compare; None means the tolerance of the dtype at hand."""

    rtol: float | None
    atol: float | None
    check_dtype: bool

    def parts(self) -> tuple[float | None, float | None, bool]:
        """What `Rule(*parts)` is made of."""
        return self.rtol, self.atol, self.check_dtype

    def tolerance(self, dtype: str) -> Tolerance:
        """How far a value of `dtype` may be off."""
        base = _tolerances.get().get(dtype, EXACT)
        return Tolerance(
            rtol=base.rtol if self.rtol is None else self.rtol,
            atol=base.atol if self.atol is None else self.atol,
        )


@dataclass(frozen=True, slots=True)
class Observation:
    """One value that a suite compared, and how strictly."""

    value: Any
    rule: Rule

    def agrees(self, other: Observation) -> bool:
        """Whether both are the same within the tolerance of the comparison that they were made for."""
        try:
            _compare(self.value, other.value, self.rule, "")
        except Mismatch:
            return False
        return True


class Observations(list[Observation]):
    """What one case compared, in order; `complete` is False when it was too large to be kept, and nothing is."""

    def __init__(self) -> None:
        super().__init__()
        self.complete = True
        self.taken_bytes = 0
        self._items = OBSERVED_ITEMS

    def note(self, value: Any, rule: Rule) -> None:
        """Keep one more, if there is room."""
        if not self.complete:
            return
        self._weigh(value)
        if self.taken_bytes > OBSERVED_BYTES or self._items < 0:
            self.forget()
        else:
            self.append(Observation(value, rule))

    def forget(self) -> None:
        """Let go of all, for good."""
        self.clear()
        self.complete = False
        self.taken_bytes = 0

    def _weigh(self, value: Any) -> None:
        """Add up what `value` keeps in memory; of a view, what it is a view of."""
        waiting = [value]
        while waiting and self._items >= 0:
            part = waiting.pop()
            self._items -= 1
            self.taken_bytes += _held_bytes(part)
            if isinstance(part, Mapping):
                self._items -= len(part)
                waiting += [*part.keys(), *part.values()] if self._items >= 0 else []
            elif isinstance(part, list | tuple | AbstractSet):
                self._items -= len(part)
                waiting += part if self._items >= 0 else []


_observations: contextvars.ContextVar[Observations | None] = contextvars.ContextVar("observations", default=None)


class Mismatch(AssertionError):
    """A value is not what was expected; `cause` says which, in words short enough to print."""

    __module__ = "builtins"  # pytest prints a class without the path of this module, which means nothing to a candidate

    def __init__(self, message: Text, cause: Cause) -> None:
        super().__init__(message.en)
        self.message = message
        self.cause = cause


@contextlib.contextmanager
def tolerances(by_dtype: Mapping[str, Tolerance]) -> Iterator[None]:
    """Within the block, `by_dtype` (name of a dtype -> tolerance) goes before the defaults."""
    token = _tolerances.set({**DEFAULT_TOLERANCES, **by_dtype})
    try:
        yield
    finally:
        _tolerances.reset(token)


@contextlib.contextmanager
def collect_observations() -> Iterator[Observations]:
    """Within the block, what is compared is kept, in order, up to a size; diagnosis matches it with a mutant's."""
    seen = Observations()
    token = _observations.set(seen)
    try:
        yield seen
    finally:
        _observations.reset(token)


def assert_close(
    actual: Any,
    expected: Any,
    *,
    rtol: float | None = None,
    atol: float | None = None,
    check_dtype: bool = True,
) -> None:
    """Raise `Mismatch` unless `actual` equals `expected` within `|actual - expected| <= atol + rtol * |expected|`.

    Numbers, strings, None, arrays, tensors, tables, and lists, tuples, dicts and sets of them. Tables are alike in the
    order of their columns, in names, dtypes, index and values; rows are told apart by place, and None, NaN and NaT in
    columns of text or times are one. A Python number, a numpy
    scalar and a 0-d array are alike; so are a list and a tuple. Arrays and tensors need the same kind, dtype (unless
    `check_dtype` is False) and shape: nothing is broadcast. Integers and bools are compared exactly, however large,
    unless a tolerance is given. NaN equals NaN only where NaN is expected. Tolerances left out come from the exercise's
    manifest, by the dtype of `expected`.
    """
    __tracebackhide__ = True
    rule = Rule(rtol, atol, check_dtype)
    _note(actual, rule)
    _compare(actual, expected, rule, "")


def observe(value: Any, *, within: float) -> None:
    """Keep a figure that a claim is about, for the diagnosis: others that are within this of it agree with it."""
    _note(value, Rule(rtol=0.0, atol=within, check_dtype=True))


def observe_words(message: str) -> None:
    """Keep what a failed claim says, for the diagnosis: another that says the same, but for figures, agrees with it."""
    _note(without_figures(message), Rule(rtol=0.0, atol=0.0, check_dtype=True))


def without_figures(text: str) -> str:
    """The first line of a text with a mark for every number: figures may come from random draws."""
    return _FIGURE.sub("#", text.partition("\n")[0])


def _note(value: Any, rule: Rule) -> None:
    seen = _observations.get()
    if seen is not None:
        seen.note(value, rule)


def _compare(actual: Any, expected: Any, rule: Rule, where: str) -> None:
    if is_tensor(expected):
        _compare_tensor(actual, expected, rule, where)
    elif is_table(expected):
        _compare_table(actual, expected, rule, where)
    elif isinstance(expected, np.ndarray):
        if expected.shape == () and isinstance(actual, numbers.Number | np.bool_):
            _compare(actual, expected[()], rule, where)  # numpy itself turns 0-d arrays into scalars at every turn
        else:
            _compare_array(actual, expected, rule, where)
    elif isinstance(expected, bool | np.bool_):
        _compare_plain(bool(actual) if _is_numpy_bool(actual) else actual, bool(expected), where)
    elif isinstance(expected, numbers.Number):
        _compare_number(actual, expected, rule, where)
    elif isinstance(expected, Mapping):
        _compare_mapping(actual, expected, rule, where)
    elif isinstance(expected, Sequence) and not isinstance(expected, str | bytes):
        _compare_sequence(actual, expected, rule, where)
    elif isinstance(expected, AbstractSet):
        _compare_plain(set(actual) if isinstance(actual, AbstractSet) else actual, set(expected), where)
    else:
        _compare_plain(actual, expected, where)


def _is_numpy_bool(value: Any) -> bool:
    return isinstance(value, np.bool_) or (isinstance(value, np.ndarray) and value.shape == () and value.dtype == bool)


def _compare_plain(actual: Any, expected: Any, where: str) -> None:
    if type(actual) is not type(expected):
        _fail_type(actual, expected, where)
    if actual != expected:
        _fail(where, _WRONG, actual, expected)


def _compare_number(actual: Any, expected: Any, rule: Rule, where: str) -> None:
    if isinstance(actual, np.ndarray) and actual.shape == () and actual.dtype.kind in "iufc":
        actual = actual[()]
    if isinstance(actual, bool | np.bool_) or not isinstance(actual, numbers.Number):
        _fail_type(actual, expected, where)
    kind = str(expected.dtype) if isinstance(expected, np.generic) else "float64"
    if isinstance(expected, numbers.Integral) and isinstance(actual, numbers.Integral):
        if rule.rtol is None and rule.atol is None:
            if int(actual) != int(expected):
                _fail(where, _WRONG, actual, expected)
            return
        kind = "int64"
    elif isinstance(expected, numbers.Integral):
        kind = "float64"
    _compare_elements(np.asarray(actual), np.asarray(expected), rule.tolerance(kind), where)


def _compare_sequence(actual: Any, expected: Sequence[Any], rule: Rule, where: str) -> None:
    if not isinstance(actual, list | tuple | range):
        _fail_type(actual, expected, where)
    if len(actual) != len(expected):
        _fail(where, _ITEMS.filled(count=len(actual), wanted=len(expected)), actual, expected)
    for index, (one, other) in enumerate(zip(actual, expected, strict=True)):
        _compare(one, other, rule, f"{where}[{index}]")


def _compare_mapping(actual: Any, expected: Mapping[Any, Any], rule: Rule, where: str) -> None:
    if not isinstance(actual, Mapping):
        _fail_type(actual, expected, where)
    missing = [key for key in expected if key not in actual]
    if missing:
        found = keys(actual), keys(expected)
        _fail(where, _LACKS.filled(key=repr(missing[0])), *found)
    extra = [key for key in actual if key not in expected]
    if extra:
        _fail(where, _EXTRA.filled(key=short(extra[0])), actual, expected)
    for key, other in expected.items():
        _compare(actual[key], other, rule, f"{where}[{key!r}]")


def _compare_array(actual: Any, expected: np.ndarray[Any, Any], rule: Rule, where: str) -> None:
    if not isinstance(actual, np.ndarray):
        _fail_type(actual, expected, where)
    _compare_layout(actual, expected, rule, where)
    _compare_elements(actual, expected, rule.tolerance(str(expected.dtype)), where)


def _compare_tensor(actual: Any, expected: Any, rule: Rule, where: str) -> None:
    if not is_tensor(actual):
        _fail_type(actual, expected, where)
    if actual.layout != expected.layout:
        _fail_property(where, "layout", actual.layout, expected.layout)
    _compare_layout(actual, expected, rule, where)
    dtype = str(expected.dtype).removeprefix("torch.")
    _compare_elements(_as_array(actual), _as_array(expected), rule.tolerance(dtype), where)


def _compare_table(actual: Any, expected: Any, rule: Rule, where: str) -> None:
    if type(actual) is not type(expected):
        _fail_type(actual, expected, where)
    found = tables.properties(actual)
    for name, wanted in tables.properties(expected).items():
        if repr(found[name]) != repr(wanted):  # NaN may be a label too
            _fail_label(where, name, found[name], wanted)
    for one, other in zip(tables.parts(actual), tables.parts(expected), strict=True):
        _compare_part(one, other, rule, where + other.where)


def _compare_part(actual: tables.Part, expected: tables.Part, rule: Rule, where: str) -> None:
    if actual.dtype != expected.dtype and (rule.check_dtype or actual.kind != expected.kind):
        _fail_label(where, "dtype", actual.dtype, expected.dtype)
    if expected.kind == "number":
        _compare_elements(actual.values, expected.values, rule.tolerance(expected.dtype), where)
    elif (row := tables.first_difference(actual.values, expected.values)) is not None:
        _fail(f"{where}[{row}]", _WRONG, actual.values[row], expected.values[row])


def _compare_layout(actual: Any, expected: Any, rule: Rule, where: str) -> None:
    if rule.check_dtype and actual.dtype != expected.dtype:
        _fail_property(where, "dtype", actual.dtype, expected.dtype)
    if tuple(actual.shape) != tuple(expected.shape):
        _fail_property(where, "shape", tuple(actual.shape), tuple(expected.shape))


def _compare_elements(
    actual: np.ndarray[Any, Any], expected: np.ndarray[Any, Any], tolerance: Tolerance, where: str
) -> None:
    if expected.size == 0:
        return
    if expected.dtype.kind not in "biufc":
        if not np.array_equal(actual, expected):
            _fail(where, _WRONG, actual, expected)
        return
    if actual.dtype.kind not in "biufc":
        _fail_type(actual, expected, where)
    wide = np.complex128 if "c" in (actual.dtype.kind, expected.dtype.kind) else np.float64
    one, other = actual.astype(wide), expected.astype(wide)
    both_integers = actual.dtype.kind in "biu" and expected.dtype.kind in "biu"
    with np.errstate(all="ignore"):
        finite = np.isfinite(other)
        allowed = tolerance.atol + tolerance.rtol * np.abs(other)
        if not both_integers and finite.all() and (np.abs(one - other) <= allowed).all():
            return  # most comparisons of most verdicts; what follows takes three times as long
        same_special = np.where(np.isnan(other), np.isnan(one), one == other)
        distance = np.where(finite, np.abs(one - other), np.where(same_special, 0.0, np.inf))
        distance = np.where(np.isnan(distance), np.inf, distance)
        if both_integers:  # large ones that a float cannot tell apart
            distance = np.where(actual == expected, 0.0, np.maximum(distance, 1.0))
        allowed = np.where(finite, allowed, 0.0)
        excess = distance - allowed
    wrong = excess > 0
    if not wrong.any():
        return
    worst = tuple(int(i) for i in np.unravel_index(int(np.argmax(np.where(wrong, distance, -1.0))), wrong.shape))
    index = f"[{', '.join(map(str, worst))}]" if worst else ""
    got, wanted = apart(actual[worst], expected[worst])
    message = _OFF.filled(
        subject=_subject(where),
        place=_AT.filled(index=index) if index else NOTHING,
        actual=got,
        expected=wanted,
        off=f"{float(distance[worst]):.3g}",
        allowed=f"{float(allowed[worst]):.3g}",
        count=_DIFFER.filled(wrong=int(wrong.sum()), size=wrong.size) if wrong.size > 1 else NOTHING,
    )
    raise Mismatch(
        message,
        Cause(expected=wanted, actual=got, worst_index=where + index or None),
    )


def _fail_type(actual: Any, expected: Any, where: str) -> NoReturn:
    actual_type, expected_type = type_name(actual), type_name(expected)
    message = _TYPE.filled(subject=_subject(where), actual=actual_type, expected=expected_type)
    raise Mismatch(message, Cause(expected=expected_type, actual=actual_type, worst_index=where or None))


def _fail_label(where: str, name: str, actual: Any, expected: Any) -> NoReturn:
    _fail(where, _PROPERTY.filled(name=name, actual=short(actual), expected=short(expected)), actual, expected)


def _fail_property(where: str, name: str, actual: Any, expected: Any) -> NoReturn:
    _fail(where, _PROPERTY.filled(name=name, actual=actual, expected=expected), actual, expected)


def _fail(where: str, problem: Text, actual: Any, expected: Any) -> NoReturn:
    got, wanted = short(actual), short(expected)
    message = _PROBLEM.filled(subject=_subject(where), problem=problem, actual=got, expected=wanted)
    raise Mismatch(message, Cause(expected=wanted, actual=got, worst_index=where or None))


def _subject(where: str) -> Text:
    return _PART.filled(where=where) if where else _WHOLE


def _held_bytes(value: Any) -> int:
    """What a value that is no container keeps in memory."""
    if isinstance(value, np.ndarray):
        owner = value
        while isinstance(owner.base, np.ndarray):
            owner = owner.base
        return owner.nbytes
    if is_tensor(value):
        strided = value.layout is sys.modules["torch"].strided
        return int(value.untyped_storage().nbytes() if strided else value.values().nbytes)
    return sys.getsizeof(value)


def _as_array(tensor: Any) -> np.ndarray[Any, Any]:
    tensor = tensor.detach().cpu().to_dense().resolve_conj().resolve_neg()
    if tensor.is_floating_point():
        tensor = tensor.double()
    array: np.ndarray[Any, Any] = tensor.numpy()
    return array
