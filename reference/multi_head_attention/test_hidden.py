"""Hidden cases of multi_head_attention: sizes, weights, inputs and masks are drawn anew for every verdict."""

import math
from dataclasses import dataclass

import numpy as np
import pytest
import torch
from torch.nn.functional import linear

from grader.judge import assert_close, assert_unchanged

PROJECTIONS = ("q_proj", "k_proj", "v_proj", "out_proj")
PARAMETERS = tuple(f"{name}.{part}" for name in PROJECTIONS for part in ("weight", "bias"))
HALVES = (torch.bfloat16, torch.float16)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """What a case is drawn with; `d_model` is at most 64."""

    batch: int
    heads: int
    head_dim: int
    length: int

    @property
    def d_model(self):
        return self.heads * self.head_dim


def draw_sizes(rng):
    """Two to four items and heads, so that mixing them up shows; 5 to 9 positions."""
    return Sizes(
        batch=int(rng.integers(2, 5)),
        heads=int(rng.integers(2, 5)),
        head_dim=int(rng.choice([4, 6, 8, 12, 16])),
        length=int(rng.integers(5, 10)),
    )


def draw_weights(d_model, torch_rng, dtype=torch.float32, gain=1.4):
    """A state dict whose logits have a standard deviation of about `gain`²: far from a uniform softmax."""
    state = {}
    for name in PROJECTIONS:
        weight = torch.randn(d_model, d_model, generator=torch_rng, dtype=torch.float64) * gain / math.sqrt(d_model)
        state[f"{name}.weight"] = weight.to(dtype)
        state[f"{name}.bias"] = (torch.randn(d_model, generator=torch_rng, dtype=torch.float64) / 2).to(dtype)
    return state


def build(module, heads, weights):
    """The layer of `module` (candidate or reference) with these weights and of their dtype."""
    bias = weights["out_proj.bias"]
    layer = module.MultiHeadAttention(bias.numel(), heads)
    if bias.dtype != torch.float32:  # what a new layer is anyway
        layer.to(bias.dtype)
    layer.load_state_dict(weights)
    return layer


def build_both(candidate, reference, heads, weights):
    """The layers of both with the same weights."""
    return build(candidate, heads, weights), build(reference, heads, weights)


def draw_inputs(size, torch_rng, *, query_length=None, dtype=torch.float32):
    """Query, key and value, all different; as many queries as keys unless `query_length` says otherwise."""
    lengths = (query_length or size.length, size.length, size.length)
    return [torch.randn(size.batch, n, size.d_model, generator=torch_rng, dtype=dtype) for n in lengths]


def draw_mask(shape, rng):
    """A random mask in which every row has a key that may be attended to and one that may not."""
    mask = torch.from_numpy(rng.random(shape) < 0.6)
    seen, hidden = rng.choice(shape[-1], size=2, replace=False)
    mask[..., int(seen)] = True
    mask[..., int(hidden)] = False
    return mask


def draw_blind_mask(size, rng):
    """(B, 1, L, L): one item is blind throughout, in the others at least one query is and at least one is not."""
    mask = draw_mask((size.batch, 1, size.length, size.length), rng)
    mask[:, :, int(rng.integers(1, size.length))] = False
    mask[int(rng.integers(size.batch))] = False
    return mask


def output_of(layer, inputs, mask=None):
    """The layer's output; where only values matter, neither side keeps a graph for gradients."""
    with torch.no_grad():
        return layer(*inputs, mask=mask)


def check_output(layers, inputs, mask=None):
    """The candidate's layer and that of the reference give the same output."""
    layer, known = layers
    expected = output_of(known, inputs, mask)
    assert_close(output_of(layer, inputs, mask), expected)


def backward(layer, inputs, mask, cotangent):
    """The output, and by name the gradients of inputs and parameters of `(output * cotangent).sum()`."""
    leaves = [x.clone().requires_grad_() for x in inputs]
    output = layer(*leaves, mask=mask)
    (output * cotangent).sum().backward()
    parameters = layer.state_dict(keep_vars=True)
    named = {name: parameters[name].grad for name in PARAMETERS}
    for name, leaf in zip(("query", "key", "value"), leaves, strict=True):
        named[name] = leaf.grad
    return output.detach(), named


def rounded(tensor):
    """`tensor` in float32, with numbers that bfloat16 holds exactly, and float16 but for less than 3e-8."""
    return tensor.to(torch.bfloat16).float()


def spotlight(size, rng):
    """Winners (B, H, L) and the inputs by which each query finds that key, with a lead of 400 or more in the logits.

    Within a head, key j is `a` along an axis of its own and 0 elsewhere; the query is `a` along the winner's axis,
    shifted as a whole by 0 or -2a, so that the logits are large and positive, or large and negative. Products are
    multiples of 1600 up to 3200: exact in every dtype.
    """
    amplitude, shape = 40.0, (size.batch, size.heads, size.length)
    winners = torch.from_numpy(rng.integers(size.length, size=shape))
    every_axis = np.tile(np.arange(size.head_dim), (*shape[:2], 1))
    axes = torch.from_numpy(rng.permuted(every_axis, axis=-1)[..., : size.length])
    key = torch.eye(size.head_dim)[axes] * amplitude  # (B, H, L, D)
    query = key.gather(2, winners.unsqueeze(-1).expand(*shape, size.head_dim))
    query = query - amplitude * torch.from_numpy(rng.choice([0.0, 2.0], size=(*shape, 1))).float()
    value = torch.from_numpy(rng.standard_normal((size.batch, size.length, size.d_model)))
    merged = [x.transpose(1, 2).reshape(size.batch, size.length, size.d_model) for x in (query, key)]
    return winners, [rounded(x) for x in (*merged, value)]


def draw_spotlight_weights(d_model, torch_rng):
    """Queries and keys pass unchanged; values and output are projected at random. Numbers as in `rounded`."""
    weights = draw_rounded_weights(d_model, torch_rng)
    for name in ("q_proj", "k_proj"):
        weights[f"{name}.weight"] = torch.eye(d_model)
        weights[f"{name}.bias"] = torch.zeros(d_model)
    return weights


def draw_spotlight_sizes(rng):
    """Sizes in which every key of a head can have an axis of its own."""
    size = draw_sizes(rng)
    return Sizes(batch=size.batch, heads=size.heads, head_dim=int(rng.choice([10, 12, 16])), length=size.length)


def draw_rounded_weights(d_model, torch_rng):
    """A float32 state dict for modest logits, whose numbers survive a cast as those of `rounded` do."""
    weights = draw_weights(d_model, torch_rng, gain=1.0)
    return {name: rounded(value) for name, value in weights.items()}


def check_in(dtype, layer, inputs, expected, mask=None):
    """The candidate's layer, already cast to `dtype`, gives what the reference gave in float32."""
    assert_close(output_of(layer, [x.to(dtype) for x in inputs], mask), expected.to(dtype))


@pytest.mark.task("construction")
def test_state(candidate, rng):
    """The state is the weights and biases of `q_proj`, `k_proj`, `v_proj` and `out_proj`, and nothing else.

    模块的状态就是 `q_proj`、`k_proj`、`v_proj` 和 `out_proj` 的权重和偏置，此外别无他物。
    """
    d_model = draw_sizes(rng).d_model
    state = candidate.MultiHeadAttention(d_model, d_model // 2).state_dict()
    shapes = {name: tuple(value.shape) for name, value in dict(state).items()}
    expected = {f"{name}.weight": (d_model, d_model) for name in PROJECTIONS}
    assert_close(shapes, expected | {f"{name}.bias": (d_model,) for name in PROJECTIONS})


@pytest.mark.task("construction")
def test_indivisible(candidate, rng):
    """A width that the number of heads does not divide is a ValueError, also if it is smaller than that number.

    `d_model` 不能被 `num_heads` 整除时抛出 `ValueError`，`d_model` 小于 `num_heads` 时也一样。
    """
    heads = int(rng.integers(3, 9))
    multiple, rest = heads * int(rng.integers(1, 7)), int(rng.integers(1, heads))
    candidate.MultiHeadAttention(multiple, heads)
    for d_model in (multiple + rest, rest):
        with pytest.raises(ValueError):
            candidate.MultiHeadAttention(d_model, heads)


@pytest.mark.task("construction")
def test_single_position(candidate, rng, torch_rng):
    """With one query and one key there is nothing to choose: the output is `out_proj(v_proj(value))`.

    只有一个查询和一个键时别无选择：输出就是 `out_proj(v_proj(value))`。
    """
    size = draw_sizes(rng)
    weights = draw_weights(size.d_model, torch_rng)
    query, key, value = (x[:, :1] for x in draw_inputs(size, torch_rng))
    projected = linear(value, weights["v_proj.weight"], weights["v_proj.bias"])
    expected = linear(projected, weights["out_proj.weight"], weights["out_proj.bias"])
    assert_close(output_of(build(candidate, size.heads, weights), (query, key, value)), expected)


@pytest.mark.task("attention")
def test_self_attention(candidate, reference, rng, torch_rng):
    """Self-attention with several heads has the right values.

    多个头的自注意力数值正确。
    """
    size = draw_sizes(rng)
    x = draw_inputs(size, torch_rng)[0]
    layers = build_both(candidate, reference, size.heads, draw_weights(size.d_model, torch_rng))
    check_output(layers, (x, x, x))


@pytest.mark.task("attention")
def test_distinct_inputs(candidate, reference, rng, torch_rng):
    """Queries, keys and values are taken from the argument of that name, also in float64.

    查询、键、值分别取自同名的参数，`float64` 下也是如此。
    """
    size = draw_sizes(rng)
    weights = draw_weights(size.d_model, torch_rng, torch.float64)
    inputs = draw_inputs(size, torch_rng, dtype=torch.float64)
    check_output(build_both(candidate, reference, size.heads, weights), inputs)


@pytest.mark.task("attention")
def test_head_counts(candidate, reference, rng, torch_rng):
    """Every number of heads works, from one head to heads of width 1.

    从只有一个头到每个头宽度为 1，各种头数都可行。
    """
    size = draw_sizes(rng)
    weights, inputs = draw_weights(size.d_model, torch_rng), draw_inputs(size, torch_rng)
    for heads in (1, size.head_dim, size.d_model):
        check_output(build_both(candidate, reference, heads, weights), inputs)


@pytest.mark.task("cross")
def test_fewer_queries(candidate, reference, rng, torch_rng):
    """Fewer queries than keys: each reads from all keys, also when there is a single query.

    查询少于键：每个查询都从所有键读取信息，只有一个查询时也是如此。
    """
    size = draw_sizes(rng)
    layers = build_both(candidate, reference, size.heads, draw_weights(size.d_model, torch_rng))
    for query_length in (1, int(rng.integers(2, size.length))):
        check_output(layers, draw_inputs(size, torch_rng, query_length=query_length))


@pytest.mark.task("cross")
def test_more_queries(candidate, reference, rng, torch_rng):
    """More queries than keys: there are as many outputs as queries.

    查询多于键：有多少个查询，就有多少个输出。
    """
    size = draw_sizes(rng)
    layers = build_both(candidate, reference, size.heads, draw_weights(size.d_model, torch_rng))
    check_output(layers, draw_inputs(size, torch_rng, query_length=size.length + int(rng.integers(1, 6))))


@pytest.mark.task("cross")
def test_masked_cross_attention(candidate, reference, rng, torch_rng):
    """Masks of shape (Lq, Lk) and (B, 1, 1, Lk) have their last axis over the keys, also where the lengths differ.

    形状为 (Lq, Lk) 和 (B, 1, 1, Lk) 的掩码，最后一维对应键，两个长度不同时也是如此。
    """
    size = draw_sizes(rng)
    queries = size.length + int(rng.choice([-2, -1, 1, 2]))
    layers = build_both(candidate, reference, size.heads, draw_weights(size.d_model, torch_rng))
    inputs = draw_inputs(size, torch_rng, query_length=queries)
    for shape in ((queries, size.length), (size.batch, 1, 1, size.length)):
        check_output(layers, inputs, draw_mask(shape, rng))


@pytest.mark.task("masking")
def test_shared_mask(candidate, reference, rng, torch_rng):
    """A causal mask of shape (L, L), or (1, 1, L, L), holds for every item and head.

    形状为 (L, L) 或 (1, 1, L, L) 的因果掩码对每个样本和每个头都有效。
    """
    size = draw_sizes(rng)
    layers = build_both(candidate, reference, size.heads, draw_weights(size.d_model, torch_rng))
    inputs = draw_inputs(size, torch_rng)
    causal = torch.ones(size.length, size.length, dtype=torch.bool).tril()
    for mask in (causal, causal[None, None]):
        check_output(layers, inputs, mask)


@pytest.mark.task("masking")
def test_padding_mask(candidate, reference, rng, torch_rng):
    """A padding mask of shape (B, 1, 1, Lk) hides different keys in every item.

    形状为 (B, 1, 1, Lk) 的填充掩码在每个样本里掩盖不同的键。
    """
    size = draw_sizes(rng)
    visible = 1 + torch.from_numpy(rng.permutation(size.length - 1)[: size.batch])  # all different, 1 to L - 1
    mask = (torch.arange(size.length) < visible[:, None])[:, None, None]
    layers = build_both(candidate, reference, size.heads, draw_weights(size.d_model, torch_rng))
    check_output(layers, draw_inputs(size, torch_rng), mask)


@pytest.mark.task("masking")
def test_full_mask(candidate, reference, rng, torch_rng):
    """A mask of shape (B, H, Lq, Lk) is obeyed by every item, head, query and key.

    形状为 (B, H, Lq, Lk) 的掩码对每个样本、头、查询和键都生效。
    """
    size = draw_sizes(rng)
    mask = draw_mask((size.batch, size.heads, size.length, size.length), rng)
    layers = build_both(candidate, reference, size.heads, draw_weights(size.d_model, torch_rng))
    check_output(layers, draw_inputs(size, torch_rng), mask)


@pytest.mark.task("masking")
def test_other_mask_shapes(candidate, reference, rng, torch_rng):
    """Masks of shape (Lk,), (H, Lq, Lk), (1, H, 1, Lk) and (B, 1, Lq, 1) broadcast too.

    形状为 (Lk,)、(H, Lq, Lk)、(1, H, 1, Lk) 和 (B, 1, Lq, 1) 的掩码同样能广播。
    """
    size = draw_sizes(rng)
    layers = build_both(candidate, reference, size.heads, draw_weights(size.d_model, torch_rng))
    inputs = draw_inputs(size, torch_rng)
    shapes = [(size.length,), (size.heads, size.length, size.length), (1, size.heads, 1, size.length)]
    per_query = draw_mask((size.batch, 1, size.length), rng).unsqueeze(-1)
    for mask in (*(draw_mask(shape, rng) for shape in shapes), per_query):
        check_output(layers, inputs, mask)


@pytest.mark.task("masking")
def test_blind_queries(candidate, reference, rng, torch_rng):
    """A query that may attend to nothing gets the bias of `out_proj`, and the other queries are as usual.

    不可关注任何键的查询得到 `out_proj` 的偏置，其他查询照常。
    """
    size = draw_sizes(rng)
    weights, inputs = draw_weights(size.d_model, torch_rng), draw_inputs(size, torch_rng)
    mask = draw_blind_mask(size, rng)
    blind = ~mask.any(dim=-1)[:, 0]  # (B, L)
    expected = output_of(build(reference, size.heads, weights), inputs, mask)
    expected[blind] = weights["out_proj.bias"]
    assert_close(output_of(build(candidate, size.heads, weights), inputs, mask), expected)


@pytest.mark.task("gradients")
def test_gradients(candidate, reference, rng, torch_rng):
    """The gradients of query, key, value and all parameters are right.

    `query`、`key`、`value` 和所有参数的梯度都正确。
    """
    size = draw_sizes(rng)
    weights = draw_weights(size.d_model, torch_rng, torch.float64)
    inputs = draw_inputs(size, torch_rng, dtype=torch.float64)
    cotangent = torch.randn(inputs[0].shape, generator=torch_rng, dtype=torch.float64)
    mask = draw_mask((size.length, size.length), rng)
    for one in (None, mask):
        layer, known = build_both(candidate, reference, size.heads, weights)  # anew: gradients add up
        expected = backward(known, inputs, one, cotangent)
        assert_close(backward(layer, inputs, one, cotangent), expected)


@pytest.mark.task("gradients")
def test_gradients_of_blind_queries(candidate, reference, rng, torch_rng):
    """Queries that may attend to nothing leave every gradient finite and right.

    有查询不可关注任何键时，所有梯度仍然有限且正确。
    """
    size = draw_sizes(rng)
    weights = draw_weights(size.d_model, torch_rng, torch.float64)
    inputs, mask = draw_inputs(size, torch_rng, dtype=torch.float64), draw_blind_mask(size, rng)
    cotangent = torch.randn(inputs[0].shape, generator=torch_rng, dtype=torch.float64)
    expected = backward(build(reference, size.heads, weights), inputs, mask, cotangent)
    assert_close(backward(build(candidate, size.heads, weights), inputs, mask, cotangent), expected)


@pytest.mark.task("gradients")
def test_gradcheck(candidate, rng, torch_rng):
    """The gradients of the inputs agree with finite differences in float64.

    输入的梯度与 `float64` 下的有限差分一致。
    """
    size = Sizes(batch=1, heads=2, head_dim=int(rng.integers(2, 4)), length=int(rng.integers(4, 6)))
    layer = build(candidate, size.heads, draw_weights(size.d_model, torch_rng, torch.float64))
    inputs = [x.requires_grad_() for x in draw_inputs(size, torch_rng, dtype=torch.float64)]
    mask = draw_mask((size.length, size.length), rng)
    agrees = torch.autograd.gradcheck(
        lambda *leaves: layer(*leaves, mask=mask),
        inputs,
        eps=1e-3,  # a wide step, so that a softmax computed in float32 passes too
        atol=1e-4,
        rtol=1e-2,
        fast_mode=True,  # along random directions: a few calls, where the whole Jacobian takes hundreds
        check_undefined_grad=False,
        raise_exception=False,
    )
    assert agrees, (
        "the gradients of query, key and value differ from finite differences\nquery、key、value 的梯度与有限差分不符"
    )


@pytest.mark.task("robustness")
def test_half_precision(candidate, reference, rng, torch_rng):
    """In bfloat16 and float16 the output has that dtype and sound values, with and without a mask.

    `bfloat16` 和 `float16` 下，输出保持相同的 dtype 且数值合理，有无掩码都是如此。
    """
    size = draw_sizes(rng)
    layer, known = build_both(candidate, reference, size.heads, draw_rounded_weights(size.d_model, torch_rng))
    inputs = [rounded(x) for x in draw_inputs(size, torch_rng)]
    masks = (None, draw_mask((size.batch, 1, 1, size.length), rng), draw_blind_mask(size, rng))
    expected = [output_of(known, inputs, mask) for mask in masks]
    for dtype in HALVES:
        layer.to(dtype)
        for mask, output in zip(masks, expected, strict=True):
            check_in(dtype, layer, inputs, output, mask)


@pytest.mark.task("robustness")
def test_large_logits(candidate, reference, rng, torch_rng):
    """Logits of several hundred, of either sign, pick out the right key in float32, bfloat16 and float16.

    logits 的绝对值达到几百时，无论正负，在 `float32`、`bfloat16` 和 `float16` 下都能选出正确的键。
    """
    size = draw_spotlight_sizes(rng)
    layer, known = build_both(candidate, reference, size.heads, draw_spotlight_weights(size.d_model, torch_rng))
    _, inputs = spotlight(size, rng)
    expected = output_of(known, inputs)
    check_in(torch.float32, layer, inputs, expected)
    for dtype in HALVES:
        check_in(dtype, layer.to(dtype), inputs, expected)


@pytest.mark.task("robustness")
def test_large_masked_logits(candidate, reference, rng, torch_rng):
    """A masked key does not matter, even where its logit is the largest by hundreds.

    被掩盖的键不影响结果，即使它的 logit 比其他键都大几百。
    """
    size = draw_spotlight_sizes(rng)
    layer, known = build_both(candidate, reference, size.heads, draw_spotlight_weights(size.d_model, torch_rng))
    winners, inputs = spotlight(size, rng)
    mask = torch.arange(size.length) != winners.unsqueeze(-1)  # (B, H, L, L)
    expected = output_of(known, inputs, mask)
    check_in(torch.float32, layer, inputs, expected, mask)
    for dtype in HALVES:
        check_in(dtype, layer.to(dtype), inputs, expected, mask)


@pytest.mark.task("robustness")
def test_independent_items(candidate, rng, torch_rng):
    """An item of a batch gives the same output alone as among others, and the same again on a second call.

    批次中的一个样本，无论单独计算还是与其他样本一起计算，输出都相同；再调用一次也相同。
    """
    size = draw_sizes(rng)
    layer = build(candidate, size.heads, draw_weights(size.d_model, torch_rng))
    inputs, mask = draw_inputs(size, torch_rng), draw_mask((size.batch, 1, 1, size.length), rng)
    together = output_of(layer, inputs, mask)
    for item in range(size.batch):
        alone = output_of(layer, [x[item : item + 1] for x in inputs], mask[item : item + 1])
        assert_close(alone, together[item : item + 1])
    assert_close(output_of(layer, inputs, mask), together)


@pytest.mark.task("robustness")
def test_inputs_are_left_alone(candidate, rng, torch_rng):
    """Query, key, value and mask are the same after the call as before it.

    调用之后，`query`、`key`、`value` 和掩码都与调用之前相同。
    """
    size = draw_sizes(rng)
    layer = build(candidate, size.heads, draw_weights(size.d_model, torch_rng))
    given = (*draw_inputs(size, torch_rng), draw_blind_mask(size, rng))
    output_of(layer, given[:3], given[3])
    assert_unchanged(*given)
