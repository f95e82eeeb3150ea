"""Parity programs about tensors that require grad: results that stay connected, parameters that exist on both sides."""

from __future__ import annotations

import torch

from tests.contract.parity import Collector, given, seen

program = Collector()


def leaf(*values, dtype=torch.float64):
    return torch.tensor(values or (1.0, 2.0, 3.0), dtype=dtype, requires_grad=True)


# Gradients of inputs


@program
def a_result_requires_grad(m):
    x = leaf()
    y = m.square(x)
    return y, y.grad_fn is not None, m.detached(x), m.without_grad(x)


@program.each(**{name: getattr(torch, name) for name in ("float16", "bfloat16", "float32", "float64", "complex128")})
def the_gradient_of_an_input(m, dtype):
    x = leaf(dtype=dtype)
    y = m.square(x).sum()
    (y.abs() if dtype.is_complex else y).backward()
    return x.grad, x


@program
def gradients_accumulate(m):
    x = leaf()
    m.cube_sum(x).backward()
    m.cube_sum(x).backward()
    first = x.grad.clone()
    x.grad = None
    m.dot(x, x).backward()
    return first, x.grad


@program
def a_tensor_passed_twice(m):
    x = leaf()
    m.dot(x, x).backward()
    return x.grad, m.are_same(x, x)


@program
def a_computed_tensor_passed_twice(m):
    x = leaf()
    h = x * 2
    m.dot(h, h).backward()
    return x.grad, m.are_same(h, h), m.identity(h)


@program
def two_inputs_of_which_one_is_constant(m):
    x, c = leaf(), torch.ones(3, dtype=torch.float64)
    m.dot(x, c).backward()
    return x.grad, c.grad, c.requires_grad


@program
def autograd_grad(m):
    x, y = leaf(), leaf(4.0, 5.0, 6.0)
    return torch.autograd.grad(m.dot(x, y), [x, y])


@program
def a_gradient_given_to_backward(m):
    x = leaf()
    m.square(x).backward(torch.tensor([1.0, 0.0, -1.0], dtype=torch.float64))
    return x.grad


@program
def an_unused_input_has_no_gradient(m):
    x, z = leaf(), leaf()
    return torch.autograd.grad(m.pair(m.square(x), z)[0].sum(), [x, z], allow_unused=True)


@program
def composed_calls(m):
    x = leaf()
    h = m.square(x)
    y = m.cube_sum(h)
    y.backward()
    return x.grad, y, h


@program
def composed_with_own_operations(m):
    x = leaf()
    y = m.square(torch.sin(x) + 1).exp().sum() * 2
    y.backward()
    return x.grad


@program
def retained_gradients_in_between(m):
    x = leaf()
    h = m.square(x)
    h.retain_grad()
    m.cube_sum(h).backward()
    return h.grad, x.grad


@program
def hooks_of_the_suite_see_the_gradients(m):
    x, seen = leaf(), []
    h = m.square(x)
    h.register_hook(lambda grad: seen.append(grad.clone()))
    m.cube_sum(h).backward()
    return seen


@program
def outputs_in_containers(m):
    x = leaf()
    total, rest = m.two_outputs(x)
    (total + rest["p"] + rest["list"][0].sum()).backward()
    return x.grad, rest, total


@program
def outputs_used_separately(m):
    x = leaf()
    total, rest = m.two_outputs(x)
    outputs = (rest["p"], total, rest["list"][0])
    return [torch.autograd.grad(out.sum(), x, retain_graph=True)[0] for out in outputs]


@program
def one_output_twice(m):
    x = leaf()
    one, other = m.same_twice(x)
    (one + other).sum().backward()
    return one is other, x.grad


@program
def a_result_that_is_an_input_is_connected_with_it(m):
    x = leaf()
    (m.identity(x) * 2 + m.pair(x, m.square(x))[0]).sum().backward()
    return x.grad


@program.limit("a result is a new value; the gradient goes on to the suite's leaf")
def a_result_that_is_an_input(m):
    x = leaf()
    return m.identity(x) is x


@program
def a_function_with_a_backward_of_its_own(m):
    x = leaf()
    y = m.scale(x, 3.0)
    y.sum().backward()
    return y, x.grad


@program
def a_graph_that_is_used_twice(m):
    x = leaf()
    y = m.cube_sum(x)
    y.backward(retain_graph=True)
    y.backward()
    return x.grad


@program
def in_a_nested_no_grad(m):
    x = leaf()
    with torch.no_grad():
        inside = m.square(x), m.grad_enabled()
        with torch.enable_grad():
            nested = m.square(x)
    return inside, nested, m.grad_enabled(), x.requires_grad


@program
def in_inference_mode(m):
    with torch.inference_mode():
        return m.square(torch.ones(2)).clone(), m.grad_enabled()


@program
def a_single_element_and_an_empty_tensor(m):
    x, e = leaf(2.0), torch.empty(0, 3, requires_grad=True)
    (m.square(x).sum() + m.square(e).sum()).backward()
    return x.grad, e.grad


@program
def a_view_of_a_leaf(m):
    x = leaf(1.0, 2.0, 3.0, 4.0)
    m.square(x.view(2, 2)[0]).sum().backward()
    return x.grad


@program
def a_stored_input_is_used_by_a_later_call(m):
    model, x, y = m.Tiny(), leaf(), leaf(4.0, 5.0, 6.0)
    model.remember(x)
    model.use_memory(y).backward()
    return x.grad, y.grad


@program
def a_stored_computed_input_is_used_by_a_later_call(m):
    model, x, y = m.Tiny(), leaf(), leaf(4.0, 5.0, 6.0)
    model.remember(x * 2)
    (model.use_memory(y) + model.use_memory(x * 3)).backward()
    return x.grad, y.grad


# In-place work


@program
def in_place_on_a_leaf_is_refused(m):
    return m.in_place(leaf())


@program
def the_result_of_in_place_work_on_a_computed_tensor(m):
    x = leaf()
    y = m.in_place(x * 2)
    y.sum().backward()
    return y, x.grad


@program.limit("an argument is a copy: in-place work is seen in results, or in what was handed over with inout")
def in_place_on_a_computed_tensor_without_using_the_result(m):
    h = leaf().exp() * 1
    m.in_place(h)
    return h


@program
def in_place_on_a_copy_of_a_leaf(m):
    x = leaf()
    m.in_place_on_copy(x).sum().backward()
    return x, x.grad


@program
def in_place_by_the_suite_on_a_result(m):
    x = leaf()
    y = m.square(x)
    y[0] = 0
    y.mul_(2)
    y.sum().backward()
    return y, x.grad


@program
def the_suite_changes_an_input_between_two_calls(m):
    x = leaf()
    first = m.square(x)
    with torch.no_grad():
        x.add_(1)
    return first, m.square(x)


# Gradients taken by the candidate


@program
def the_candidate_takes_gradients(m):
    x = leaf()
    return m.gradient_of(x), x.grad


@program
def the_candidate_runs_backward(m):
    x = given(m, leaf())
    m.backward_inside(x)
    first = seen(x).grad.clone()
    m.backward_inside(x)
    return first, seen(x).grad


@program.limit("gradients arrive in the suite's own tensors only because the suite asked for them")
def the_candidate_runs_backward_on_a_plain_argument(m):
    x = leaf()
    m.backward_inside(x)
    return x.grad


@program
def what_the_candidate_did_to_a_copy_is_put_back(m):
    x, y = leaf(), leaf(4.0, 5.0, 6.0)
    m.square(x).sum().backward()
    x.grad, y.grad = None, None
    m.freeze(given(m, leaf()))
    m.dot(x, y).backward()
    return x.grad, y.grad


@program
def the_candidate_runs_backward_on_a_loss_of_its_own(m):
    x = leaf()
    loss = m.cube_sum(x)
    loss.backward()
    return x.grad, loss


@program
def the_candidate_differentiates_its_gradient(m):
    x = leaf()
    y = m.gradient_penalty(x)
    y.backward()
    return y, x.grad


@program
def the_candidate_freezes_what_was_handed_over(m):
    x = given(m, leaf())
    m.freeze(x)
    return seen(x).requires_grad, m.square(x)


@program
def what_the_candidate_sees_of_a_tensor(m):
    p = torch.nn.Parameter(torch.ones(2))
    frozen = torch.nn.Parameter(torch.ones(2), requires_grad=False)
    whole = torch.nn.Parameter(torch.ones(2, dtype=torch.int64), requires_grad=False)
    return [m.flag_of(t) for t in (leaf(), leaf() * 2, torch.ones(2), p, frozen, whole)]


@program
def the_candidate_sees_gradients_that_were_there_before(m):
    p = torch.nn.Parameter(torch.ones(2))
    p.grad = torch.full((2,), 3.0)
    shown = m.grad_of(p).clone()
    p = given(m, p)
    return shown, m.clip([p], 1.0), seen(p).grad


@program
def the_candidate_steps_the_suites_parameters(m):
    p, q = torch.nn.Parameter(torch.ones(2)), torch.nn.Parameter(torch.zeros(3))
    p.grad, q.grad = torch.ones(2), torch.arange(3.0)
    p, q = given(m, p), given(m, q)
    m.sgd_step([p, q], 0.5)
    return seen(p), seen(q)


@program
def parameters_that_are_handed_over_together(m):
    p, q = torch.nn.Parameter(torch.ones(2)), torch.nn.Parameter(torch.zeros(3))
    p.grad, q.grad = torch.ones(2), torch.arange(3.0)
    both = given(m, [p, q, p])
    m.sgd_step(both, 0.5)
    one, other, again = seen(both)
    return one, other, again is one


# Second derivatives


@program
def create_graph(m):
    x = leaf()
    (g,) = torch.autograd.grad(m.cube_sum(x), x, create_graph=True)
    (g * g).sum().backward()
    return g, x.grad


@program
def a_hessian(m):
    return torch.autograd.functional.hessian(m.cube_sum, leaf().detach())


@program
def a_jacobian_with_a_graph(m):
    return torch.autograd.functional.jacobian(m.square, leaf(), create_graph=True)


@program
def a_third_derivative(m):
    x = leaf()
    y = m.cube_sum(x)
    for _ in range(3):
        (y,) = torch.autograd.grad(y.sum(), x, create_graph=True)
    return y


@program
def gradcheck_in_float64(m):
    return torch.autograd.gradcheck(lambda x, y: m.dot(m.square(x), y), (leaf(), leaf(0.5, 1.5, 2.5)))


@program
def gradgradcheck_in_float64(m):
    return torch.autograd.gradgradcheck(m.cube_sum, (leaf(),))


@program
def gradcheck_through_a_model(m):
    model = m.Tiny().to(torch.float64)
    x = torch.linspace(-1, 1, 6, dtype=torch.float64).reshape(2, 3).requires_grad_()
    return torch.autograd.gradcheck(model, (x,))


@program
def a_hessian_with_respect_to_a_parameter(m):
    model, x = m.Tiny(), torch.linspace(-1, 1, 3)
    loss = model(x).square().sum()
    (g,) = torch.autograd.grad(loss, model.first.weight, create_graph=True)
    g.square().sum().backward()
    return model.first.weight.grad, model.scale.grad


# Models and their parameters


@program
def a_forward_pass(m):
    model = m.Tiny()
    return model(torch.ones(2, 3)), model.calls, model.training


@program
def gradients_of_parameters(m):
    model, x = m.Tiny(), torch.ones(2, 3, requires_grad=True)
    model(x).square().sum().backward()
    return [p.grad for p in model.parameters()], x.grad


@program
def a_parameter_is_read_with_its_flags(m):
    model = m.Tiny()
    weight = model.first.weight
    return weight, weight.shape, weight is model.first.weight, isinstance(weight, torch.nn.Parameter), model.second.bias


@program
def names_and_parameters(m):
    return [(name, p) for name, p in m.Tiny().named_parameters()], [n for n, _ in m.Tiny().named_modules()]


@program
def a_parameter_is_set_with_copy(m):
    model = m.Tiny()
    with torch.no_grad():
        model.first.weight.copy_(torch.ones(4, 3))
        model.first.bias.zero_()
    return model(torch.ones(1, 3)), model.first.weight


@program
def a_parameter_is_set_through_data(m):
    model = m.Tiny()
    model.first.weight.data = torch.full((4, 3), 0.5)
    model.scale.data.fill_(7.0)
    return model(torch.ones(1, 3)), model.first.weight, model.scale


@program
def a_parameter_is_replaced(m):
    model = m.Tiny()
    model.scale = given(m, torch.nn.Parameter(torch.tensor(5.0)))
    model(torch.ones(1, 3)).sum().backward()
    return model.scale, model.scale.grad, len(list(model.parameters()))


@program
def a_parameter_that_was_handed_over_moves_to_another_dtype(m):
    model, own = m.Tiny(), given(m, torch.nn.Parameter(torch.tensor(5.0)))
    model.scale = own
    model.to(torch.float64)
    return model.scale.dtype, seen(own)


@program
def a_parameter_of_the_suites_gets_its_gradient(m):
    model, own = m.Tiny(), torch.nn.Parameter(torch.tensor(5.0))
    model.scale = own
    model(torch.ones(1, 3)).sum().backward()
    return own.grad


@program.limit("a parameter of the suite's stays the suite's: in the guest it is a copy, unless it was handed over")
def a_parameter_of_the_suites_moves_to_another_dtype(m):
    model, own = m.Tiny(), torch.nn.Parameter(torch.tensor(5.0))
    model.scale = own
    model.to(torch.float64)
    return own


@program
def a_state_dict_is_loaded_and_read(m):
    model, other = m.Tiny(), m.Tiny()
    state = {name: torch.zeros_like(value) + 0.1 for name, value in model.state_dict().items()}
    keys = model.load_state_dict(state)
    return model(torch.ones(1, 3)), keys.missing_keys, model.state_dict(), other.state_dict()


@program
def a_wrong_state_dict_is_refused(m):
    return m.Tiny().load_state_dict({"nothing": torch.ones(1)})


@program
def the_suite_trains_with_its_own_optimizer(m):
    model, x = m.Tiny(), torch.linspace(-1, 1, 6).reshape(2, 3)
    optimizer = torch.optim.SGD(list(model.parameters()), lr=0.1, momentum=0.9)
    losses = []
    for _ in range(3):
        optimizer.zero_grad()
        loss = model(x).square().mean()
        loss.backward()
        optimizer.step()
        losses.append(loss.detach())
    return losses, model.state_dict()


@program
def the_candidate_trains(m):
    model, x = m.Tiny(), torch.linspace(-1, 1, 6).reshape(2, 3)
    weight = model.first.weight
    losses = [model.train_step(x, 0.1) for _ in range(3)]
    return torch.tensor(losses), weight, weight.grad, model.scale, model.scale.grad


@program
def a_gradient_that_was_there_before_the_parameter_was_read(m):
    model, x = m.Tiny(), torch.ones(2, 3)
    model.train_step(x, 0.1)
    return model.first.weight, model.scale.grad


@program
def the_candidates_optimizer_steps_on_the_suites_gradients(m):
    model = m.Tiny()
    optimizer = m.Adam(model, 0.1)
    for _ in range(2):
        optimizer.zero_grad()
        model(torch.ones(2, 3)).square().sum().backward()
        optimizer.step()
    return list(model.parameters())


@program
def gradients_are_zeroed_on_either_side(m):
    model = m.Tiny()
    model(torch.ones(2, 3)).sum().backward()
    weight = model.first.weight
    had = weight.grad is not None
    model.zero_grad()
    cleared = weight.grad
    model(torch.ones(2, 3)).sum().backward()
    weight.grad = None
    return had, cleared, m.grad_of(weight), m.grad_of(model.scale)


@program
def a_gradient_set_by_the_suite(m):
    model = m.Tiny()
    model.scale.grad = torch.tensor(4.0)
    model.scale.grad.mul_(2)
    m.sgd_step([model.scale], 0.5)
    return model.scale, m.grad_of(model.scale)


@program
def frozen_parameters(m):
    model = m.Tiny()
    model.first.weight.requires_grad_(False)
    model.second.requires_grad_(False)
    model(torch.ones(1, 3)).sum().backward()
    return list(model.parameters())


@program
def a_wholly_frozen_model(m):
    model = m.Tiny().requires_grad_(False)
    weight = model.first.weight
    return model(torch.ones(1, 3)), weight, list(model.parameters())


@program.each(float64=torch.float64, float16=torch.float16, bfloat16=torch.bfloat16)
def moved_to_another_dtype(m, dtype):
    model = m.Tiny()
    weight = model.first.weight
    model.to(dtype)
    y = model(torch.ones(2, 3, dtype=dtype))
    y.sum().backward()
    return y.dtype, weight.dtype, weight.grad.dtype, model.scale.dtype, model.calls.dtype, weight is model.first.weight


@program
def moved_to_another_dtype_after_backward(m):
    model = m.Tiny()
    model(torch.ones(2, 3)).sum().backward()
    model.double()
    return list(model.parameters()), model(torch.ones(1, 3, dtype=torch.float64))


@program
def halved(m):
    return list(m.Tiny().half().parameters())


@program
def tied_parameters_and_an_unused_one(m):
    model = m.Tied()
    model(torch.tensor([2.0, 3.0])).backward()
    return model.a is model.b, model.a.grad, model.unused.grad, len(list(model.parameters()))


@program
def a_sparse_gradient_is_dense_for_the_suite(m):
    model = m.Embedded()
    model(torch.tensor([1, 1, 3])).backward()
    return model.table.weight.grad.to_dense()


@program
def train_and_eval(m):
    model = m.Tiny()
    return model.eval().training, model.train().training, model.eval() is model


@program
def two_models_do_not_share(m):
    one, other = m.Tiny(), m.Tiny()
    one(torch.ones(1, 3)).sum().backward()
    return one.scale.grad, other.scale.grad


@program
def a_model_applied_to_its_own_output(m):
    model, x = m.Tiny(3), torch.ones(1, 3, requires_grad=True)
    y = model(x)
    z = model(torch.cat([y, y[:, :1]], dim=1))
    z.sum().backward()
    return x.grad, [p.grad for p in model.parameters()]


@program
def a_buffer_is_read(m):
    model = m.Tiny()
    model(torch.ones(1, 3))
    return model.calls, dict(model.named_buffers())


@program
def a_parameter_as_a_result_and_an_argument(m):
    model = m.Tiny()
    weight = model.first.weight
    m.dot(weight, weight).backward()
    return m.identity(weight) is weight, weight.grad


@program.limit("a callback runs in the judge, where the guest's graph cannot go on; put the function in a driver")
def a_callback_is_differentiated(m):
    x = leaf()
    m.call_with(lambda t: t * 2, m.square(x)).sum().backward()
    return m.call_with(m.apply_twice, torch.sin, x)


@program.limit("a buffer is a copy at every call")
def a_buffer_is_set_in_place(m):
    model = m.Tiny()
    model.calls.fill_(5)
    return model.calls


@program.limit("the values of a state_dict are copies")
def a_state_dict_shares_memory_with_the_model(m):
    model = m.Tiny()
    model.state_dict()["scale"].fill_(9.0)
    return model.scale


@program.limit("a graph of the guest can be run backward any number of times")
def backward_twice_without_keeping_the_graph(m):
    y = m.cube_sum(leaf())
    y.backward()
    y.backward()


@program.limit("a constant that the candidate makes require grad does so in the guest only")
def the_candidate_makes_a_constant_require_grad(m):
    x = torch.ones(2)
    return m.make_leaf(x) is x, x.requires_grad


@program.limit("backward in the guest stops at the suite's computed tensors; run it in the suite")
def the_candidate_runs_backward_through_the_suites_graph(m):
    x = leaf()
    m.backward_inside(x * 2)
    return x.grad


@program.limit("a graph of which a parameter was changed is not refused")
def backward_after_a_parameter_was_changed(m):
    model = m.Tiny()
    y = model(torch.ones(1, 3)).sum()
    with torch.no_grad():
        model.second.weight.add_(1)
    y.backward()


@program.limit("vmap and functional_call cannot look into a handle")
def functional_call(m):
    return torch.func.functional_call(m.Tiny(), {"scale": torch.tensor(0.0)}, torch.ones(1, 3))


@program.limit("forward-mode derivatives do not cross")
def a_forward_mode_derivative(m):
    return torch.func.jvp(m.square, (torch.ones(2),), (torch.ones(2),))


@program.limit("autocast is not passed on")
def in_autocast(m):
    with torch.autocast("cpu", dtype=torch.bfloat16):
        return m.Tiny()(torch.ones(1, 3)).dtype
