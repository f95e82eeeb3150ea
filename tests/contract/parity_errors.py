"""Parity programs about exceptions: their types, messages and arguments, and what catches them."""

from __future__ import annotations

import contextlib

from tests.contract.parity import Collector
from tests.contract.parity_candidate import RAISERS

program = Collector()


@program.each(**{name: name for name in RAISERS})
def raises(m, name):
    return m.fail(name)


@program
def caught_as_every_built_in_base(m):
    caught = []
    for kind in (ValueError, AttributeError, Exception):
        try:
            m.fail("two_bases")
        except kind:
            caught.append(kind.__name__)
    return caught


@program
def fields_of_an_os_error(m):
    try:
        m.fail("os")
    except FileNotFoundError as error:
        return error.errno, error.strerror, error.filename


@program
def fields_of_a_unicode_error(m):
    try:
        m.fail("unicode")
    except UnicodeDecodeError as error:
        return error.encoding, error.object, error.start, error.end, error.reason


@program
def the_value_of_a_generator_that_ended(m):
    numbers = m.count_up(0)
    try:
        next(numbers)
    except StopIteration as end:
        return end.value


@program
def a_group_is_split(m):
    seen = []
    try:
        m.fail("group")
    except* KeyError as keys:
        inner = keys.exceptions[0].exceptions[0]
        seen.append((isinstance(inner, KeyError), inner.args))
    except* ValueError as values:
        seen.append(values.message)
    return seen


@program
def an_object_as_an_argument(m):
    try:
        m.object_argument()
    except Exception as error:
        return error.args[0].items


@program
def an_error_in_a_method_leaves_the_object_usable(m):
    bag = m.Bag([1])
    with contextlib.suppress(IndexError):
        bag[5]
    return bag.items


@program.limit("an exception that would end the judge arrives as an ordinary one, whose remote_type names it")
def system_exit_ends_the_process(m):
    return m.end_process("SystemExit", 0)


@program.limit("an exception that would end the judge arrives as an ordinary one, whose remote_type names it")
def keyboard_interrupt_ends_the_process(m):
    return m.end_process("KeyboardInterrupt")


@program.limit("an exception that would end the judge arrives as an ordinary one, whose remote_type names it")
def generator_exit_ends_the_process(m):
    return m.end_process("GeneratorExit")


@program.limit("a message is cut at 2,000 characters")
def a_long_message(m):
    return m.big_message()


@program.limit("attributes of an exception other than its args do not cross")
def an_attribute_of_an_exception(m):
    try:
        m.fail("keyword_only")
    except ValueError as error:
        return error.value


@program.limit("__cause__ and notes do not cross")
def the_cause_of_an_exception(m):
    try:
        m.chained()
    except ValueError as error:
        return isinstance(error.__cause__, KeyError)


@program.limit("an exception whose text cannot be had says so")
def an_exception_without_text(m):
    try:
        m.grumpy()
    except Exception as error:
        return str(error)
