"""Public cases of multi_head_attention: fixed weights and literal values, so that a failure can be worked out by hand."""

import pytest
import torch

from grader.judge import assert_close

PROJECTIONS = ("q_proj", "k_proj", "v_proj", "out_proj")


def wave(*shape, phase):
    """A tensor of fixed numbers between -1 and 1."""
    count = torch.Size(shape).numel()
    return torch.sin(torch.arange(count, dtype=torch.float32) * 0.7 + phase).reshape(shape)


def build(candidate):
    """A layer with d_model 6, three heads, and fixed weights."""
    layer = candidate.MultiHeadAttention(6, 3)
    state = {}
    for phase, name in enumerate(PROJECTIONS):
        state[f"{name}.weight"] = wave(6, 6, phase=phase)
        state[f"{name}.bias"] = wave(6, phase=phase + 0.5)
    layer.load_state_dict(state)
    return layer


@pytest.mark.task("construction")
def test_indivisible(candidate):
    """A width that the number of heads does not divide is a ValueError.

    `d_model` 不能被 `num_heads` 整除时抛出 `ValueError`。
    """
    candidate.MultiHeadAttention(12, 4)
    with pytest.raises(ValueError):
        candidate.MultiHeadAttention(10, 4)


@pytest.mark.task("attention")
def test_self_attention(candidate):
    """Self-attention with three heads gives the values worked out beforehand.

    三个头的自注意力给出事先算好的数值。
    """
    x = wave(1, 2, 6, phase=0.3)
    expected = torch.tensor(
        [
            [
                [1.12459, 1.28645, -4.57381, 0.73211, 2.27134, -2.91702],
                [2.56237, -4.67728, -0.16403, 2.37196, -3.74634, 1.34361],
            ]
        ]
    )
    assert_close(build(candidate)(x, x, x).detach(), expected)


@pytest.mark.task("cross")
def test_cross_attention(candidate):
    """One query reads from three keys.

    一个查询从三个键读取信息。
    """
    query, key, value = wave(1, 1, 6, phase=0.1), wave(1, 3, 6, phase=0.2), wave(1, 3, 6, phase=0.9)
    expected = torch.tensor([[[2.29295, 0.49080, -4.96203, 1.90842, 1.50617, -3.34305]]])
    assert_close(build(candidate)(query, key, value).detach(), expected)


@pytest.mark.task("masking")
def test_causal_mask(candidate):
    """Under a causal mask, a position reads from itself and from those before it.

    在因果掩码下，每个位置从自己和在它之前的位置读取信息。
    """
    x = wave(1, 3, 6, phase=0.3)
    mask = torch.tensor([[True, False, False], [True, True, False], [True, True, True]])
    expected = torch.tensor(
        [
            [
                [1.12149, 1.29132, -4.57549, 0.72889, 2.27618, -2.91854],
                [2.56237, -4.67728, -0.16403, 2.37196, -3.74634, 1.34361],
                [1.21293, 0.29256, -3.68763, 0.85707, 1.26264, -2.05291],
            ]
        ]
    )
    assert_close(build(candidate)(x, x, x, mask=mask).detach(), expected)


@pytest.mark.task("masking")
def test_blind_query(candidate):
    """A query that may attend to nothing gets the bias of `out_proj`.

    不可关注任何键的查询得到 `out_proj` 的偏置。
    """
    x = wave(1, 2, 6, phase=0.3)
    mask = torch.tensor([[False, False], [True, True]])
    output = build(candidate)(x, x, x, mask=mask).detach()
    assert_close(output[0, 0], wave(6, phase=3.5))
