"""`assert_close` accepts what is right in any honest style, and says of the rest what is wrong and where."""

from __future__ import annotations

import collections
import contextlib
import math
import re
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from grader.judge.comparison import (
    OBSERVED_BYTES,
    OBSERVED_ITEMS,
    Mismatch,
    assert_close,
    collect_observations,
    tolerances,
)
from grader.model.exercise import Tolerance

NAN, INF = math.nan, math.inf
F64 = np.float64


def table(**columns: Any) -> pd.DataFrame:
    """Two rows of every kind, with columns replaced."""
    whole = {"item": ["a", None], "price": [1.0, NAN], "count": [1, 2], "day": pd.to_datetime(["2020-01-01", None])}
    return pd.DataFrame(whole | columns)


def levels(second: str = "x") -> pd.Series:
    """A series with an index of two levels, as grouping by two keys makes it."""
    return table(item=["a", second]).groupby(["item", "count"])["price"].sum()


CLOSE: dict[str, tuple[Any, Any]] = {
    "numbers": (1.0, 1.0 + 1e-12),
    "an int for a float": (3, 3.0),
    "a float for an int": (3.0, 3),
    "numpy scalars": (np.float64(0.5), 0.5),
    "a number for a numpy scalar": (0.5, np.float64(0.5)),
    "numpy ints": (np.int32(3), np.int64(3)),
    "a 0-d array for a number": (np.array(2.5), 2.5),
    "a numpy scalar for a 0-d array": (np.float64(2.5), np.array(2.5)),
    "a number for a 0-d array": (2.5, np.array(2.5)),
    "0-d arrays": (np.array(2.5), np.array(2.5)),
    "0-d tensors": (torch.tensor(2.5), torch.tensor(2.5)),
    "NaN where NaN is expected": (NAN, NAN),
    "NaN in arrays": (np.array([1.0, NAN]), np.array([1.0, NAN])),
    "infinities": (np.array([INF, -INF]), np.array([INF, -INF])),
    "bools": (True, True),
    "a numpy bool": (np.bool_(False), False),
    "a bool for a numpy bool": (True, np.bool_(True)),
    "a 0-d bool array": (np.array(True), True),
    "bool arrays": (np.array([True]), np.array([True])),
    "complex numbers": (1 + 2j, 1 + 2j + 1e-12),
    "a real number for a complex one": (1.0, 1 + 0j),
    "complex arrays": (np.array([1j, NAN]), np.array([1j, NAN])),
    "strings": ("a", "a"),
    "bytes": (b"a", b"a"),
    "None": (None, None),
    "a list for a tuple": ([1, 2.0], (1, 2.0)),
    "a tuple for a list": ((1, 2.0), [1, 2.0]),
    "a range for a range": (range(3), range(3)),
    "a list for a range": ([0, 1, 2], range(3)),
    "a shape": (torch.Size([2, 3]), (2, 3)),
    "a named tuple": ((1, 2), collections.namedtuple("P", "x y")(1, 2)),
    "empty containers": ([], ()),
    "nested containers": ({"a": [np.ones(2), (1, None)]}, {"a": (np.ones(2), [1, None])}),
    "dicts in another order": ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
    "an ordered dict": (collections.OrderedDict(a=1), {"a": 1}),
    "sets": ({1, 2}, {2, 1}),
    "a frozenset for a set": (frozenset({1}), {1}),
    "empty arrays": (np.empty((0, 3)), np.empty((0, 3))),
    "empty tensors": (torch.empty(2, 0), torch.empty(2, 0)),
    "arrays in another memory order": (np.asfortranarray(np.eye(3)), np.eye(3)),
    "arrays of text": (np.array(["a"]), np.array(["a"])),
    "bfloat16 within its tolerance": (torch.tensor([1.0078125]).bfloat16(), torch.ones(1).bfloat16()),
    "float16 within its tolerance": (np.float16([1.005]), np.float16([1.0])),
    "complex tensors": (torch.tensor([1 + 1j]), torch.tensor([1 + 1j])),
    "conjugated tensors": (torch.tensor([1 + 1j]).conj(), torch.tensor([1 - 1j])),
    "tensors that require grad": (torch.ones(2, requires_grad=True), torch.ones(2)),
    "a parameter for a tensor": (torch.nn.Parameter(torch.ones(2)), torch.ones(2)),
    "sparse tensors": (torch.eye(2).to_sparse(), torch.eye(2).to_sparse()),
    "large ints": (2**62 + 1, 2**62 + 1),
    "ints beyond 64 bits": (10**40, 10**40),
    "tables": (table(), table()),
    "tables within tolerance": (table(price=[1.0 + 1e-12, NAN]), table()),
    "a table with an index of numbers for a range": (table().set_index(pd.Index([0, 1])), table()),
    "None for NaN in text": (pd.Series(["a", None], dtype=object), pd.Series(["a", NAN], dtype=object)),
    "times that are missing": (pd.Series([pd.NaT, pd.Timestamp("2020")]), pd.Series([None, pd.Timestamp("2020")])),
    "categories": (pd.Series(["a", "b"], dtype="category"), pd.Series(["a", "b"], dtype="category")),
    "tables with two levels": (levels(), levels()),
    "tables without a row": (table().iloc[:0], table().iloc[:0]),
    "tables without a column": (pd.DataFrame(index=range(2)), pd.DataFrame(index=range(2))),
    "tables in a dict": ({"a": [table()]}, {"a": (table(),)}),
    "a label that is NaN": (pd.Series([1], name=NAN), pd.Series([1], name=NAN)),
}  # fmt: skip


def test_dtypes_of_a_table_may_be_left_open() -> None:
    """Numbers of any dtype are then alike; text is still no number."""
    assert_close(table(count=[1.0, 2.0]), table(), check_dtype=False)
    assert_close(table(item=pd.Series(["a", None], dtype=object)), table(), check_dtype=False)
    with pytest.raises(Mismatch, match="dtype"):
        assert_close(table(count=["1", "2"]), table(), check_dtype=False)


def test_the_tolerance_of_a_column_is_that_of_its_dtype() -> None:
    """A table has columns of several."""
    narrow, off = (pd.DataFrame({"x": np.float32([value]), "y": [1.0]}) for value in (1.0, 1.00001))
    assert_close(off, narrow)
    with pytest.raises(Mismatch, match="'y'"):
        assert_close(off.assign(y=1.00001), narrow)


@pytest.mark.parametrize(("actual", "expected"), CLOSE.values(), ids=CLOSE.keys())
def test_what_is_right_is_accepted(actual: Any, expected: Any) -> None:
    """Whatever honest type it comes in."""
    assert_close(actual, expected)


FAR: dict[str, tuple[Any, Any, str]] = {
    "a wrong value in a table": (table(price=[2.0, NAN]), table(), "['price'] is 2.0 at [0] where 1.0 is expected"),
    "a value where one is missing": (table(price=[1.0, 0.0]), table(), "['price'] is 0.0 at [1] where nan"),
    "a wrong text in a table": (table(item=["b", None]), table(), "['item'][0] is wrong: got 'b', expected 'a'"),
    "text where it is missing": (table(item=["a", ""]), table(), "['item'][1] is wrong: got '', expected nan"),
    "a wrong day": (table(day=pd.to_datetime(["2020-01-02", None])), table(), "['day'][0] is wrong: got"),
    "a wrong int in a table": (table(count=[1, 3]), table(), "['count'] is 3 at [1] where 2"),
    "a table's dtype": (table(count=[1.0, 2.0]), table(), "['count'] has dtype 'float64' instead of 'int64'"),
    "objects for text": (table(item=pd.Series(["a", None], dtype=object)), table(), "has dtype 'object' instead of 's"),
    "another order of columns": (table()[["price", "item", "count", "day"]], table(), "has columns ['price', 'item'"),
    "a column too many": (table(more=1), table(), "has columns ['item', 'price', 'count', 'day', 'more']"),
    "a row too few": (table().iloc[:1], table(), "has shape (1, 4) instead of (2, 4)"),
    "another index": (table().iloc[::-1], table(), ".index is 1 at [0] where 0"),
    "a named index": (table().rename_axis("row"), table(), "has index.names ['row'] instead of [None]"),
    "a series of another name": (pd.Series([1], name="a"), pd.Series([1]), "has name 'a' instead of None"),
    "a second level": (levels("y"), levels(), ".index[0][1] is wrong: got 'y', expected 'x'"),
    "an array for a table": (np.eye(2), table(), "of type numpy.ndarray instead of pandas.DataFrame"),
    "a table for a series": (table()[["price"]], table()["price"], "of type pandas.DataFrame instead of pandas.Series"),
    "other categories": (
        pd.Series(pd.Categorical(["a"], ["a", "b"])),
        pd.Series(pd.Categorical(["a"], ["a"])),
        "category of ['a', 'b']",
    ),
    "a wrong number": (1.0, 2.0, "the result is 1.0 where 2.0 is expected (off by 1, allowed"),
    "a wrong int": (3, 4, "is wrong: got 3, expected 4"),
    "a large int that is one off": (2**62 + 1, 2**62, "is wrong"),
    "a large int in an array that is one off": (np.array([2**62 + 1]), np.array([2**62]), "off by 1"),
    "a large int in a tensor that is one off": (torch.tensor([2**62 + 1]), torch.tensor([2**62]), "off by 1"),
    "the largest unsigned ints": (np.array([2**64 - 1], np.uint64), np.array([2**64 - 2], np.uint64), "off by 1"),
    "a bool for an int": (True, 1, "of type bool instead of int"),
    "an int for a bool": (1, True, "of type int instead of bool"),
    "a numpy int for a bool": (np.int64(1), True, "instead of bool"),
    "a string for a number": ("1", 1, "of type str instead of int"),
    "a number for a string": (1, "1", "of type int instead of str"),
    "None": (None, 0.0, "of type NoneType instead of float"),
    "something for None": (0, None, "of type int instead of NoneType"),
    "NaN for a number": (NAN, 1.0, "is nan where 1.0 is expected (off by inf"),
    "a number for NaN": (1.0, NAN, "is 1.0 where nan is expected"),
    "infinity for a number": (INF, 1.0, "is inf where 1.0"),
    "the other infinity": (-INF, INF, "is -inf where inf"),
    "a number for infinity": (1e308, INF, "where inf is expected"),
    "NaN in an array": (np.array([1.0, NAN]), np.array([1.0, 2.0]), "is nan at [1] where 2.0"),
    "a list for an array": ([1.0], np.array([1.0]), "of type list instead of numpy.ndarray"),
    "an array for a list": (np.array([1.0]), [1.0], "of type numpy.ndarray instead of list"),
    "an array for a number": (np.array([1.0]), 1.0, "of type numpy.ndarray instead of float"),
    "a tensor for an array": (torch.ones(1), np.ones(1), "of type torch.Tensor instead of numpy.ndarray"),
    "an array for a tensor": (np.ones(1), torch.ones(1), "of type numpy.ndarray instead of torch.Tensor"),
    "another dtype": (np.ones(1, np.float32), np.ones(1), "has dtype float32 instead of float64"),
    "another dtype of a tensor": (torch.ones(1).double(), torch.ones(1), "has dtype torch.float64 instead of"),
    "ints for bools": (np.array([1]), np.array([True]), "has dtype int64 instead of bool"),
    "another shape": (np.ones((1, 3)), np.ones(3), "has shape (1, 3) instead of (3,)"),
    "a shape that would broadcast": (torch.ones(1), torch.ones(3), "has shape (1,) instead of (3,)"),
    "a number for an array": (1.0, np.ones(3), "of type float instead of numpy.ndarray"),
    "a 0-d array for an array": (np.array(1.0), np.ones(1), "has shape () instead of (1,)"),
    "an empty array of another shape": (np.empty((0, 2)), np.empty((0, 3)), "has shape (0, 2)"),
    "an empty array of another dtype": (np.empty(0, int), np.empty(0), "has dtype int64"),
    "an array that is shorter": (np.ones(2), np.ones(3), "has shape (2,)"),
    "a list that is shorter": ([1], [1, 2], "has 1 items instead of 2"),
    "a wrong item": ([1, [2, 3]], [1, [2, 4]], "the result's [1][1] is wrong: got 3, expected 4"),
    "a key that is missing": ({"a": 1}, {"a": 1, "b": 2}, "lacks the key 'b'"),
    "a key too many": ({"a": 1, "c": 2}, {"a": 1}, "has the key 'c', which is not expected"),
    "a wrong value of a key": ({"a": [1.0]}, {"a": [2.0]}, "the result's ['a'][0] is 1.0"),
    "a list for a dict": ([1], {"a": 1}, "of type list instead of dict"),
    "a dict for a list": ({0: 1}, [1], "of type dict instead of list"),
    "a string for a list": ("ab", ["a", "b"], "of type str instead of list"),
    "another set": ({1, 2}, {1, 3}, "is wrong"),
    "a list for a set": ([1], {1}, "of type list instead of set"),
    "text in an array": (np.array(["a"]), np.array(["b"]), "is wrong"),
    "text for numbers": (np.array(["a"]), np.array([1.0]), "has dtype <U1"),
    "a wrong complex number": (1 + 1j, 1 - 1j, "(off by 2"),
    "a complex number for a real one": (1 + 1j, 1.0, "(off by 1"),
    "a dense tensor for a sparse one": (torch.eye(2), torch.eye(2).to_sparse(), "has layout torch.strided"),
    "bfloat16 beyond its tolerance": (torch.tensor([1.1]).bfloat16(), torch.ones(1).bfloat16(), "where 1.0"),
    "ints beyond 64 bits": (10**40 + 1, 10**40, "is wrong"),
    "a function": (len, 1.0, "of type builtin_function_or_method"),
}  # fmt: skip


@pytest.mark.parametrize(("actual", "expected", "words"), FAR.values(), ids=FAR.keys())
def test_what_is_wrong_is_named(actual: Any, expected: Any, words: str) -> None:
    """The message says the first thing that a person has to mend."""
    with pytest.raises(Mismatch) as caught:
        assert_close(actual, expected)
    assert words in str(caught.value)
    assert caught.value.cause is not None


@pytest.mark.parametrize(("actual", "expected", "words"), FAR.values(), ids=FAR.keys())
def test_what_is_wrong_is_named_in_chinese_too(actual: Any, expected: Any, words: str) -> None:
    """With the same figures, and none of the English words around them."""
    with pytest.raises(Mismatch) as caught:
        assert_close(actual, expected)
    message, cause = caught.value.message, caught.value.cause
    assert message.zh.startswith("结果")
    assert not re.search("the result|expected|instead|allowed|differ", message.zh)
    assert all(value in text for value in (cause.actual, cause.expected) for text in (message.en, message.zh))
    assert re.findall(r"\[[\d, ]*\]", message.zh) == re.findall(r"\[[\d, ]*\]", message.en)


@pytest.mark.parametrize("make", [np.array, torch.tensor], ids=["array", "tensor"])
def test_the_worst_element_is_named(make: Any) -> None:
    """Its index, both values, and how many others differ."""
    expected = make([[1.0, 2.0], [3.0, 4.0]])
    actual = make([[1.0, 2.5], [3.0, 9.0]])
    with pytest.raises(Mismatch) as caught:
        assert_close(actual, expected)
    cause = caught.value.cause
    assert cause.worst_index == "[1, 1]"
    assert "2 of 4 elements differ" in str(caught.value)
    assert cause.expected.startswith(("4.0", "tensor(4."))
    assert cause.actual.startswith(("9.0", "tensor(9."))


def test_the_worst_element_has_the_whole_path() -> None:
    """Containers and index together."""
    with pytest.raises(Mismatch) as caught:
        assert_close({"w": [np.zeros(2), np.array([0.0, 1.0])]}, {"w": [np.zeros(2), np.zeros(2)]})
    assert caught.value.cause.worst_index == "['w'][1][1]"


def test_a_nan_is_worse_than_any_distance() -> None:
    """It is named even where another element is far off."""
    with pytest.raises(Mismatch, match="is nan at \\[0\\]"):
        assert_close(np.array([NAN, 1e300]), np.array([1.0, 1.0]))


def test_a_long_value_is_cut_in_the_message() -> None:
    """A message is for reading."""
    with pytest.raises(Mismatch) as caught:
        assert_close("x" * 10_000, "y" * 10_000)
    assert len(str(caught.value)) < 400


def test_check_dtype_can_be_left_out() -> None:
    """Then kinds may differ, and the tolerance is that of what is expected."""
    assert_close(np.array([1, 2]), np.array([1.0, 2.0]), check_dtype=False)
    assert_close(np.float32([0.1]), np.array([0.1]), check_dtype=False, rtol=1e-6)
    with pytest.raises(Mismatch):
        assert_close(np.array([1.5]), np.array([1]), check_dtype=False)


def test_tolerances_may_be_given() -> None:
    """For numbers, ints and arrays alike."""
    assert_close(105, 100, rtol=0.05)
    assert_close(np.array([3]), np.array([5]), atol=2)
    assert_close([1.0, {"a": 2.0}], [1.1, {"a": 2.1}], atol=0.11)
    with pytest.raises(Mismatch):
        assert_close(106, 100, rtol=0.05)


def test_a_manifests_tolerance_holds_within_its_block() -> None:
    """By dtype, and the defaults come back after it."""
    with tolerances({"float32": Tolerance(rtol=0.5, atol=0.0)}):
        assert_close(torch.tensor([1.4]), torch.tensor([1.0]))
        with pytest.raises(Mismatch):
            assert_close(1.4, 1.0)
    with pytest.raises(Mismatch):
        assert_close(torch.tensor([1.4]), torch.tensor([1.0]))


def test_observations_are_kept_in_order() -> None:
    """What was compared, right or wrong, for the diagnosis."""
    with collect_observations() as seen:
        assert_close(1.0, 1.0)
        with pytest.raises(Mismatch):
            assert_close([2.0], [3.0])
    assert [one.value for one in seen] == [1.0, [2.0]]
    assert not seen[0].agrees(seen[1])


def test_observations_have_a_size() -> None:
    """A case that compared too much keeps nothing, and is like no other; views count with what they are views of."""
    large = np.zeros(OBSERVED_BYTES + 1, np.uint8)
    for value in (large, large[:1], [1.0, {"a": large[:1]}], torch.from_numpy(large)[:1], list(range(OBSERVED_ITEMS))):
        with collect_observations() as seen:
            for one in (1.0, value, 2.0):
                with contextlib.suppress(Mismatch):
                    assert_close(one, 1.0)
        assert (list(seen), seen.complete, seen.taken_bytes) == ([], False, 0)


COSTLY: dict[str, Callable[[], Any]] = {
    "an array of nine dimensions": lambda: [np.zeros((7,) * 9, np.int8)],
    "a tensor of nine dimensions": lambda: [torch.zeros((7,) * 9, dtype=torch.int8)],
    "millions of numbers": lambda: [0.1] * 4_000_000,
    "a text of megabytes": lambda: ["x " * 50_000_000],
    "bytes": lambda: [b"\n" * 100_000_000],
    "lists of lists": lambda: [[[0.5] * 1000] * 1000] * 4,
    "a dict with long keys": lambda: {"x" * 50_000_000: 1, "y": 2},
    "a set of many": lambda: set(range(3_000_000)),
    "an int with too many digits": lambda: [10**5000],
}


@pytest.mark.parametrize("make", COSTLY.values(), ids=COSTLY)
@pytest.mark.parametrize("expected", [(1, 2, 3), {"a": 1}, {1}, "x", 2.0, None], ids=str)
def test_a_mismatch_is_told_in_little_time(make: Callable[[], Any], expected: Any) -> None:
    """Only as much of a value is printed as can be shown."""
    value = make()
    started = time.process_time()
    for actual in (value, value[0] if isinstance(value, list) else value):
        with pytest.raises(Mismatch) as caught:
            assert_close(actual, expected)
        assert len(str(caught.value)) < 1_000
    assert time.process_time() - started < 1


FLOATS = st.floats(allow_nan=True, allow_infinity=True, width=64)
SHAPES = hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4)
ANY_ARRAY = hnp.arrays(st.sampled_from(["f8", "f4", "i8", "u1", "?", "c16"]), SHAPES)
TREES = st.recursive(
    st.one_of(FLOATS, st.integers(), st.booleans(), st.none(), st.text(max_size=5), ANY_ARRAY),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None)
@given(TREES)
def test_everything_is_close_to_itself(value: Any) -> None:
    """NaN, infinities and empty things included."""
    assert_close(value, value)


@settings(max_examples=150, deadline=None)
@given(TREES, TREES)
def test_two_values_are_close_or_a_mismatch_says_why(actual: Any, expected: Any) -> None:
    """No pair of values ends in another exception."""
    message = "the result"
    try:
        assert_close(actual, expected)
    except Mismatch as mismatch:
        message = str(mismatch)
    assert message.startswith("the result")


@settings(max_examples=150, deadline=None)
@given(
    hnp.arrays("f8", SHAPES.filter(lambda shape: 0 not in shape), elements=st.floats(-1e6, 1e6)),
    st.floats(1e-9, 1e-1),
    st.floats(0.0, 2.0),
    st.data(),
)
def test_the_tolerance_is_the_boundary(expected: Any, rtol: float, times: float, data: st.DataObject) -> None:
    """One element is moved by `times` its tolerance: accepted below one, refused above."""
    index = tuple(data.draw(st.integers(0, extent - 1)) for extent in expected.shape)
    actual = expected.copy()
    actual[index] += times * (rtol * abs(expected[index]) + 1e-3)
    if times < 0.99:
        assert_close(actual, expected, rtol=rtol, atol=1e-3)
    elif times > 1.01:
        with pytest.raises(Mismatch) as caught:
            assert_close(actual, expected, rtol=rtol, atol=1e-3)
        assert caught.value.cause.worst_index == (f"[{', '.join(map(str, index))}]" if index else None)


@settings(max_examples=100, deadline=None)
@given(hnp.arrays("i8", (3,)), st.integers(0, 2), st.integers(-3, 3))
def test_ints_are_exact(expected: Any, place: int, step: int) -> None:
    """However large they are."""
    actual = expected.copy()
    with np.errstate(over="ignore"):
        actual[place] += step
    if (actual == expected).all():
        assert_close(actual, expected)
    else:
        with pytest.raises(Mismatch):
            assert_close(torch.from_numpy(actual), torch.from_numpy(expected))
