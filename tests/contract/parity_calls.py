"""Parity programs about objects: calls, attributes, iteration, callbacks, changes made in place, generators."""

from __future__ import annotations

import numpy as np
import torch

from tests.contract.parity import Collector, given, seen

program = Collector()


@program
def arguments_by_place_and_name(m):
    return m.describe(1, "a", [2], key=None, other={"x": 1})


@program
def keywords_that_the_wire_uses_itself(m):
    return m.target_of(3, target=1, operation="sum", self="me"), m.describe(name=1, link=2, args=3, kwargs=4)


@program
def defaults_are_the_candidates(m):
    return m.target_of(3, 1)


@program
def attributes_are_read_set_and_deleted(m):
    bag = m.Bag([1])
    bag.extra = [1, 2]
    seen = [bag.extra, bag.items, bag.label, bag.first, hasattr(bag, "nothing")]
    del bag.extra
    return seen, hasattr(bag, "extra")


@program
def class_attributes_and_methods(m):
    return m.Bag.label, m.Bag.of(1, 2).items, m.Bag.double(4), m.Bag([1]).double(5)


@program
def a_name_of_a_function_or_class(m):
    return m.identity.__name__, m.Bag.__name__, m.Bag().add.__name__


@program
def missing_attributes_raise(m):
    return m.nothing


@program
def slots_refuse_other_attributes(m):
    slotted = m.Slotted()
    slotted.x = 1
    slotted.y = 2


@program
def measured_and_indexed(m):
    bag = m.Bag([10, 20, 30])
    bag[1] = 21
    del bag[0]
    return len(bag), bag[0], bag[-1], bag[0:2], 21 in bag, 20 in bag, bool(bag), bool(m.Bag())


@program
def iterated(m):
    bag = m.Bag("abc")
    return list(bag), [*bag], dict(enumerate(bag)), list(zip(bag, bag, strict=True)), list(reversed(bag)), sorted(bag)


@program
def as_text(m):
    return str(m.Bag([1])), f"{m.Bag([1, 2])}"


@program
def used_as_a_context(m):
    bag = m.Bag()
    with bag as inner:
        seen = inner.open
    return seen, bag.open, inner is bag


@program
def a_context_made_by_a_generator(m):
    with m.opened([]) as bag:
        inside = list(bag)
    return inside, list(bag)


@program
def an_instance_is_called(m):
    return m.Bag()(1, 2, z=3, a=4)


@program
def bound_methods_and_closures(m):
    bag = m.Bag()
    add = bag.bound()
    add(1)
    add(2)
    return bag.items, m.make_adder(3)(4), (m.make_adder("a"))("b")


@program
def a_handle_is_passed_back(m):
    bag = m.Bag([1])
    called = m.call_with(m.Bag.add, bag, 2).items, m.apply_twice(m.square, 3)
    return m.are_same(bag, bag), m.identity(bag) is bag, called


@program
def handles_within_containers(m):
    bag, other = m.Bag([1]), m.Bag([2])
    first, named = m.describe(bag, [other], key=(bag, 3))
    return first[0] is bag, first[1][0].items, named["key"][0] is bag


@program
def a_generator_is_iterated_once(m):
    numbers = m.count_up(3)
    return list(numbers), list(numbers)


@program
def a_generator_is_stepped_and_sent_to(m):
    numbers = m.count_up(4)
    return next(numbers), numbers.send(5), next(numbers), next(numbers, "end"), iter(numbers) is not None


@program
def a_generator_that_ends_raises_stop_iteration(m):
    numbers = m.count_up(0)
    return next(numbers)


@program
def a_generator_that_fails_midway(m):
    seen = []
    numbers = m.failing_generator()
    try:
        seen += [next(numbers), next(numbers)]
    except KeyError as error:
        seen.append(error.args)
    return seen, list(numbers)


@program
def a_generator_that_is_closed(m):
    numbers = m.count_up(5)
    next(numbers)
    numbers.close()
    return list(numbers)


@program
def views_of_a_dict_are_iterated(m):
    table = m.Bag([{"a": 1, "b": 2}])
    return list(m.identity({"a": 1}).items()), table[0]


# Changes made in place


@program
def lists_dicts_and_sets_are_changed(m):
    items, mapping, data = given(m, [3, 1, 2]), given(m, {"a": 1}), given(m, bytearray(b"ab"))
    m.sort_in_place(items)
    m.update(mapping, b=[1], a=2)
    m.append(data, 3)
    return seen(items), seen(mapping), seen(data)


@program
def arrays_and_tensors_are_changed(m):
    a, t, z = given(m, np.zeros((2, 3))), given(m, torch.zeros(2, 3)), given(m, np.array(1.0))
    results = m.fill(a, 2.5), m.fill(t, 1.5), m.fill(z, 3)
    return results, seen(a), seen(t), seen(z)


@program
def what_is_handed_over_is_one_object(m):
    a = given(m, np.zeros(2))
    m.keep("a", a)
    m.fill(a, 4)
    return m.are_same(a, a), m.describe(a, [a]), m.kept("a"), seen(a)


@program
def what_is_handed_over_is_changed_by_a_later_call(m):
    items = given(m, [1])
    bag = m.Bag(items)
    bag.add(2)
    return len(bag), bag.items


@program
def a_read_only_array_cannot_be_changed(m):
    a = np.zeros(3)
    a.flags.writeable = False
    return m.fill(a, 1)


@program
def deep_containers_are_changed(m):
    tree = given(m, {"weights": [np.zeros(2)], "names": {"old"}, "list": [1, [2, 3]]})
    m.deep_change(tree)
    return seen(tree)


@program
def a_change_to_nan_and_to_minus_zero_arrives(m):
    a, items, t = given(m, np.zeros(2)), given(m, [0.0, 1]), given(m, torch.zeros(2))
    m.fill(a, -0.0)
    m.fill(t, float("nan"))
    m.append(items, float("nan"))
    return seen(a), seen(t), seen(items)


@program
def what_was_changed_before_an_error_is_changed(m):
    items, a = given(m, [1, 2]), given(m, np.zeros(2))
    said = []
    for call in (lambda: m.clear_then_fail(items), lambda: m.fill_then_fail(a)):
        try:
            call()
        except ValueError as error:
            said.append(str(error))
    return seen(items), seen(a), said


# Random generators


@program
def a_numpy_generator_is_advanced(m):
    rng = given(m, np.random.default_rng(5))
    return m.normal(rng, 3), m.normal(rng, 1), seen(rng)


@program
def every_kind_of_numpy_generator_that_crosses_is_advanced(m):
    kinds = [np.random.PCG64(1), np.random.PCG64DXSM(2), np.random.Philox(3)]
    generators = [given(m, np.random.Generator(kind)) for kind in kinds]
    return [(m.normal(rng, 3), seen(rng)) for rng in generators]


@program
def one_numpy_generator_for_two_arguments(m):
    rng = np.random.default_rng(5)
    return m.are_same(rng, rng), m.draw_in_list([rng, rng], [])


@program.each(none=0, one=1, seven=7, block=700, many=20_000)
def a_torch_generator_is_advanced(m, n):
    generator = given(m, torch.Generator().manual_seed(5))
    return m.torch_normal(generator, n), m.torch_normal(generator, 1), seen(generator)


@program.limit("a generator is a copy at every call; a suite that wants it to move on says inout")
def a_plain_generator_moves_on(m):
    rng = np.random.default_rng(5)
    return m.normal(rng, 1), m.normal(rng, 1), rng


# Callbacks


@program
def a_function_of_the_suite_is_called(m):
    calls = []
    return m.apply_twice(lambda x: calls.append(x) or x + 1, 1), calls


@program
def a_callback_gets_arrays_and_names(m):
    return m.call_with(lambda a, *, b: (a.sum(), b), np.ones(3), b=torch.ones(2))


@program
def a_builtin_is_a_callback(m):
    return m.call_with(len, [1, 2, 3]), m.call_with(np.sum, np.ones(4)), m.call_with(torch.sum, torch.ones(3))


@program
def a_callback_that_raises_reaches_the_suite(m):
    def refuse():
        raise KeyError("mine", 3)

    return m.call_with(refuse)


@program
def a_callback_that_raises_can_be_caught_by_the_candidate(m):
    def refuse():
        raise ValueError("no", [1, 2])

    return m.catch(refuse)


@program
def callbacks_nest(m):
    return m.apply_twice(lambda x: m.apply_twice(lambda y: m.square(y) + 1, x), 2)


@program
def a_callback_that_calls_a_failing_function(m):
    return m.catch(lambda: m.fail("value"))


@program
def a_callback_changes_a_parameter(m):
    layer = m.Tiny()
    weight = layer.first.weight
    return m.parameter_around(lambda: weight.data.fill_(0.25), layer.first), weight


@program
def a_callback_returns_a_handle(m):
    bag = m.Bag([1])
    return m.call_with(lambda: bag) is bag, m.call_with(lambda b: b.add(2), bag).items


@program.limit("a suite's own exception class comes back as the nearest built-in one")
def a_callback_raises_an_exception_of_the_suites_own_class(m):
    class SuiteError(Exception):
        pass

    def refuse():
        raise SuiteError("x")

    try:
        m.call_with(refuse)
    except SuiteError:
        return "caught"


@program.limit("what a callback changes in its arguments stays in the judge")
def a_callback_changes_its_argument(m):
    def change(items):
        items.append(2)

    items = [1]
    m.call_with(change, items)
    return items


@program.limit("a context manager of the candidate's sees no exception of the suite, and cannot swallow it")
def a_context_manager_swallows(m):
    with m.contextlib.suppress(m.BadValueError):
        m.fail("keyword_only")
    return "swallowed"


@program.limit("operators between handles are not sent: a lying __eq__ could make any comparison true")
def equal_dataclasses_are_equal(m):
    return m.Record("a", [1]) == m.Record("a", [1])


@program.limit("dunder names, the documentation among them, are not read")
def the_documentation_is_read(m):
    return m.Bag.__doc__


@program.limit("isinstance sees a handle")
def an_instance_is_of_its_class(m):
    return type(m.Bag()).__name__


@program.limit("a class of the suite's cannot be passed, built-in numbers and containers apart")
def an_exception_class_is_passed(m):
    return m.identity(ValueError) is ValueError


@program.limit("the suite's own instances cannot be passed; a driver builds what is needed in the guest")
def an_optimizer_is_passed(m):
    return m.kind_of(torch.optim.SGD([torch.ones(1, requires_grad=True)], lr=0.1))


@program.limit("a Mersenne twister has degenerate states; numpy's default_rng is what a suite passes")
def a_legacy_numpy_generator_is_passed(m):
    return m.normal(np.random.Generator(np.random.MT19937(1)), 2)
