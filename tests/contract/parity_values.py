"""Parity programs about values: what goes in, what comes out, and what is the same object."""

from __future__ import annotations

import collections

import numpy as np
import torch

from grader.wire.dtypes import NUMPY_DTYPES, torch_dtypes
from tests.contract.parity import Collector, given, seen
from tests.contract.parity_candidate import MAKERS

program = Collector()

NUMPY = sorted(NUMPY_DTYPES)
TORCH = torch_dtypes()
SHAPES = [(), (0,), (3,), (2, 0, 3), (2, 3, 4)]
_ROUND_TRIP = [name for name in MAKERS if name not in ("counter", "defaultdict", "subclass", "numpy_text")]


@program.each(**{name: name for name in MAKERS})
def result(m, name):
    return m.make(name)


@program.each(**{name: name for name in _ROUND_TRIP})
def argument_and_result(m, name):
    return m.identity(MAKERS[name]())


@program.each(**{name: name for name in _ROUND_TRIP if name != "renamed"})
def argument_type(m, name):
    return m.kind_of(MAKERS[name]())


@program.each(**{dtype: dtype for dtype in NUMPY})
def array_result(m, dtype):
    return [m.array(dtype, shape) for shape in SHAPES]


@program.each(**{dtype: dtype for dtype in NUMPY})
def array_argument(m, dtype):
    arrays = [np.ones(shape, dtype) for shape in SHAPES]
    return [m.identity(a) for a in arrays], m.describe(*arrays)


@program.each(**TORCH)
def tensor_result(m, dtype):
    return [m.tensor(dtype, shape) for shape in SHAPES]


@program.each(**TORCH)
def tensor_argument(m, dtype):
    tensors = [torch.ones(shape).to(dtype) for shape in SHAPES]
    return [m.identity(t) for t in tensors], m.describe(*tensors)


@program.each(**{n: n for n in ("zero_d", "empty", "transposed", "strided", "broadcast", "read_only", "nonfinite")})
def special_array(m, name):
    return m.special_array(name)


@program.each(**{name: name for name in ("transposed", "expanded", "conjugated", "nonfinite", "sparse")})
def special_tensor(m, name):
    return m.special_tensor(name)


@program
def an_array_passed_twice_is_one_object(m):
    a, t = np.arange(3), torch.arange(3)
    return m.are_same(a, a), m.are_same(t, t), m.are_same(a, a.copy()), m.are_same(t, t.clone())


@program
def an_array_returned_twice_is_one_object(m):
    a = np.arange(3)
    one, other = m.pair(a, a)
    return one is other, one


@program
def a_view_passed_with_its_base_shares_memory(m):
    a, t = np.zeros(4), torch.zeros(3, 4)
    return (
        m.fill_and_sum(a[:2], a),
        m.fill_and_sum(a, a[::-2]),
        m.fill_and_sum(t[1:, ::2], t),
        m.fill_and_sum(t, t.T[1]),
    )


@program.each(
    columns=lambda a, t: (a[:, 1:4], a[1:3]), halves=lambda a, t: (a[:2], a[2:]), apart=lambda a, t: (a[:, 0], a[:, 5]),
    bits=lambda a, t: (a, a.view("i8")), rows=lambda a, t: (t[:, 1:4], t[1:3]), far=lambda a, t: (t[0], t[3]),
    turned=lambda a, t: (t.T, t), backwards=lambda a, t: (a[::-1], a[:1]), itself=lambda a, t: (a, a),
)  # fmt: skip
def views_of_one_array_share_what_they_share(m, views):
    return m.fill_and_sum(*views(np.arange(24.0).reshape(4, 6), torch.arange(24).reshape(4, 6)))


@program
def views_of_one_array_have_their_values(m):
    a, t = np.arange(24.0).reshape(4, 6), torch.arange(24).reshape(4, 6)
    return m.describe(a[:, 1:4], a[1:3], [a[::-1, ::2]], t=t, u=t.T, v=[t[1:, 3]])


@program
def a_read_only_view_passed_with_its_base(m):
    a = np.zeros(4)
    return m.fill_and_sum(a[2:], np.broadcast_to(a[:1], (3,))), m.describe(np.broadcast_to(np.ones(1), (3,)), a[:1])


@program.limit("a result is a new value, so that nothing a guest says can change what a suite holds")
def a_result_that_is_an_argument_is_that_argument(m):
    values = [np.ones(2), torch.ones(2), [1], {"a": 1}, {1}, np.random.default_rng(1), torch.Generator()]
    return [m.identity(value) is value for value in values]


@program
def a_list_that_was_extended_and_returned(m):
    items = given(m, [1, 2])
    return m.append(items, 3), seen(items)


@program
def equal_keys_of_a_counter_count_as_a_dict(m):
    return m.make("counter") == collections.Counter("abca"), m.make("ordered") == {"a": 2, "b": 1}


@program
def a_record_can_be_read_by_name_and_by_place(m):
    record = m.make("record")
    return record.x, record[1], record == (1, 2.5), record._fields, isinstance(record, tuple)


@program
def a_dataclass_is_read_by_its_fields(m):
    record = m.Record("r", [1, 2])
    return record.name, record.values, record.total()


@program
def an_enum_member_is_read_by_name_and_value(m):
    red = m.Colour.RED
    return red.name, red.value, m.identity(red) is red, m.Colour["BLUE"].value, [c.name for c in m.Colour]


@program
def a_module_constant_is_plain(m):
    return m.THRESHOLD


@program
def thousands_of_strings(m):
    return m.identity([f"item {i}" for i in range(5_000)])


@program
def a_large_array(m):
    return m.identity(np.arange(1_000_000)).sum()


@program
def a_large_list(m):
    return m.identity([float(i) for i in range(300_000)])[-3:]


@program.limit("IntEnum and StrEnum members are handles; compare their .value")
def an_int_enum(m):
    return m.Level.HIGH == 2


@program.limit("containers within containers are copies; only arrays, tensors and generators keep identity there")
def a_list_within_a_list_keeps_its_identity(m):
    inner = [1]
    outer = [inner]
    return m.append(outer, 2)[0] is inner


@program.limit("a plain value is a copy at every call")
def an_array_kept_over_two_calls_is_the_same(m):
    a = np.ones(2)
    m.keep("a", a)
    return m.are_same(m.kept("a"), a)


@program.limit("an argument is a copy; a suite that wants to see it changed says inout")
def an_argument_is_changed(m):
    a, data = np.zeros(2), bytearray(b"ab")
    m.fill(a, 1)
    m.append(data, 3)
    return a, data


@program.limit("an array and a tensor that share memory do not in the guest")
def an_array_passed_with_a_tensor_of_its_memory(m):
    a = np.zeros(4)
    return m.fill_and_sum(torch.from_numpy(a), a)


@program.limit("memory layout does not cross: every array arrives in C order")
def a_transposed_array_is_in_fortran_order(m):
    return m.special_array("transposed").flags.f_contiguous


@program.limit("a named tuple whose fields were renamed arrives as a plain tuple")
def a_renamed_named_tuple(m):
    return m.make("renamed")._fields


@program.limit("arrays of text, objects, records and dates, and subclasses of ndarray, do not cross")
def an_array_of_text(m):
    return m.special_array("text")
