"""Public cases of transformer_block: small ones, worked out by hand."""

import pytest
import torch

from grader.judge import assert_close, assert_each_raises

ATTENTION = ("q_proj", "k_proj", "v_proj", "out_proj")


def block_of(candidate, **given):
    """A block of width 2 with one head and one hidden unit: identities in the attention, zeros in the feed-forward."""
    state = {f"{name}.weight": torch.eye(2) for name in ATTENTION}
    state |= {f"{name}.weight": torch.ones(2) for name in ("attn_norm", "ffn_norm")}
    state |= {"gate_proj.weight": torch.zeros(1, 2), "up_proj.weight": torch.zeros(1, 2)}
    state |= {"down_proj.weight": torch.zeros(2, 1)} | {f"{name}.weight": value for name, value in given.items()}
    block = candidate.TransformerBlock(2, 1, 1)
    block.load_state_dict(state)
    return block


@pytest.mark.task("wiring")
def test_one_token_by_hand(candidate):
    """(3, 4) has the root mean square 3.5355; alone, it attends to itself, and its gate is silu(1.1314).

    (3, 4) 的均方根是 3.5355；只有一个 token 时它只关注自己，门是 silu(1.1314)。
    """
    eye = torch.eye(2)
    block = block_of(candidate, gate_proj=eye[1:], up_proj=eye[:1], down_proj=eye[:, :1])
    assert_close(block(torch.tensor([[[3.0, 4.0]]])).detach(), torch.tensor([[[4.574439, 5.131371]]]))


@pytest.mark.task("attention")
def test_past_tokens_by_hand(candidate):
    """Without queries a token reads the mean of what it may see: the first reads itself, the second both.

    查询为零时，token 读到可见内容的平均：第一个只读自己，第二个读两者的平均。
    """
    x = torch.tensor([[[1.0, 7.0], [3.0, -3.0]]])  # normalized: (0.2, 1.4) and (1, -1)
    output = block_of(candidate, q_proj=torch.zeros(2, 2))(x)
    assert_close(output.detach(), torch.tensor([[[1.2, 8.4], [3.6, -2.8]]]))


@pytest.mark.task("attention")
def test_rotation_by_hand(candidate):
    """The second of two tokens, turned by 1, scores 2 with itself and sin 1 + sin 1 with the first, over root 2.

    第二个 token 旋转 1 弧度：与自己的点积是 2，与第一个的点积是 2 sin 1，再除以根号 2。
    """
    output = block_of(candidate)(torch.tensor([[[1.0, 1.0], [1.0, -1.0]]]))
    assert_close(output.detach(), torch.tensor([[[2.0, 2.0], [2.0, -1.111637]]]))


@pytest.mark.task("padding")
def test_padding_by_hand(candidate):
    """If the first token is padding, it sees nothing and stays as it is, and the second sees itself alone.

    第一个 token 是填充时，它什么都看不到，保持原样；第二个只看到自己。
    """
    x = torch.tensor([[[1.0, 7.0], [3.0, -3.0]]])
    output = block_of(candidate, q_proj=torch.zeros(2, 2))(x, torch.tensor([[False, True]]))
    assert_close(output.detach(), torch.tensor([[[1.0, 7.0], [4.0, -4.0]]]))


@pytest.mark.task("contract")
def test_odd_heads(candidate):
    """Heads of odd width are refused.

    头的宽度为奇数时会被拒绝。
    """
    assert_close(block_of(candidate)(torch.zeros(1, 1, 2)).detach(), torch.zeros(1, 1, 2))
    assert_each_raises(ValueError, candidate.TransformerBlock, [(6, 2, 4)])
