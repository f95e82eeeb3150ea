"""The grammar of nodes, which encoder and decoder share.

A node is None, a bool, an int of 64 bits, a float, a short str, or a list whose first item is a one-character tag. What
is not data (modules, classes, instances, functions) travels as a handle.

Arrays, tensors, lists, dicts, sets and generators are numbered in order of appearance (`mutables`), alike on both
sides: a second occurrence of the same array is sent as a reference, and changes made in place can be named by number.
Containers are never sent as references: a few hundred bytes could then describe a value that takes years to print.
A blob belongs to one node, for the same reason.
"""

from __future__ import annotations

from typing import Any

Node = Any

INT64 = range(-(2**63), 2**63)
BIG_INT_DIGITS = 3500  # hexadecimal digits; more is refused, because Python would refuse to print it
PACKED_ITEMS = 4_000_000  # numbers in all packed lists of one frame: as Python objects they take 40 bytes each
RANGE_ITEMS = 10_000_000  # a range costs nothing until a suite makes a list of it
WRITABLE_BIT_GENERATORS = ("PCG64", "PCG64DXSM", "Philox")


def is_record(name: Any, fields: Any) -> bool:
    """Whether a tuple type may have this name and these fields; other tuples travel as plain ones."""
    if type(name) is not str or not name.isidentifier() or len(name) > 200 or type(fields) is not tuple:
        return False
    good = all(type(field) is str and field.isidentifier() and not field.startswith("_") for field in fields)
    return good and len(set(fields)) == len(fields)


def is_short(value: range) -> bool:
    """Whether a range has so few items that a list of it does no harm."""
    return abs(value.stop - value.start) // abs(value.step) <= RANGE_ITEMS
